//! JSON as it is written: the members of an object and the elements of an array, verbatim.

use std::collections::BTreeSet;

use healthrecord_core::grammar::json::{Event, JsonError, JsonRule, Reader, Scalar, Text};

/// A value as it is written, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Raw<'a> {
    pub(super) text: &'a str,
    /// Byte offset in the text that the caller gave.
    pub(super) offset: usize,
}

/// The members of an object, in its order.
pub(super) type Members<'a> = Vec<(String, Raw<'a>)>;

/// What a value is made of, one level deep.
pub(super) enum Parts<'a> {
    Object(Members<'a>),
    Array(Vec<Raw<'a>>),
    String(String),
    /// A number, a boolean or null.
    Other,
}

impl<'a> Raw<'a> {
    /// A whole text.
    pub(super) const fn whole(text: &'a str) -> Self {
        Self { text, offset: 0 }
    }

    /// Takes the value apart, one level deep; what is inside stays as it is written.
    pub(super) fn parts(self) -> Result<Parts<'a>, JsonError> {
        self.read().map_err(|error| JsonError { offset: error.offset.saturating_add(self.offset), ..error })
    }

    fn read(self) -> Result<Parts<'a>, JsonError> {
        let mut reader = Reader::new(self.text.as_bytes())?;
        let (mut names, mut known) = (vec![], BTreeSet::new());
        let mut values = vec![];
        let mut whole = Parts::Other;
        let (mut depth, mut begin) = (0_usize, 0);
        while let Some(event) = reader.next_event()? {
            let at = reader.offset();
            match event {
                Event::Name(name) if depth == 1 => {
                    let name = decoded(&name);
                    if !known.insert(name.clone()) {
                        return Err(JsonError { rule: JsonRule::DuplicateMember, offset: at });
                    }
                    names.push(name);
                }
                Event::Name(_) => {}
                Event::Scalar(Scalar::String(text)) if depth == 0 => whole = Parts::String(decoded(&text)),
                Event::Scalar(_) if depth == 0 => {}
                Event::Scalar(scalar) if depth == 1 => values.push(self.part(at, end_of(&scalar, at))),
                Event::Scalar(_) => {}
                Event::BeginArray | Event::BeginObject => {
                    if depth == 1 {
                        begin = at;
                    }
                    depth = depth.saturating_add(1);
                }
                Event::EndArray | Event::EndObject => {
                    depth = depth.saturating_sub(1);
                    if depth == 1 {
                        values.push(self.part(begin, at.saturating_add(1)));
                    }
                    if depth == 0 && event == Event::EndObject {
                        whole = Parts::Object(
                            std::mem::take(&mut names).into_iter().zip(values.drain(..)).collect(),
                        );
                    } else if depth == 0 {
                        whole = Parts::Array(std::mem::take(&mut values));
                    }
                }
            }
        }
        Ok(whole)
    }

    fn part(self, begin: usize, end: usize) -> Self {
        let text = self.text.get(begin..end).unwrap_or_default();
        Self { text, offset: self.offset.saturating_add(begin) }
    }

    /// The string that the value is.
    pub(super) fn string(self) -> Result<Option<String>, JsonError> {
        match self.parts()? {
            Parts::String(text) => Ok(Some(text)),
            Parts::Object(_) | Parts::Array(_) | Parts::Other => Ok(None),
        }
    }

    /// The elements of an array; of anything else, itself: FHIR repeats an element by an array.
    pub(super) fn each(self) -> Result<Vec<Self>, JsonError> {
        match self.parts()? {
            Parts::Array(elements) => Ok(elements),
            Parts::Object(_) | Parts::String(_) | Parts::Other => Ok(vec![self]),
        }
    }

    /// A member of an object.
    pub(super) fn member(self, name: &str) -> Result<Option<Self>, JsonError> {
        match self.parts()? {
            Parts::Object(members) => Ok(find(&members, name)),
            Parts::Array(_) | Parts::String(_) | Parts::Other => Ok(None),
        }
    }
}

/// The member of a name.
pub(super) fn find<'a>(members: &Members<'a>, name: &str) -> Option<Raw<'a>> {
    members.iter().find(|(found, _)| found == name).map(|(_, value)| *value)
}

/// Refuses a text of which two readers could read two things: what is not strict JSON, and members of one
/// name anywhere in it.
pub(super) fn check(text: &str) -> Result<(), JsonError> {
    let mut reader = Reader::new(text.as_bytes())?;
    let mut open: Vec<BTreeSet<String>> = vec![];
    while let Some(event) = reader.next_event()? {
        match event {
            Event::BeginArray | Event::BeginObject => open.push(BTreeSet::new()),
            Event::EndArray | Event::EndObject => drop(open.pop()),
            Event::Name(name) => {
                if open.last_mut().is_some_and(|names| !names.insert(decoded(&name))) {
                    return Err(JsonError { rule: JsonRule::DuplicateMember, offset: reader.offset() });
                }
            }
            Event::Scalar(_) => {}
        }
    }
    Ok(())
}

fn decoded(text: &Text<'_>) -> String {
    text.chars().collect()
}

/// Where a scalar that begins at `at` ends.
fn end_of(scalar: &Scalar<'_>, at: usize) -> usize {
    let len = match scalar {
        // The quotes are not of the text.
        Scalar::String(text) => text.raw().len().saturating_add(2),
        Scalar::Number(number) => number.len(),
        Scalar::Bool(true) | Scalar::Null => 4,
        Scalar::Bool(false) => 5,
    };
    at.saturating_add(len)
}
