//! Keccak-256, Ethereum's hash: the original Keccak padding, not that of FIPS 202's SHA3-256.

use sha3::{Digest, Keccak256};

use super::bytes::B256;
use super::sink::{Full, Sink};

/// Hashes `bytes` with Keccak-256.
#[must_use]
pub fn keccak256(bytes: &[u8]) -> B256 {
    B256(Keccak256::digest(bytes).into())
}

/// Hashes a message that arrives in parts.
#[derive(Clone, Default)]
pub struct Keccak(Keccak256);

impl Keccak {
    /// Begins an empty message.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends `bytes` to the message.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Appends `bytes` and gives itself back, to hash a handful of parts in one expression.
    #[must_use]
    pub fn chain(mut self, bytes: &[u8]) -> Self {
        self.update(bytes);
        self
    }

    /// The hash of the whole message.
    #[must_use]
    pub fn finish(self) -> B256 {
        B256(self.0.finalize().into())
    }
}

/// Never full: a hash takes any number of bytes.
impl Sink for Keccak {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.update(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_like_ethereum() {
        let empty = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";
        assert_eq!(keccak256(b""), empty.parse().unwrap());
        assert_eq!(Keccak::new().chain(b"he").chain(b"").chain(b"llo").finish(), keccak256(b"hello"));
    }
}
