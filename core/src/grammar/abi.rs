//! Words of the Ethereum contract ABI (Solidity ABI specification, "Formal Specification of the Encoding").
//!
//! Only what the contract's interface has: static types, each a 32-byte word, and one dynamic array of
//! words. Reading is strict: padding that is not zero is an error.

use core::fmt;

use crate::matter::bytes::{Address, B256, U256};
use crate::matter::sink::{Full, Sink};

/// Bytes of a word.
pub const WORD: usize = 32;

/// A value that is one word of the ABI.
pub trait Word: Sized {
    /// The value as a word.
    fn to_word(&self) -> B256;

    /// The value of a word; `None` where the word holds none.
    fn from_word(word: &B256) -> Option<Self>;
}

impl Word for B256 {
    fn to_word(&self) -> B256 {
        *self
    }

    fn from_word(word: &B256) -> Option<Self> {
        Some(*word)
    }
}

impl Word for U256 {
    fn to_word(&self) -> B256 {
        (*self).into()
    }

    fn from_word(word: &B256) -> Option<Self> {
        Some((*word).into())
    }
}

impl Word for Address {
    fn to_word(&self) -> B256 {
        U256::from_be_slice(&self.0).unwrap_or_default().into()
    }

    fn from_word(word: &B256) -> Option<Self> {
        let (padding, address) = word.0.split_last_chunk::<20>()?;
        padding.iter().all(|byte| *byte == 0).then_some(Self(*address))
    }
}

impl Word for bool {
    fn to_word(&self) -> B256 {
        U256::from(u64::from(*self)).into()
    }

    fn from_word(word: &B256) -> Option<Self> {
        match U256::from(*word).to_u64()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

macro_rules! unsigned {
    ($($name:ty),+) => {
        $(impl Word for $name {
            fn to_word(&self) -> B256 {
                U256::from(u64::from(*self)).into()
            }

            fn from_word(word: &B256) -> Option<Self> {
                U256::from(*word).to_u64()?.try_into().ok()
            }
        })+
    };
}

unsigned!(u8, u16, u32, u64);

/// Writes one word.
///
/// # Errors
///
/// [`Full`] when it does not fit.
pub fn put(sink: &mut impl Sink, value: &impl Word) -> Result<(), Full> {
    sink.put(&value.to_word().0)
}

/// Reads words from the front of data.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    words: &'a [[u8; WORD]],
    read: usize,
}

/// Data is not the words that were expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AbiError {
    /// The data is no whole number of words, or has too few or too many of them.
    Length {
        /// Bytes found.
        found: usize,
    },
    /// A word is out of its type's range.
    Range {
        /// Its position, from 0.
        word: usize,
    },
}

impl<'a> Reader<'a> {
    /// Begins to read `data`.
    ///
    /// # Errors
    ///
    /// [`AbiError::Length`] where it is no whole number of words.
    pub const fn new(data: &'a [u8]) -> Result<Self, AbiError> {
        match data.as_chunks::<WORD>() {
            (words, []) => Ok(Self { words, read: 0 }),
            _ => Err(AbiError::Length { found: data.len() }),
        }
    }

    /// The next word as a value.
    ///
    /// # Errors
    ///
    /// [`AbiError::Length`] where no word is left, [`AbiError::Range`].
    pub fn read<T: Word>(&mut self) -> Result<T, AbiError> {
        let too_short = AbiError::Length { found: self.words.len().saturating_mul(WORD) };
        let word = self.words.get(self.read).ok_or(too_short)?;
        let value = T::from_word(&B256(*word)).ok_or(AbiError::Range { word: self.read })?;
        self.read = self.read.saturating_add(1);
        Ok(value)
    }

    /// Ends the reading.
    ///
    /// # Errors
    ///
    /// [`AbiError::Length`] where a word is left.
    pub const fn finish(self) -> Result<(), AbiError> {
        if self.read == self.words.len() {
            Ok(())
        } else {
            Err(AbiError::Length { found: self.words.len().saturating_mul(WORD) })
        }
    }
}

impl fmt::Display for AbiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { found } => write!(f, "{found} bytes are not the ABI words that were expected"),
            Self::Range { word } => write!(f, "ABI word {word} is out of its type's range"),
        }
    }
}

impl core::error::Error for AbiError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_strict() {
        let mut word = Address([7; 20]).to_word();
        assert_eq!(Address::from_word(&word), Some(Address([7; 20])));
        word.0[11] = 1;
        assert_eq!(Address::from_word(&word), None);
        assert_eq!(u16::from_word(&70_000_u32.to_word()), None);
        assert_eq!(bool::from_word(&2_u8.to_word()), None);
        assert_eq!(Reader::new(&[0; 31]).err(), Some(AbiError::Length { found: 31 }));
        let mut reader = Reader::new(&[1; 64]).unwrap();
        assert_eq!(reader.read::<u8>(), Err(AbiError::Range { word: 0 }));
        assert_eq!(reader.read::<B256>(), Ok(B256([1; 32])));
        assert_eq!(reader.finish(), Err(AbiError::Length { found: 64 }));
    }
}
