//! Headers, transactions and receipts are what alloy makes of them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use alloy_consensus::proofs::{calculate_receipt_root, calculate_transaction_root};
use alloy_consensus::{
    Block, BlockBody, Eip658Value, Header, ReceiptEnvelope, TxEnvelope, TxReceipt, TxType,
};
use alloy_eips::eip1559::BaseFeeParams;
use alloy_eips::eip2718::Decodable2718;
use alloy_rlp::{Decodable, Encodable};
use common::{
    CHAIN, ETHER, FEE, GENESIS_TIME, Random, STORE, Wallet, eip1559, eip2930, eip7702, funded, legacy, slot,
    store_data, store_init, unhex,
};
use healthrecord_core::chain::account::EMPTY_ROOT;
use healthrecord_core::{Address, B256, U256};
use healthrecord_devchain::{Devchain, Fork, Genesis, GenesisAccount, MineError, Receipt};

fn header(chain: &Devchain, number: u64) -> Header {
    let mut raw = chain.header(number).unwrap();
    let header = Header::decode(&mut raw).unwrap();
    assert!(raw.is_empty());
    header
}

/// The receipt as alloy's receipts trie keeps it.
fn envelope(receipt: &Receipt) -> ReceiptEnvelope {
    let logs = receipt.logs.iter().map(|log| {
        let topics = log.topics.iter().map(|topic| topic.0.into()).collect();
        alloy_primitives::Log::new(log.address.0.into(), topics, log.data.clone().into()).unwrap()
    });
    let consensus = alloy_consensus::Receipt {
        status: Eip658Value::Eip658(receipt.success),
        cumulative_gas_used: receipt.cumulative_gas_used,
        logs: logs.collect(),
    };
    ReceiptEnvelope::from_typed(TxType::try_from(receipt.transaction_type).unwrap(), consensus)
}

/// Holds a block against what alloy makes of the raw transactions that were sent and their receipts.
fn hold(chain: &Devchain, number: u64, raw: &[Vec<u8>]) {
    let (block, parent) = (header(chain, number), header(chain, number - 1));
    assert_eq!(block.hash_slow().0, chain.block_hash(number).unwrap().0);
    assert_eq!(block.parent_hash.0, chain.block_hash(number - 1).unwrap().0);
    assert_eq!(block.number, number);
    assert_eq!(block.base_fee_per_gas, parent.next_block_base_fee(BaseFeeParams::ethereum()));

    let transactions: Vec<_> = raw.iter().map(|raw| TxEnvelope::decode_2718_exact(raw).unwrap()).collect();
    assert_eq!(block.transactions_root, calculate_transaction_root(&transactions));

    let body =
        BlockBody { transactions: transactions.clone(), ommers: vec![], withdrawals: Some(vec![].into()) };
    let size = Block::new(block.clone(), body).length();
    assert_eq!(chain.block_json(number).unwrap()["size"], format!("{size:#x}"));

    let hashes: Vec<B256> = transactions.iter().map(|transaction| B256(transaction.tx_hash().0)).collect();
    let receipts: Vec<&Receipt> = hashes.iter().map(|hash| chain.receipt(hash).unwrap()).collect();
    let envelopes: Vec<_> = receipts.iter().map(|receipt| envelope(receipt)).collect();
    assert_eq!(block.receipts_root, calculate_receipt_root(&envelopes));
    let mut bloom = alloy_primitives::Bloom::ZERO;
    envelopes.iter().for_each(|envelope| bloom.accrue_bloom(&envelope.bloom()));
    assert_eq!(block.logs_bloom, bloom);
    assert_eq!(block.gas_used, receipts.iter().map(|receipt| receipt.gas_used).sum::<u64>());
    for (index, receipt) in receipts.iter().enumerate() {
        assert_eq!(receipt.transaction_index, index as u64);
        assert_eq!((receipt.block_number, receipt.block_hash.0), (number, block.hash_slow().0));
    }
}

