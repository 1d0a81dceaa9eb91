//! What a [`Bft`] anchor keeps on the device, as bytes.
//!
//! | offset | bytes | content |
//! |---|---|---|
//! | 0 | 1 | version, 1 |
//! | 1 | 1 | hash rule: 1 QBFT, 2 IBFT 2.0, 3 IBFT 1 |
//! | 2 | 1 | number n of validators, not 0 |
//! | 3 | 8 | trusting period in seconds, not 0 |
//! | 11 | 8 | number of the highest block taken |
//! | 19 | 8 | its time, in Unix seconds |
//! | 27 | 32 | its hash |
//! | 59 | 20 n | the validators that it lists, ascending |
//! | 59 + 20 n | 4 | first bytes of the keccak-256 of all before |
//!
//! Integers are big-endian. The last bytes tell a write that was cut off or a memory that forgets, and
//! nothing else: whoever can write to the device's memory is trusted. The state is never read from a peer.

use core::fmt;

use super::bft::Bft;
use super::error::BftError;
use super::hash_rule::HashRule;
use super::set::Set;
use crate::matter::bytes::{Address, B256};
use crate::matter::keccak::{Keccak, keccak256};
use crate::matter::sink::{Full, Sink};

/// The version of the state that is read and written.
pub const STATE_VERSION: u8 = 1;
/// Bytes of a state beside its validators, of 20 bytes each.
pub const STATE_HEAD_LEN: usize = HEAD + CHECK;
/// Bytes before the validators.
const HEAD: usize = 59;
/// Bytes after the validators.
const CHECK: usize = 4;

/// The byte of each rule that has validators.
const RULES: [(u8, HashRule); 3] = [(1, HashRule::Qbft), (2, HashRule::Ibft2), (3, HashRule::Ibft1)];

impl<const N: usize> Bft<N> {
    /// Writes the state, [`STATE_HEAD_LEN`] bytes and 20 for each validator.
    ///
    /// # Errors
    ///
    /// [`Full`] when it does not fit.
    pub fn write(&self, sink: &mut impl Sink) -> Result<(), Full> {
        let rule = RULES.iter().find(|(_, rule)| *rule == self.rule).map_or(0, |(byte, _)| *byte);
        let members = self.validators.members();
        let count = u8::try_from(members.len()).map_err(|_| Full)?;
        let mut check = Keccak::new();
        let mut put = |bytes: &[u8]| {
            check.update(bytes);
            sink.put(bytes)
        };
        put(&[STATE_VERSION, rule, count])?;
        for number in [self.trusting_period, self.number, self.time] {
            put(&number.to_be_bytes())?;
        }
        put(&self.hash.0)?;
        members.iter().try_for_each(|member| put(&member.0))?;
        let [a, b, c, d, ..] = check.finish().0;
        sink.put(&[a, b, c, d])
    }

    /// Reads what [`Self::write`] wrote.
    ///
    /// # Errors
    ///
    /// [`StateError`]: the bytes are no state, or not whole.
    pub fn decode(bytes: &[u8]) -> Result<Self, StateError> {
        let length = |expected| StateError::Length { found: bytes.len(), expected };
        let ([version, rule, count, numbers @ ..], rest) =
            bytes.split_first_chunk::<27>().ok_or(length(STATE_HEAD_LEN))?;
        if *version != STATE_VERSION {
            return Err(StateError::Version { found: *version });
        }
        let expected = STATE_HEAD_LEN.saturating_add(usize::from(*count).saturating_mul(20));
        let (hash, rest) = rest.split_first_chunk::<32>().ok_or(length(expected))?;
        let (validators, check) = rest.split_last_chunk::<CHECK>().ok_or(length(expected))?;
        let (validators, []) = validators.as_chunks::<20>() else { return Err(length(expected)) };
        if bytes.len() != expected {
            return Err(length(expected));
        }
        let before = bytes.get(..bytes.len().saturating_sub(CHECK)).unwrap_or_default();
        if !keccak256(before).0.starts_with(check) {
            return Err(StateError::Check);
        }
        let (_, rule) =
            RULES.iter().find(|(byte, _)| byte == rule).ok_or(StateError::Rule { found: *rule })?;
        let ([trusting_period, number, time], _) = numbers.as_chunks::<8>() else {
            return Err(length(expected));
        };
        let [trusting_period, number, time] =
            [trusting_period, number, time].map(|it| u64::from_be_bytes(*it));
        if trusting_period == 0 {
            return Err(StateError::Validators(BftError::TrustingPeriod));
        }
        if !validators.is_sorted() {
            return Err(StateError::Order);
        }
        let validators = Set::new(validators.iter().map(|bytes| Address(*bytes)))?;
        Ok(Self { rule: *rule, trusting_period, number, time, hash: B256(*hash), validators })
    }
}

/// Why bytes are no state of an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateError {
    /// Another version than 1.
    Version {
        /// The version found.
        found: u8,
    },
    /// Not as many bytes as the number of validators asks for.
    Length {
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// The bytes were not written whole, or have changed since.
    Check,
    /// A hash rule that has no validators, or none.
    Rule {
        /// The byte found.
        found: u8,
    },
    /// The validators are not in ascending order.
    Order,
    /// The validators or their trusting period are none that an anchor has.
    Validators(BftError),
}

impl From<BftError> for StateError {
    fn from(error: BftError) -> Self {
        Self::Validators(error)
    }
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version { found } => {
                write!(f, "an anchor's state of version {found}: expected {STATE_VERSION}")
            }
            Self::Length { found, expected } => {
                write!(f, "an anchor's state of {found} bytes: expected {expected}")
            }
            Self::Check => f.write_str("the anchor's state was not written whole, or has changed since"),
            Self::Rule { found } => write!(f, "the anchor's state has the unknown hash rule {found}"),
            Self::Order => f.write_str("the anchor's state has validators out of order"),
            Self::Validators(error) => write!(f, "the anchor's state: {error}"),
        }
    }
}

impl core::error::Error for StateError {}
