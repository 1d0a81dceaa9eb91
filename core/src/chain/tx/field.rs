//! The fields of a transaction, read one by one.

use super::error::{Field, TxError};
use crate::chain::signature::Signature;
use crate::grammar::rlp::{Item, Reader, RlpError};
use crate::matter::bytes::{Address, B256, U256};

/// Reads the fields of one list in their order.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    reader: Reader<'a>,
    last: Field,
}

impl<'a> Fields<'a> {
    pub(super) const fn new(reader: Reader<'a>, first: Field) -> Self {
        Self { reader, last: first }
    }

    /// Reads one field with `read`.
    pub(super) fn read<T>(
        &mut self,
        field: Field,
        read: impl FnOnce(Item<'a>) -> Result<T, RlpError>,
    ) -> Result<T, TxError> {
        self.last = field;
        self.reader.item().and_then(read).map_err(|error| TxError::field(field, error))
    }

    pub(super) fn uint(&mut self, field: Field) -> Result<U256, TxError> {
        self.read(field, |item| item.uint())
    }

    pub(super) fn uint64(&mut self, field: Field) -> Result<u64, TxError> {
        self.read(field, |item| item.uint64())
    }

    pub(super) fn bytes(&mut self, field: Field) -> Result<&'a [u8], TxError> {
        self.read(field, |item| item.string())
    }

    /// An address, or nothing where a contract is created.
    pub(super) fn recipient(&mut self) -> Result<Option<Address>, TxError> {
        self.read(Field::To, |item| match item.string()? {
            [] => Ok(None),
            _ => item.array().map(|to| Some(Address(to))),
        })
    }

    /// An address, where the type of the transaction asks for one.
    pub(super) fn named_recipient(&mut self) -> Result<Address, TxError> {
        self.recipient()?.ok_or(TxError::NoRecipient)
    }

    /// y parity, r, s.
    pub(super) fn signature(&mut self) -> Result<Signature, TxError> {
        let parity = self.uint(Field::V)?;
        let y_parity = match parity.to_u64() {
            Some(0) => false,
            Some(1) => true,
            _ => return Err(TxError::Parity),
        };
        let (r, s) = self.scalars()?;
        Ok(Signature { r, s, y_parity })
    }

    /// r, s.
    pub(super) fn scalars(&mut self) -> Result<(B256, B256), TxError> {
        let r = self.uint(Field::R)?;
        let s = self.uint(Field::S)?;
        Ok((B256(r.to_be_bytes()), B256(s.to_be_bytes())))
    }

    /// Ends the reading; a further field is an error of the last.
    pub(super) fn finish(self) -> Result<(), TxError> {
        self.reader.finish().map_err(|error| TxError::field(self.last, error))
    }
}

/// Whether bytes that should be a list of items are one, each of which `check` takes.
pub(super) fn check_items<'a>(
    item: Item<'a>,
    check: impl Fn(Item<'a>) -> Result<(), RlpError>,
) -> Result<&'a [u8], RlpError> {
    let mut items = item.list()?;
    while !items.is_empty() {
        check(items.item()?)?;
    }
    Ok(item.payload)
}

/// A nonce is below 2^64 - 1 (EIP-2681).
pub(super) const fn check_nonce(nonce: u64) -> Result<(), TxError> {
    if nonce == u64::MAX { Err(TxError::NonceTooLarge) } else { Ok(()) }
}

/// What the proposer gets is part of what is paid in all (EIP-1559).
pub(super) fn check_fees(max_priority_fee: U256, max_fee: U256) -> Result<(), TxError> {
    if max_priority_fee > max_fee { Err(TxError::PriorityFeeAboveMaxFee) } else { Ok(()) }
}
