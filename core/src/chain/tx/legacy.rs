//! Transactions of type 0: the first form, with and without a chain (EIP-155).

use super::error::{Field, TxError};
use super::field::{Fields, check_nonce};
use super::typed::Layout;
use crate::chain::signature::Signature;
use crate::grammar::rlp;
use crate::matter::bytes::{Address, U256};
use crate::matter::sink::{Full, Sink};

/// An unsigned legacy transaction.
///
/// Signed as `rlp([nonce, gasPrice, gasLimit, to, value, data])`, or for one chain with `chainId, 0, 0`
/// behind (EIP-155); the signed form appends v, r and s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Legacy<'a> {
    /// The chain that it is for (EIP-155); `None` lets it hold on every chain.
    pub chain_id: Option<u64>,
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
}

impl<'a> Layout<'a> for Legacy<'a> {
    const TYPE: u8 = 0;
    const FIRST: Field = Field::Nonce;

    fn put_fields(&self, mut sink: &mut dyn Sink) -> Result<(), Full> {
        rlp::put_uint(&mut sink, self.nonce.into())?;
        rlp::put_uint(&mut sink, self.gas_price)?;
        rlp::put_uint(&mut sink, self.gas_limit.into())?;
        rlp::put_string(&mut sink, self.to.as_ref().map_or(&[], |to| &to.0[..]))?;
        rlp::put_uint(&mut sink, self.value)?;
        rlp::put_string(&mut sink, self.data)
    }

    fn put_signing_tail(&self, mut sink: &mut dyn Sink) -> Result<(), Full> {
        let Some(chain_id) = self.chain_id else { return Ok(()) };
        rlp::put_uint(&mut sink, chain_id.into())?;
        rlp::put_string(&mut sink, &[])?;
        rlp::put_string(&mut sink, &[])
    }

    fn put_parity(&self, y_parity: bool, mut sink: &mut dyn Sink) -> Result<(), Full> {
        let parity = u128::from(y_parity);
        let v = match self.chain_id {
            // At most 2^65 + 35.
            Some(chain_id) => {
                u128::from(chain_id).saturating_mul(2).saturating_add(35).saturating_add(parity)
            }
            None => parity.saturating_add(27),
        };
        rlp::put_uint(&mut sink, v.into())
    }

    #[allow(private_interfaces, reason = "no other crate implements this trait")]
    fn read(fields: &mut Fields<'a>) -> Result<(Self, Signature), TxError> {
        let mut transaction = Self {
            chain_id: None,
            nonce: fields.uint64(Field::Nonce)?,
            gas_price: fields.uint(Field::GasPrice)?,
            gas_limit: fields.uint64(Field::GasLimit)?,
            to: fields.recipient()?,
            value: fields.uint(Field::Value)?,
            data: fields.bytes(Field::Data)?,
        };
        let (chain_id, y_parity) = split_v(fields.uint(Field::V)?).ok_or(TxError::Parity)?;
        transaction.chain_id = chain_id;
        let (r, s) = fields.scalars()?;
        Ok((transaction, Signature { r, s, y_parity }))
    }

    fn check(&self) -> Result<(), TxError> {
        check_nonce(self.nonce)
    }

    fn chain(&self) -> Option<u64> {
        self.chain_id
    }
}

/// The chain and the y parity that v stands for.
fn split_v(v: U256) -> Option<(Option<u64>, bool)> {
    let v = v.to_u128()?;
    match v {
        27 | 28 => Some((None, v == 28)),
        _ => {
            let rest = v.checked_sub(35)?;
            Some((Some(u64::try_from(rest / 2).ok()?), rest % 2 == 1))
        }
    }
}
