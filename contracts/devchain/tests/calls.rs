//! View calls, and words written behind a contract's back.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{CHAIN, ETHER, GENESIS_TIME, STORE, Wallet, funded, slot, store_data, unhex};
use healthrecord_core::{Address, B256, U256, keccak256};
use healthrecord_devchain::{CallError, Devchain, Genesis, GenesisAccount, HazmatError};

const CONTRACT: Address = Address([0x57; 20]);

fn with_store() -> Devchain {
    let mut genesis = funded(1);
    genesis.accounts.insert(CONTRACT, GenesisAccount::contract(unhex(STORE)));
    Devchain::new(genesis)
}

#[test]
fn a_call_answers_and_leaves_no_trace() {
    let mut chain = with_store();
    Wallet::new(1).send(&mut chain, Some(CONTRACT), 0, &store_data(3, 77));
    let output = chain.call(CONTRACT, slot(3).as_ref()).unwrap();
    assert_eq!(output.data, U256::from(77_u64).to_be_bytes());
    assert!(output.gas_used > 23_000 && output.gas_used < 25_000, "{}", output.gas_used);

    let before = chain.proof(CONTRACT, &[]);
    chain.call(CONTRACT, &store_data(3, 1)).unwrap();
    assert_eq!(chain.storage(CONTRACT, slot(3)), U256::from(77_u64));
    assert_eq!(chain.proof(CONTRACT, &[]), before);
    assert_eq!(chain.nonce(Address::ZERO), 0);

    let nothing = chain.call(Address([0x99; 20]), &[1, 2, 3]).unwrap();
    assert!(nothing.data.is_empty(), "an account without code answers nothing");
}

#[test]
fn what_goes_wrong_has_its_error() {
    let mut genesis = Genesis::new(CHAIN, GENESIS_TIME);
    genesis.accounts.insert(CONTRACT, GenesisAccount::contract(unhex(STORE)));
    genesis.accounts.insert(Address([1; 20]), GenesisAccount::contract(vec![0xfe]));
    // JUMPDEST PUSH1 00 JUMP: for ever.
    genesis.accounts.insert(Address([2; 20]), GenesisAccount::contract(unhex("5b600056")));
    // A broken EIP-7702 delegation.
    genesis.accounts.insert(Address([3; 20]), GenesisAccount::contract(unhex("ef0100aabb")));
    let chain = Devchain::new(genesis);

    let reverted = chain.call(CONTRACT, &[1]).unwrap_err();
    let expected = U256::from(0x2a_u64).to_be_bytes().to_vec();
    assert!(matches!(reverted, CallError::Reverted { ref data, .. } if *data == expected), "{reverted}");
    for address in [[1; 20], [2; 20], [3; 20]] {
        let halted = chain.call(Address(address), &[]).unwrap_err();
        assert!(matches!(halted, CallError::Halted { gas_used: 30_000_000, .. }), "{halted}");
    }
    let refused = chain.call_from(Address([8; 20]), CONTRACT, U256::from(1_u64), &[]).unwrap_err();
    assert!(matches!(refused, CallError::Refused { .. }), "{refused}");
    let refused = chain.call(CONTRACT, &vec![1; 2_000_000]).unwrap_err();
    assert!(matches!(refused, CallError::Refused { .. }), "{refused}");
}

#[test]
fn a_call_has_its_caller_and_its_value() {
    let mut genesis = funded(1);
    // CALLER PUSH1 00 MSTORE CALLVALUE PUSH1 20 MSTORE PUSH1 40 PUSH1 00 RETURN
    genesis.accounts.insert(CONTRACT, GenesisAccount::contract(unhex("336000523460205260406000f3")));
    genesis.accounts.insert(
        Address([4; 20]),
        GenesisAccount { balance: U256::from(9_u64), ..GenesisAccount::contract(unhex(STORE)) },
    );
    let chain = Devchain::new(genesis);
    // A contract may be the caller of a view call, though it sends no transactions.
    for (from, value) in [(Wallet::new(1).address, 5 * ETHER), (Address([4; 20]), 9)] {
        let output = chain.call_from(from, CONTRACT, U256::from(value), &[]).unwrap();
        assert_eq!(output.data[12..32], from.0);
        assert_eq!(output.data[32..], U256::from(value).to_be_bytes());
    }
}

