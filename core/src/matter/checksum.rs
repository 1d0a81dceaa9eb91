//! Addresses with a checksum in the case of their letters (EIP-55).

use core::fmt;

use super::bytes::Address;
use super::hex::{self, Hex, HexError};
use super::keccak::keccak256;

/// Characters of an address: `0x` and 40 digits.
const TEXT_LEN: usize = 42;

impl Address {
    /// `0x` and 40 hex digits, the letters among them in the case of EIP-55.
    #[must_use]
    pub fn checksummed(&self) -> heapless::String<TEXT_LEN> {
        let mut digits = heapless::String::<TEXT_LEN>::new();
        // 42 characters fit.
        fmt::write(&mut digits, format_args!("{}", Hex::bare(&self.0))).unwrap_or_default();
        let hash = keccak256(digits.as_bytes());
        let nibbles = hash.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let mut text = heapless::String::new();
        let letters = digits.chars().zip(nibbles).map(|(digit, nibble)| match nibble {
            8.. => digit.to_ascii_uppercase(),
            _ => digit,
        });
        for letter in "0x".chars().chain(letters) {
            text.push(letter).unwrap_or_default();
        }
        text
    }

    /// Reads an address whose letters must be in the case of EIP-55, with its `0x`.
    ///
    /// # Errors
    ///
    /// [`AddressError`].
    pub fn parse_checksummed(text: &str) -> Result<Self, AddressError> {
        let address = Self(hex::decode_array(text).map_err(AddressError::Hex)?);
        let expected = address.checksummed();
        match expected.bytes().zip(text.bytes()).position(|(expected, found)| expected != found) {
            None if text.len() == TEXT_LEN => Ok(address),
            None => Err(AddressError::Checksum { offset: text.len() }),
            Some(offset) => Err(AddressError::Checksum { offset }),
        }
    }

    /// Reads an address of which the checksum is held against it where there is one: letters of both
    /// cases are a checksum, letters of one case are none.
    ///
    /// # Errors
    ///
    /// [`AddressError`].
    pub fn parse_lenient(text: &str) -> Result<Self, AddressError> {
        let digits = text.strip_prefix("0x").unwrap_or(text);
        let has = |is: fn(&char) -> bool| digits.chars().any(|digit| is(&digit));
        if has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase) {
            return Self::parse_checksummed(text);
        }
        hex::decode_array(text).map(Self).map_err(AddressError::Hex)
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

    /// The addresses of EIP-55.
    #[test]
    fn addresses_are_checksummed_as_in_the_standard() {
        for text in [
            "0x52908400098527886E0F7030069857D2E4169EE7",
            "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
            "0xde709f2102306220921060314715629080e2fb77",
            "0x27b1fdb04752bbc536007a920d24acb045561c26",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
            "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.checksummed(), text);
            assert_eq!(Address::parse_checksummed(text), Ok(address));
            assert_eq!(Address::parse_lenient(text), Ok(address));
        }
    }

    #[test]
    fn wrong_checksums_are_refused() {
        let good = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
        let address = good.parse().unwrap();
        let wrong = "0x5Aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
        assert_eq!(Address::parse_lenient(wrong), Err(AddressError::Checksum { offset: 3 }));
        for lenient in
            ["0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED"]
        {
            assert_eq!(Address::parse_lenient(lenient), Ok(address));
            assert!(matches!(Address::parse_checksummed(lenient), Err(AddressError::Checksum { .. })));
        }
        let short = AddressError::Hex(HexError::Length { expected: 20, found: 1 });
        assert_eq!(Address::parse_checksummed("0xAa"), Err(short));
    }
}
