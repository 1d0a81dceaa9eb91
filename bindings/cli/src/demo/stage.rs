//! What the audience sees, and the files that pass between the parties.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use healthrecord::core::matter::date::Date;
use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::files;
use crate::report::{Report, printable};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default().bold();

/// How an answer is marked.
#[derive(Clone, Copy)]
pub(crate) enum Mark {
    Permit,
    Deny,
    Error,
}

/// The stage: scenes of lines, as text and as JSON.
pub(crate) struct Stage {
    text: String,
    scenes: Vec<Value>,
    title: String,
    facts: Map<String, Value>,
    out: Option<PathBuf>,
    script: String,
}

impl Stage {
    /// Files are kept in `out`, which must be empty or absent.
    pub(crate) fn new(out: Option<&Path>) -> Result<Self, Failure> {
        if let Some(out) = out {
            files::create_empty_folder(out)?;
        }
        let out = out.map(Path::to_owned);
        let (text, title, script) = (String::new(), String::new(), String::new());
        Ok(Self { text, scenes: vec![], title, facts: Map::new(), out, script })
    }

    /// Begins a scene.
    pub(crate) fn scene(&mut self, title: &str) {
        self.end_scene();
        title.clone_into(&mut self.title);
        let number = self.scenes.len() + 1;
        let _ = writeln!(self.text, "\n{BOLD}{number:2}  {title}{BOLD:#}");
    }

    /// A line of somebody's.
    pub(crate) fn line(&mut self, who: &str, text: &str) {
        let _ = writeln!(self.text, "    {DIM}{who:<13}{DIM:#} {}", printable(text));
    }

    /// The verifier's answer.
    pub(crate) fn answer(&mut self, mark: Mark, text: &str, note: &str) {
        let (style, sign) = match mark {
            Mark::Permit => (GOOD, "✓"),
            Mark::Deny => (BAD, "✗"),
            Mark::Error => (WARN, "!"),
        };
        let _ =
            writeln!(self.text, "    {DIM}{:<13}{DIM:#} {style}{sign} {text}{style:#}  {note}", "verifier");
    }

    /// A fact of the scene, for `--json`.
    pub(crate) fn fact(&mut self, key: &str, value: impl Into<Value>) {
        self.facts.insert(key.to_owned(), value.into());
    }

    /// One of the scene's answers, for `--json`.
    pub(crate) fn answered(&mut self, answer: Value) {
        let answers = self.facts.entry("answers").or_insert_with(|| Value::Array(vec![]));
        if let Value::Array(answers) = answers {
            answers.push(answer);
        }
    }

    /// Keeps a file, where files are kept.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> Result<(), Failure> {
        let Some(out) = &self.out else { return Ok(()) };
        let path = out.join(name);
        files::create_folder_of(&path)?;
        files::write(&path, content)
    }

    /// Keeps a file that only its owner may read, where files are kept.
    pub(crate) fn secret_file(&self, name: &str, content: &str) -> Result<(), Failure> {
        let Some(out) = &self.out else { return Ok(()) };
        let path = out.join(name);
        files::create_folder_of(&path)?;
        files::write_secret(&path, content)
    }

    /// Remembers that a folder holds a bundle, its question and its block hash.
    pub(crate) fn again(&mut self, folder: &str) {
        let _ = writeln!(
            self.script,
            "echo {folder}:\n\"${{HEALTHRECORD:-healthrecord}}\" verify {folder}/bundle.rlp \
             --request {folder}/request.json --deployment deployment.json \
             --trusted-hash \"$(cat {folder}/trusted-hash.txt)\" --as-of-block"
        );
    }

    /// Says how to verify again what was kept.
    pub(crate) fn keep_script(&mut self) -> Result<(), Failure> {
        let Some(out) = self.out.clone() else { return Ok(()) };
        let head = "#!/bin/sh\n# Verifies every bundle of this folder again, from its files alone.\ncd \"$(dirname \"$0\")\"\n";
        self.file("verify.sh", format!("{head}{}", self.script))?;
        let _ = writeln!(self.text, "\n    every file that passed between the parties: {}", out.display());
        let _ = writeln!(
            self.text,
            "    verify them again:                          sh {}/verify.sh",
            out.display()
        );
        Ok(())
    }

    pub(crate) fn into_report(mut self) -> Report {
        self.end_scene();
        let scenes = core::mem::take(&mut self.scenes);
        Report::told(self.text, json!({"scenes": scenes}))
    }

    fn end_scene(&mut self) {
        if !self.title.is_empty() {
            let mut scene = core::mem::take(&mut self.facts);
            scene.insert("scene".to_owned(), core::mem::take(&mut self.title).into());
            self.scenes.push(Value::Object(scene));
        }
    }
}

/// A number with its thousands apart.
pub(crate) fn grouped(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or(u64::MAX).to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A short form of a hash or an address.
pub(crate) fn short(hash: &impl ToString) -> String {
    let text = hash.to_string();
    match (text.get(..8), text.get(text.len().saturating_sub(4)..)) {
        (Some(begin), Some(end)) => format!("{begin}…{end}"),
        _ => text,
    }
}

/// The date and time of Unix seconds in UTC, by the civil calendar.
pub(crate) fn date(seconds: u64) -> String {
    let Date { year, month, day, hour, minute, .. } = Date::from_unix(seconds);
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_hashes_and_dates_are_written_for_people() {
        assert_eq!([grouped(0_u64), grouped(999_u64), grouped(1_000_000_u64)], ["0", "999", "1,000,000"]);
        assert_eq!(date(0), "1970-01-01 00:00 UTC");
        assert_eq!(date(951_782_400), "2000-02-29 00:00 UTC");
        assert_eq!(date(1_798_761_599), "2026-12-31 23:59 UTC");
        assert_eq!(short(&"0x1234567890abcdef"), "0x123456…cdef");
    }
}