#[test]
fn hazmat_words_are_read_at_once_and_proved_from_the_next_block_on() {
    let mut chain = with_store();
    let word = U256::from(5_u64);
    let before = chain.proof(CONTRACT, &[slot(1)]);
    chain.hazmat_set_storage(CONTRACT, slot(1), word).unwrap();
    assert_eq!(chain.storage(CONTRACT, slot(1)), word);
    assert_eq!(chain.call(CONTRACT, slot(1).as_ref()).unwrap().data, word.to_be_bytes());
    assert_eq!(chain.proof(CONTRACT, &[slot(1)]), before);
    chain.mine(GENESIS_TIME + 1).unwrap();
    assert_eq!(chain.proof(CONTRACT, &[slot(1)]).storage_proof[0].word, word);
    assert_eq!(chain.proof_at(0, CONTRACT, &[slot(1)]), Some(before));

    chain.hazmat_set_storage(CONTRACT, slot(1), U256::ZERO).unwrap();
    chain.mine(GENESIS_TIME + 2).unwrap();
    let root = chain.proof(CONTRACT, &[]).account.unwrap().storage_root;
    assert_eq!(root, healthrecord_core::chain::account::EMPTY_ROOT);

    let address = Address([0x99; 20]);
    assert_eq!(chain.hazmat_set_storage(address, slot(1), word), Err(HazmatError::NoAccount { address }));
}

/// What a differential test does: many states, each with its view calls.
#[test]
fn ten_thousand_states_are_called() {
    let mut chain = with_store();
    let begin = std::time::Instant::now();
    for number in 0..10_000_u64 {
        for word in 0..5 {
            let slot = keccak256(&(number * 5 + word).to_be_bytes());
            chain.hazmat_set_storage(CONTRACT, slot, U256::from(number + 1)).unwrap();
        }
        let asked = keccak256(&(number * 5 + number % 5).to_be_bytes());
        let output = chain.call(CONTRACT, asked.as_ref()).unwrap();
        assert_eq!(output.data, U256::from(number + 1).to_be_bytes());
    }
    chain.mine(GENESIS_TIME + 1).unwrap();
    let asked: B256 = keccak256(&0_u64.to_be_bytes());
    assert_eq!(chain.proof(CONTRACT, &[asked]).storage_proof[0].word, U256::from(1_u64));
    println!("10,000 states of 5 words with a call each: {:?}", begin.elapsed());
}

/// Blocks cost the same however long the chain is: nothing is computed again that did not change.
#[test]
fn a_thousand_blocks() {
    let mut chain = with_store();
    let mut wallet = Wallet::new(1);
    let signed: Vec<Vec<u8>> = (0..1_000)
        .map(|number| {
            let transaction = wallet.next(Some(CONTRACT), 0, &store_data(number, number + 1));
            wallet.sign(transaction)
        })
        .collect();
    let begin = std::time::Instant::now();
    for raw in &signed {
        chain.send_raw(raw).unwrap();
        chain.mine(chain.head().timestamp + 12).unwrap();
    }
    println!("1,000 blocks of one transaction: {:?}", begin.elapsed());
    assert_eq!(chain.head().number, 1_000);
    assert_eq!(chain.storage(CONTRACT, slot(999)), U256::from(1_000_u64));
}

#[test]
fn chains_move_between_threads_and_their_clones_part() {
    let mut chain = with_store();
    let mut other = chain.clone();
    let word = U256::from(1_u64);
    let theirs = std::thread::spawn(move || {
        other.hazmat_set_storage(CONTRACT, slot(1), word).unwrap();
        other.mine(GENESIS_TIME + 1).unwrap();
        other
    });
    let theirs = theirs.join().unwrap();
    chain.mine(GENESIS_TIME + 1).unwrap();
    assert_eq!((theirs.storage(CONTRACT, slot(1)), chain.storage(CONTRACT, slot(1))), (word, U256::ZERO));
    assert_eq!(theirs.block_hash(0), chain.block_hash(0));
    assert_ne!(theirs.head().hash, chain.head().hash);
}