#[test]
fn prague_has_21_fields_and_shanghai_17() {
    for (fork, fields) in [(Fork::Prague, 21), (Fork::Shanghai, 17)] {
        let mut genesis = funded(1);
        genesis.fork = fork;
        let mut chain = Devchain::new(genesis);
        let mut wallet = Wallet::new(1);
        assert!(wallet.send(&mut chain, Some(Address([9; 20])), 1, &[]).success);
        for number in [0, 1] {
            let raw = chain.header(number).unwrap();
            let core = healthrecord_core::chain::header::Header::decode(raw).unwrap();
            assert_eq!(core.field_count(), fields);
            assert_eq!(core.timestamp(), GENESIS_TIME + 12 * number);
            assert_eq!(core.state_root().0, header(&chain, number).state_root.0);
        }
        let block = header(&chain, 1);
        assert_eq!(block.withdrawals_root.map(|root| root.0), Some(EMPTY_ROOT.0));
        let requests = (fork == Fork::Prague).then_some(alloy_eips::eip7685::EMPTY_REQUESTS_HASH);
        assert_eq!(block.requests_hash, requests);
        assert_eq!(block.parent_beacon_block_root.is_some(), fork == Fork::Prague);
    }
}

#[test]
fn blocks_of_every_type_of_transaction_are_those_of_alloy() {
    let mut chain = Devchain::new(funded(5));
    let mut wallets: Vec<Wallet> = (1..=5).map(Wallet::new).collect();
    let mut random = Random(1);
    let store = wallets[0].send(&mut chain, None, 0, &store_init()).contract_address.unwrap();
    assert_eq!(chain.code(store), unhex(STORE));
    let mut seen = [0; 5];
    let mut failed = 0;
    for round in 0..40 {
        let mut raw = vec![];
        for _ in 0..random.below(if round == 7 { 140 } else { 12 }) {
            let wallet = &mut wallets[usize::try_from(random.below(5)).unwrap()];
            let nonce = wallet.nonce;
            let (to, value, data) = match random.below(4) {
                0 => (Address([random.next().to_le_bytes()[0]; 20]), 5, vec![]),
                1 => (store, 0, vec![1, 2, 3]),
                _ => (store, 0, store_data(random.below(50), random.below(4))),
            };
            let bytes = match random.below(4) {
                0 => wallet.sign(alloy_consensus::TxLegacy { nonce, ..legacy(Some(to), value, &data) }),
                1 => wallet.sign(alloy_consensus::TxEip2930 { nonce, ..eip2930(Some(to), value, &data) }),
                2 => wallet.sign(alloy_consensus::TxEip1559 { nonce, ..eip1559(Some(to), value, &data) }),
                _ => {
                    let nobody = Wallet::new(99).authorize(CHAIN, store, 7);
                    wallet.sign(alloy_consensus::TxEip7702 { nonce, ..eip7702(to, vec![nobody]) })
                }
            };
            wallet.nonce += 1;
            let hash = chain.send_raw(&bytes).unwrap();
            assert_eq!(hash, healthrecord_core::keccak256(&bytes));
            raw.push(bytes);
        }
        assert_eq!(chain.pending(), raw.len());
        let number = chain.head().number + 1;
        let block = chain.mine(chain.head().timestamp + 1 + random.below(30)).unwrap();
        assert_eq!((chain.pending(), chain.block_hash(number)), (0, Some(block)));
        hold(&chain, number, &raw);
        for bytes in &raw {
            let receipt = chain.receipt(&healthrecord_core::keccak256(bytes)).unwrap();
            seen[usize::from(receipt.transaction_type)] += 1;
            failed += u32::from(!receipt.success);
        }
    }
    assert!([0, 1, 2, 4].iter().all(|kind| seen[*kind] > 20) && failed > 20, "{seen:?}, {failed} failed");
    for wallet in &wallets {
        assert_eq!(chain.nonce(wallet.address), wallet.nonce);
    }
}

