//! The chain.

use std::collections::HashMap;
use std::sync::Arc;

use healthrecord_core::{Address, B256, U256};
use revm::primitives as evm;
use serde_json::Value;

use crate::block::{Block, Place, Rules};
use crate::call::{self, CallOutput};
use crate::convert;
use crate::error::{CallError, HazmatError, MineError, SendError};
use crate::genesis::Genesis;
use crate::proof::{self, Proof};
use crate::receipt::Receipt;
use crate::state::{Account, Db, State};
use crate::transaction::{Conditions, Signed};

/// An Ethereum chain in this process's memory.
///
/// A clone is a chain of its own, which shares the blocks so far.
#[derive(Clone)]
pub struct Devchain {
    rules: Rules,
    /// All blocks by number.
    blocks: Vec<Arc<Block>>,
    head: Arc<Block>,
    /// The head's state, and what `hazmat_…` calls wrote since.
    state: State,
    pending: Vec<Signed>,
    receipts: HashMap<B256, Receipt>,
}

/// The newest block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its number; 0 for the genesis block.
    pub number: u64,
    /// Its hash.
    pub hash: B256,
    /// Its time, in Unix seconds.
    pub timestamp: u64,
}

/// Sending and mining.
impl Devchain {
    /// Begins a chain with its genesis block.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "a genesis makes one chain")]
    pub fn new(genesis: Genesis) -> Self {
        let rules = Rules {
            chain_id: genesis.chain_id,
            fork: genesis.fork,
            gas_limit: genesis.gas_limit,
            beneficiary: convert::evm_address(genesis.beneficiary),
        };
        let head = Arc::new(Block::genesis(&genesis, &rules));
        Self {
            rules,
            blocks: vec![Arc::clone(&head)],
            state: head.state.clone(),
            head,
            pending: vec![],
            receipts: HashMap::new(),
        }
    }

    /// Takes a signed raw transaction (EIP-2718; types 0, 1, 2, and 4 on Prague) for the next block and
    /// gives its hash.
    ///
    /// All that makes a transaction invalid is checked here, against the newest block and the
    /// transactions that wait already; whether it succeeds is for its [`receipt`](Self::receipt) to say.
    ///
    /// # Errors
    ///
    /// [`SendError`]: the transaction is not taken.
    pub fn send_raw(&mut self, raw: &[u8]) -> Result<B256, SendError> {
        let signed = Signed::decode(raw, self.rules.fork)?;
        let mut waiting = (0_u64, evm::U256::ZERO);
        for other in self.pending.iter().filter(|other| other.env.caller == signed.env.caller) {
            waiting = (waiting.0.saturating_add(1), waiting.1.saturating_add(other.cost()));
        }
        let taken = self.pending.iter().map(|other| other.env.gas_limit).sum();
        signed.check(&Conditions {
            chain_id: self.rules.chain_id,
            fork: self.rules.fork,
            base_fee: self.next_base_fee(),
            gas: self.rules.gas_limit.saturating_sub(taken),
            sender: self.state.get(signed.env.caller),
            waiting,
        })?;
        let hash = signed.hash;
        self.pending.push(signed);
        Ok(hash)
    }

    /// Executes the waiting transactions, in the order in which they were sent, in a new block at
    /// `timestamp` (Unix seconds), and gives the block's hash.
    ///
    /// # Errors
    ///
    /// [`MineError`]: there is no new block.
    pub fn mine(&mut self, timestamp: u64) -> Result<B256, MineError> {
        let parent = self.head.header.timestamp;
        if timestamp <= parent {
            return Err(MineError::Timestamp { parent, found: timestamp });
        }
        let place = Place {
            parent: self.head.hash,
            number: self.blocks.len() as u64,
            timestamp,
            base_fee: self.next_base_fee(),
        };
        match Block::execute(&self.rules, &place, &self.pending, self.db()) {
            Ok((block, receipts)) => {
                self.pending.clear();
                self.receipts.extend(receipts.into_iter().map(|receipt| (receipt.transaction_hash, receipt)));
                self.state = block.state.clone();
                self.head = Arc::new(block);
                self.blocks.push(Arc::clone(&self.head));
                Ok(self.head.hash)
            }
            Err(unfit) => {
                let hash = self.pending.remove(unfit.index).hash;
                Err(MineError::Transaction { hash, reason: unfit.reason })
            }
        }
    }

    /// Number of transactions that wait for the next block.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    /// The nonce that the account's next transaction takes, after those that wait.
    #[must_use]
    pub fn next_nonce(&self, address: Address) -> u64 {
        let sender = convert::evm_address(address);
        let waiting = self.pending.iter().filter(|other| other.env.caller == sender).count();
        self.nonce(address).saturating_add(waiting as u64)
    }

    fn db(&self) -> Db<'_> {
        Db { state: self.state.clone(), blocks: &self.blocks }
    }

    fn block(&self, number: u64) -> Option<&Block> {
        self.blocks.get(usize::try_from(number).ok()?).map(Arc::as_ref)
    }
}

/// Blocks, receipts and proofs.
impl Devchain {
    /// The chain id.
    #[must_use]
    pub const fn chain_id(&self) -> u64 {
        self.rules.chain_id
    }

