//! The tries of ethereum/tests and the first states of geth have the roots that their source says:
//! alloy-trie and `eth_trie` build them, and this walker reads their entries from under those roots.
//!
//! It reads tries whose keys have 32 bytes: the secured ones, which hash theirs, and those of the others
//! whose keys have that length. The keys of the rest have from 1 to 12 bytes; there it finds a leaf that
//! is not deep enough, or a branch with a value, and says so.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "../../../core/tests/common/mod.rs"]
mod common;
#[path = "tries/judges.rs"]
mod judges;
mod tries;
#[path = "tries/walker.rs"]
mod walker;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use common::{json, quantity, unhex, vectors};
use eth_trie::{EthTrie, MemoryDB, Trie as _};
use healthrecord::core::chain::account::{Account, EMPTY_ROOT};
use healthrecord::core::chain::trie::{NodeRef, NodeRule, NodeSet, TrieError};
use healthrecord::core::{Address, B256, U256, keccak256};
use judges::{Alloy, Answer, Kind, alloy, answer, decode, eth_trie, ours};
use serde_json::Value;
use tries::{Trie, distinct};
use walker::Walker;

/// A trie as its source gives it: the last value of every key that was ever named, and the root.
struct Source {
    name: String,
    is_secured: bool,
    entries: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    root: B256,
}

impl Source {
    /// The key as the trie has it.
    fn path(&self, key: &[u8]) -> Vec<u8> {
        if self.is_secured { keccak256(key).0.to_vec() } else { key.to_vec() }
    }

    /// All keys as the trie has them, if it has entries only under such as have 32 bytes.
    fn paths(&self) -> Option<Vec<B256>> {
        let is_empty = self.entries.values().all(Option::is_none);
        let whole = |path: Vec<u8>| path.try_into().ok().map(B256);
        // Any path will do where there is nothing.
        let path = |key: &Vec<u8>| if is_empty { Some(keccak256(key)) } else { whole(self.path(key)) };
        self.entries.keys().map(path).collect()
    }

    fn build(&self) -> EthTrie<MemoryDB> {
        let mut trie = EthTrie::new(Arc::new(MemoryDB::new(true)));
        for (key, value) in &self.entries {
            if let Some(value) = value {
                trie.insert(&self.path(key), value).unwrap();
            }
        }
        trie
    }
}

/// Text, or the bytes that it is the hex of.
fn bytes(text: &str) -> Vec<u8> {
    if text.starts_with("0x") { unhex(text) } else { text.as_bytes().to_vec() }
}

fn sources(folder: &Path) -> Vec<Source> {
    let mut sources = vec![];
    for (file, is_secured) in [
        ("trieanyorder", false),
        ("trieanyorder_secureTrie", true),
        ("trietest", false),
        ("trietest_secureTrie", true),
        ("hex_encoded_securetrie_test", true),
    ] {
        let tries = json(folder.join(format!("mpt/{file}.json")));
        for (name, trie) in tries.as_object().unwrap() {
            let entry = |key: &str, value: &Value| (bytes(key), value.as_str().map(bytes));
            let input = &trie["in"];
            let entries = if let Some(entries) = input.as_object() {
                entries.iter().map(|(key, value)| entry(key, value)).collect()
            } else {
                let steps = input.as_array().unwrap().iter();
                steps.map(|step| entry(step[0].as_str().unwrap(), &step[1])).collect()
            };
            let root = B256(quantity(&trie["root"]));
            sources.push(Source { name: format!("{file}, {name}"), is_secured, entries, root });
        }
    }
    sources
}

/// Reads every key from under the root of the source.
fn read(source: &Source, paths: &[B256]) {
    let name = &source.name;
    let values: Vec<&Option<Vec<u8>>> = source.entries.values().collect();
    let present =
        paths.iter().zip(&values).filter_map(|(path, value)| Some((*path, value.as_ref()?.clone())));
    let (root, proofs) = Trie::new(present).prove(paths);
    assert_eq!(root, source.root, "{name}");
    let nodes = distinct(&proofs);
    let kind = if name.starts_with("hex_encoded") { Kind::Accounts } else { Kind::Words };
    let ours = ours(&nodes, source.root, kind, paths).unwrap();
    ours.finish.unwrap();
    let second = Walker::new(&nodes);
    for (((path, value), proof), answered) in paths.iter().zip(values).zip(&proofs).zip(ours.answers) {
        let way = second.walk(source.root, path);
        assert_eq!(&way.end.as_ref().unwrap().value, value, "{name}");
        let theirs = value.as_ref().map_or(Ok(Answer::Absent), |value| decode(value, kind));
        assert_eq!(answer(&way, kind), theirs);
        match theirs {
            Ok(answer) => assert_eq!(answered, Ok(answer), "{name}"),
            // A text is no word; but the walk has come to the node that holds it.
            Err(_) => match answered {
                Err(TrieError::Value { node, .. }) => {
                    assert_eq!(nodes.get(node as usize), proof.last(), "{name}");
                }
                other => panic!("{name}: {other:?}"),
            },
        }
        assert_eq!(alloy(source.root, path, value.clone(), proof), Alloy::Takes, "{name}");
        let proof = if proof.is_empty() { &vec![vec![0x80]] } else { proof };
        assert_eq!(&eth_trie(source.root, path, proof), value, "{name}");
    }
}

