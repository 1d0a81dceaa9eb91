//! Hexadecimal text, as Ethereum's JSON-RPC writes it: an optional `0x`, then two digits a byte.

use core::fmt::{self, Write as _};

/// Prints bytes as hex: `0x` and lower-case digits.
#[derive(Clone, Copy)]
pub struct Hex<'a> {
    bytes: &'a [u8],
    prefix: &'static str,
}

impl<'a> Hex<'a> {
    /// With `0x` before the digits.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, prefix: "0x" }
    }

    /// The digits alone.
    #[must_use]
    pub const fn bare(bytes: &'a [u8]) -> Self {
        Self { bytes, prefix: "" }
    }
}

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.prefix)?;
        for byte in self.bytes {
            for nibble in [byte >> 4, byte & 15] {
                f.write_char(char::from_digit(u32::from(nibble), 16).unwrap_or_default())?;
            }
        }
        Ok(())
    }
}

/// Why a text is not the hex that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HexError {
    /// A character at this byte offset is no hex digit.
    Digit {
        /// Byte offset into the text, its `0x` included.
        offset: usize,
    },
    /// An odd number of digits.
    OddLength {
        /// How many digits there are.
        digits: usize,
    },
    /// Well-formed hex of another length than expected.
    Length {
        /// Bytes that were expected.
        expected: usize,
        /// Bytes that the text holds.
        found: usize,
    },
}

impl fmt::Display for HexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digit { offset } => write!(f, "not a hex digit at byte {offset}"),
            Self::OddLength { digits } => {
                write!(f, "{digits} hex digits: expected two for each byte")
            }
            Self::Length { expected, found } => {
                write!(f, "expected {expected} bytes of hex, found {found}")
            }
        }
    }
}

impl core::error::Error for HexError {}

/// Decodes `text`, with or without `0x`, into the front of `out` and gives back what was written.
///
/// # Errors
///
/// [`HexError::Digit`], [`HexError::OddLength`], and [`HexError::Length`] when `out` is too short.
pub fn decode<'a>(text: &str, out: &'a mut [u8]) -> Result<&'a [u8], HexError> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    let skipped = text.len() - digits.len();
    if !digits.len().is_multiple_of(2) {
        return Err(HexError::OddLength { digits: digits.len() });
    }
    let found = digits.len() / 2;
    let expected = out.len();
    let out = out.get_mut(..found).ok_or(HexError::Length { expected, found })?;
    let (pairs, _) = digits.as_bytes().as_chunks::<2>();
    for ((index, [high, low]), byte) in pairs.iter().enumerate().zip(out.iter_mut()) {
        let offset = skipped + 2 * index;
        let high = nibble(*high).ok_or(HexError::Digit { offset })?;
        let low = nibble(*low).ok_or(HexError::Digit { offset: offset + 1 })?;
        *byte = high << 4 | low;
    }
    Ok(out)
}

/// Decodes `text`, with or without `0x`, into exactly `N` bytes.
///
/// # Errors
///
/// As [`decode`], and [`HexError::Length`] when the text is shorter.
pub fn decode_array<const N: usize>(text: &str) -> Result<[u8; N], HexError> {
    let mut bytes = [0; N];
    match decode(text, &mut bytes)?.len() {
        found if found == N => Ok(bytes),
        found => Err(HexError::Length { expected: N, found }),
    }
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_hex_names_the_place() {
        let mut out = [0; 4];
        assert_eq!(decode("0x0g", &mut out), Err(HexError::Digit { offset: 3 }));
        assert_eq!(decode("0x012", &mut out), Err(HexError::OddLength { digits: 3 }));
        assert_eq!(decode("0102030405", &mut out), Err(HexError::Length { expected: 4, found: 5 }));
        assert_eq!(decode_array::<2>("0x01"), Err(HexError::Length { expected: 2, found: 1 }));
        assert_eq!(decode("é", &mut out), Err(HexError::Digit { offset: 0 }));
        assert_eq!(decode("0XaBCd", &mut out), Ok(&[0xab, 0xcd][..]));
    }
}