    /// The newest block.
    #[must_use]
    pub fn head(&self) -> Head {
        let header = &self.head.header;
        Head { number: header.number, hash: self.head.hash, timestamp: header.timestamp }
    }

    /// Base fee of the next block, in wei per gas: the least that a transaction must offer.
    #[must_use]
    pub fn next_base_fee(&self) -> u64 {
        self.head.next_base_fee()
    }

    /// RLP of a block's header.
    #[must_use]
    pub fn header(&self, number: u64) -> Option<&[u8]> {
        self.block(number).map(|block| block.rlp.as_slice())
    }

    /// Hash of a block.
    #[must_use]
    pub fn block_hash(&self, number: u64) -> Option<B256> {
        self.block(number).map(|block| block.hash)
    }

    /// The result of `eth_getBlockByNumber`, with transactions by their hashes, spelled like geth's.
    #[must_use]
    pub fn block_json(&self, number: u64) -> Option<Value> {
        self.block(number).map(proof::block_json)
    }

    /// The receipt of a mined transaction.
    #[must_use]
    pub fn receipt(&self, transaction: &B256) -> Option<&Receipt> {
        self.receipts.get(transaction)
    }

    /// The receipts of a block, in the order of its transactions.
    #[must_use]
    pub fn receipts(&self, number: u64) -> Option<Vec<&Receipt>> {
        let block = self.block(number)?;
        Some(block.transactions.iter().filter_map(|(hash, _)| self.receipts.get(hash)).collect())
    }

    /// Proves an account and words of its storage under the newest block's state root.
    ///
    /// What `hazmat_…` calls wrote since that block is not in it.
    #[must_use]
    pub fn proof(&self, address: Address, slots: &[B256]) -> Proof {
        Proof::new(&self.head.state, address, slots)
    }

    /// Proves an account and words of its storage under the state root of any block.
    #[must_use]
    pub fn proof_at(&self, number: u64, address: Address, slots: &[B256]) -> Option<Proof> {
        self.block(number).map(|block| Proof::new(&block.state, address, slots))
    }
}

/// The state after the newest block and what `hazmat_…` calls wrote since; waiting transactions have
/// not changed it.
impl Devchain {
    /// Calls a contract from the zero address, without value and without leaving a trace.
    ///
    /// The call sees the newest block's number and time, a base fee of 0, and a whole block's gas.
    ///
    /// # Errors
    ///
    /// [`CallError`]; a revert comes with the contract's data.
    pub fn call(&self, to: Address, data: &[u8]) -> Result<CallOutput, CallError> {
        self.call_from(Address::ZERO, to, U256::ZERO, data)
    }

    /// Calls a contract like [`call`](Self::call), from an address of the caller's choosing and with a
    /// value in wei, which that address must have.
    ///
    /// # Errors
    ///
    /// [`CallError`]; a revert comes with the contract's data.
    pub fn call_from(
        &self,
        from: Address,
        to: Address,
        value: U256,
        data: &[u8],
    ) -> Result<CallOutput, CallError> {
        let header = &self.head.header;
        let parent = convert::b256(header.parent_hash);
        let place = Place { parent, number: header.number, timestamp: header.timestamp, base_fee: 0 };
        call::call(&self.rules, &place, self.db(), (from, to), value, data)
    }

    /// Balance of an account, in wei.
    #[must_use]
    pub fn balance(&self, address: Address) -> U256 {
        self.account(address).map(|account| convert::u256(account.balance)).unwrap_or_default()
    }

    /// Nonce of an account: that of its next transaction, if none waits.
    #[must_use]
    pub fn nonce(&self, address: Address) -> u64 {
        self.account(address).map(|account| account.nonce).unwrap_or_default()
    }

    /// Runtime code of an account.
    #[must_use]
    pub fn code(&self, address: Address) -> &[u8] {
        self.account(address).map(|account| account.code.original_byte_slice()).unwrap_or_default()
    }

    /// A word of an account's storage; 0 where none was written.
    #[must_use]
    pub fn storage(&self, address: Address, slot: B256) -> U256 {
        let word = self.account(address).map(|account| account.storage.get(convert::evm_u256(slot.into())));
        word.map(convert::u256).unwrap_or_default()
    }

    /// Writes a word of an account's storage behind the contract's back.
    ///
    /// No transaction of a real chain could do this: for tests that need a state which is tedious or
    /// impossible to reach. Calls and reads see the word at once; headers and proofs from the next
    /// block on.
    ///
    /// # Errors
    ///
    /// [`HazmatError::NoAccount`].
    pub fn hazmat_set_storage(
        &mut self,
        address: Address,
        slot: B256,
        word: U256,
    ) -> Result<(), HazmatError> {
        let mut account = self.account(address).ok_or(HazmatError::NoAccount { address })?.clone();
        account.storage.set(convert::evm_u256(slot.into()), convert::evm_u256(word));
        self.state.set(convert::evm_address(address), account);
        Ok(())
    }

    fn account(&self, address: Address) -> Option<&Account> {
        self.state.get(convert::evm_address(address))
    }
}
