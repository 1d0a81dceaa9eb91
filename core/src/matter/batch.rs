//! Hashing many messages that do not depend on one another.
//!
//! A processor with wide registers runs several Keccak-256 side by side in the time of one. The core
//! itself hashes [`OneByOne`]; who has such a processor brings a [`BatchKeccak`] of its own.

use super::bytes::B256;
use super::keccak::keccak256;

/// Messages that wait for their hashes.
pub trait Messages {
    /// How many there are.
    fn count(&self) -> usize;

    /// The message at `index`, from 0; empty beyond the last.
    fn message(&self, index: usize) -> &[u8];

    /// Takes the Keccak-256 hash of the message at `index`.
    fn put(&mut self, index: usize, hash: B256);
}

/// A way to hash all messages of a batch.
///
/// Whoever writes one answers for the hashes: verifiers take them as they come.
pub trait BatchKeccak {
    /// Puts the hash of every message, in any order, each once.
    fn hash_all(&self, messages: &mut impl Messages);
}

/// Hashes the messages one after the other.
#[derive(Clone, Copy, Debug, Default)]
pub struct OneByOne;

impl BatchKeccak for OneByOne {
    fn hash_all(&self, messages: &mut impl Messages) {
        for index in 0..messages.count() {
            let hash = keccak256(messages.message(index));
            messages.put(index, hash);
        }
    }
}
