//! Proofs are taken by alloy, by the core and by the host crate, in every state that random use makes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::collections::BTreeMap;

use alloy_trie::{Nibbles, TrieAccount};
use common::{
    CHAIN, ETHER, GENESIS_TIME, Random, STORE, Wallet, funded, slot, store_data, store_init, unhex,
};
use healthrecord::rpc::{BlockHeader, EthGetProof, verify_proof};
use healthrecord_core::chain::account::{EMPTY_CODE_HASH, EMPTY_ROOT};
use healthrecord_core::chain::trie::{NodeRef, NodeSet};
use healthrecord_core::health::anchor::{Anchor as _, HashRule, PinnedHash};
use healthrecord_core::{Address, B256, U256, keccak256};
use healthrecord_devchain::{Devchain, Genesis, GenesisAccount, Proof};

fn alloy_u256(number: U256) -> alloy_primitives::U256 {
    alloy_primitives::U256::from_be_bytes(number.to_be_bytes())
}

/// Verifies a proof of block `number` three times over, and gives the words.
fn hold(chain: &Devchain, number: u64, proof: &Proof) -> Vec<U256> {
    let header = chain.header(number).unwrap();
    let hash = chain.block_hash(number).unwrap();

    // The host crate, from JSON.
    let block =
        BlockHeader::from_json(&chain.block_json(number).unwrap().to_string(), HashRule::Plain).unwrap();
    assert_eq!((block.rlp.as_slice(), block.hash), (header, hash));
    let answer = EthGetProof::from_json(&proof.to_json().to_string()).unwrap();
    let proved = verify_proof(&answer, &block.rlp, &PinnedHash::new(hash, HashRule::Plain)).unwrap();
    assert_eq!(proved.account, proof.account);
    let words: Vec<U256> = proved.slots.iter().map(|(_, word)| *word).collect();
    assert_eq!(words, proof.storage_proof.iter().map(|slot| slot.word).collect::<Vec<_>>());

    // The core, from the nodes.
    let trusted = PinnedHash::new(hash, HashRule::Plain).trust(header).unwrap();
    let mut nodes: Vec<&[u8]> = vec![];
    for node in proof.account_proof.iter().chain(proof.storage_proof.iter().flat_map(|slot| &slot.proof)) {
        if !nodes.contains(&node.as_slice()) {
            nodes.push(node);
        }
    }
    let mut memory = vec![NodeRef::EMPTY; nodes.len()];
    let mut set = NodeSet::new(nodes, &mut memory).unwrap();
    let state_root = trusted.header().state_root();
    assert_eq!(set.account(state_root, &proof.address).unwrap(), proof.account);
    if let Some(account) = proof.account {
        for slot in &proof.storage_proof {
            assert_eq!(set.storage(account.storage_root, &slot.slot).unwrap(), slot.word);
        }
    }
    set.finish().unwrap();

    // alloy.
    let leaf = proof.account.map(|account| {
        alloy_rlp::encode(TrieAccount {
            nonce: account.nonce,
            balance: alloy_u256(account.balance),
            storage_root: account.storage_root.0.into(),
            code_hash: account.code_hash.0.into(),
        })
    });
    alloy_verify(state_root, &proof.address.0, leaf, &proof.account_proof);
    for slot in &proof.storage_proof {
        let root = proof.account.map_or(EMPTY_ROOT, |account| account.storage_root);
        let leaf = (!slot.word.is_zero()).then(|| alloy_rlp::encode(alloy_u256(slot.word)));
        alloy_verify(root, &slot.slot.0, leaf, &slot.proof);
    }
    words
}

fn alloy_verify(root: B256, key: &[u8], leaf: Option<Vec<u8>>, nodes: &[Vec<u8>]) {
    let nodes: Vec<alloy_primitives::Bytes> = nodes.iter().map(|node| node.clone().into()).collect();
    alloy_trie::proof::verify_proof(root.0.into(), Nibbles::unpack(keccak256(key).0), leaf, &nodes).unwrap();
}

/// What the chain should hold.
#[derive(Clone, Default)]
struct Model {
    balances: BTreeMap<Address, u128>,
    nonces: BTreeMap<Address, u64>,
    words: BTreeMap<u64, u64>,
}

