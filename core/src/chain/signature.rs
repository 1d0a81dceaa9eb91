//! ECDSA signatures over secp256k1, as Ethereum uses them.

use core::fmt;

use k256::ecdsa::{RecoveryId, Signature as Ecdsa, VerifyingKey};
use k256::elliptic_curve::scalar::IsHigh as _;

use crate::matter::bytes::{Address, B256};
use crate::matter::keccak::keccak256;

/// A signature from which its signer can be recovered: (r, s, y parity).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The x coordinate of the nonce's point, reduced.
    pub r: B256,
    /// The proof; never above half the curve's order (EIP-2).
    pub s: B256,
    /// Whether the y coordinate of the nonce's point is odd.
    pub y_parity: bool,
}

impl Signature {
    /// The account that signed a hash.
    ///
    /// # Errors
    ///
    /// [`SignatureError`]: r or s is out of range, s is high, or no key makes this signature.
    pub fn recover(&self, hash: &B256) -> Result<Address, SignatureError> {
        let signature = Ecdsa::from_scalars(self.r.0, self.s.0).map_err(|_| SignatureError::OutOfRange)?;
        // The recovery itself takes high values, by which one signature becomes two.
        if bool::from(signature.s().is_high()) {
            return Err(SignatureError::HighS);
        }
        let id = RecoveryId::new(self.y_parity, false);
        let key =
            VerifyingKey::recover_from_prehash(&hash.0, &signature, id).map_err(|_| SignatureError::NoKey)?;
        Ok(address_of(&key))
    }
}

/// The address of a public key: the last 20 bytes of the hash of its 64 bytes.
pub(super) fn address_of(key: &VerifyingKey) -> Address {
    let point = key.to_sec1_point(false);
    // An uncompressed point has a tag byte before its coordinates.
    let hash = keccak256(point.as_bytes().get(1..).unwrap_or_default());
    Address(hash.0.last_chunk().copied().unwrap_or_default())
}

/// Why a signature has no signer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureError {
    /// r or s is 0, or not below the curve's order.
    OutOfRange,
    /// s is above half the curve's order (EIP-2).
    HighS,
    /// No public key makes this signature of this hash.
    NoKey,
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutOfRange => "the signature's r or s is out of range",
            Self::HighS => "the signature's s is above half the curve's order",
            Self::NoKey => "no key makes this signature",
        })
    }
}

impl core::error::Error for SignatureError {}
