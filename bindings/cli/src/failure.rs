//! What the user is told when nothing could be answered.

use std::fmt::Display;
use std::path::Path;

use healthrecord::code::Code;
use serde_json::json;

use crate::report::printable;

impl Display for Failure {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.message)
    }
}

impl Code for Failure {
    fn code(&self) -> &'static str {
        self.code
    }
}

/// An error as the user meets it: what happened, where, and its stable code.
#[derive(Debug)]
pub(crate) struct Failure {
    code: &'static str,
    message: String,
}

impl Failure {
    /// An error with a code of the table.
    pub(crate) fn new(code: &'static str, message: impl Display) -> Self {
        Self { code, message: message.to_string() }
    }

    /// The same error, found in a file.
    pub(crate) fn in_file(self, path: &Path) -> Self {
        Self { message: format!("{}: {}", path.display(), self.message), ..self }
    }

    /// Whether a node answered that it cannot, or will not.
    pub(crate) fn is_of_node(&self) -> bool {
        self.code == "rpc.answer"
    }

    /// The same error, found in what somebody answered.
    pub(crate) fn of(self, who: &str) -> Self {
        Self { message: format!("{who}: {}", self.message), ..self }
    }

    /// The same error, with more to say.
    pub(crate) fn and(self, more: &str) -> Self {
        Self { message: self.message + more, ..self }
    }

    /// The same error, which stood after so many tries.
    pub(crate) fn after_tries(self, tries: u32) -> Self {
        Self { message: format!("{}, after {tries} tries", self.message), ..self }
    }

    /// The error as it is printed.
    pub(crate) fn render(&self, json: bool) -> String {
        let Self { code, message } = self;
        if json {
            format!("{}\n", json!({"error": {"code": code, "message": message}}))
        } else {
            format!("error: {} [{code}]\n", printable(message))
        }
    }
}