#[test]
fn fees_are_charged_and_the_beneficiary_is_paid() {
    let mut genesis = funded(1);
    genesis.beneficiary = Address([0xfe; 20]);
    let mut chain = Devchain::new(genesis);
    let mut wallet = Wallet::new(1);
    let base_fee = u128::from(chain.next_base_fee());
    assert_eq!(base_fee, 875_000_000, "an empty genesis block lowers the base fee by an eighth");
    let receipt = wallet.send(&mut chain, Some(Address([9; 20])), ETHER, &[]);
    assert_eq!(receipt.gas_used, 21_000);
    assert_eq!(receipt.effective_gas_price, base_fee + 1_000_000_000);
    let fee = 21_000 * receipt.effective_gas_price;
    assert_eq!(chain.balance(wallet.address), U256::from(999 * ETHER - fee));
    assert_eq!(chain.balance(Address([0xfe; 20])), U256::from(21_000 * 1_000_000_000_u128));
    assert_eq!(chain.balance(Address([9; 20])), U256::from(ETHER));
    assert_eq!(header(&chain, 1).beneficiary.0.0, [0xfe; 20]);
}

#[test]
fn a_failed_transaction_costs_its_fee_and_leaves_nothing_else() {
    let mut chain = Devchain::new(funded(1));
    let mut wallet = Wallet::new(1);
    let store = wallet.send(&mut chain, None, 0, &store_init()).contract_address.unwrap();
    let before = chain.proof(store, &[]).account;
    let receipt = wallet.send(&mut chain, Some(store), 0, &[1]);
    assert!(!receipt.success && receipt.logs.is_empty());
    assert_eq!(chain.proof(store, &[]).account, before);
    assert_eq!(chain.nonce(wallet.address), 2);

    // INVALID as init code: all gas is used, no contract is there.
    let receipt = wallet.send(&mut chain, None, 0, &[0xfe]);
    assert_eq!((receipt.success, receipt.gas_used, receipt.contract_address), (false, 200_000, None));
}

#[test]
fn an_event_is_in_the_receipt() {
    let mut chain = Devchain::new(funded(1));
    let mut wallet = Wallet::new(1);
    let created = wallet.send(&mut chain, None, 0, &store_init());
    let store = created.contract_address.unwrap();
    assert_eq!((created.from, created.to), (wallet.address, None));
    let receipt = wallet.send(&mut chain, Some(store), 0, &store_data(7, 42));
    assert_eq!(receipt.to, Some(store));
    assert_eq!(receipt.logs.len(), 1);
    assert_eq!((receipt.logs[0].address, &receipt.logs[0].topics), (store, &vec![slot(7)]));
    assert_eq!(receipt.logs[0].data, U256::from(42_u64).to_be_bytes());
    assert_eq!(chain.storage(store, slot(7)), U256::from(42_u64));
}

#[test]
fn a_delegation_runs_the_code_of_another() {
    let mut genesis = funded(2);
    genesis.accounts.insert(Address([0x57; 20]), GenesisAccount::contract(unhex(STORE)));
    let mut chain = Devchain::new(genesis);
    let (mut sponsor, patient) = (Wallet::new(1), Wallet::new(2));
    let authorization = patient.authorize(CHAIN, Address([0x57; 20]), 0);
    let transaction = eip7702(patient.address, vec![authorization]);
    let transaction = alloy_consensus::TxEip7702 { input: store_data(1, 9).into(), ..transaction };
    let hash = chain.send_raw(&sponsor.sign(transaction)).unwrap();
    sponsor.nonce += 1;
    chain.mine(GENESIS_TIME + 1).unwrap();
    assert!(chain.receipt(&hash).unwrap().success);
    assert_eq!(chain.storage(patient.address, slot(1)), U256::from(9_u64));
    assert_eq!(chain.code(patient.address), [&[0xef, 1, 0][..], &[0x57; 20]].concat());
    assert_eq!(chain.nonce(patient.address), 1);

    // A delegated account still sends transactions (EIP-7702 relaxes EIP-3607).
    let mut patient = patient;
    patient.nonce = 1;
    assert!(patient.send(&mut chain, Some(sponsor.address), 1, &[]).success);
}

