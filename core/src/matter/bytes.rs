//! Fixed-size bytes: 32-byte words and hashes, 20-byte addresses, 256-bit unsigned integers.

use core::fmt;
use core::str::FromStr;

use super::hex::{self, Hex, HexError};

/// 32 bytes: a hash, a commitment, a storage key, a scope.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct B256(pub [u8; 32]);

/// The 20 bytes that name an Ethereum account.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(pub [u8; 20]);

/// An unsigned 256-bit integer, kept as its 32 big-endian bytes (one ABI or storage word).
///
/// The order of the bytes is the order of the numbers.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct U256([u8; 32]);

impl B256 {
    /// 32 zero bytes.
    pub const ZERO: Self = Self([0; 32]);

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether every byte is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }
}

impl Address {
    /// 20 zero bytes.
    pub const ZERO: Self = Self([0; 20]);

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// Whether every byte is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }
}

impl U256 {
    /// 0.
    pub const ZERO: Self = Self([0; 32]);
    /// 2^256 − 1.
    pub const MAX: Self = Self([0xff; 32]);

    /// Reads 32 big-endian bytes.
    #[must_use]
    pub const fn from_be_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads at most 32 big-endian bytes, with or without leading zeros; longer input gives `None`.
    #[must_use]
    pub fn from_be_slice(bytes: &[u8]) -> Option<Self> {
        let mut word = [0; 32];
        let start = word.len().checked_sub(bytes.len())?;
        // A copy of slices keeps a panic for lengths that differ, unless the compiler sees that they do not.
        word.get_mut(start..)?.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
        Some(Self(word))
    }

    /// The 32 big-endian bytes.
    #[must_use]
    pub const fn to_be_bytes(self) -> [u8; 32] {
        self.0
    }

    /// The big-endian bytes without leading zeros, empty for 0: the form of an integer in RLP.
    #[must_use]
    pub fn minimal_be_bytes(&self) -> &[u8] {
        let zeros = self.0.iter().take_while(|byte| **byte == 0).count();
        self.0.get(zeros..).unwrap_or_default()
    }

    /// The number as a `u64`, or `None` above 2^64 − 1.
    #[must_use]
    pub fn to_u64(self) -> Option<u64> {
        let (high, low) = self.0.split_at_checked(24)?;
        if high.iter().any(|byte| *byte != 0) {
            return None;
        }
        Some(u64::from_be_bytes(low.try_into().ok()?))
    }

    /// The number as a `u128`, or `None` above 2^128 − 1.
    #[must_use]
    pub fn to_u128(self) -> Option<u128> {
        let (high, low) = self.0.split_at_checked(16)?;
        if high.iter().any(|byte| *byte != 0) {
            return None;
        }
        Some(u128::from_be_bytes(low.try_into().ok()?))
    }

    /// Whether the number is 0.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }
}

impl From<u64> for U256 {
    fn from(value: u64) -> Self {
        Self::from(u128::from(value))
    }
}

impl From<u128> for U256 {
    fn from(value: u128) -> Self {
        let mut word = [0; 32];
        let (_, low) = word.split_at_mut(16);
        low.copy_from_slice(&value.to_be_bytes());
        Self(word)
    }
}

impl From<B256> for U256 {
    fn from(word: B256) -> Self {
        Self(word.0)
    }
}

impl From<U256> for B256 {
    fn from(number: U256) -> Self {
        Self(number.0)
    }
}

impl fmt::Debug for U256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// As an Ethereum JSON-RPC quantity: `0x`, then hex digits without leading zeros (`0x0` for 0).
impl fmt::Display for U256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        match self.minimal_be_bytes() {
            [] => f.write_str("0"),
            [first, rest @ ..] => write!(f, "{first:x}{}", Hex::bare(rest)),
        }
    }
}

/// What [`B256`] and [`Address`] have in common: bytes in, `0x…` in and out.
macro_rules! fixed_bytes {
    ($name:ident, $size:literal) => {
        impl From<[u8; $size]> for $name {
            fn from(bytes: [u8; $size]) -> Self {
                Self(bytes)
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = core::array::TryFromSliceError;

            fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
                bytes.try_into().map(Self)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        /// `0x` and lower-case hex.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&Hex::new(&self.0), f)
            }
        }

        /// Reads `0x` and hex digits of either case (the `0x` may be left out), of the exact length.
        impl FromStr for $name {
            type Err = HexError;

            fn from_str(text: &str) -> Result<Self, HexError> {
                hex::decode_array(text).map(Self)
            }
        }
    };
}

fixed_bytes!(B256, 32);
fixed_bytes!(Address, 20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_minimal_and_bounded() {
        assert_eq!(U256::ZERO.minimal_be_bytes(), b"");
        assert_eq!(U256::from(0x0102_u64).minimal_be_bytes(), [1, 2]);
        assert_eq!(U256::from_be_slice(&[0, 0, 7]), Some(U256::from(7_u64)));
        assert_eq!(U256::from_be_slice(&[1; 33]), None);
        assert_eq!(U256::from(u64::MAX).to_u64(), Some(u64::MAX));
        assert_eq!(U256::from(u128::from(u64::MAX) + 1).to_u64(), None);
        assert!(U256::from(u64::MAX) < U256::from(u128::MAX));
    }

    #[test]
    fn words_parse_and_print() {
        let text = "0x00000000000000000000000000000000000000000000000000000000000000ff";
        let word: B256 = text.parse().unwrap();
        assert!(word.0.starts_with(&[0; 31]) && word.0.ends_with(&[0xff]));
        let mut printed = heapless::String::<80>::new();
        fmt::write(&mut printed, format_args!("{word} {}", U256::from(word))).unwrap();
        assert_eq!(printed.strip_prefix(text), Some(" 0xff"));
        assert!("0xff".parse::<B256>().is_err());
    }
}