/// Random transfers and writes, against a plain model of balances, nonces and words; then every block's
/// state is proved again from the newest chain.
#[test]
fn random_use_is_proved_block_by_block() {
    let mut random = Random(2);
    let mut chain = Devchain::new(funded(4));
    let mut wallets: Vec<Wallet> = (1..=4).map(Wallet::new).collect();
    let mut model = Model::default();
    for wallet in &wallets {
        model.balances.insert(wallet.address, 1_000 * ETHER);
    }
    let created = wallets[0].send(&mut chain, None, 0, &store_init());
    let store = created.contract_address.unwrap();
    let paid =
        |receipt: &healthrecord_devchain::Receipt| u128::from(receipt.gas_used) * receipt.effective_gas_price;
    *model.balances.get_mut(&wallets[0].address).unwrap() -= paid(&created);
    model.nonces.insert(wallets[0].address, 1);
    let mut history = vec![];
    for _ in 0..150 {
        let mut sent = vec![];
        for _ in 0..random.below(5) {
            let wallet = &mut wallets[usize::try_from(random.below(4)).unwrap()];
            let from = wallet.address;
            let transaction = if random.below(2) == 0 {
                let to = Address([random.next().to_le_bytes()[0] % 64; 20]);
                let value = u128::from(random.below(1_000));
                *model.balances.entry(to).or_default() += value;
                *model.balances.get_mut(&from).unwrap() -= value;
                wallet.next(Some(to), value, &[])
            } else {
                let (slot, word) = (random.below(40), random.below(3) * random.below(1 << 40));
                model.words.insert(slot, word);
                wallet.next(Some(store), 0, &store_data(slot, word))
            };
            *model.nonces.entry(from).or_default() += 1;
            sent.push((from, chain.send_raw(&wallet.sign(transaction)).unwrap()));
        }
        chain.mine(chain.head().timestamp + 12).unwrap();
        for (from, hash) in sent {
            let receipt = chain.receipt(&hash).unwrap();
            assert!(receipt.success);
            *model.balances.get_mut(&from).unwrap() -= paid(receipt);
        }
        let slots: Vec<B256> = (0..4).map(|_| slot(random.below(50))).collect();
        let words = hold(&chain, chain.head().number, &chain.proof(store, &slots));
        for (slot, word) in slots.iter().zip(words) {
            let expected = model.words.get(&U256::from(*slot).to_u64().unwrap()).copied().unwrap_or_default();
            assert_eq!(word, U256::from(expected));
            assert_eq!(chain.storage(store, *slot), word);
        }
        history.push((chain.head().number, model.clone()));
    }
    let (mut absent, mut zero) = (0, 0);
    for (number, model) in history {
        let all: Vec<u64> = (0..45).collect();
        let slots: Vec<B256> = all.iter().copied().map(slot).collect();
        let words = hold(&chain, number, &chain.proof_at(number, store, &slots).unwrap());
        for (slot, word) in all.iter().zip(words) {
            assert_eq!(word, U256::from(model.words.get(slot).copied().unwrap_or_default()));
            zero += u32::from(word.is_zero());
        }
        let addresses = (0..66).map(|byte| Address([byte; 20])).chain(wallets.iter().map(|w| w.address));
        for address in addresses {
            let proof = chain.proof_at(number, address, &[slot(1)]).unwrap();
            hold(&chain, number, &proof);
            let balance = model.balances.get(&address).copied().unwrap_or_default();
            let nonce = model.nonces.get(&address).copied().unwrap_or_default();
            match proof.account {
                // The zero address is the beneficiary of the priority fees.
                Some(account) if !address.is_zero() => {
                    assert_eq!((account.balance, account.nonce), (U256::from(balance), nonce));
                    assert_eq!((account.storage_root, account.code_hash), (EMPTY_ROOT, EMPTY_CODE_HASH));
                }
                Some(_) => {}
                None => {
                    assert_eq!((balance, nonce), (0, 0));
                    absent += 1;
                }
            }
        }
    }
    assert!(absent > 500 && zero > 500, "{absent} absent accounts, {zero} zero words");
    assert_eq!(chain.proof_at(chain.head().number + 1, store, &[]), None);
}

#[test]
fn what_is_empty_leaves_the_tries() {
    let mut genesis = funded(1);
    let (empty, store) = (Address([1; 20]), Address([2; 20]));
    let words = BTreeMap::from([(slot(1), U256::ZERO), (slot(2), U256::from(7_u64))]);
    genesis.accounts.insert(empty, GenesisAccount { storage: words.clone(), ..GenesisAccount::default() });
    genesis
        .accounts
        .insert(store, GenesisAccount { storage: words, ..GenesisAccount::contract(unhex(STORE)) });
    let mut chain = Devchain::new(genesis);
    assert_eq!(chain.proof(empty, &[]).account, None);
    assert_eq!(hold(&chain, 0, &chain.proof(store, &[slot(1), slot(2)])), [U256::ZERO, U256::from(7_u64)]);

    // A transfer of nothing touches an empty account and leaves it out; a word set to zero is gone.
    let mut wallet = Wallet::new(1);
    wallet.send(&mut chain, Some(empty), 0, &[]);
    assert_eq!(chain.proof(empty, &[]).account, None);
    wallet.send(&mut chain, Some(store), 0, &store_data(2, 0));
    let proof = chain.proof(store, &[slot(2)]);
    assert_eq!(proof.account.unwrap().storage_root, EMPTY_ROOT);
    assert!(proof.storage_proof[0].proof.is_empty());
    hold(&chain, 2, &proof);
}

/// The JSON has the names and the spellings that geth gave for the same kinds of account.
#[test]
fn json_is_spelled_like_geths() {
    let mut genesis = Genesis::new(CHAIN, GENESIS_TIME);
    let store = Address([0xAB; 20]);
    let storage = BTreeMap::from([(slot(3), U256::from(0x0102_u64))]);
    genesis.accounts.insert(store, GenesisAccount { storage, ..GenesisAccount::contract(unhex(STORE)) });
    let chain = Devchain::new(genesis);
    let json = chain.proof(store, &[slot(3), slot(4)]).to_json();
    assert_eq!(json["address"], "0xabababababababababababababababababababab");
    assert_eq!((&json["balance"], &json["nonce"]), (&"0x0".into(), &"0x1".into()));
    assert_eq!(json["storageProof"][0]["key"], format!("0x{:064x}", 3));
    assert_eq!(json["storageProof"][0]["value"], "0x102");
    assert_eq!(json["storageProof"][1]["value"], "0x0");
    let mut names: Vec<&String> = json.as_object().unwrap().keys().collect();
    names.sort();
    let expected = ["accountProof", "address", "balance", "codeHash", "nonce", "storageHash", "storageProof"];
    assert_eq!(names, expected);

    let json = chain.proof(Address([1; 20]), &[slot(3)]).to_json();
    let zero = B256::ZERO.to_string();
    assert_eq!((&json["codeHash"], &json["storageHash"]), (&zero.clone().into(), &zero.into()));
    assert_eq!(json["storageProof"][0]["proof"], serde_json::json!([]));
}