/// 25,000 gas are charged for each authorization; 12,500 come back where the account exists already.
#[test]
fn delegating_costs_more_for_an_account_that_does_not_exist() {
    let gas_used = |authority: u8| {
        let mut genesis = funded(2);
        genesis.accounts.insert(Address([0x57; 20]), GenesisAccount::contract(unhex(STORE)));
        let mut chain = Devchain::new(genesis);
        let authority = Wallet::new(authority);
        let authorization = authority.authorize(CHAIN, Address([0x57; 20]), 0);
        let transaction = eip7702(authority.address, vec![authorization]);
        let input = store_data(1, 9).into();
        let raw = Wallet::new(1).sign(alloy_consensus::TxEip7702 { input, ..transaction });
        let hash = chain.send_raw(&raw).unwrap();
        chain.mine(GENESIS_TIME + 1).unwrap();
        chain.receipt(&hash).unwrap().gas_used
    };
    assert_eq!(gas_used(50) - gas_used(2), 12_500);
}

#[test]
fn time_rises_and_system_contracts_remember() {
    let mut chain = Devchain::new(funded(1));
    for time in [0, GENESIS_TIME] {
        let refused = chain.mine(time);
        assert_eq!(refused, Err(MineError::Timestamp { parent: GENESIS_TIME, found: time }));
    }
    let history: Address = "0x0000F90827F1C53a10cb7A02335B175320002935".parse().unwrap();
    let beacon: Address = "0x000F3df6D732807Ef1319fB7B8bB8522d0Beac02".parse().unwrap();
    for number in 1..=20 {
        let time = GENESIS_TIME + 5 * number;
        chain.mine(time).unwrap();
        assert_eq!(
            chain.storage(history, slot((number - 1) % 8191)),
            chain.block_hash(number - 1).unwrap().into()
        );
        assert_eq!(chain.storage(beacon, slot(time % 8191)), U256::from(time));
    }
    // The contract itself answers for the blocks before the newest one that it has seen.
    let answer = chain.call(history, slot(5).as_ref()).unwrap();
    assert_eq!(answer.data, chain.block_hash(5).unwrap().0);
}

/// `BLOCKHASH(NUMBER - 1)`: `PUSH1 01 NUMBER SUB BLOCKHASH PUSH1 00 MSTORE PUSH1 20 PUSH1 00 RETURN`.
#[test]
fn contracts_see_block_hashes_number_time_and_chain() {
    let mut genesis = Genesis::new(CHAIN, GENESIS_TIME);
    let mut put = |byte: u8, code: &str| {
        let code = [unhex(code), unhex("60005260206000f3")].concat();
        genesis.accounts.insert(Address([byte; 20]), GenesisAccount::contract(code));
        Address([byte; 20])
    };
    let hash = put(1, "6001430340");
    let number = put(2, "43");
    let time = put(3, "42");
    let id = put(4, "46");
    let mut chain = Devchain::new(genesis);
    for step in 1..=300 {
        chain.mine(GENESIS_TIME + step).unwrap();
    }
    let answer = |to| U256::from_be_slice(&chain.call(to, &[]).unwrap().data).unwrap();
    assert_eq!(answer(hash), chain.block_hash(299).unwrap().into());
    assert_eq!(answer(number), U256::from(300_u64));
    assert_eq!(answer(time), U256::from(GENESIS_TIME + 300));
    assert_eq!(answer(id), U256::from(CHAIN));
}

#[test]
fn the_base_fee_follows_the_gas_used() {
    let mut genesis = funded(1);
    genesis.gas_limit = 60_000;
    let mut chain = Devchain::new(genesis);
    let mut wallet = Wallet::new(1);
    for _ in 0..10 {
        let before = chain.next_base_fee();
        let raw: Vec<_> = (0..2)
            .map(|_| {
                let transaction = wallet.next(Some(Address([9; 20])), 1, &[]);
                wallet.sign(alloy_consensus::TxEip1559 { gas_limit: 21_000, ..transaction })
            })
            .collect();
        for bytes in &raw {
            chain.send_raw(bytes).unwrap();
        }
        chain.mine(chain.head().timestamp + 1).unwrap();
        hold(&chain, chain.head().number, &raw);
        assert!(chain.next_base_fee() > before && u128::from(chain.next_base_fee()) < FEE);
    }
}
