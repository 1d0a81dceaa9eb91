//! Executing and sealing blocks.

use alloy_consensus::constants::{EMPTY_OMMER_ROOT_HASH, EMPTY_WITHDRAWALS};
use alloy_consensus::{Header, TxReceipt};
use alloy_eips::eip2718::Encodable2718;
use alloy_eips::eip7685::EMPTY_REQUESTS_HASH;
use alloy_eips::{eip2935, eip4788};
use healthrecord_core::{B256, keccak256};
use revm::context::{BlockEnv, ContextTr};
use revm::handler::{MainnetContext, MainnetEvm};
use revm::primitives::{self as evm, Bytes};
use revm::{ExecuteCommitEvm, MainBuilder, SystemCallCommitEvm};

use crate::genesis::{Fork, Genesis};
use crate::receipt::{Executed, Receipt};
use crate::state::{Db, State};
use crate::transaction::Signed;
use crate::trie::ordered_root;

/// A sealed block and the state after it.
pub(crate) struct Block {
    pub(crate) header: Header,
    /// The header's RLP.
    pub(crate) rlp: Vec<u8>,
    pub(crate) hash: B256,
    /// The raw transactions and their hashes.
    pub(crate) transactions: Vec<(B256, Vec<u8>)>,
    pub(crate) state: State,
}

/// What a block is executed under.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) chain_id: u64,
    pub(crate) fork: Fork,
    pub(crate) gas_limit: u64,
    pub(crate) beneficiary: evm::Address,
}

/// The place of a block in the chain.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) parent: B256,
    pub(crate) number: u64,
    pub(crate) timestamp: u64,
    pub(crate) base_fee: u64,
}

/// Why a block cannot hold a transaction: its position among those to execute, and the EVM's words.
pub(crate) struct Unfit {
    pub(crate) index: usize,
    pub(crate) reason: String,
}

impl Block {
    /// The genesis block.
    pub(crate) fn genesis(genesis: &Genesis, rules: &Rules) -> Self {
        let place =
            Place { parent: B256::ZERO, number: 0, timestamp: genesis.timestamp, base_fee: genesis.base_fee };
        Self::seal(rules, &place, vec![], &[], genesis.state())
    }

    /// Executes `transactions` and seals the block.
    pub(crate) fn execute(
        rules: &Rules,
        place: &Place,
        transactions: &[Signed],
        db: Db<'_>,
    ) -> Result<(Self, Vec<Receipt>), Unfit> {
        let mut machine = machine(rules, place, place.base_fee, db);
        if rules.fork == Fork::Prague {
            // There is no beacon chain: its root is given as 0. A system contract that fails changes
            // nothing and stops nothing (EIP-4788, EIP-2935): there is no result to look at.
            let _ = machine.system_call_commit(eip4788::BEACON_ROOTS_ADDRESS, vec![0; 32].into());
            let parent = Bytes::copy_from_slice(&place.parent.0);
            let _ = machine.system_call_commit(eip2935::HISTORY_STORAGE_ADDRESS, parent);
        }
        let mut executed: Vec<Executed> = vec![];
        let mut gas_used = 0;
        for (index, signed) in transactions.iter().enumerate() {
            let result = machine
                .transact_commit(signed.env.clone())
                .map_err(|error| Unfit { index, reason: error.to_string() })?;
            let at = (place.number, executed.len() as u64);
            let done = Executed::new(signed, result, gas_used, place.base_fee, at);
            gas_used = done.receipt.cumulative_gas_used;
            executed.push(done);
        }
        let state = machine.ctx.db_mut().state.clone();
        let raw = transactions.iter().map(|signed| (signed.hash, signed.raw.clone())).collect();
        let block = Self::seal(rules, place, raw, &executed, state);
        let receipts =
            executed.into_iter().map(|done| Receipt { block_hash: block.hash, ..done.receipt }).collect();
        Ok((block, receipts))
    }

    fn seal(
        rules: &Rules,
        place: &Place,
        transactions: Vec<(B256, Vec<u8>)>,
        executed: &[Executed],
        state: State,
    ) -> Self {
        let root = |root: B256| evm::B256::new(root.0);
        let prague = rules.fork == Fork::Prague;
        let mut header = Header {
            parent_hash: root(place.parent),
            ommers_hash: EMPTY_OMMER_ROOT_HASH,
            beneficiary: rules.beneficiary,
            state_root: root(state.root()),
            transactions_root: root(ordered_root(transactions.iter().map(|(_, raw)| raw.clone()))),
            receipts_root: root(ordered_root(executed.iter().map(|done| done.envelope.encoded_2718()))),
            number: place.number,
            gas_limit: rules.gas_limit,
            gas_used: executed.last().map(|done| done.receipt.cumulative_gas_used).unwrap_or_default(),
            timestamp: place.timestamp,
            base_fee_per_gas: Some(place.base_fee),
            withdrawals_root: Some(EMPTY_WITHDRAWALS),
            blob_gas_used: prague.then_some(0),
            excess_blob_gas: prague.then_some(0),
            parent_beacon_block_root: prague.then_some(evm::B256::ZERO),
            requests_hash: prague.then_some(EMPTY_REQUESTS_HASH),
            ..Header::default()
        };
        for done in executed {
            header.logs_bloom.accrue_bloom(&done.envelope.bloom());
        }
        let rlp = alloy_rlp::encode(&header);
        Self { hash: keccak256(&rlp), header, rlp, transactions, state }
    }

    /// The EIP-1559 base fee of the block after this one, in wei per gas.
    pub(crate) fn next_base_fee(&self) -> u64 {
        let params = alloy_eips::eip1559::BaseFeeParams::ethereum();
        self.header.next_block_base_fee(params).unwrap_or_default()
    }
}

/// An EVM at a place in the chain.
pub(crate) fn machine<'a>(
    rules: &Rules,
    place: &Place,
    base_fee: u64,
    db: Db<'a>,
) -> MainnetEvm<MainnetContext<Db<'a>>> {
    let block = BlockEnv {
        number: evm::U256::from(place.number),
        beneficiary: rules.beneficiary,
        timestamp: evm::U256::from(place.timestamp),
        gas_limit: rules.gas_limit,
        basefee: base_fee,
        ..BlockEnv::default()
    };
    MainnetContext::new(db, rules.fork.spec())
        .with_block(block)
        .modify_cfg_chained(|cfg| cfg.chain_id = rules.chain_id)
        .build_mainnet()
}
