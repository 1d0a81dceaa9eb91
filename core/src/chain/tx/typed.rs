//! What the types of transactions have in common.

use super::error::{Field, TxError};
use super::field::Fields;
use crate::chain::key::SecretKey;
use crate::chain::signature::Signature;
use crate::grammar::rlp::{self, Reader};
use crate::matter::bytes::{Address, B256};
use crate::matter::keccak::Keccak;
use crate::matter::sink::{Full, Sink};

/// How one type is laid out; only this crate knows types.
pub trait Layout<'a>: Copy + Sized {
    /// Its number (EIP-2718); 0, which is not written, for legacy transactions.
    const TYPE: u8;

    /// The first field.
    const FIRST: Field;

    /// Writes the fields before the signature.
    fn put_fields(&self, sink: &mut dyn Sink) -> Result<(), Full>;

    /// Writes what is signed behind the fields.
    fn put_signing_tail(&self, _: &mut dyn Sink) -> Result<(), Full> {
        Ok(())
    }

    /// Writes y parity, as the type has it.
    fn put_parity(&self, y_parity: bool, mut sink: &mut dyn Sink) -> Result<(), Full> {
        rlp::put_uint(&mut sink, u64::from(y_parity).into())
    }

    /// Reads the fields and the signature.
    #[allow(private_interfaces, reason = "no other crate implements this trait")]
    fn read(fields: &mut Fields<'a>) -> Result<(Self, Signature), TxError>;

    /// The rules between fields.
    fn check(&self) -> Result<(), TxError>;

    /// The chain that it is for.
    fn chain(&self) -> Option<u64>;
}

/// An unsigned transaction of one type.
pub trait Unsigned<'a>: Layout<'a> {
    /// What the sender signs: `keccak256(type ‖ rlp([fields…]))`.
    #[must_use]
    fn signing_hash(&self) -> B256 {
        let mut hash = Keccak::new();
        // A hash is never full.
        put(self, &mut hash, |sink| self.put_signing_tail(sink)).unwrap_or_default();
        hash.finish()
    }

    /// As [`Self::signing_hash`], for a signer: of nothing that [`Self::into_signed`] would refuse.
    ///
    /// # Errors
    ///
    /// [`TxError`]: a rule between the fields.
    fn checked_signing_hash(&self) -> Result<B256, TxError> {
        self.check()?;
        Ok(self.signing_hash())
    }

    /// The chain that it is for; `None` for a legacy transaction without EIP-155.
    #[must_use]
    fn chain_id(&self) -> Option<u64> {
        self.chain()
    }

    /// Signs it. The sender is the key's own account: nothing is recovered, which costs twice a signature.
    ///
    /// # Errors
    ///
    /// [`TxError`]: a rule between the fields.
    fn sign(self, key: &SecretKey) -> Result<Signed<Self>, TxError> {
        self.check()?;
        let signature = key.sign_hash(&self.signing_hash());
        Ok(Signed { transaction: self, signature, sender: key.address() })
    }

    /// Joins it with its signature.
    ///
    /// `sender`, where it is known, is who should have signed: the key of a device, say, that answered
    /// with a signature only.
    ///
    /// # Errors
    ///
    /// [`TxError`]: a rule between the fields, the signature's own rules, or [`TxError::OtherSender`].
    fn into_signed(self, signature: Signature, sender: Option<&Address>) -> Result<Signed<Self>, TxError> {
        self.check()?;
        let found = signature.recover(&self.signing_hash())?;
        match sender {
            Some(expected) if *expected != found => Err(TxError::OtherSender { expected: *expected, found }),
            _ => Ok(Signed { transaction: self, signature, sender: found }),
        }
    }
}

impl<'a, T: Layout<'a>> Unsigned<'a> for T {}

/// A transaction with its signature and its sender, who was recovered from the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed<T> {
    transaction: T,
    signature: Signature,
    sender: Address,
}

impl<T> Signed<T> {
    /// What was signed.
    #[must_use]
    pub const fn transaction(&self) -> &T {
        &self.transaction
    }

