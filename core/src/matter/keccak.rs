//! Keccak-256, Ethereum's hash: the original Keccak padding, not that of FIPS 202's SHA3-256.
//!
//! The permutation is `RustCrypto`'s; the sponge around it is our own, so that it links without a
//! panic at every optimisation level.

use zeroize::Zeroize as _;

use super::bytes::B256;
use super::sink::{Full, Sink};

/// Bytes of the state that take the message (1600 − 2 · 256 bits).
const RATE: usize = 136;
/// Bytes of a lane.
const LANE: usize = 8;

/// Hashes `bytes` with Keccak-256.
#[must_use]
pub fn keccak256(bytes: &[u8]) -> B256 {
    Keccak::new().chain(bytes).finish()
}

/// Hashes a message that arrives in parts.
#[derive(Clone)]
pub struct Keccak {
    permutation: keccak::Keccak,
    state: [u64; 25],
    /// Bytes of the current block that are taken, fewer than [`RATE`].
    taken: usize,
}

impl Keccak {
    /// Begins an empty message.
    #[must_use]
    pub fn new() -> Self {
        Self { permutation: keccak::Keccak::new(), state: [0; 25], taken: 0 }
    }

    /// Appends `bytes` to the message.
    pub fn update(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !self.taken.is_multiple_of(LANE) {
            let Some((byte, after)) = rest.split_first() else { return };
            self.absorb(u64::from(*byte), 1);
            rest = after;
        }
        let (lanes, tail) = rest.as_chunks::<LANE>();
        for lane in lanes {
            self.absorb(u64::from_le_bytes(*lane), LANE);
        }
        for byte in tail {
            self.absorb(u64::from(*byte), 1);
        }
    }

    /// Appends `bytes` and gives itself back, to hash a handful of parts in one expression.
    #[must_use]
    pub fn chain(mut self, bytes: &[u8]) -> Self {
        self.update(bytes);
        self
    }

    /// The hash of the whole message.
    #[must_use]
    pub fn finish(mut self) -> B256 {
        self.squeeze()
    }

    /// The hash of a message that has a secret in it: the state is wiped.
    #[must_use]
    pub fn finish_secret(&mut self) -> B256 {
        let hash = self.squeeze();
        self.state.zeroize();
        hash
    }

    /// Takes `size` bytes, which do not cross the bounds of a lane.
    fn absorb(&mut self, bytes: u64, size: usize) {
        self.mix(self.taken, bytes);
        self.taken = self.taken.wrapping_add(size);
        if self.taken == RATE {
            self.permute();
            self.taken = 0;
        }
    }

    fn mix(&mut self, position: usize, bytes: u64) {
        if let Some(lane) = self.state.get_mut(position / LANE) {
            *lane ^= bytes << (position % LANE * 8);
        }
    }

    fn permute(&mut self) {
        let state = &mut self.state;
        self.permutation.with_f1600(|f1600| f1600(state));
    }

    fn squeeze(&mut self) -> B256 {
        self.mix(self.taken, 0x01);
        self.mix(RATE - 1, 0x80);
        self.permute();
        let mut hash = [0; 32];
        let (lanes, _) = hash.as_chunks_mut::<LANE>();
        for (bytes, lane) in lanes.iter_mut().zip(&self.state) {
            *bytes = lane.to_le_bytes();
        }
        B256(hash)
    }
}

impl Default for Keccak {
    fn default() -> Self {
        Self::new()
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
    use sha3::{Digest as _, Keccak256};

    use super::*;

    #[test]
    fn hashes_like_ethereum() {
        let empty = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";
        assert_eq!(keccak256(b""), empty.parse().unwrap());
        assert_eq!(Keccak::new().chain(b"he").chain(b"").chain(b"llo").finish(), keccak256(b"hello"));
    }

    #[test]
    fn every_length_and_every_cut_hashes_as_sha3_does() {
        let mut message = [0; 420];
        for (position, byte) in message.iter_mut().enumerate() {
            *byte = (position * 7 % 251).to_le_bytes()[0];
        }
        for len in 0..message.len() {
            let expected = B256(Keccak256::digest(&message[..len]).into());
            assert_eq!(keccak256(&message[..len]), expected, "{len} bytes");
            for cut in [1, 7, 8, 9, 135, 136, 137, 271, 273].into_iter().filter(|cut| *cut <= len) {
                let parts = Keccak::new().chain(&message[..cut]).chain(&message[cut..len]);
                assert_eq!(parts.finish(), expected, "{len} bytes, cut at {cut}");
            }
        }
    }

    #[test]
    fn a_secret_does_not_stay_in_the_state() {
        let mut hash = Keccak::new().chain(b"secret");
        assert_eq!(hash.finish_secret(), keccak256(b"secret"));
        assert_eq!(hash.state, [0; 25]);
    }
}
