//! Transactions of type 4: accounts that take code on (EIP-7702).

use super::access_list::AccessListItem;
use super::authorization::SignedAuthorization;
use super::error::{Field, TxError};
use super::field::{Fields, check_fees, check_nonce};
use super::list::List;
use super::typed::Layout;
use crate::chain::signature::Signature;
use crate::grammar::rlp;
use crate::matter::bytes::{Address, U256};
use crate::matter::sink::{Full, Sink};

/// An unsigned transaction by which accounts take code on (EIP-7702).
///
/// Signed as `0x04 ‖ rlp([chainId, nonce, maxPriorityFeePerGas, maxFeePerGas, gasLimit, to, value, data,
/// accessList, authorizationList])`; the signed form appends y parity, r and s to the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Eip7702<'a> {
    /// The chain that it is for.
    pub chain_id: u64,
    /// Transactions that the sender sent before.
    pub nonce: u64,
    /// Most that the proposer gets, in wei for each gas.
    pub max_priority_fee_per_gas: U256,
    /// Most that is paid in all, in wei for each gas.
    pub max_fee_per_gas: U256,
    /// Most gas that it may use.
    pub gas_limit: u64,
    /// Whom it calls; it creates no contract.
    pub to: Address,
    /// Wei that go with it.
    pub value: U256,
    /// Calldata.
    pub data: &'a [u8],
    /// Storage that it announces (EIP-2930).
    pub access_list: List<'a, AccessListItem<'a>>,
    /// Who takes which code on; at least one.
    pub authorization_list: List<'a, SignedAuthorization>,
}

impl<'a> Layout<'a> for Eip7702<'a> {
    const TYPE: u8 = 4;
    const FIRST: Field = Field::ChainId;

    fn put_fields(&self, mut sink: &mut dyn Sink) -> Result<(), Full> {
        rlp::put_uint(&mut sink, self.chain_id.into())?;
        rlp::put_uint(&mut sink, self.nonce.into())?;
        rlp::put_uint(&mut sink, self.max_priority_fee_per_gas)?;
        rlp::put_uint(&mut sink, self.max_fee_per_gas)?;
        rlp::put_uint(&mut sink, self.gas_limit.into())?;
        rlp::put_string(&mut sink, &self.to.0)?;
        rlp::put_uint(&mut sink, self.value)?;
        rlp::put_string(&mut sink, self.data)?;
        self.access_list.put(sink)?;
        self.authorization_list.put(sink)
    }

    #[allow(private_interfaces, reason = "no other crate implements this trait")]
    fn read(fields: &mut Fields<'a>) -> Result<(Self, Signature), TxError> {
        let transaction = Self {
            chain_id: fields.uint64(Field::ChainId)?,
            nonce: fields.uint64(Field::Nonce)?,
            max_priority_fee_per_gas: fields.uint(Field::MaxPriorityFeePerGas)?,
            max_fee_per_gas: fields.uint(Field::MaxFeePerGas)?,
            gas_limit: fields.uint64(Field::GasLimit)?,
            to: fields.named_recipient()?,
            value: fields.uint(Field::Value)?,
            data: fields.bytes(Field::Data)?,
            access_list: fields.read(Field::AccessList, List::read)?,
            authorization_list: fields.read(Field::AuthorizationList, List::read)?,
        };
        Ok((transaction, fields.signature()?))
    }

    fn check(&self) -> Result<(), TxError> {
        check_nonce(self.nonce)?;
        check_fees(self.max_priority_fee_per_gas, self.max_fee_per_gas)?;
        if self.authorization_list.is_empty() { Err(TxError::NoAuthorizations) } else { Ok(()) }
    }

    fn chain(&self) -> Option<u64> {
        Some(self.chain_id)
    }
}
