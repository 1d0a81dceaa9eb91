//! Phrases (BIP-39): 12 to 24 words of the English list that stand for a seed.
//!
//! The list is that of the crate `bip39`. What it does with a phrase leaves copies of the entropy
//! behind, so the checksum and the seed are made here, in memory that is wiped.

use core::fmt;

use bip39::Language;
use hmac::Mac as _;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{DeriveError, ExtendedKey, finish, mac512};
use crate::matter::sink::{Buffer, Sink as _};

/// Most words of a phrase.
pub const MAX_WORDS: usize = 24;

/// Bits that a word stands for.
const WORD_BITS: usize = 11;
/// Bytes of the longest phrase: words of at most 8 letters, and a space between two.
const MAX_TEXT_LEN: usize = MAX_WORDS * 9 - 1;
/// Bytes of the longest phrase's entropy and checksum.
const MAX_BITS_LEN: usize = MAX_WORDS * WORD_BITS / 8;
/// Rounds of PBKDF2.
const ROUNDS: usize = 2048;

/// A phrase whose checksum is right. It does not print and cannot be copied, and is wiped when
/// dropped.
pub struct Phrase {
    /// The words with one space between two.
    text: Zeroizing<[u8; MAX_TEXT_LEN]>,
    len: usize,
}

/// The seed of a phrase: 64 bytes. It does not print and cannot be copied, and is wiped when
/// dropped.
pub struct Seed(Zeroizing<[u8; 64]>);

impl Phrase {
    /// Reads 12, 15, 18, 21 or 24 words of the English list, in lower case, with white space between
    /// them.
    ///
    /// # Errors
    ///
    /// [`PhraseError`], which names places and never a word.
    pub fn parse(text: &str) -> Result<Self, PhraseError> {
        let count = text.split_whitespace().count();
        if !matches!(count, 12 | 15 | 18 | 21 | 24) {
            return Err(PhraseError::WordCount { found: count });
        }
        let mut bits = Zeroizing::new([0; MAX_BITS_LEN]);
        for (index, word) in text.split_whitespace().enumerate() {
            let number = Language::English.find_word(word).ok_or(PhraseError::UnknownWord { index })?;
            put_word(&mut bits, index, number);
        }
        // One bit of checksum for each 32 of entropy.
        let (entropy, checksum) = bits.split_at_checked(count / 3 * 4).unwrap_or_default();
        let expected = Sha256::digest(entropy).first().copied().unwrap_or_default();
        let found = checksum.first().copied().unwrap_or_default();
        if (expected ^ found) >> (8 - count / 3) != 0 {
            return Err(PhraseError::Checksum);
        }
        Ok(Self::of(text.split_whitespace()))
    }

    /// The phrase of 16, 20, 24, 28 or 32 random bytes.
    ///
    /// # Errors
    ///
    /// [`PhraseError::EntropyLength`] for any other number of them.
    pub fn from_entropy(entropy: &[u8]) -> Result<Self, PhraseError> {
        if !matches!(entropy.len(), 16 | 20 | 24 | 28 | 32) {
            return Err(PhraseError::EntropyLength { found: entropy.len() });
        }
        let checksum = Sha256::digest(entropy);
        let mut bits = Zeroizing::new([0; MAX_BITS_LEN]);
        for (bit, byte) in bits.iter_mut().zip(entropy.iter().chain(&checksum)) {
            *bit = *byte;
        }
        let bits = &bits;
        let word = |index: usize| {
            let number = (index * WORD_BITS..(index + 1) * WORD_BITS).fold(0, |number, position| {
                let byte = bits.get(position / 8).copied().unwrap_or_default();
                number << 1 | usize::from(byte >> (7 - position % 8) & 1)
            });
            Language::English.word_list().get(number).copied().unwrap_or_default()
        };
        Ok(Self::of((0..entropy.len() / 4 * 3).map(word)))
    }

    /// The words with one space between two, to be written where secrets are kept.
    #[must_use]
    pub fn expose_text(&self) -> &str {
        core::str::from_utf8(self.bytes()).unwrap_or_default()
    }

    /// The seed under a passphrase, which must be in the Unicode form NFKD already and may be empty:
    /// PBKDF2-HMAC-SHA512 in 2,048 rounds.
    #[must_use]
    pub fn seed(&self, passphrase: &str) -> Seed {
        let mut seed = Zeroizing::new([0; 64]);
        // An HMAC takes a key of any length.
        let Ok(mac) = mac512(self.bytes()) else { return Seed(seed) };
        let mut first = mac.clone();
        for part in [&b"mnemonic"[..], passphrase.as_bytes(), &1_u32.to_be_bytes()] {
            first.update(part);
        }
        let mut round = finish(first);
        seed.copy_from_slice(&*round);
        for _ in 1..ROUNDS {
            let mut next = mac.clone();
            next.update(&*round);
            round = finish(next);
            for (byte, other) in seed.iter_mut().zip(&*round) {
                *byte ^= other;
            }
        }
        Seed(seed)
    }

    fn bytes(&self) -> &[u8] {
        self.text.get(..self.len).unwrap_or_default()
    }

    /// Words of the list, of which there are at most [`MAX_WORDS`]: they fit.
    fn of<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let mut text = Zeroizing::new([0; MAX_TEXT_LEN]);
        let mut written = Buffer::new(&mut *text);
        let mut separator: &[u8] = b"";
        for word in words {
            written.put(separator).and_then(|()| written.put(word.as_bytes())).unwrap_or_default();
            separator = b" ";
        }
        let len = written.into_written().len();
        Self { text, len }
    }
}

impl Seed {
    /// The 64 bytes, to be written where secrets are kept.
    #[must_use]
    pub fn expose_bytes(&self) -> &[u8; 64] {
        &self.0
    }

    /// The master key, from which all others are derived.
    ///
    /// # Errors
    ///
    /// [`DeriveError::NoKey`] for one seed in 2^127.
    pub fn master_key(&self) -> Result<ExtendedKey, DeriveError> {
        ExtendedKey::from_seed(&*self.0)
    }
}

/// Puts a word's number behind the words before it, the first bit highest.
fn put_word(bits: &mut [u8; MAX_BITS_LEN], index: usize, number: u16) {
    for bit in 0..WORD_BITS {
        let position = index * WORD_BITS + bit;
        if let Some(byte) = bits.get_mut(position / 8).filter(|_| number >> (WORD_BITS - 1 - bit) & 1 == 1) {
            *byte |= 0x80 >> (position % 8);
        }
    }
}

/// Why words are no phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhraseError {
    /// A phrase has 12, 15, 18, 21 or 24 words.
    WordCount {
        /// How many there are.
        found: usize,
    },
    /// A word is not in the English list.
    UnknownWord {
        /// Which one, from 0.
        index: usize,
    },
    /// All words are in the list, but they do not belong together.
    Checksum,
    /// A phrase stands for 16, 20, 24, 28 or 32 bytes.
    EntropyLength {
        /// How many there are.
        found: usize,
    },
}

impl fmt::Display for PhraseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WordCount { found } => {
                write!(f, "a phrase of {found} words: it has 12, 15, 18, 21 or 24")
            }
            Self::UnknownWord { index } => {
                write!(f, "word {} of the phrase is not in the English list", index.saturating_add(1))
            }
            Self::Checksum => f.write_str("the words are no phrase: their checksum is wrong"),
            Self::EntropyLength { found } => {
                write!(f, "{found} bytes of entropy: a phrase stands for 16, 20, 24, 28 or 32")
            }
        }
    }
}

impl core::error::Error for PhraseError {}
