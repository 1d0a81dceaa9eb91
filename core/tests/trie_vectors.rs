//! Proofs that nobody here made verify to their values, and no mutilated one verifies to anything.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::cast_possible_truncation)]

mod common;

use std::path::Path;

use common::{hex, json, quantity, vectors};
use healthrecord_core::chain::account::Account;
use healthrecord_core::chain::trie::{NodeRef, NodeSet, TrieError};
use healthrecord_core::health::anchor::{Anchor as _, HashRule, PinnedHash};
use healthrecord_core::{Address, B256, U256, keccak256};
use serde_json::Value;

/// A proof as a prover hands it over, and what it is expected to prove.
#[derive(Clone)]
struct Case {
    name: String,
    header: Vec<u8>,
    block_hash: B256,
    address: Address,
    account: Option<Account>,
    slots: Vec<(B256, U256)>,
    nodes: Vec<Vec<u8>>,
}

#[derive(Debug)]
#[expect(dead_code, reason = "the test prints it")]
enum Fault {
    Anchor(healthrecord_core::health::anchor::AnchorError),
    Trie(TrieError),
}

type Proved = (Option<Account>, Vec<U256>);

fn verify(case: &Case) -> Result<Proved, Fault> {
    let trusted =
        PinnedHash::new(case.block_hash, HashRule::Plain).trust(&case.header).map_err(Fault::Anchor)?;
    verify_nodes(case, trusted.header().state_root()).map_err(Fault::Trie)
}

fn verify_nodes(case: &Case, state_root: B256) -> Result<Proved, TrieError> {
    let mut memory = vec![NodeRef::EMPTY; case.nodes.len()];
    let mut set = NodeSet::new(case.nodes.iter().map(Vec::as_slice), &mut memory)?;
    let account = set.account(state_root, &case.address)?;
    let words = match account {
        None => vec![],
        Some(account) => case
            .slots
            .iter()
            .map(|(slot, _)| set.storage(account.storage_root, slot))
            .collect::<Result<_, _>>()?,
    };
    set.finish()?;
    Ok((account, words))
}

/// Every distinct node of an `eth_getProof` answer, in the order of its first appearance.
fn nodes(proof: &Value) -> Vec<Vec<u8>> {
    let storage =
        proof["storageProof"].as_array().unwrap().iter().flat_map(|slot| slot["proof"].as_array().unwrap());
    let mut nodes: Vec<Vec<u8>> = vec![];
    for node in proof["accountProof"].as_array().unwrap().iter().chain(storage).map(hex) {
        if !nodes.contains(&node) {
            nodes.push(node);
        }
    }
    nodes
}

fn case(name: &str, header: Vec<u8>, block_hash: B256, proof: &Value) -> Case {
    let account = Account {
        nonce: U256::from_be_bytes(quantity(&proof["nonce"])).to_u64().unwrap(),
        balance: U256::from_be_bytes(quantity(&proof["balance"])),
        storage_root: B256(quantity(&proof["storageHash"])),
        code_hash: B256(quantity(&proof["codeHash"])),
    };
    let slots = proof["storageProof"].as_array().unwrap();
    Case {
        name: name.to_owned(),
        header,
        block_hash,
        address: hex(&proof["address"]).as_slice().try_into().unwrap(),
        // geth describes an absent account by zero hashes, which no account has.
        account: (!account.code_hash.is_zero()).then_some(account),
        slots: slots
            .iter()
            .map(|slot| (B256(quantity(&slot["key"])), U256::from_be_bytes(quantity(&slot["value"]))))
            .collect(),
        nodes: nodes(proof),
    }
}

/// The header of a block from its JSON, in the order of the fields' introduction.
fn header_rlp(block: &Value) -> Vec<u8> {
    const FIELDS: [(&str, bool); 21] = [
        ("parentHash", false),
        ("sha3Uncles", false),
        ("miner", false),
        ("stateRoot", false),
        ("transactionsRoot", false),
        ("receiptsRoot", false),
        ("logsBloom", false),
        ("difficulty", true),
        ("number", true),
        ("gasLimit", true),
        ("gasUsed", true),
        ("timestamp", true),
        ("extraData", false),
        ("mixHash", false),
        ("nonce", false),
        ("baseFeePerGas", true),
        ("withdrawalsRoot", false),
        ("blobGasUsed", true),
        ("excessBlobGas", true),
        ("parentBeaconBlockRoot", false),
        ("requestsHash", false),
    ];
    let mut list = rlp::RlpStream::new();
    list.begin_unbounded_list();
    for (name, is_number) in FIELDS {
        if !block[name].is_null() {
            let bytes = if is_number { quantity(&block[name]).to_vec() } else { hex(&block[name]) };
            let zeros = bytes.iter().take_while(|byte| is_number && **byte == 0).count();
            list.append(&&bytes[zeros..]);
        }
    }
    list.finalize_unbounded_list();
    list.out().to_vec()
}

