//! What a chain begins with.

use std::collections::BTreeMap;

use alloy_eips::{eip2935, eip4788};
use healthrecord_core::{Address, B256, U256};
use revm::primitives::hardfork::SpecId;

use crate::convert;
use crate::state::{Account, State};

/// The rules that a chain follows from its first block on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fork {
    /// Headers of 17 fields; no MCOPY, no transient storage, no system contracts. Where Ganache ends.
    Shanghai,
    /// Headers of 21 fields; EIP-7702 transactions; the beacon roots (EIP-4788) and the block hashes
    /// (EIP-2935) in the storage of their system contracts.
    #[default]
    Prague,
}

impl Fork {
    pub(crate) fn spec(self) -> SpecId {
        match self {
            Self::Shanghai => SpecId::SHANGHAI,
            Self::Prague => SpecId::PRAGUE,
        }
    }
}

/// The genesis block and the constants of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genesis {
    /// The chain id that transactions are signed for (EIP-155).
    pub chain_id: u64,
    /// The fork.
    pub fork: Fork,
    /// Time of the genesis block, in Unix seconds.
    pub timestamp: u64,
    /// Gas that one block's transactions may use; it never changes.
    pub gas_limit: u64,
    /// Base fee of the genesis block, in wei per gas; it moves from there (EIP-1559).
    pub base_fee: u64,
    /// Who receives the priority fees of every block.
    pub beneficiary: Address,
    /// The accounts that exist from the beginning.
    ///
    /// Those with neither nonce nor balance nor code are left out, with their storage (EIP-161). On
    /// [`Fork::Prague`] the two system contracts are added where their addresses are free.
    pub accounts: BTreeMap<Address, GenesisAccount>,
}

impl Genesis {
    /// A chain without accounts on [`Fork::Prague`]: 30,000,000 gas a block, a base fee of 1 gwei, the
    /// zero address as beneficiary. All fields are public, to be changed.
    #[must_use]
    pub fn new(chain_id: u64, timestamp: u64) -> Self {
        Self {
            chain_id,
            fork: Fork::default(),
            timestamp,
            gas_limit: 30_000_000,
            base_fee: 1_000_000_000,
            beneficiary: Address::ZERO,
            accounts: BTreeMap::new(),
        }
    }

    /// The state of the genesis block.
    pub(crate) fn state(&self) -> State {
        let mut state = State::default();
        if self.fork == Fork::Prague {
            let system = [
                (eip4788::BEACON_ROOTS_ADDRESS, &eip4788::BEACON_ROOTS_CODE),
                (eip2935::HISTORY_STORAGE_ADDRESS, &eip2935::HISTORY_STORAGE_CODE),
            ];
            for (address, code) in system {
                state.set(address, Account { nonce: 1, ..Account::default() }.with_code(code));
            }
        }
        for (address, account) in &self.accounts {
            state.set(convert::evm_address(*address), account.to_state());
        }
        state
    }
}

/// An account of the genesis block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GenesisAccount {
    /// Balance in wei.
    pub balance: U256,
    /// Nonce; clients give contracts 1.
    pub nonce: u64,
    /// Runtime code.
    pub code: Vec<u8>,
    /// Words by slot; zero words are left out.
    pub storage: BTreeMap<B256, U256>,
}

impl GenesisAccount {
    /// An account that owns `balance` wei and nothing else.
    #[must_use]
    pub fn funded(balance: U256) -> Self {
        Self { balance, ..Self::default() }
    }

    /// A contract of this runtime code, with nonce 1.
    #[must_use]
    pub fn contract(code: impl Into<Vec<u8>>) -> Self {
        Self { nonce: 1, code: code.into(), ..Self::default() }
    }

    fn to_state(&self) -> Account {
        let mut account =
            Account { nonce: self.nonce, balance: convert::evm_u256(self.balance), ..Account::default() }
                .with_code(&self.code);
        for (slot, word) in &self.storage {
            account.storage.set(convert::evm_u256((*slot).into()), convert::evm_u256(*word));
        }
        account
    }
}
