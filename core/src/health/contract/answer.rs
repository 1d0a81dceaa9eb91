//! What the contract's views answer.

use core::fmt;

use super::message;
use super::word::{
    AccountWord, AnchorWord, CredentialWord, DelegationWord, GrantWord, RetractionWord, WordError,
};
use crate::chain::message::Domain;
use crate::grammar::abi::{AbiError, Reader, WORD, Word};
use crate::matter::bytes::{Address, B256, U256};

/// Why returned data is not what a view answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerError {
    /// It is not the ABI words of the answer.
    Abi(AbiError),
    /// Its fields make no word that is understood.
    Word(WordError),
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Abi(error) => error.fmt(f),
            Self::Word(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for AnswerError {}

impl From<AbiError> for AnswerError {
    fn from(error: AbiError) -> Self {
        Self::Abi(error)
    }
}

impl From<WordError> for AnswerError {
    fn from(error: WordError) -> Self {
        Self::Word(error)
    }
}

/// Reads answers that are a word's fields, each as an ABI word, by packing them into the word again.
macro_rules! answers {
    ($($name:ident $view:literal [$($width:literal),+];)+) => {
        $(impl $name {
            #[doc = concat!("Reads what the view `", $view, "` answers.")]
            ///
            /// # Errors
            ///
            /// [`AnswerError`] where a field is out of its range or the word is not understood.
            pub fn from_answer(data: &[u8]) -> Result<Self, AnswerError> {
                let word = packed(data, &[$($width),+])?;
                Self::decode(word).map_err(AnswerError::from)
            }
        })+
    };
}

answers! {
    GrantWord "grantOf`, or `emergencyOf" [5, 5, 4, 2, 4, 3, 1, 2, 5, 1];
    DelegationWord "delegationOf" [5, 5, 4, 2, 4, 3, 1, 2, 3, 1];
    AccountWord "accountOf" [4, 1, 3, 3];
    AnchorWord "anchorOf" [5, 4, 2];
    RetractionWord "retractionOf" [5, 2];
}

impl CredentialWord {
    /// Reads what the view `credentialOf` answers.
    ///
    /// # Errors
    ///
    /// [`AnswerError`] where a field is out of its range.
    pub fn from_answer(data: &[u8]) -> Result<Self, AnswerError> {
        packed(data, &[5, 5, 2, 20]).map(Self::decode).map_err(AnswerError::from)
    }
}

/// Fields of these widths in bytes, from the low bytes up.
fn packed(data: &[u8], widths: &[usize]) -> Result<U256, AbiError> {
    let mut fields = Reader::new(data)?;
    let mut bytes = [0; WORD];
    let mut rest = &mut bytes[..];
    for (word, width) in widths.iter().enumerate() {
        let out_of_range = AbiError::Range { word };
        let B256(field) = fields.read()?;
        let (padding, field) = field.split_at_checked(WORD.saturating_sub(*width)).ok_or(out_of_range)?;
        if padding.iter().any(|byte| *byte != 0) {
            return Err(out_of_range);
        }
        let (before, place) =
            rest.split_at_mut_checked(rest.len().saturating_sub(*width)).ok_or(out_of_range)?;
        place.copy_from_slice(field);
        rest = before;
    }
    fields.finish()?;
    Ok(U256::from_be_bytes(bytes))
}

/// Reads what `registrar` and `pendingRegistrar` answer.
///
/// # Errors
///
/// [`AbiError`] where it is no address.
pub fn address_from_answer(data: &[u8]) -> Result<Address, AbiError> {
    one(data)
}

/// Reads what `extsload` answers: a word by its slot.
///
/// # Errors
///
/// [`AbiError::Length`] where it is not one word.
pub fn word_from_answer(data: &[u8]) -> Result<U256, AbiError> {
    one(data)
}

fn one<T: Word>(data: &[u8]) -> Result<T, AbiError> {
    let mut words = Reader::new(data)?;
    let value = words.read()?;
    words.finish()?;
    Ok(value)
}

/// Reads what `eip712Domain` answers (ERC-5267): this contract's [`domain`](message::domain), with name,
/// version, chain and contract, and nothing more.
///
/// # Errors
///
/// [`AbiError`] where it is another domain, naming the word at fault.
pub fn domain_from_answer(data: &[u8]) -> Result<Domain<'static>, AbiError> {
    /// Words before the chain's id: which fields there are, and where name and version stand.
    const CHAIN: usize = 3;
    let mut found = Reader::new(data)?;
    for _ in 0..CHAIN {
        found.read::<B256>()?;
    }
    let domain = message::domain(found.read()?, found.read()?);
    let number = |number: usize| (number as u64).to_word();
    let expected = [
        // Fields 0 to 3 of the five that a domain may have.
        left(&[0x0f]),
        number(7 * WORD),
        number(9 * WORD),
        domain.chain_id.to_word(),
        domain.verifying_contract.to_word(),
        B256::ZERO,
        number(11 * WORD),
        number(domain.name.len()),
        left(domain.name.as_bytes()),
        number(domain.version.len()),
        left(domain.version.as_bytes()),
        // No extensions.
        B256::ZERO,
    ];
    let mut found = Reader::new(data)?;
    for (word, expected) in expected.iter().enumerate() {
        if found.read::<B256>()? != *expected {
            return Err(AbiError::Range { word });
        }
    }
    found.finish()?;
    Ok(domain)
}

/// Bytes at the front of a word.
fn left(bytes: &[u8]) -> B256 {
    let mut word = [0; WORD];
    for (place, byte) in word.iter_mut().zip(bytes) {
        *place = *byte;
    }
    B256(word)
}
