//! Runs commands, shows what they print as they print it, and counts the tests they report.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// Tests that the runners reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Count {
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// What one line of a runner's output adds.
    fn of_line(line: &str) -> Self {
        let line = line.trim();
        let mut count = Self::default();
        // cargo test: "test result: ok. 3 passed; 0 failed; 0 ignored; …"
        if let Some((_, counts)) =
            line.split_once("test result: ").and_then(|(_, rest)| rest.split_once(". "))
        {
            for part in counts.split(';') {
                count.take(part, "passed", "failed", "ignored");
            }
        // forge: "Ran 2 test suites in 1s (…): 3 tests passed, 0 failed, 0 skipped (3 total tests)"
        } else if line.starts_with("Ran ") && line.contains("test suite") {
            let counts = line.rsplit_once("): ").map_or("", |(_, counts)| counts);
            for part in counts.split([',', '(']) {
                count.take(&part.replace("tests passed", "passed"), "passed", "failed", "skipped");
            }
        // Our own tests, where the external vectors are absent: "SKIPPED 3"
        } else if let Some(number) = line.strip_prefix("SKIPPED ") {
            count.skipped = number.parse().unwrap_or_default();
        // node --test: "ℹ pass 3", or "# pass 3" where it does not print to a terminal
        } else if let Some((name, number)) =
            line.strip_prefix("ℹ ").or_else(|| line.strip_prefix("# ")).and_then(|rest| rest.split_once(' '))
            && let Ok(number) = number.parse()
        {
            match name {
                "pass" => count.passed = number,
                "fail" | "cancelled" => count.failed = number,
                "skipped" | "todo" => count.skipped = number,
                _ => {}
            }
        }
        count
    }

    /// Takes "3 passed" and its like.
    fn take(&mut self, part: &str, passed: &str, failed: &str, skipped: &str) {
        let Some((number, name)) = part.trim().split_once(' ') else { return };
        let Ok(number) = number.parse::<u64>() else { return };
        match name.trim() {
            name if name == passed => self.passed += number,
            name if name == failed => self.failed += number,
            name if name == skipped => self.skipped += number,
            _ => {}
        }
    }
}

/// A command in a folder of the repository.
pub(crate) fn command(program: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let name = spell(command);
    let status = command.status().with_context(|| format!("cannot run {name}"))?;
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    Ok(())
}

/// Runs a command to its end and gives what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let name = spell(command);
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot run {name}"))?;
    if !output.status.success() {
        bail!("{name} failed ({})", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a test runner to its end, shows its output live and counts its tests into `count`.
///
/// The count is kept where the runner fails.
pub(crate) fn run_tests(command: &mut Command, count: &mut Count) -> Result<()> {
    let name = spell(command);
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot run {name}"))?;
    let stdout = child.stdout.take().context("the runner has no output")?;
    let mut reader = BufReader::new(stdout);
    let mut line = vec![];
    while reader.read_until(b'\n', &mut line)? > 0 {
        std::io::stdout().write_all(&line)?;
        count.add(Count::of_line(&String::from_utf8_lossy(&line)));
        line.clear();
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    Ok(())
}

/// Whether a command runs and succeeds, without a word.
pub(crate) fn succeeds(program: &str, args: &[&str]) -> bool {
    Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn spell(command: &Command) -> String {
    let words = core::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn count(passed: u64, failed: u64, skipped: u64) -> Count {
        Count { passed, failed, skipped }
    }

    #[test]
    fn each_runners_summary_is_counted() {
        for (line, expected) in [
            (
                "test result: ok. 11 passed; 0 failed; 2 ignored; 0 measured; 4 filtered out; finished in 0.00s",
                count(11, 0, 2),
            ),
            (
                "test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out",
                count(3, 1, 0),
            ),
            (
                "Ran 2 test suites in 1.20s (2.31s CPU time): 40 tests passed, 1 failed, 2 skipped (43 total tests)",
                count(40, 1, 2),
            ),
            ("# pass 12", count(12, 0, 0)),
            ("ℹ pass 12", count(12, 0, 0)),
            ("# fail 3", count(0, 3, 0)),
            ("ℹ skipped 1", count(0, 0, 1)),
            ("SKIPPED 16", count(0, 0, 16)),
            ("# tests 12", count(0, 0, 0)),
            ("test passes_nothing ... ok", count(0, 0, 0)),
            ("3 passed", count(0, 0, 0)),
        ] {
            assert_eq!(Count::of_line(line), expected, "{line}");
        }
    }
}
