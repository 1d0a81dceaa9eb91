//! What a trie is asked for.

use crate::matter::bytes::{Address, B256};
use crate::matter::keccak::keccak256;

/// An address or a slot, with its hash where that is known: the key of a secured trie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key<T> {
    pub(super) name: T,
    pub(super) hash: Option<B256>,
}

/// Keys that are hashed together with the nodes. Others are hashed when they are asked for.
#[derive(Debug, Default)]
pub struct Keys<'k> {
    /// Addresses, for state tries.
    pub accounts: &'k mut [Key<Address>],
    /// Slots, for storage tries.
    pub slots: &'k mut [Key<B256>],
}

impl<T: AsRef<[u8]>> Key<T> {
    /// The key of `name`, not hashed yet.
    #[must_use]
    pub const fn new(name: T) -> Self {
        Self { name, hash: None }
    }

    /// The address or slot.
    #[must_use]
    pub const fn name(&self) -> &T {
        &self.name
    }

    pub(super) fn hash(&self) -> B256 {
        self.hash.unwrap_or_else(|| keccak256(self.name.as_ref()))
    }
}

impl<T: AsRef<[u8]> + Copy> From<&T> for Key<T> {
    fn from(name: &T) -> Self {
        Self::new(*name)
    }
}

impl<T: Copy> From<&Key<T>> for Key<T> {
    fn from(key: &Self) -> Self {
        *key
    }
}
