//! Addresses with a checksum in their letters' case (EIP-55), for people to compare.

use core::fmt::{self, Write as _};

use super::bytes::Address;
use super::hex::{self, Hex, HexError};
use super::keccak::keccak256;

/// Prints an address with its checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checksummed(pub Address);

impl Checksummed {
    /// Reads an address whose letters must be in the case of EIP-55, with its `0x`.
    ///
    /// # Errors
    ///
    /// [`AddressError`].
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let found = Self(Address(hex::decode_array(text).map_err(AddressError::Hex)?));
        let mut expected = heapless::String::<42>::new();
        // 42 characters fit.
        write!(expected, "{found}").unwrap_or_default();
        let mut pairs = expected.bytes().zip(text.bytes().chain(core::iter::repeat(0)));
        match pairs.position(|(expected, found)| expected != found) {
            None => Ok(found),
            Some(offset) => Err(AddressError::Checksum { offset }),
        }
    }

    /// Reads an address, and holds its checksum against it where it has one: letters of both cases
    /// are a checksum, letters of one case are none.
    ///
    /// # Errors
    ///
    /// [`AddressError`].
    pub fn parse_lenient(text: &str) -> Result<Self, AddressError> {
        let digits = text.strip_prefix("0x").unwrap_or(text);
        let has = |is: fn(&u8) -> bool| digits.bytes().any(|digit| is(&digit));
        if has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) {
            return Self::parse(text);
        }
        hex::decode_array(text).map(|bytes| Self(Address(bytes))).map_err(AddressError::Hex)
    }
}

/// `0x` and hex digits: a letter is upper case where the digit in its place of the hash of the lower-case
/// digits is 8 or more.
impl fmt::Display for Checksummed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = heapless::String::<40>::new();
        write!(digits, "{}", Hex::bare(&self.0.0))?;
        let hash = keccak256(digits.as_bytes());
        let nibbles = hash.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        f.write_str("0x")?;
        for (digit, nibble) in digits.chars().zip(nibbles) {
            f.write_char(if nibble >= 8 { digit.to_ascii_uppercase() } else { digit })?;
        }
        Ok(())
    }
}

/// Why a text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressError {
    /// It is not 20 bytes of hex.
    Hex(HexError),
    /// The checksum is wrong (EIP-55): a digit was mistaken, or a letter's case was lost.
    Checksum {
        /// Byte offset of the first character that is not in its place.
        offset: usize,
    },
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hex(error) => error.fmt(f),
            Self::Checksum { offset } => {
                write!(f, "the address has a wrong checksum, first at byte {offset}")
            }
        }
    }
}

impl core::error::Error for AddressError {}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of EIP-55.
    #[test]
    fn addresses_print_as_in_the_standard() {
        for expected in [
            "0x52908400098527886E0F7030069857D2E4169EE7",
            "0xde709f2102306220921060314715629080e2fb77",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
            "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        ] {
            let mut text = heapless::String::<42>::new();
            fmt::write(&mut text, format_args!("{}", Checksummed(expected.parse().unwrap()))).unwrap();
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn wrong_checksums_are_refused() {
        let good = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
        let address = Checksummed(good.parse().unwrap());
        assert_eq!((Checksummed::parse(good), Checksummed::parse_lenient(good)), (Ok(address), Ok(address)));
        let wrong = "0x5Aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
        assert_eq!(Checksummed::parse_lenient(wrong), Err(AddressError::Checksum { offset: 3 }));
        assert_eq!(Checksummed::parse(&good[2..]), Err(AddressError::Checksum { offset: 0 }));
        for plain in
            ["0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED"]
        {
            assert_eq!(Checksummed::parse_lenient(plain), Ok(address));
            assert!(matches!(Checksummed::parse(plain), Err(AddressError::Checksum { .. })));
        }
        let short = AddressError::Hex(HexError::Length { expected: 20, found: 1 });
        assert_eq!(Checksummed::parse("0xAa"), Err(short));
    }
}
