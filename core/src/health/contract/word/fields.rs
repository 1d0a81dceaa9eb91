//! Fields of whole bytes, from the low end of a word up.

use super::error::{WordError, WordKind, WordRule};
use super::{State, Terms};
use crate::health::contract::vocabulary::Operation;
use crate::matter::bytes::U256;

/// Takes fields from the low bytes up.
pub(super) struct Fields {
    word: U256,
    bytes: [u8; 32],
    taken: usize,
    kind: WordKind,
}

impl Fields {
    pub(super) fn new(word: U256, kind: WordKind) -> Self {
        let mut bytes = word.to_be_bytes();
        bytes.reverse();
        Self { word, bytes, taken: 0, kind }
    }

    /// The next field, of at most 8 bytes.
    pub(super) fn take(&mut self, len: usize) -> u64 {
        let field = self.bytes.iter().skip(self.taken).take(len);
        self.taken = self.taken.saturating_add(len);
        field.rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// The next field, of at most 4 bytes.
    pub(super) fn take32(&mut self, len: usize) -> u32 {
        u32::try_from(self.take(len)).unwrap_or_default()
    }

    pub(super) fn take16(&mut self) -> u16 {
        u16::try_from(self.take(2)).unwrap_or_default()
    }

    /// What grant and delegation words have in common: terms, epoch, revision, state.
    pub(super) fn head(&mut self) -> Result<(Terms, u32, u32, State), WordError> {
        let (not_before, not_after) = (self.take(5), self.take(5));
        let (purposes, operations) = (self.take32(4), self.take16());
        let (epoch, revision) = (self.take32(4), self.take32(3));
        let state = match self.take(1) {
            0 => State::NeverWritten,
            1 => State::Permit,
            2 => State::Revoked,
            3 => State::Deny,
            _ => return self.breaks(WordRule::State),
        };
        if state == State::NeverWritten && !self.word.is_zero() {
            return self.breaks(WordRule::State);
        }
        if operations > Operation::ALL {
            return self.breaks(WordRule::Operations);
        }
        let terms = Terms { not_before, not_after, purposes, operations, required_roles: self.take16() };
        Ok((terms, epoch, revision, state))
    }

    pub(super) fn finish(&self) -> Result<(), WordError> {
        if self.bytes.iter().skip(self.taken).any(|byte| *byte != 0) {
            return self.breaks(WordRule::UnknownBits);
        }
        Ok(())
    }

    pub(super) const fn breaks<T>(&self, rule: WordRule) -> Result<T, WordError> {
        Err(WordError { kind: self.kind, rule, word: self.word })
    }
}

/// Puts fields from the low bytes up.
pub(super) struct Packer {
    bytes: [u8; 32],
    put: usize,
}

impl Packer {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; 32], put: 0 }
    }

    /// Puts the low `len` bytes of a number.
    pub(super) fn put(&mut self, len: usize, number: u64) {
        for (byte, source) in self.bytes.iter_mut().skip(self.put).take(len).zip(number.to_le_bytes()) {
            *byte = source;
        }
        self.put = self.put.saturating_add(len);
    }

    pub(super) fn head(terms: &Terms, epoch: u32, revision: u32, state: State) -> Self {
        let mut packer = Self::new();
        packer.put(5, terms.not_before);
        packer.put(5, terms.not_after);
        packer.put(4, terms.purposes.into());
        packer.put(2, terms.operations.into());
        packer.put(4, epoch.into());
        packer.put(3, revision.into());
        packer.put(
            1,
            match state {
                State::NeverWritten => 0,
                State::Permit => 1,
                State::Revoked => 2,
                State::Deny => 3,
            },
        );
        packer.put(2, terms.required_roles.into());
        packer
    }

    pub(super) fn finish(mut self) -> U256 {
        self.bytes.reverse();
        U256::from_be_bytes(self.bytes)
    }
}
