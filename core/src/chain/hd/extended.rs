//! Extended keys (BIP-32): a secret key and the chain code that its children are derived with.

use core::fmt;

use hmac::Mac as _;
use k256::elliptic_curve::PrimeField as _;
use k256::elliptic_curve::sec1::ToSec1Point as _;
use k256::{NonZeroScalar, ProjectivePoint, Scalar};
use zeroize::{Zeroize as _, Zeroizing};

use super::path::{HARDENED, Path};
use super::{finish, mac512};
use crate::chain::key::SecretKey;

/// Fewest bytes of a seed.
pub const MIN_SEED_LEN: usize = 16;
/// Most bytes of a seed; a phrase gives as many.
pub const MAX_SEED_LEN: usize = 64;

/// The key of the HMAC that makes a master key of a seed.
const MASTER: &[u8] = b"Bitcoin seed";

/// A secret key and its chain code. It does not print and cannot be copied, and is wiped when
/// dropped.
pub struct ExtendedKey {
    scalar: NonZeroScalar,
    chain_code: [u8; 32],
}

impl Drop for ExtendedKey {
    fn drop(&mut self) {
        self.scalar.zeroize();
        self.chain_code.zeroize();
    }
}

impl ExtendedKey {
    /// The master key of a seed.
    ///
    /// # Errors
    ///
    /// [`DeriveError::SeedLength`]; [`DeriveError::NoKey`] for one seed in 2^127.
    pub fn from_seed(seed: &[u8]) -> Result<Self, DeriveError> {
        if !(MIN_SEED_LEN..=MAX_SEED_LEN).contains(&seed.len()) {
            return Err(DeriveError::SeedLength { found: seed.len() });
        }
        let mut mac = mac512(MASTER).map_err(|_| DeriveError::NoKey)?;
        mac.update(seed);
        Self::of(&finish(mac), &Scalar::ZERO)
    }

    /// The key one step below; from [`HARDENED`] on, the step is a hardened one.
    ///
    /// # Errors
    ///
    /// [`DeriveError::NoKey`] for one step in 2^127: take the next number.
    pub fn child(&self, step: u32) -> Result<Self, DeriveError> {
        let mut mac = mac512(&self.chain_code).map_err(|_| DeriveError::NoKey)?;
        if step >= HARDENED {
            mac.update(&[0]);
            mac.update(&*self.expose_key());
        } else {
            let point = ProjectivePoint::mul_by_generator(&self.scalar).to_affine();
            mac.update(point.to_sec1_point(true).as_bytes());
        }
        mac.update(&step.to_be_bytes());
        Self::of(&finish(mac), &self.scalar)
    }

    /// The key at the end of a path that begins here.
    ///
    /// # Errors
    ///
    /// As [`Self::child`].
    pub fn derive(&self, path: &Path) -> Result<Self, DeriveError> {
        let here = Self { scalar: self.scalar, chain_code: self.chain_code };
        path.steps().iter().try_fold(here, |key, step| key.child(*step))
    }

    /// The secret key, to sign with.
    ///
    /// # Errors
    ///
    /// None that can be met: the key was checked when it was derived.
    pub fn secret_key(&self) -> Result<SecretKey, crate::chain::key::KeyError> {
        SecretKey::from_bytes(&self.expose_key())
    }

    /// The secret key's 32 big-endian bytes, to be written where secrets are kept.
    #[must_use]
    pub fn expose_key(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.scalar.to_repr().into())
    }

    /// The chain code, with which every child that is not hardened is found from a public key.
    #[must_use]
    pub const fn expose_chain_code(&self) -> &[u8; 32] {
        &self.chain_code
    }

    /// The key that the two halves of an HMAC make: left half plus the parent, right half.
    fn of(mac: &Zeroizing<[u8; 64]>, parent: &Scalar) -> Result<Self, DeriveError> {
        let (left, right) = mac.split_at(32);
        let left: &[u8; 32] = left.try_into().map_err(|_| DeriveError::NoKey)?;
        let tweak: Option<Scalar> = Scalar::from_repr((*left).into()).into();
        let mut tweak = tweak.ok_or(DeriveError::NoKey)?;
        let mut sum = tweak + parent;
        let scalar: Option<NonZeroScalar> = NonZeroScalar::new(sum).into();
        tweak.zeroize();
        sum.zeroize();
        let mut chain_code = [0; 32];
        chain_code.copy_from_slice(right);
        Ok(Self { scalar: scalar.ok_or(DeriveError::NoKey)?, chain_code })
    }
}

/// Why no key can be derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeriveError {
    /// A seed has [`MIN_SEED_LEN`] to [`MAX_SEED_LEN`] bytes.
    SeedLength {
        /// Bytes found.
        found: usize,
    },
    /// There is no key at this step.
    NoKey,
}

impl fmt::Display for DeriveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SeedLength { found } => {
                write!(f, "a seed of {found} bytes: it has {MIN_SEED_LEN} to {MAX_SEED_LEN}")
            }
            Self::NoKey => f.write_str("there is no key at this step of the path: take the next number"),
        }
    }
}

impl core::error::Error for DeriveError {}