fn mainnet(folder: &Path) -> Case {
    let file = json(folder.join("mpt/mainnet-23223655-weth-mapping.json"));
    let hash = B256(quantity(&file["header"]["hash"]));
    case("mainnet 23223655, WETH", header_rlp(&file["header"]), hash, &file["proof"])
}

fn geth(folder: &Path) -> Vec<Case> {
    let mut cases = vec![];
    for fork in ["paris", "shanghai", "cancun", "prague", "amsterdam"] {
        let file = json(folder.join(format!("geth/geth-1.17.8-{fork}.json")));
        for (number, key) in [(1, "proof_0x1"), (3, "proof_0x3")] {
            let block = file["blocks"]
                .as_array()
                .unwrap()
                .iter()
                .find(|block| block["block"]["number"] == format!("0x{number}"))
                .unwrap();
            let hash = B256(quantity(&block["block"]["hash"]));
            cases.push(case(
                &format!("geth {fork}, block {number}"),
                hex(&block["rawHeader"]),
                hash,
                &file[key],
            ));
        }
    }
    let file = json(folder.join("geth/clique-geth-1.13.15.json"));
    let root = nodes(&file["proof"])[0].clone();
    let root = keccak256(&root).to_string();
    let block =
        file["blocks"].as_array().unwrap().iter().find(|block| block["block"]["stateRoot"] == root).unwrap();
    let hash = B256(quantity(&block["block"]["hash"]));
    cases.push(case("geth clique", hex(&block["rawHeader"]), hash, &file["proof"]));
    cases
}

/// The exchanges of execution-apis, each with the block whose state root its proof starts from.
fn execution_apis(folder: &Path) -> Vec<Case> {
    let chain = std::fs::read(folder.join("mpt/execution-apis-chain.rlp")).unwrap();
    let mut headers = vec![];
    let mut reader = healthrecord_core::grammar::rlp::Reader::new(&chain);
    while !reader.is_empty() {
        let header = reader.item().unwrap().list().unwrap().item().unwrap();
        headers.push(header.raw.to_vec());
    }
    ["blockhash", "default-block", "latest", "with-storage"]
        .into_iter()
        .map(|name| {
            let text = common::read(folder.join(format!("mpt/get-account-proof-{name}.io")));
            let answer = text.lines().find_map(|line| line.strip_prefix("<< ")).unwrap();
            let answer: Value = serde_json::from_str(answer).unwrap();
            let root = keccak256(&nodes(&answer["result"])[0]);
            let header = headers
                .iter()
                .find(|header| {
                    healthrecord_core::chain::header::Header::decode(header).unwrap().state_root() == root
                })
                .unwrap();
            case(&format!("execution-apis {name}"), header.clone(), keccak256(header), &answer["result"])
        })
        .collect()
}

fn cases(folder: &Path) -> Vec<Case> {
    let mut cases = vec![mainnet(folder)];
    cases.extend(geth(folder));
    cases.extend(execution_apis(folder));
    cases
}

#[test]
fn proofs_of_other_clients_verify_to_their_values() {
    let Some(folder) = vectors(16) else { return };
    let cases = cases(&folder);
    assert_eq!(cases.len(), 16);
    let mut unset = 0;
    for case in &cases {
        let (account, words) = verify(case).unwrap_or_else(|fault| panic!("{}: {fault:?}", case.name));
        assert_eq!(account, case.account, "{}", case.name);
        let expected: Vec<_> = case.slots.iter().map(|(_, word)| *word).collect();
        assert_eq!(words, expected, "{}", case.name);
        unset += words.iter().filter(|word| word.is_zero()).count();
    }
    assert!(unset > 0, "absence is among what the vectors prove");
}

