//! Authorisations: an account takes the code of a contract on (EIP-7702).

use core::fmt;

use super::list::ListItem;
use crate::chain::signature::{Signature, SignatureError};
use crate::grammar::rlp::{self, Item, RlpError, RlpRule};
use crate::matter::bytes::{Address, B256};
use crate::matter::keccak::Keccak;
use crate::matter::sink::{Full, Sink};

/// The byte before the RLP (EIP-7702).
const MAGIC: u8 = 5;

/// What an account signs to take code on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The chain that it is for; 0 for every chain.
    pub chain_id: u64,
    /// Whose code; 0 to drop it again.
    pub address: Address,
    /// The account's nonce when it is applied.
    pub nonce: u64,
}

impl Authorization {
    /// What the account signs: `keccak256(0x05 ‖ rlp([chainId, address, nonce]))`.
    ///
    /// # Errors
    ///
    /// [`AuthorizationError::EveryChain`] for chain 0, by which the account would take the code on
    /// wherever somebody carries the signature.
    pub fn signing_hash(&self) -> Result<B256, AuthorizationError> {
        if self.chain_id == 0 {
            return Err(AuthorizationError::EveryChain);
        }
        Ok(self.signing_hash_for_every_chain())
    }

    /// As [`Self::signing_hash`], chain 0 included.
    #[must_use]
    pub fn signing_hash_for_every_chain(&self) -> B256 {
        let mut hash = Keccak::new().chain(&[MAGIC]);
        // A hash is never full.
        rlp::put_list(&mut hash, |sink| self.put_fields(sink)).unwrap_or_default();
        hash.finish()
    }

    /// Joins it with its signature.
    #[must_use]
    pub const fn into_signed(self, signature: Signature) -> SignedAuthorization {
        SignedAuthorization { authorization: self, signature }
    }

    fn put_fields(&self, mut sink: &mut dyn Sink) -> Result<(), Full> {
        rlp::put_uint(&mut sink, self.chain_id.into())?;
        rlp::put_string(&mut sink, &self.address.0)?;
        rlp::put_uint(&mut sink, self.nonce.into())
    }
}

/// An authorisation with its signature, which need not hold: a chain skips those that do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedAuthorization {
    /// What was signed.
    pub authorization: Authorization,
    /// The signature.
    pub signature: Signature,
}

impl SignedAuthorization {
    /// The account that takes the code on.
    ///
    /// # Errors
    ///
    /// [`AuthorizationError`]: for every chain, or the signature's own rules.
    pub fn authority(&self) -> Result<Address, AuthorizationError> {
        let hash = self.authorization.signing_hash()?;
        self.signature.recover(&hash).map_err(AuthorizationError::Signature)
    }

    /// As [`Self::authority`], chain 0 included.
    ///
    /// # Errors
    ///
    /// [`AuthorizationError::Signature`].
    pub fn authority_for_every_chain(&self) -> Result<Address, AuthorizationError> {
        let hash = self.authorization.signing_hash_for_every_chain();
        self.signature.recover(&hash).map_err(AuthorizationError::Signature)
    }
}

/// Why an authorisation is not signed, or by nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorizationError {
    /// It is for every chain (chain id 0), and that was not asked for.
    EveryChain,
    /// r, s or the recovery breaks a rule.
    Signature(SignatureError),
}

impl fmt::Display for AuthorizationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EveryChain => f.write_str("the authorisation is for every chain (chain id 0)"),
            Self::Signature(error) => write!(f, "the authorisation: {error}"),
        }
    }
}

impl core::error::Error for AuthorizationError {}

impl ListItem<'_> for SignedAuthorization {
    fn put(&self, mut sink: &mut dyn Sink) -> Result<(), Full> {
        rlp::put_list(&mut sink, |mut sink| {
            self.authorization.put_fields(sink)?;
            rlp::put_uint(&mut sink, u64::from(self.signature.y_parity).into())?;
            rlp::put_uint(&mut sink, self.signature.r.into())?;
            rlp::put_uint(&mut sink, self.signature.s.into())
        })
    }

    fn read(item: Item<'_>) -> Result<Self, RlpError> {
        let mut fields = item.list()?;
        let chain_id = fields.item()?.uint64()?;
        let address = Address(fields.item()?.array()?);
        let nonce = fields.item()?.uint64()?;
        let parity = fields.item()?;
        let y_parity = match parity.uint64()? {
            0 => false,
            1 => true,
            _ => return Err(parity.breaks(RlpRule::IntegerTooLarge)),
        };
        let r = B256::from(fields.item()?.uint()?);
        let s = B256::from(fields.item()?.uint()?);
        fields.finish()?;
        let authorization = Authorization { chain_id, address, nonce };
        Ok(Self { authorization, signature: Signature { r, s, y_parity } })
    }
}
