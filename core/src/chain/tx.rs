//! Transactions of type 2 (EIP-1559): built, hashed, signed, encoded.

use super::signature::Signature;
use crate::grammar::rlp;
use crate::matter::bytes::{Address, B256, U256};
use crate::matter::keccak::Keccak;
use crate::matter::sink::{Full, Sink};

/// The byte before the RLP (EIP-2718).
const TYPE: u8 = 2;

/// An unsigned transaction with a priority fee (EIP-1559).
///
/// Signing hash: `keccak256(0x02 ‖ rlp([chainId, nonce, maxPriorityFeePerGas, maxFeePerGas, gasLimit,
/// to, value, data, accessList]))`; the signed form appends y parity, r and s to the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Eip1559<'a> {
    /// The chain that it is for.
    pub chain_id: u64,
    /// Transactions that the sender sent before.
    pub nonce: u64,
    /// Most that the proposer gets, in wei for each gas.
    pub max_priority_fee_per_gas: u128,
    /// Most that is paid in all, in wei for each gas.
    pub max_fee_per_gas: u128,
    /// Most gas that it may use.
    pub gas_limit: u64,
    /// Whom it calls; `None` creates a contract.
    pub to: Option<Address>,
    /// Wei that go with it.
    pub value: U256,
    /// Calldata, or the new contract's creation code.
    pub data: &'a [u8],
    /// Storage that it announces (EIP-2930).
    pub access_list: &'a [AccessListItem<'a>],
}

/// An account and the slots of it that a transaction announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessListItem<'a> {
    /// The account.
    pub address: Address,
    /// The slots' keys.
    pub storage_keys: &'a [B256],
}

impl Eip1559<'_> {
    /// What the sender signs.
    #[must_use]
    pub fn signing_hash(&self) -> B256 {
        let mut hash = Keccak::new();
        // A hash is never full.
        self.write(&mut hash, None).unwrap_or_default();
        hash.finish()
    }

    /// The hash by which the signed transaction is known.
    #[must_use]
    pub fn hash(&self, signature: &Signature) -> B256 {
        let mut hash = Keccak::new();
        // A hash is never full.
        self.write(&mut hash, Some(signature)).unwrap_or_default();
        hash.finish()
    }

    /// Writes the signed transaction as `eth_sendRawTransaction` takes it.
    ///
    /// # Errors
    ///
    /// [`Full`] when it does not fit.
    pub fn write_signed(&self, signature: &Signature, sink: &mut impl Sink) -> Result<(), Full> {
        self.write(sink, Some(signature))
    }

    fn write(&self, sink: &mut impl Sink, signature: Option<&Signature>) -> Result<(), Full> {
        sink.put(&[TYPE])?;
        rlp::put_list(sink, |mut sink| {
            let sink = &mut sink;
            rlp::put_uint(sink, self.chain_id.into())?;
            rlp::put_uint(sink, self.nonce.into())?;
            rlp::put_uint(sink, self.max_priority_fee_per_gas.into())?;
            rlp::put_uint(sink, self.max_fee_per_gas.into())?;
            rlp::put_uint(sink, self.gas_limit.into())?;
            rlp::put_string(sink, self.to.as_ref().map_or(&[], |to| &to.0[..]))?;
            rlp::put_uint(sink, self.value)?;
            rlp::put_string(sink, self.data)?;
            put_access_list(sink, self.access_list)?;
            let Some(Signature { r, s, y_parity }) = signature else { return Ok(()) };
            rlp::put_uint(sink, u64::from(*y_parity).into())?;
            rlp::put_uint(sink, (*r).into())?;
            rlp::put_uint(sink, (*s).into())
        })
    }
}

fn put_access_list(sink: &mut impl Sink, list: &[AccessListItem<'_>]) -> Result<(), Full> {
    rlp::put_list(sink, |mut sink| {
        list.iter().try_for_each(|item| {
            rlp::put_list(&mut sink, |mut sink| {
                rlp::put_string(&mut sink, &item.address.0)?;
                rlp::put_list(&mut sink, |mut sink| {
                    item.storage_keys.iter().try_for_each(|key| rlp::put_string(&mut sink, &key.0))
                })
            })
        })
    })
}
