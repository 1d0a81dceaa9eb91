//! Whoever signs a hash: a secret key in memory, a phone's keystore, an HSM, a smart card.

use core::convert::Infallible;

use super::key::SecretKey;
use super::signature::Signature;
use crate::matter::bytes::{Address, B256};

/// Signs hashes for one account: a hash goes in, a signature comes out.
///
/// A device that answers with r and s alone, or with a high s, makes its answer complete by
/// [`Signature::from_device`].
pub trait Signer {
    /// What can go wrong in the device; it is passed on as it is.
    type Error;

    /// The account that is signed for.
    fn address(&self) -> Address;

    /// Signs a hash.
    ///
    /// # Errors
    ///
    /// Those of the device: it is locked, away, or its owner refuses.
    fn sign_hash(&mut self, hash: &B256) -> Result<Signature, Self::Error>;
}

impl Signer for &SecretKey {
    type Error = Infallible;

    fn address(&self) -> Address {
        SecretKey::address(self)
    }

    fn sign_hash(&mut self, hash: &B256) -> Result<Signature, Infallible> {
        Ok(SecretKey::sign_hash(self, hash))
    }
}

impl<S: Signer + ?Sized> Signer for &mut S {
    type Error = S::Error;

    fn address(&self) -> Address {
        (**self).address()
    }

    fn sign_hash(&mut self, hash: &B256) -> Result<Signature, S::Error> {
        (**self).sign_hash(hash)
    }
}