    /// The signature.
    #[must_use]
    pub const fn signature(&self) -> Signature {
        self.signature
    }

    /// Who signed, as the signature says.
    #[must_use]
    pub const fn sender(&self) -> Address {
        self.sender
    }
}

impl<'a, T: Layout<'a>> Signed<T> {
    /// Reads a transaction of this type as `eth_sendRawTransaction` takes it, and recovers its sender.
    ///
    /// # Errors
    ///
    /// [`TxError`] names the field and the rule that it breaks.
    pub fn decode(raw: &'a [u8]) -> Result<Self, TxError> {
        if raw.len() > super::MAX_LEN {
            return Err(TxError::TooLarge { len: raw.len() });
        }
        let first = raw.first().ok_or(TxError::Empty)?;
        let found = if *first < 0xc0 { *first } else { 0 };
        if found != T::TYPE {
            return Err(TxError::OtherType { expected: T::TYPE, found });
        }
        // The type is not written where it is 0.
        let list = Reader::behind(raw, usize::from(T::TYPE != 0)).last()?;
        let mut fields = Fields::new(list.list()?, T::FIRST);
        let (transaction, signature) = T::read(&mut fields)?;
        fields.finish()?;
        transaction.into_signed(signature, None)
    }

    /// Its type (EIP-2718).
    #[must_use]
    pub const fn transaction_type(&self) -> u8 {
        T::TYPE
    }

    /// The hash by which it is known: `keccak256(type ‖ rlp([fields…, y parity, r, s]))`.
    #[must_use]
    pub fn hash(&self) -> B256 {
        let mut hash = Keccak::new();
        // A hash is never full.
        self.write(&mut hash).unwrap_or_default();
        hash.finish()
    }

    /// Writes it as `eth_sendRawTransaction` takes it.
    ///
    /// # Errors
    ///
    /// [`Full`] when it does not fit.
    pub fn write(&self, sink: &mut impl Sink) -> Result<(), Full> {
        put(&self.transaction, sink, |mut sink| {
            self.transaction.put_parity(self.signature.y_parity, sink)?;
            rlp::put_uint(&mut sink, self.signature.r.into())?;
            rlp::put_uint(&mut sink, self.signature.s.into())
        })
    }
}

/// Writes the type, then the list of the fields and of what `tail` writes behind them.
fn put<'a, T: Layout<'a>>(
    transaction: &T,
    sink: &mut impl Sink,
    tail: impl Fn(&mut dyn Sink) -> Result<(), Full>,
) -> Result<(), Full> {
    if T::TYPE != 0 {
        sink.put(&[T::TYPE])?;
    }
    rlp::put_list(sink, |sink| {
        transaction.put_fields(sink)?;
        tail(sink)
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Eip1559, Legacy};
    use super::*;
    use crate::grammar::rlp::{RlpError, RlpRule};

    #[test]
    fn offsets_count_the_byte_of_the_type() {
        let leading_zero = |field, offset| TxError::Field { field, rule: RlpRule::LeadingZero, offset };
        assert_eq!(Signed::<Legacy<'_>>::decode(&[0xc1, 0]), Err(leading_zero(Field::Nonce, 1)));
        assert_eq!(Signed::<Eip1559<'_>>::decode(&[2, 0xc1, 0]), Err(leading_zero(Field::ChainId, 2)));
        assert_eq!(Signed::<Eip1559<'_>>::decode(&[2, 0xc2, 1, 0]), Err(leading_zero(Field::Nonce, 3)));
        for (raw, rule, offset) in [
            (&[2][..], RlpRule::UnexpectedEnd, 1),
            (&[2, 0x80], RlpRule::UnexpectedString, 1),
            (&[2, 0xc0, 0], RlpRule::TrailingBytes, 2),
        ] {
            assert_eq!(Signed::<Eip1559<'_>>::decode(raw), Err(TxError::Rlp(RlpError { rule, offset })));
        }
    }
}
