//! What the user is told when there is an answer: the same fields as aligned text and as JSON.

use std::process::ExitCode;

use serde_json::{Map, Value};

/// An answer: its fields in order, and whether it is a yes.
pub(crate) struct Report {
    fields: Vec<Field>,
    good: bool,
    raw: Option<String>,
    told: Option<Value>,
}

struct Field {
    label: String,
    text: String,
    key: &'static str,
    value: Value,
    one_of_many: bool,
}

impl Report {
    /// A yes (exit code 0) or a no (exit code 1), whose fields follow.
    pub(crate) const fn new(good: bool) -> Self {
        Self { fields: vec![], good, raw: None, told: None }
    }

    /// An answer that is a file of its own, and is printed as it is.
    pub(crate) const fn raw(text: String) -> Self {
        Self { fields: vec![], good: true, raw: Some(text), told: None }
    }

    /// An answer whose text and JSON were made elsewhere.
    pub(crate) const fn told(text: String, json: Value) -> Self {
        Self { fields: vec![], good: true, raw: Some(text), told: Some(json) }
    }

    /// Adds a field whose text is its JSON value.
    pub(crate) fn field(self, label: &str, key: &'static str, value: impl Into<Value>) -> Self {
        let value = value.into();
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.spoken(label, &text, key, value)
    }

    /// Adds a field whose text says more than its JSON value.
    pub(crate) fn spoken(self, label: &str, text: &str, key: &'static str, value: impl Into<Value>) -> Self {
        self.add(label, text, key, value.into(), false)
    }

    /// Adds a line of text under the field before, which does not stand in the JSON.
    pub(crate) fn note(mut self, text: &str) -> Self {
        if let Some(field) = self.fields.last_mut() {
            field.text.push('\n');
            field.text.push_str(text);
        }
        self
    }

    /// Adds a field that stands in the JSON alone.
    pub(crate) fn hidden(self, key: &'static str, value: impl Into<Value>) -> Self {
        self.add("", "", key, value.into(), false)
    }

    /// Adds an entry of the JSON array `key`.
    pub(crate) fn entry(self, label: &str, text: &str, key: &'static str, value: impl Into<Value>) -> Self {
        self.add(label, text, key, value.into(), true)
    }

    fn add(mut self, label: &str, text: &str, key: &'static str, value: Value, one_of_many: bool) -> Self {
        self.fields.push(Field { label: label.to_owned(), text: text.to_owned(), key, value, one_of_many });
        self
    }

    /// The same answer, given for good: what it says is for others to judge.
    pub(crate) fn for_good(self) -> Self {
        Self { good: true, ..self }
    }

    /// The answer as it is printed.
    pub(crate) fn render(&self, json: bool) -> String {
        if let (true, Some(told)) = (json, &self.told) {
            return format!("{told}\n");
        }
        if let Some(text) = &self.raw {
            return text.clone();
        }
        if json {
            return format!("{}\n", Value::Object(self.json()));
        }
        let width = self.fields.iter().map(|field| field.label.chars().count()).max().unwrap_or_default();
        let mut rendered = String::new();
        for Field { label, text, .. } in self.fields.iter().filter(|field| !field.label.is_empty()) {
            let (label, text) = (printable(label), printable(text));
            for (index, line) in text.lines().enumerate() {
                let label = if index == 0 { label.as_str() } else { "" };
                rendered.push_str(&format!("{label:width$}  {line}\n"));
            }
        }
        rendered
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(u8::from(!self.good))
    }

    fn json(&self) -> Map<String, Value> {
        let mut object = Map::new();
        for Field { key, value, one_of_many, .. } in &self.fields {
            if *one_of_many {
                let entries = object.entry(*key).or_insert_with(|| Value::Array(vec![]));
                if let Value::Array(entries) = entries {
                    entries.push(value.clone());
                }
            } else {
                object.insert((*key).to_owned(), value.clone());
            }
        }
        object
    }
}

/// Text of others without what steers a terminal: only line ends are left of the control characters.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_others_steers_the_terminal() {
        let report = Report::new(true).field("a\u{1b}[2J", "a", "\u{7}b\u{9b}c").note("d\re");
        assert_eq!(report.render(false), "a\u{fffd}[2J  \u{fffd}b\u{fffd}c\n       d\u{fffd}e\n");
    }
}