/// Asks for keys that are too short, filled up with zeros: none is read, and none is absent.
fn refuse(source: &Source, built: &mut EthTrie<MemoryDB>) {
    for key in source.entries.iter().filter(|(_, value)| value.is_some()).map(|(key, _)| key) {
        let nodes = built.get_proof(key).unwrap();
        let mut path = B256::ZERO;
        path.0[..key.len()].copy_from_slice(key);
        let ours = ours(&nodes, source.root, Kind::Words, &[path]).unwrap();
        let [Err(TrieError::MalformedNode { rule: NodeRule::LeafPath | NodeRule::BranchValue, .. })] =
            ours.answers[..]
        else {
            panic!("{}: {:?}", source.name, ours.answers);
        };
    }
}

#[test]
fn the_tries_of_ethereum_tests_have_their_roots_and_entries() {
    let Some(folder) = vectors(25) else { return };
    let (mut secured, mut others, mut short) = (0, 0, 0);
    for source in sources(&folder) {
        let mut built = source.build();
        assert_eq!(built.root_hash().unwrap().0, source.root.0, "{}", source.name);
        match source.paths() {
            Some(paths) => {
                read(&source, &paths);
                if source.is_secured { secured += 1 } else { others += 1 }
            }
            None => {
                refuse(&source, &mut built);
                short += 1;
            }
        }
    }
    // One of the others has keys of 32 bytes, and one has lost all entries.
    assert_eq!((secured, others, short), (13, 2, 10));
}

/// The same accounts by their addresses alone, as anybody reads them.
#[test]
fn the_accounts_of_ethereum_tests_are_read_by_their_addresses() {
    let Some(folder) = vectors(3) else { return };
    let mut accounts = 0;
    for source in sources(&folder).iter().filter(|source| source.name.starts_with("hex_encoded")) {
        let paths = source.paths().unwrap();
        let entries = paths.iter().copied().zip(source.entries.values().flatten().cloned());
        let (_, proofs) = Trie::new(entries).prove(&paths);
        let nodes = distinct(&proofs);
        let mut memory = vec![NodeRef::EMPTY; nodes.len()];
        let mut set = NodeSet::new(nodes.iter().map(Vec::as_slice), &mut memory).unwrap();
        for (key, value) in &source.entries {
            let address = Address(key.as_slice().try_into().unwrap());
            let account = set.account(source.root, &address).unwrap().map(Answer::Account);
            assert_eq!(account, Some(decode(value.as_ref().unwrap(), Kind::Accounts).unwrap()));
            accounts += 1;
        }
        set.finish().unwrap();
    }
    assert_eq!(accounts, 12);
}

/// The states that geth began its chains with, from the accounts in their genesis files.
#[test]
fn the_first_states_of_geth_are_read_account_by_account() {
    let Some(folder) = vectors(6) else { return };
    let mut accounts = 0;
    for name in ["paris", "shanghai", "cancun", "prague", "amsterdam"]
        .map(|fork| format!("geth-1.17.8-{fork}"))
        .iter()
        .chain([&"clique-geth-1.13.15".to_owned()])
    {
        let file = json(folder.join(format!("geth/{name}.json")));
        let root = B256(quantity(&file["genesis"]["stateRoot"]));
        let held = |account: &Value| {
            let number = |field: &str| match account.get(field) {
                Some(number) => U256::from_be_bytes(quantity(number)),
                None => U256::ZERO,
            };
            Account {
                nonce: number("nonce").to_u64().unwrap(),
                balance: number("balance"),
                storage_root: EMPTY_ROOT,
                code_hash: keccak256(&account["code"].as_str().map(unhex).unwrap_or_default()),
            }
        };
        let alloc = file["genesisJson"]["alloc"].as_object().unwrap();
        let alloc: BTreeMap<Address, Account> = alloc
            .iter()
            .map(|(address, account)| (Address(unhex(address).try_into().unwrap()), held(account)))
            .collect();
        let path = |address: &Address| keccak256(&address.0);
        let trie = Trie::new(alloc.iter().map(|(address, account)| (path(address), encode_account(account))));
        let absent = Address([0xab; 20]);
        let asked: Vec<Address> = alloc.keys().copied().chain([absent]).collect();
        let (built, proofs) = trie.prove(&asked.iter().map(path).collect::<Vec<_>>());
        assert_eq!(built, root, "{name}");
        let nodes = distinct(&proofs);
        let mut memory = vec![NodeRef::EMPTY; nodes.len()];
        let mut set = NodeSet::new(nodes.iter().map(Vec::as_slice), &mut memory).unwrap();
        for address in &asked {
            assert_eq!(set.account(root, address).unwrap(), alloc.get(address).copied(), "{name}");
        }
        set.finish().unwrap();
        accounts += alloc.len();
    }
    assert!(accounts > 20, "{accounts}");
}

fn encode_account(account: &Account) -> Vec<u8> {
    let mut stream = rlp::RlpStream::new_list(4);
    stream.append(&account.nonce);
    stream.append(&account.balance.minimal_be_bytes());
    stream.append(&&account.storage_root.0[..]);
    stream.append(&&account.code_hash.0[..]);
    stream.out().to_vec()
}
