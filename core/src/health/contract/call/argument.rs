//! Arguments of a call, in the ABI's encoding.

use crate::grammar::abi::{self, WORD, Word};
use crate::health::contract::word::Terms;
use crate::matter::bytes::{Address, B256};
use crate::matter::sink::{Full, Sink};

/// Whom a batch of grants is for, and over what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// To whom.
    pub grantee: Address,
    /// Over what; 0 for all records.
    pub scope: B256,
}

/// A question to the contract's `decide`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question<'a> {
    /// Whose records.
    pub patient: Address,
    /// Who asks.
    pub accessor: Address,
    /// Salt of the pair's blinded address, or 0.
    pub salt: B256,
    /// At most 6, most specific first.
    pub scopes: &'a [B256],
    /// One operation's bit.
    pub operation: u16,
    /// Index of the purpose.
    pub purpose: u8,
    /// Who shared with the accessor, or 0.
    pub delegator: Address,
    /// The time asked about, in Unix seconds.
    pub at: u64,
}

/// An argument: static words in the head, or an offset there and what it points to in the tail.
pub(in crate::health::contract) trait Argument {
    /// Bytes in the head.
    fn head_len(&self) -> usize {
        WORD
    }

    /// Writes the head; `tail_at` is where the tail stands, from the first head on.
    fn put_head(&self, sink: &mut dyn Sink, tail_at: usize) -> Result<(), Full>;

    /// Bytes in the tail.
    fn tail_len(&self) -> usize {
        0
    }

    /// Writes the tail.
    fn put_tail(&self, _sink: &mut dyn Sink) -> Result<(), Full> {
        Ok(())
    }
}

impl<T: Word> Argument for T {
    fn put_head(&self, mut sink: &mut dyn Sink, _tail_at: usize) -> Result<(), Full> {
        abi::put(&mut sink, self)
    }
}

impl Argument for Terms {
    fn head_len(&self) -> usize {
        5 * WORD
    }

    fn put_head(&self, mut sink: &mut dyn Sink, _tail_at: usize) -> Result<(), Full> {
        abi::put(&mut sink, &self.not_before)?;
        abi::put(&mut sink, &self.not_after)?;
        abi::put(&mut sink, &self.purposes)?;
        abi::put(&mut sink, &self.operations)?;
        abi::put(&mut sink, &self.required_roles)
    }
}

/// Bytes: their length, then they themselves with zeros up to a whole word.
impl Argument for &[u8] {
    fn put_head(&self, sink: &mut dyn Sink, tail_at: usize) -> Result<(), Full> {
        put_len(sink, tail_at)
    }

    fn tail_len(&self) -> usize {
        self.len().div_ceil(WORD).saturating_mul(WORD).saturating_add(WORD)
    }

    fn put_tail(&self, sink: &mut dyn Sink) -> Result<(), Full> {
        put_len(sink, self.len())?;
        sink.put(self)?;
        let padding = self.len().next_multiple_of(WORD).saturating_sub(self.len());
        sink.put([0; WORD].get(..padding).unwrap_or_default())
    }
}

impl Argument for &[Target] {
    fn put_head(&self, sink: &mut dyn Sink, tail_at: usize) -> Result<(), Full> {
        put_len(sink, tail_at)
    }

    fn tail_len(&self) -> usize {
        self.len().saturating_mul(2 * WORD).saturating_add(WORD)
    }

    fn put_tail(&self, mut sink: &mut dyn Sink) -> Result<(), Full> {
        put_len(sink, self.len())?;
        self.iter().try_for_each(|Target { grantee, scope }| {
            abi::put(&mut sink, grantee)?;
            abi::put(&mut sink, scope)
        })
    }
}

impl Question<'_> {
    /// Bytes before its array: the struct's eight members.
    const HEAD: usize = 8 * WORD;
}

/// A struct with an array: it stands behind its offset, and the array behind its own.
impl Argument for Question<'_> {
    fn put_head(&self, sink: &mut dyn Sink, tail_at: usize) -> Result<(), Full> {
        put_len(sink, tail_at)
    }

    fn tail_len(&self) -> usize {
        self.scopes.len().saturating_mul(WORD).saturating_add(Self::HEAD + WORD)
    }

    fn put_tail(&self, mut sink: &mut dyn Sink) -> Result<(), Full> {
        abi::put(&mut sink, &self.patient)?;
        abi::put(&mut sink, &self.accessor)?;
        abi::put(&mut sink, &self.salt)?;
        put_len(sink, Self::HEAD)?;
        abi::put(&mut sink, &self.operation)?;
        abi::put(&mut sink, &self.purpose)?;
        abi::put(&mut sink, &self.delegator)?;
        abi::put(&mut sink, &self.at)?;
        put_len(sink, self.scopes.len())?;
        self.scopes.iter().try_for_each(|scope| abi::put(&mut sink, scope))
    }
}

fn put_len(mut sink: &mut dyn Sink, len: usize) -> Result<(), Full> {
    abi::put(&mut sink, &(len as u64))
}
