//! Addresses with a checksum in their letters' case (EIP-55), for people to compare.

use core::fmt::{self, Write as _};

use super::bytes::Address;
use super::hex::Hex;
use super::keccak::keccak256;

/// Prints an address with its checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checksummed(pub Address);

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
}
