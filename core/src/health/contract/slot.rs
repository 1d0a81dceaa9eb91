//! Where the contract keeps its words.

use crate::matter::bytes::{Address, B256};
use crate::matter::keccak::Keccak;

/// ERC-7201 base of the namespace "healthrecord.v1". Its last byte is 0, where the mapping's index goes.
pub const BASE: B256 = B256([
    0xef, 0x66, 0x30, 0xa2, 0x65, 0xec, 0x2a, 0xa7, 0x8a, 0xc7, 0x63, 0xdc, 0x62, 0x80, 0xaf, 0xb9, 0xb5,
    0x36, 0xf4, 0x25, 0xbe, 0x02, 0xed, 0xda, 0x5d, 0xee, 0xeb, 0xd9, 0xe0, 0x01, 0x09, 0x00,
]);

/// A word of the contract, by what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields say who is who")]
pub enum Slot {
    /// What a patient grants or denies to a grantee at a scope.
    Grant { patient: Address, grantee: Address, scope: B256 },
    /// What a delegator shares with a grantee at a scope of a patient's.
    Delegation { patient: Address, delegator: Address, grantee: Address, scope: B256 },
    /// Break-glass of a clinician with a patient.
    Emergency { patient: Address, clinician: Address },
    /// An account's epoch and policy.
    Account(Address),
    /// An account's accreditation.
    Credential(Address),
    /// An anchored root.
    Anchor { author: Address, root: B256 },
    /// A retracted commitment.
    Retraction { author: Address, commitment: B256 },
    /// Who accredits.
    Registrar,
    /// Who is to follow.
    PendingRegistrar,
}

impl Slot {
    /// The 32-byte key of its storage slot.
    #[must_use]
    pub fn key(&self) -> B256 {
        match self {
            Self::Grant { patient, grantee, scope } => {
                mapping(0, keyed().address(patient).address(grantee).word(scope))
            }
            Self::Delegation { patient, delegator, grantee, scope } => {
                mapping(1, keyed().address(patient).address(delegator).address(grantee).word(scope))
            }
            Self::Emergency { patient, clinician } => mapping(2, keyed().address(patient).address(clinician)),
            Self::Account(account) => entry(3, padded(account)),
            Self::Credential(account) => entry(4, padded(account)),
            Self::Anchor { author, root } => mapping(5, keyed().address(author).word(root)),
            Self::Retraction { author, commitment } => mapping(6, keyed().address(author).word(commitment)),
            Self::Registrar => plain(7),
            Self::PendingRegistrar => plain(8),
        }
    }
}

/// `keccak256(abi.encode(…))`, word by word.
struct Key(Keccak);

fn keyed() -> Key {
    Key(Keccak::new())
}

impl Key {
    fn address(self, address: &Address) -> Self {
        self.word(&padded(address))
    }

    fn word(self, word: &B256) -> Self {
        Self(self.0.chain(&word.0))
    }
}

fn mapping(index: u8, key: Key) -> B256 {
    entry(index, key.0.finish())
}

/// The slot of an entry: `keccak256(key ‖ slot of the mapping)`.
fn entry(index: u8, key: B256) -> B256 {
    Keccak::new().chain(&key.0).chain(&plain(index).0).finish()
}

fn plain(index: u8) -> B256 {
    let mut slot = BASE;
    if let Some(last) = slot.0.last_mut() {
        *last = index;
    }
    slot
}

fn padded(address: &Address) -> B256 {
    let mut word = [0; 32];
    if let Some(low) = word.last_chunk_mut::<20>() {
        *low = address.0;
    }
    B256(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matter::keccak::keccak256;

    /// The base by its formula: `keccak256(abi.encode(uint256(keccak256(id)) - 1)) & ~0xff`.
    fn erc7201(id: &str) -> B256 {
        let mut number = keccak256(id.as_bytes()).0;
        for byte in number.iter_mut().rev() {
            *byte = byte.wrapping_sub(1);
            if *byte != 0xff {
                break;
            }
        }
        let mut base = keccak256(&number);
        if let Some(last) = base.0.last_mut() {
            *last = 0;
        }
        base
    }

    #[test]
    fn the_base_follows_its_formula() {
        assert_eq!(BASE, erc7201("healthrecord.v1"));
        // The example of ERC-7201.
        let example = "0x183a6125c38840424c4a85fa12bab2ab606c4b6d0e7cc73c0c06ba5300eab500";
        assert_eq!(erc7201("example.main"), example.parse().unwrap());
    }
}
