//! Keccak-256 of many messages at a time.
//!
//! Messages that do not depend on one another are hashed side by side: eight where the processor has
//! AVX-512, four where it has AVX2, else one after the other. The lengths may differ: a lane whose
//! message ends takes up the next one at once.

use healthrecord_core::B256;
use healthrecord_core::matter::batch::{BatchKeccak, Messages, OneByOne};

#[cfg(target_arch = "x86_64")]
mod lanes;
#[cfg(target_arch = "x86_64")]
mod wide;

/// Bytes of the state that take the message.
#[cfg(target_arch = "x86_64")]
const RATE: usize = 136;

/// Hashes each message; `hashes` gets as many as both slices have room for.
pub fn keccak256_batch(messages: &[&[u8]], hashes: &mut [B256]) {
    WideKeccak.hash_all(&mut Slices { messages, hashes });
}

/// The widest hasher that this processor has.
#[derive(Clone, Copy, Debug, Default)]
pub struct WideKeccak;

impl BatchKeccak for WideKeccak {
    fn hash_all(&self, messages: &mut impl Messages) {
        AtMost(usize::MAX).hash_all(messages);
    }
}

/// The widest hasher of at most so many messages at a time, for tests and benchmarks that ask what a
/// lesser processor would do.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct AtMost(pub usize);

impl BatchKeccak for AtMost {
    fn hash_all(&self, messages: &mut impl Messages) {
        #[cfg(target_arch = "x86_64")]
        {
            // A lone message is no faster in a wide register.
            if messages.count() > 1 {
                if self.0 >= 8
                    && let Some(permutation) = wide::Eight::detect()
                {
                    return lanes::hash_all(permutation, messages);
                }
                if self.0 >= 4
                    && let Some(permutation) = wide::Four::detect()
                {
                    return lanes::hash_all(permutation, messages);
                }
            }
        }
        OneByOne.hash_all(messages);
    }
}

struct Slices<'a> {
    messages: &'a [&'a [u8]],
    hashes: &'a mut [B256],
}

impl Messages for Slices<'_> {
    fn count(&self) -> usize {
        self.messages.len().min(self.hashes.len())
    }

    fn message(&self, index: usize) -> &[u8] {
        self.messages.get(index).copied().unwrap_or_default()
    }

    fn put(&mut self, index: usize, hash: B256) {
        if let Some(place) = self.hashes.get_mut(index) {
            *place = hash;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use sha3::{Digest as _, Keccak256};

    use super::*;

    fn bytes(len: usize, seed: usize) -> Vec<u8> {
        (0..len).map(|place| ((place * 31 + seed * 7 + len) % 251).to_le_bytes()[0]).collect()
    }

    /// Every hasher of this processor.
    fn check(messages: &[Vec<u8>]) {
        let slices: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        let expected: Vec<B256> =
            slices.iter().map(|message| B256(Keccak256::digest(message).into())).collect();
        let mut hashes = vec![B256::ZERO; slices.len()];
        let mut held = |name: &str, hash: &dyn Fn(&mut Slices<'_>)| {
            hashes.fill(B256::ZERO);
            hash(&mut Slices { messages: &slices, hashes: &mut hashes });
            assert!(hashes == expected, "{name}: {} messages", slices.len());
        };
        held("the widest", &|slices| WideKeccak.hash_all(slices));
        for lanes in [8, 4, 1] {
            held(&format!("at most {lanes}"), &|slices| AtMost(lanes).hash_all(slices));
        }
    }

    #[test]
    fn every_length_hashes_as_sha3_does() {
        let all: Vec<_> = (0..=700).map(|len| bytes(len, 1)).collect();
        check(&all);
        for len in 0..=700 {
            let alike: Vec<_> = (0..8).map(|seed| bytes(len, seed)).collect();
            check(&alike);
        }
    }

    #[test]
    fn every_number_of_messages_fills_the_lanes() {
        for count in 0..=40 {
            let mixed: Vec<_> = (0..count).map(|index| bytes(index * 97 % 701, count)).collect();
            check(&mixed);
        }
    }

    #[test]
    fn hashes_without_room_are_left_out() {
        let mut hashes = [B256::ZERO; 2];
        keccak256_batch(&[b"a", b"b", b"c"], &mut hashes);
        assert_eq!(hashes, [b"a", b"b"].map(|message| healthrecord_core::keccak256(message)));
    }
}
