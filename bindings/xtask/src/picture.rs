//! The picture of the terminal in the README, drawn from a real run of the demo.

use std::fmt::Write as _;
use std::fs;

use anyhow::Result;

use crate::root;
use crate::run::{command, output};

/// Where the picture is, from the repository's root.
const PICTURE: &str = ".github/demo.svg";

/// Size of a character cell, in pixels.
const CELL: (usize, usize) = (8, 18);

/// Runs the demo and draws what it prints.
pub(crate) fn draw() -> Result<()> {
    let root = root();
    let printed = output(
        command("cargo", &root)
            .args(["run", "--quiet", "--release", "--locked", "--", "demo"])
            .env("CLICOLOR_FORCE", "1"),
    )?;
    fs::write(root.join(PICTURE), svg(&format!("$ cargo run --release\n{printed}")))?;
    println!("drew {PICTURE}");
    Ok(())
}

/// Text with ANSI styles as a picture.
fn svg(text: &str) -> String {
    let lines: Vec<Vec<(&str, &str)>> = text.lines().map(spans).collect();
    let columns = |line: &Vec<(&str, &str)>| line.iter().map(|(_, text)| text.chars().count()).sum::<usize>();
    let width = lines.iter().map(columns).max().unwrap_or_default() * CELL.0 + 40;
    let height = (lines.len() + 2) * CELL.1;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"ui-monospace,Menlo,Consolas,monospace\" font-size=\"13\">\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"#16181d\"/>\n"
    );
    for (row, line) in lines.iter().enumerate() {
        let mut column = 0;
        for (style, text) in line {
            let (x, y) = (20 + column * CELL.0, (row + 2) * CELL.1 - 4);
            let length = text.chars().count();
            // The length holds the columns in line, whichever font is at hand.
            let _ = writeln!(
                svg,
                "<text x=\"{x}\" y=\"{y}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\" \
                 xml:space=\"preserve\" {style}>{}</text>",
                length * CELL.0,
                escape(text)
            );
            column += length;
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// The parts of a line with the attributes of their styles.
fn spans(line: &str) -> Vec<(&'static str, &str)> {
    let mut style = PLAIN;
    let mut parts = vec![];
    for (index, part) in line.split("\u{1b}[").enumerate() {
        let text = if index == 0 {
            part
        } else {
            let (code, text) = part.split_once('m').unwrap_or(("", part));
            style = match code {
                "1" => BOLD,
                "2" => "fill=\"#7d8590\"",
                // A colour follows the weight of its own style.
                "32" => "fill=\"#3fb950\" font-weight=\"bold\"",
                "31" => "fill=\"#f85149\" font-weight=\"bold\"",
                "33" => "fill=\"#d29922\" font-weight=\"bold\"",
                _ => PLAIN,
            };
            text
        };
        if !text.is_empty() {
            parts.push((style, text));
        }
    }
    parts
}

const PLAIN: &str = "fill=\"#d6dae0\"";
const BOLD: &str = "fill=\"#ffffff\" font-weight=\"bold\"";

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_end_where_they_are_reset() {
        let line = "a\u{1b}[2mb\u{1b}[0m\u{1b}[1m\u{1b}[32mc <d>\u{1b}[0m";
        let parts: Vec<&str> = spans(line).iter().map(|(_, text)| *text).collect();
        assert_eq!(parts, ["a", "b", "c <d>"]);
        assert!(svg(line).contains("font-weight=\"bold\">c &lt;d&gt;</text>"));
    }
}
