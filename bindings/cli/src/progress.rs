//! What a terminal shows while something takes its time.

use std::io::{IsTerminal as _, Write as _};

use crate::report::printable;

/// One line on a terminal's standard error that tells what is being done, wiped at the end.
pub(crate) struct Progress {
    shown: bool,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self { shown: std::io::stderr().is_terminal() }
    }

    pub(crate) fn say(&self, text: &str) {
        if self.shown {
            let line = printable(text).replace('\n', " ");
            // A terminal that is gone wants no progress.
            let _ = write!(std::io::stderr(), "\r\u{1b}[K{line}");
            let _ = std::io::stderr().flush();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.say("");
    }
}
