//! Transactions of type 1: with an access list (EIP-2930).

use super::access_list::AccessListItem;
use super::error::{Field, TxError};
use super::field::{Fields, check_nonce};
use super::list::List;
use super::typed::Layout;
use crate::chain::signature::Signature;
use crate::grammar::rlp;
use crate::matter::bytes::{Address, U256};
use crate::matter::sink::{Full, Sink};

/// An unsigned transaction that announces storage (EIP-2930).
///
/// Signed as `0x01 ‖ rlp([chainId, nonce, gasPrice, gasLimit, to, value, data, accessList])`; the signed
/// form appends y parity, r and s to the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Eip2930<'a> {
    /// The chain that it is for.
    pub chain_id: u64,
    /// Transactions that the sender sent before.
    pub nonce: u64,
    /// What is paid, in wei for each gas.
    pub gas_price: U256,
    /// Most gas that it may use.
    pub gas_limit: u64,
    /// Whom it calls; `None` creates a contract.
    pub to: Option<Address>,
    /// Wei that go with it.
    pub value: U256,
    /// Calldata, or the new contract's creation code.
    pub data: &'a [u8],
    /// Storage that it announces.
    pub access_list: List<'a, AccessListItem<'a>>,
}

impl<'a> Layout<'a> for Eip2930<'a> {
    const TYPE: u8 = 1;
    const FIRST: Field = Field::ChainId;

    fn put_fields(&self, mut sink: &mut dyn Sink) -> Result<(), Full> {
        rlp::put_uint(&mut sink, self.chain_id.into())?;
        rlp::put_uint(&mut sink, self.nonce.into())?;
        rlp::put_uint(&mut sink, self.gas_price)?;
        rlp::put_uint(&mut sink, self.gas_limit.into())?;
        rlp::put_string(&mut sink, self.to.as_ref().map_or(&[], |to| &to.0[..]))?;
        rlp::put_uint(&mut sink, self.value)?;
        rlp::put_string(&mut sink, self.data)?;
        self.access_list.put(sink)
    }

    #[allow(private_interfaces, reason = "no other crate implements this trait")]
    fn read(fields: &mut Fields<'a>) -> Result<(Self, Signature), TxError> {
        let transaction = Self {
            chain_id: fields.uint64(Field::ChainId)?,
            nonce: fields.uint64(Field::Nonce)?,
            gas_price: fields.uint(Field::GasPrice)?,
            gas_limit: fields.uint64(Field::GasLimit)?,
            to: fields.recipient()?,
            value: fields.uint(Field::Value)?,
            data: fields.bytes(Field::Data)?,
            access_list: fields.read(Field::AccessList, List::read)?,
        };
        Ok((transaction, fields.signature()?))
    }

    fn check(&self) -> Result<(), TxError> {
        check_nonce(self.nonce)
    }

    fn chain(&self) -> Option<u64> {
        Some(self.chain_id)
    }
}
