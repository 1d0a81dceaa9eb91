//! From disclosed leaves back to a document, as far as they go.

use core::fmt;
use std::collections::HashMap;

use healthrecord_core::grammar::json::MAX_DEPTH;
use serde_json::json;

use super::{OpenedRecord, Value};

/// Greatest size of a partial document and the list of its holes together, in bytes: an array says how long
/// it is in 4 bytes.
pub const MAX_PARTIAL_LEN: usize = 64 << 20;

/// A document of which a part is disclosed.
///
/// What is not disclosed, but known to be there, is a hole: `null` in the text, and its JSON Pointer in the
/// list. So arrays keep their indexes, objects the names of all their members, and only the list tells a
/// hole from a `null` of the document's own. Where nothing of the document is disclosed, it is one hole, at
/// the empty pointer.
#[derive(Clone, PartialEq, Eq)]
pub struct PartialDocument {
    /// JSON without white space, members sorted by their names; numbers exactly as they were written.
    pub json: String,
    /// The holes, in the order in which they stand in the text.
    pub holes: Vec<String>,
}

impl OpenedRecord<'_> {
    /// The document as far as it is disclosed.
    ///
    /// # Errors
    ///
    /// [`PartialError`].
    pub fn document(&self) -> Result<PartialDocument, PartialError> {
        let values = self.values.iter().filter(|(path, _)| !path.starts_with('#')).copied().collect();
        let partial = PartialDocument { json: String::new(), holes: vec![] };
        let mut writer = Writer { values, path: String::new(), size: 0, partial };
        writer.write(0)?;
        Ok(writer.partial)
    }
}

struct Writer<'a> {
    values: HashMap<&'a str, Value<'a>>,
    path: String,
    size: usize,
    partial: PartialDocument,
}

impl Writer<'_> {
    /// Writes what is at the path, with all that is known to be in it.
    fn write(&mut self, depth: usize) -> Result<(), PartialError> {
        if depth > MAX_DEPTH {
            return Err(PartialError::TooDeep);
        }
        match self.values.get(self.path.as_str()).copied() {
            None => {
                self.grow(self.path.len() + size_of::<String>())?;
                self.partial.holes.push(self.path.clone());
                self.put("null")
            }
            Some(Value::String(text)) => self.put(&json!(text).to_string()),
            Some(Value::Number(number)) => self.put(number),
            Some(Value::Bool(truth)) => self.put(if truth { "true" } else { "false" }),
            // Bytes stand in reserved leaves alone.
            Some(Value::Null | Value::Bytes(_)) => self.put("null"),
            Some(Value::Array(len)) => {
                self.put("[")?;
                for index in 0..len {
                    self.put(if index == 0 { "" } else { "," })?;
                    self.child(&index.to_string(), depth)?;
                }
                self.put("]")
            }
            Some(Value::Object(names)) => {
                self.put("{")?;
                for (index, name) in names.iter().enumerate() {
                    self.put(if index == 0 { "" } else { "," })?;
                    self.put(&json!(name).to_string())?;
                    self.put(":")?;
                    self.child(&name.replace('~', "~0").replace('/', "~1"), depth)?;
                }
                self.put("}")
            }
        }
    }

    fn child(&mut self, step: &str, depth: usize) -> Result<(), PartialError> {
        let len = self.path.len();
        self.path.push('/');
        self.path.push_str(step);
        self.write(depth + 1)?;
        self.path.truncate(len);
        Ok(())
    }

    fn put(&mut self, text: &str) -> Result<(), PartialError> {
        self.grow(text.len())?;
        self.partial.json.push_str(text);
        Ok(())
    }

    fn grow(&mut self, by: usize) -> Result<(), PartialError> {
        self.size = self.size.saturating_add(by);
        if self.size > MAX_PARTIAL_LEN { Err(PartialError::TooLarge) } else { Ok(()) }
    }
}

/// Shows the holes: the values are the patient's.
impl fmt::Debug for PartialDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartialDocument").field("holes", &self.holes).finish_non_exhaustive()
    }
}

/// Why disclosed leaves make no document that is read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartialError {
    /// The document and the list of its holes are larger than [`MAX_PARTIAL_LEN`].
    TooLarge,
    /// More than 64 arrays and objects stand inside each other.
    TooDeep,
}

impl fmt::Display for PartialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => write!(f, "the partial document has more than {MAX_PARTIAL_LEN} bytes"),
            Self::TooDeep => {
                write!(f, "more than {MAX_DEPTH} disclosed arrays and objects stand inside each other")
            }
        }
    }
}

impl core::error::Error for PartialError {}
