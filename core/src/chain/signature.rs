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

/// v where the y coordinate is even; one more where it is odd.
const V: u8 = 27;

impl Signature {
    /// The 65 bytes r ‖ s ‖ v, v being 27 or 28: as wallets give a message's signature and contracts take
    /// it.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 65] {
        let mut bytes = [0; 65];
        let (r, rest) = bytes.split_at_mut(32);
        let (s, v) = rest.split_at_mut(32);
        r.copy_from_slice(&self.r.0);
        s.copy_from_slice(&self.s.0);
        v.fill(V + u8::from(self.y_parity));
        bytes
    }

    /// Reads what [`Self::to_bytes`] writes; whether it is a signature of anything, recovery tells.
    ///
    /// # Errors
    ///
    /// [`SignatureError::V`].
    pub fn from_bytes(bytes: &[u8; 65]) -> Result<Self, SignatureError> {
        let ([v], rest) = bytes.split_last_chunk::<1>().map_or(([0], &bytes[..]), |(rest, v)| (*v, rest));
        let (halves, _) = rest.as_chunks::<32>();
        let y_parity = match v {
            V => false,
            28 => true,
            found => return Err(SignatureError::V { found }),
        };
        let [r, s] = halves else { return Err(SignatureError::OutOfRange) };
        Ok(Self { r: B256(*r), s: B256(*s), y_parity })
    }

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

    /// Checks that an account signed a hash.
    ///
    /// # Errors
    ///
    /// As [`Self::recover`], and [`SignatureError::OtherSigner`].
    pub fn verify(&self, hash: &B256, expected: &Address) -> Result<(), SignatureError> {
        match self.recover(hash)? {
            found if found == *expected => Ok(()),
            found => Err(SignatureError::OtherSigner { expected: *expected, found }),
        }
    }

    /// The same signature with a low s (EIP-2): a high one becomes the order less s, and the parity
    /// turns over.
    ///
    /// # Errors
    ///
    /// [`SignatureError::OutOfRange`].
    pub fn with_low_s(self) -> Result<Self, SignatureError> {
        let signature = Ecdsa::from_scalars(self.r.0, self.s.0).map_err(|_| SignatureError::OutOfRange)?;
        if !bool::from(signature.s().is_high()) {
            return Ok(self);
        }
        let (_, s) = signature.normalize_s().split_bytes();
        Ok(Self { r: self.r, s: B256(s.into()), y_parity: !self.y_parity })
    }

    /// The signature of a device that answers with r and s alone: s is made low, and the parity is
    /// the one that gives the device's account.
    ///
    /// # Errors
    ///
    /// [`SignatureError::OutOfRange`]; [`SignatureError::OtherSigner`] or [`SignatureError::NoKey`]
    /// where neither parity gives the account.
    pub fn from_device(r: B256, s: B256, hash: &B256, account: &Address) -> Result<Self, SignatureError> {
        let even = Self { r, s, y_parity: false }.with_low_s()?;
        let odd = Self { y_parity: !even.y_parity, ..even };
        if odd.verify(hash, account).is_ok() {
            return Ok(odd);
        }
        even.verify(hash, account).map(|()| even)
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
    /// Another account signed.
    OtherSigner {
        /// Whose signature it should be.
        expected: Address,
        /// Whose it is.
        found: Address,
    },
    /// v is neither 27 nor 28.
    V {
        /// The v found.
        found: u8,
    },
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange => f.write_str("the signature's r or s is out of range"),
            Self::HighS => f.write_str("the signature's s is above half the curve's order"),
            Self::NoKey => f.write_str("no key makes this signature"),
            Self::OtherSigner { expected, found } => {
                write!(f, "the signature is by {found}: expected {expected}")
            }
            Self::V { found } => write!(f, "the signature's v is {found}: expected 27 or 28"),
        }
    }
}

impl core::error::Error for SignatureError {}