#[test]
fn truncated_dropped_and_appended_nodes_are_errors() {
    let Some(folder) = vectors(16) else { return };
    let foreign = mainnet(&folder).nodes[3].clone();
    for case in cases(&folder) {
        let is_error = |nodes: Vec<Vec<u8>>, what: &str| {
            let changed = Case { nodes, ..case.clone() };
            if let Ok(proved) = verify(&changed) {
                panic!("{}: {what} proved {proved:?}", case.name);
            }
        };
        for position in 0..case.nodes.len() {
            is_error(case.nodes[..position].to_vec(), "a truncated proof");
            let mut dropped = case.nodes.clone();
            dropped.remove(position);
            is_error(dropped, "a proof without one node");
            for len in 0..case.nodes[position].len() {
                let mut truncated = case.nodes.clone();
                truncated[position].truncate(len);
                is_error(truncated, "a truncated node");
            }
            let mut repeated = case.nodes.clone();
            repeated.push(case.nodes[position].clone());
            is_error(repeated, "a repeated node");
        }
        let mut appended: Vec<&[u8]> = vec![&[], &[0x80], &[0xc0], &[0xc2, 0x20, 0x05]];
        if !case.nodes.contains(&foreign) {
            appended.push(&foreign);
        }
        for node in appended {
            for position in 0..=case.nodes.len() {
                let mut longer = case.nodes.clone();
                longer.insert(position, node.to_vec());
                is_error(longer, "a foreign node");
            }
        }
        for len in 0..case.header.len() {
            let shorter = Case { header: case.header[..len].to_vec(), ..case.clone() };
            assert!(verify(&shorter).is_err(), "{}: a truncated header", case.name);
        }
    }
}

#[test]
fn every_flipped_bit_is_an_error() {
    let Some(folder) = vectors(16) else { return };
    let mut flips = 0_u64;
    for case in cases(&folder) {
        let bits: usize = case.nodes.iter().map(|node| node.len() * 8).sum();
        let mut changed = case.clone();
        for bit in 0..bits {
            flip(&mut changed.nodes, bit);
            let proved = verify(&changed);
            assert!(proved.is_err(), "{}: bit {bit} flipped proved {proved:?}", case.name);
            flip(&mut changed.nodes, bit);
            flips += 1;
        }
        for bit in 0..case.header.len() * 8 {
            let mut changed = case.clone();
            changed.header[bit / 8] ^= 1 << (bit % 8);
            assert!(verify(&changed).is_err(), "{}: header bit {bit}", case.name);
            flips += 1;
        }
    }
    println!("{flips} flips, all of them errors");
}

/// Flips one bit of the nodes taken as one string.
fn flip(nodes: &mut [Vec<u8>], bit: usize) {
    let byte = nodes.iter_mut().flatten().nth(bit / 8).unwrap();
    *byte ^= 1 << (bit % 8);
}

/// Proofs of storage alone: their account part is missing or stale, so the walk starts from the hash
/// of the first node.
#[test]
fn storage_proofs_of_every_shape_verify() {
    let Some(folder) = vectors(5) else { return };
    for (file, present) in [
        ("default_storage_pf.json", true),
        ("small_val_storage_pf.json", true),
        ("noninclusion_branch_pf.json", false),
        ("noninclusion_extension_pf.json", false),
        ("empty_storage_pf.json", false),
    ] {
        let proof = json(folder.join("mpt").join(file));
        let entry = &proof["storageProof"][0];
        let nodes: Vec<Vec<u8>> = entry["proof"].as_array().unwrap().iter().map(hex).collect();
        let root =
            nodes.first().map_or(healthrecord_core::chain::account::EMPTY_ROOT, |node| keccak256(node));
        // A lone 0x80 is how some clients write the empty trie; it is no node.
        let nodes = if nodes == [vec![0x80]] { vec![] } else { nodes };
        let mut memory = vec![NodeRef::EMPTY; nodes.len()];
        let mut set = NodeSet::new(nodes.iter().map(Vec::as_slice), &mut memory).unwrap();
        let word = set.storage(root, &B256(quantity(&entry["key"]))).unwrap();
        set.finish().unwrap();
        assert_eq!(word, U256::from_be_bytes(quantity(&entry["value"])), "{file}");
        assert_eq!(!word.is_zero(), present, "{file}");
    }
}
