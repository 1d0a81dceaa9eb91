//! Messages that are signed: EIP-191 texts and bytes, EIP-712 typed data.
//!
//! Each function gives the hash that a [`SecretKey`](super::key::SecretKey) or a device signs.

use crate::grammar::abi::Word;
use crate::matter::bytes::{Address, B256, U256};
use crate::matter::keccak::{Keccak, keccak256};

/// What stands before a message (EIP-191, version `0x45`); its length in decimal digits follows.
const PREFIX: &[u8] = b"\x19Ethereum Signed Message:\n";

/// The hash of a text as wallets sign it (`personal_sign`): that of its UTF-8.
///
/// A text that reads as hex is a text all the same; its bytes are another message, for
/// [`bytes_hash`].
#[must_use]
pub fn text_hash(text: &str) -> B256 {
    bytes_hash(text.as_bytes())
}

/// The hash of bytes as wallets sign them: `keccak256("\x19Ethereum Signed Message:\n" ‖ length in
/// decimal ‖ bytes)` (EIP-191, version `0x45`).
#[must_use]
pub fn bytes_hash(bytes: &[u8]) -> B256 {
    let mut hash = Keccak::new().chain(PREFIX);
    // Digits without leading zeros, the most significant first; 0 has one digit.
    let mut unit = 1_usize;
    while bytes.len().checked_div(unit).is_some_and(|digits| digits >= 10) {
        unit = unit.saturating_mul(10);
    }
    while let Some(digit) = bytes.len().checked_div(unit) {
        let [digit, ..] = (digit % 10).to_le_bytes();
        hash.update(&[b'0' | digit]);
        unit /= 10;
    }
    hash.chain(bytes).finish()
}

/// The hash that is signed for typed data: `keccak256(0x19 0x01 ‖ separator ‖ struct hash)` (EIP-712,
/// EIP-191 version `0x01`).
#[must_use]
pub fn typed_data_hash(domain_separator: &B256, struct_hash: &B256) -> B256 {
    Keccak::new().chain(&[0x19, 0x01]).chain(&domain_separator.0).chain(&struct_hash.0).finish()
}

/// The domain of typed data (EIP-712): for which application and contract it is signed.
///
/// Its type is [`Domain::TYPE`], with all four fields; domains that lack some are the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Domain<'a> {
    /// The application's name.
    pub name: &'a str,
    /// The version of its messages.
    pub version: &'a str,
    /// The chain of the contract (EIP-155).
    pub chain_id: u64,
    /// The contract that takes the signature.
    pub verifying_contract: Address,
}

impl Domain<'_> {
    /// How the domain's type is written.
    pub const TYPE: &'static str =
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";

    /// `keccak256` of [`Self::TYPE`].
    pub const TYPE_HASH: B256 = B256([
        0x8b, 0x73, 0xc3, 0xc6, 0x9b, 0xb8, 0xfe, 0x3d, 0x51, 0x2e, 0xcc, 0x4c, 0xf7, 0x59, 0xcc, 0x79, 0x23,
        0x9f, 0x7b, 0x17, 0x9b, 0x0f, 0xfa, 0xca, 0xa9, 0xa7, 0x5d, 0x52, 0x2b, 0x39, 0x40, 0x0f,
    ]);

    /// The domain separator: the struct hash of the domain.
    #[must_use]
    pub fn separator(&self) -> B256 {
        StructHash::new(&Self::TYPE_HASH)
            .bytes(self.name.as_bytes())
            .bytes(self.version.as_bytes())
            .word(&U256::from(self.chain_id))
            .word(&self.verifying_contract)
            .finish()
    }
}

/// Hashes a struct (EIP-712, `hashStruct`): its type hash, then one word for each member, in their
/// order.
#[derive(Clone)]
pub struct StructHash(Keccak);

impl StructHash {
    /// Begins a struct whose type, as EIP-712 writes it, has this Keccak-256.
    #[must_use]
    pub fn new(type_hash: &B256) -> Self {
        Self(Keccak::new().chain(&type_hash.0))
    }

    /// A member that is one word: a number, an address, a bool, 32 bytes, or the struct hash of a
    /// struct.
    #[must_use]
    pub fn word(self, value: &impl Word) -> Self {
        Self(self.0.chain(&value.to_word().0))
    }

    /// A member of type `bytes` or `string`: the hash of its bytes.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        self.word(&keccak256(bytes))
    }

    /// The struct hash.
    #[must_use]
    pub fn finish(self) -> B256 {
        self.0.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_hash_as_wallets_do() {
        let hello = "d9eba16ed0ecae432b71fe008c98cc872bb4cc214d3220a36f365326cf807d68";
        assert_eq!(text_hash("hello world"), hello.parse().unwrap());
        assert_eq!(bytes_hash(b"hello world"), text_hash("hello world"));
        let mut written = heapless::String::<40>::new();
        for len in [0, 1, 9, 10, 11, 99, 100, 101, 999, 1000, 65_535] {
            let message = [0; 65_535];
            let message = &message[..len];
            written.clear();
            core::fmt::write(&mut written, format_args!("\x19Ethereum Signed Message:\n{len}")).unwrap();
            let expected = Keccak::new().chain(written.as_bytes()).chain(message).finish();
            assert_eq!(bytes_hash(message), expected, "{len} bytes");
        }
    }

    /// The example of EIP-712.
    #[test]
    fn mail_hashes_as_in_the_standard() {
        assert_eq!(Domain::TYPE_HASH, keccak256(Domain::TYPE.as_bytes()));
        let domain = Domain {
            name: "Ether Mail",
            version: "1",
            chain_id: 1,
            verifying_contract: "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC".parse().unwrap(),
        };
        let separator = domain.separator();
        let expected = "f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f";
        assert_eq!(separator, expected.parse().unwrap());

        let person = keccak256(b"Person(string name,address wallet)");
        let mail = "Mail(Person from,Person to,string contents)Person(string name,address wallet)";
        let hash_person = |name: &str, wallet: &str| {
            let wallet: Address = wallet.parse().unwrap();
            StructHash::new(&person).bytes(name.as_bytes()).word(&wallet).finish()
        };
        let mail = StructHash::new(&keccak256(mail.as_bytes()))
            .word(&hash_person("Cow", "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"))
            .word(&hash_person("Bob", "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"))
            .bytes(b"Hello, Bob!")
            .finish();
        let expected = "c52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e";
        assert_eq!(mail, expected.parse().unwrap());
        let signed = "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2";
        assert_eq!(typed_data_hash(&separator, &mail), signed.parse().unwrap());
    }
}
