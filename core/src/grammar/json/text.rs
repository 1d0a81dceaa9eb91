//! Strings as they stand in JSON, and as what they mean.

use core::cmp::Ordering;

use super::error::{JsonError, JsonRule};
use crate::matter::sink::{Full, Sink};

/// A string that was found well formed, still escaped.
///
/// Equality and order are those of the decoded strings: by code points, which is also the order of
/// their UTF-8 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    raw: &'a str,
    offset: usize,
}

impl<'a> Text<'a> {
    /// A string whose escapes were checked by [`scan_string`].
    pub(super) const fn new(raw: &'a str, offset: usize) -> Self {
        Self { raw, offset }
    }

    /// Takes back a string of a document that a reader has found well formed, by its place there.
    ///
    /// A wrong place gives a wrong string, or an empty one; it never panics.
    #[must_use]
    pub fn at(document: &'a [u8], offset: usize, len: usize) -> Self {
        let raw = offset.checked_add(len).and_then(|end| document.get(offset..end)).unwrap_or_default();
        Self { raw: core::str::from_utf8(raw).unwrap_or_default(), offset }
    }

    /// What stands between the quotes.
    #[must_use]
    pub const fn raw(&self) -> &'a str {
        self.raw
    }

    /// Byte offset of the first character after the opening quote.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The characters that the string means.
    #[must_use]
    pub fn chars(&self) -> Chars<'a> {
        Chars { rest: self.raw.chars() }
    }

    /// Length in bytes of the decoded string in UTF-8.
    #[must_use]
    pub fn len(&self) -> usize {
        if self.is_verbatim() { self.raw.len() } else { self.chars().map(char::len_utf8).sum() }
    }

    /// Whether the string has no characters.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// Writes the decoded string in UTF-8.
    ///
    /// # Errors
    ///
    /// [`Full`] when it does not fit; a part of it may have been written.
    pub fn write(&self, sink: &mut impl Sink) -> Result<(), Full> {
        if self.is_verbatim() {
            return sink.put(self.raw.as_bytes());
        }
        self.chars().try_for_each(|c| sink.put(c.encode_utf8(&mut [0; 4]).as_bytes()))
    }

    fn is_verbatim(&self) -> bool {
        !self.raw.as_bytes().contains(&b'\\')
    }
}

impl Ord for Text<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.is_verbatim() && other.is_verbatim() {
            return self.raw.cmp(other.raw);
        }
        self.chars().cmp(other.chars())
    }
}

impl PartialOrd for Text<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Text<'_> {}

/// The characters that a string means, its escapes resolved.
#[derive(Clone, Debug)]
pub struct Chars<'a> {
    rest: core::str::Chars<'a>,
}

impl Iterator for Chars<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self.rest.next()? {
            '\\' => match self.rest.next()? {
                'b' => Some('\u{8}'),
                'f' => Some('\u{c}'),
                'n' => Some('\n'),
                'r' => Some('\r'),
                't' => Some('\t'),
                'u' => self.unicode(),
                same => Some(same),
            },
            plain => Some(plain),
        }
    }
}

impl Chars<'_> {
    /// The character of a `\u` escape, or of two that are a surrogate pair.
    fn unicode(&mut self) -> Option<char> {
        let unit = self.unit()?;
        if !is_high_surrogate(unit) {
            return char::from_u32(unit);
        }
        self.rest.nth(1)?;
        let low = self.unit()?;
        char::from_u32(0x1_0000 + (((unit & 0x3ff) << 10) | (low & 0x3ff)))
    }

    fn unit(&mut self) -> Option<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            unit = unit << 4 | self.rest.next()?.to_digit(16)?;
        }
        Some(unit)
    }
}

/// Finds the closing quote of the string whose first character is at `begin`.
pub(super) fn scan_string(text: &[u8], begin: usize) -> Result<usize, JsonError> {
    let mut at = begin;
    loop {
        at = at.saturating_add(count_plain(text.get(at..).unwrap_or_default()));
        let fail = |rule| Err(JsonError { rule, offset: at });
        match text.get(at) {
            None => return fail(JsonRule::UnexpectedEnd),
            Some(b'"') => return Ok(at),
            Some(b'\\') => at = scan_escape(text, at)?,
            Some(_) => return fail(JsonRule::ControlCharacter),
        }
    }
}

/// How many of the first bytes stand for themselves in a string.
fn count_plain(text: &[u8]) -> usize {
    // A block is looked at as a whole, which wide registers do at once.
    let (blocks, _) = text.as_chunks::<BLOCK>();
    let is_plain = |block: &&[u8; BLOCK]| !block.iter().fold(false, |found, byte| found | is_special(*byte));
    let begin = blocks.iter().take_while(is_plain).count().saturating_mul(BLOCK);
    let rest = text.get(begin..).unwrap_or_default();
    begin.saturating_add(rest.iter().take_while(|byte| !is_special(**byte)).count())
}

/// Whether a byte ends a string, or stands for something else in it, or must not.
const fn is_special(byte: u8) -> bool {
    (byte == b'"') | (byte == b'\\') | (byte < 0x20)
}

/// Bytes of a string that are looked at together.
const BLOCK: usize = 32;

/// Checks the escape whose backslash is at `at` and gives the offset after it.
fn scan_escape(text: &[u8], at: usize) -> Result<usize, JsonError> {
    let fail = |rule| Err(JsonError { rule, offset: at });
    let after = |count: usize| at.saturating_add(count);
    match text.get(after(1)) {
        None => Err(JsonError { rule: JsonRule::UnexpectedEnd, offset: text.len() }),
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(after(2)),
        Some(b'u') => {
            let unit = scan_unit(text, at)?;
            if is_low_surrogate(unit) {
                return fail(JsonRule::LoneSurrogate);
            }
            if !is_high_surrogate(unit) {
                return Ok(after(6));
            }
            match (text.get(after(6)), text.get(after(7))) {
                (Some(b'\\'), Some(b'u')) if scan_unit(text, after(6)).is_ok_and(is_low_surrogate) => {
                    Ok(after(12))
                }
                _ => fail(JsonRule::LoneSurrogate),
            }
        }
        Some(_) => fail(JsonRule::Escape),
    }
}

/// The four hex digits of the `\u` escape whose backslash is at `at`.
fn scan_unit(text: &[u8], at: usize) -> Result<u32, JsonError> {
    let mut unit = 0;
    for place in 2..6 {
        let Some(byte) = text.get(at.saturating_add(place)) else {
            return Err(JsonError { rule: JsonRule::UnexpectedEnd, offset: text.len() });
        };
        let Some(digit) = char::from(*byte).to_digit(16) else {
            return Err(JsonError { rule: JsonRule::Escape, offset: at });
        };
        unit = unit << 4 | digit;
    }
    Ok(unit)
}

const fn is_high_surrogate(unit: u32) -> bool {
    matches!(unit, 0xd800..=0xdbff)
}

const fn is_low_surrogate(unit: u32) -> bool {
    matches!(unit, 0xdc00..=0xdfff)
}
