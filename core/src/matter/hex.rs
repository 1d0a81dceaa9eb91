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
    let (blocks, rest) = digits.as_bytes().as_chunks::<BLOCK>();
    let (out_blocks, out_rest) = out.as_chunks_mut::<HALF_BLOCK>();
    let mut is_hex = true;
    for (digits, bytes) in blocks.iter().zip(out_blocks) {
        is_hex &= decode_block(digits, bytes);
    }
    for (digits, byte) in rest.as_chunks::<2>().0.iter().zip(out_rest.as_chunks_mut::<1>().0) {
        is_hex &= decode_block(digits, byte);
    }
    match digits.bytes().position(|digit| !is_hex && !digit.is_ascii_hexdigit()) {
        Some(place) => Err(HexError::Digit { offset: skipped.saturating_add(place) }),
        None => Ok(out),
    }
}

/// Decodes `N` digits into their `N / 2` bytes; false where one is no digit.
///
/// Without a branch or a table, so that a compiler puts the digits side by side into wide registers.
fn decode_block<const N: usize, const HALF: usize>(digits: &[u8; N], bytes: &mut [u8; HALF]) -> bool {
    let mut nibbles = [0; N];
    let mut others = 0;
    for (digit, nibble) in digits.iter().zip(&mut nibbles) {
        let number = digit.wrapping_sub(b'0');
        let letter = (digit | 0x20).wrapping_sub(b'a');
        *nibble = if number < 10 { number } else { letter.wrapping_add(10) };
        others |= u8::from(number >= 10) & u8::from(letter >= 6);
    }
    for ([high, low], byte) in nibbles.as_chunks::<2>().0.iter().zip(bytes) {
        *byte = high << 4 | low;
    }
    others == 0
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

/// Digits that are decoded at a time.
const BLOCK: usize = 32;
/// Bytes that they make.
const HALF_BLOCK: usize = BLOCK / 2;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
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

    #[test]
    fn every_character_at_every_place_is_decoded_or_named() {
        let mut out = [0; 80];
        for len in (2..=80).step_by(2) {
            for place in [0, 1, len / 2, len - 2, len - 1] {
                for character in 0..128 {
                    let mut text = [b'5'; 80];
                    text[place] = character;
                    let text = core::str::from_utf8(&text[..len]).unwrap();
                    let digit = char::from(character).to_digit(16).map(|digit| u8::try_from(digit).unwrap());
                    let decoded = decode(text, &mut out);
                    let Some(digit) = digit else {
                        assert_eq!(decoded, Err(HexError::Digit { offset: place }), "{text}");
                        continue;
                    };
                    let byte = if place % 2 == 0 { digit << 4 | 5 } else { 0x50 | digit };
                    let bytes = decoded.unwrap().iter().enumerate();
                    for (at, found) in bytes {
                        assert_eq!(*found, if at == place / 2 { byte } else { 0x55 }, "{text}");
                    }
                }
            }
        }
    }
}
