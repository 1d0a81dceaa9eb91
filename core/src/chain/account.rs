//! Accounts, as the state trie keeps them.

use crate::grammar::rlp::{self, RlpError};
use crate::matter::bytes::{B256, U256};

/// The root of a trie without entries: keccak-256 of the RLP of the empty string.
pub const EMPTY_ROOT: B256 = B256([
    0x56, 0xe8, 0x1f, 0x17, 0x1b, 0xcc, 0x55, 0xa6, 0xff, 0x83, 0x45, 0xe6, 0x92, 0xc0, 0xf8, 0x6e, 0x5b,
    0x48, 0xe0, 0x1b, 0x99, 0x6c, 0xad, 0xc0, 0x01, 0x62, 0x2f, 0xb5, 0xe3, 0x63, 0xb4, 0x21,
]);

/// The code hash of an account without code: keccak-256 of no bytes.
pub const EMPTY_CODE_HASH: B256 = B256([
    0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c, 0x92, 0x7e, 0x7d, 0xb2, 0xdc, 0xc7, 0x03, 0xc0, 0xe5,
    0x00, 0xb6, 0x53, 0xca, 0x82, 0x27, 0x3b, 0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70,
]);

/// An account: RLP `[nonce, balance, storageRoot, codeHash]` (Yellow Paper, section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Transactions sent (or contracts created) so far.
    pub nonce: u64,
    /// Balance in wei.
    pub balance: U256,
    /// Root of the account's storage trie.
    pub storage_root: B256,
    /// Keccak-256 of the account's code.
    pub code_hash: B256,
}

impl Account {
    /// Reads the RLP that a leaf of the state trie holds.
    ///
    /// # Errors
    ///
    /// [`RlpError`] for anything but the canonical list of the four fields.
    pub fn decode(bytes: &[u8]) -> Result<Self, RlpError> {
        let mut fields = rlp::list(bytes)?;
        let account = Self {
            nonce: fields.item()?.uint64()?,
            balance: fields.item()?.uint()?,
            storage_root: B256(fields.item()?.array()?),
            code_hash: B256(fields.item()?.array()?),
        };
        fields.finish()?;
        Ok(account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::rlp::RlpRule;
    use crate::matter::keccak::keccak256;

    #[test]
    fn the_empty_hashes_are_what_they_say() {
        assert_eq!(EMPTY_ROOT, keccak256(&[0x80]));
        assert_eq!(EMPTY_CODE_HASH, keccak256(&[]));
    }

    #[test]
    fn only_the_four_fields_are_an_account() {
        let mut bytes = [0; 70];
        bytes[..5].copy_from_slice(&[0xf8, 68, 0x01, 0x80, 0xa0]);
        bytes[37] = 0xa0;
        let account = Account::decode(&bytes).unwrap();
        assert_eq!((account.nonce, account.balance), (1, U256::ZERO));
        bytes[2] = 0x00;
        assert_eq!(Account::decode(&bytes), Err(RlpError { rule: RlpRule::LeadingZero, offset: 2 }));
        bytes[2] = 0x01;
        bytes[1] = 67;
        assert_eq!(Account::decode(&bytes), Err(RlpError { rule: RlpRule::TrailingBytes, offset: 69 }));
    }
}
