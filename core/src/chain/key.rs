//! Secret keys.

use core::fmt;

use k256::ecdsa::SigningKey;
use zeroize::Zeroizing;

use super::signature::{Signature, address_of};
use crate::matter::bytes::{Address, B256};

/// A secret key of secp256k1. It does not print and cannot be copied, and is wiped when dropped.
///
/// Making one costs a multiplication on the curve: keep it where several hashes are signed.
pub struct SecretKey {
    key: SigningKey,
    address: Address,
}

impl SecretKey {
    /// Takes the 32 big-endian bytes of a number from 1 to the curve's order less 1.
    ///
    /// # Errors
    ///
    /// [`KeyError`] for any other; it does not say which.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key = SigningKey::from_bytes(bytes.into()).map_err(|_| KeyError)?;
        let address = address_of(key.verifying_key());
        Ok(Self { key, address })
    }

    /// The 32 big-endian bytes, to be written where secrets are kept.
    #[must_use]
    pub fn expose_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes().into())
    }

    /// The account that the key signs for.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.address
    }

    /// Signs a hash: deterministic (RFC 6979), with a low s (EIP-2).
    #[must_use]
    pub fn sign_hash(&self, hash: &B256) -> Signature {
        let (signature, id) = self.key.sign_prehash_recoverable(&hash.0);
        let (r, s) = signature.split_bytes();
        Signature { r: B256(r.into()), s: B256(s.into()), y_parity: id.is_y_odd() }
    }
}

/// Bytes are no secret key: 0, or not below the curve's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyError;

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes are no secret key of secp256k1")
    }
}

impl core::error::Error for KeyError {}
