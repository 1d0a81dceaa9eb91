//! Random tries built by alloy, read here; and the proofs that released verifiers took wrongly.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::collections::BTreeMap;

use alloy_primitives::Bytes;
use alloy_trie::proof::{ProofRetainer, verify_proof};
use alloy_trie::{HashBuilder, Nibbles};
use common::Random;
use healthrecord_core::chain::account::EMPTY_ROOT;
use healthrecord_core::chain::trie::{NodeRef, NodeRule, NodeSet, TrieError};
use healthrecord_core::{B256, U256, keccak256};

/// A storage trie from slots and words, with the proof nodes of `asked`.
fn alloy_trie(slots: &BTreeMap<B256, U256>, asked: &[B256]) -> (B256, Vec<Vec<u8>>, Vec<Vec<Bytes>>) {
    let path = |slot: &B256| Nibbles::unpack(keccak256(&slot.0).0);
    let leaves: BTreeMap<_, _> = slots.iter().map(|(slot, word)| (path(slot), word)).collect();
    let retainer = ProofRetainer::new(asked.iter().map(path).collect());
    let mut builder = HashBuilder::default().with_proof_retainer(retainer);
    for (path, word) in leaves {
        let mut value = [0; 40];
        let mut buffer = healthrecord_core::matter::sink::Buffer::new(&mut value);
        healthrecord_core::grammar::rlp::put_uint(&mut buffer, *word).unwrap();
        builder.add_leaf(path, buffer.into_written());
    }
    let root = B256(builder.root().0);
    let proofs = builder.take_proof_nodes();
    let each = asked
        .iter()
        .map(|slot| {
            proofs.matching_nodes_sorted(&path(slot)).into_iter().map(|(_, node)| node).collect::<Vec<_>>()
        })
        .collect::<Vec<Vec<Bytes>>>();
    let mut nodes: Vec<Vec<u8>> = vec![];
    for node in each.iter().flatten() {
        // alloy hands out inline nodes as proof nodes too; they stand in their parents already.
        if (node.len() >= 32 || keccak256(node) == root)
            && !nodes.contains(&node.to_vec())
            && node[..] != [0x80]
        {
            nodes.push(node.to_vec());
        }
    }
    (root, nodes, each)
}

fn prove(root: B256, nodes: &[Vec<u8>], slots: &[B256]) -> Result<Vec<U256>, TrieError> {
    let mut memory = vec![NodeRef::EMPTY; nodes.len()];
    let mut set = NodeSet::new(nodes.iter().map(Vec::as_slice), &mut memory)?;
    let words = slots.iter().map(|slot| set.storage(root, slot)).collect::<Result<_, _>>()?;
    set.finish()?;
    Ok(words)
}

fn slot(number: u64) -> B256 {
    U256::from(number).into()
}

#[test]
fn random_tries_of_alloy_are_read_to_their_words() {
    let mut random = Random(3);
    let (mut present, mut absent) = (0, 0);
    for round in 0..400 {
        let size = random.below(if round % 40 == 0 { 2_000 } else { 60 });
        let slots: BTreeMap<B256, U256> = (0..size)
            .map(|_| {
                let word = if random.below(2) == 0 {
                    U256::from(random.next() % 200 + 1)
                } else {
                    U256::from_be_slice(&random.bytes(32)).unwrap()
                };
                (slot(random.next() % 4_000), word)
            })
            .collect();
        let mut asked: Vec<B256> = (0..1 + random.below(20)).map(|_| slot(random.next() % 8_000)).collect();
        asked.extend(slots.keys().take(5));
        let (root, nodes, each) = alloy_trie(&slots, &asked);
        if slots.is_empty() {
            assert_eq!(root, EMPTY_ROOT);
        }
        let words = prove(root, &nodes, &asked).unwrap();
        for ((slot, word), proof) in asked.iter().zip(&words).zip(&each) {
            assert_eq!(*word, slots.get(slot).copied().unwrap_or_default());
            let value = (!word.is_zero()).then(|| {
                let mut value = [0; 40];
                let mut buffer = healthrecord_core::matter::sink::Buffer::new(&mut value);
                healthrecord_core::grammar::rlp::put_uint(&mut buffer, *word).unwrap();
                buffer.into_written().to_vec()
            });
            let path = Nibbles::unpack(keccak256(&slot.0).0);
            verify_proof(root.0.into(), path, value.clone(), proof).unwrap();
            if value.is_some() { present += 1 } else { absent += 1 }
        }
    }
    assert!(present > 1_000 && absent > 1_000, "{present} present, {absent} absent");
}

/// The root's list of items, from a node's RLP.
fn list(items: &[&[u8]]) -> Vec<u8> {
    let mut stream = ::rlp::RlpStream::new_list(items.len());
    for item in items {
        stream.append_raw(item, 1);
    }
    stream.out().to_vec()
}

fn string(bytes: &[u8]) -> Vec<u8> {
    ::rlp::encode(&bytes).to_vec()
}

/// Hex-prefix encoding of the nibbles `from..to` of a slot's key.
fn path(slot: &B256, from: usize, to: usize, leaf: bool) -> Vec<u8> {
    let key = keccak256(&slot.0);
    let nibbles: Vec<u8> = key.0.iter().flat_map(|byte| [byte >> 4, byte & 15]).collect();
    let nibbles = &nibbles[from..to];
    let odd = nibbles.len() % 2 == 1;
    let flag = (u8::from(leaf) * 2 + u8::from(odd)) << 4;
    let mut bytes = vec![if odd { flag | nibbles[0] } else { flag }];
    bytes.extend(nibbles[usize::from(odd)..].chunks(2).map(|pair| pair[0] << 4 | pair[1]));
    bytes
}

fn branch(children: &[(u8, Vec<u8>)], value: &[u8]) -> Vec<u8> {
    let empty = vec![0x80];
    let mut items = vec![empty; 17];
    for (nibble, child) in children {
        items[usize::from(*nibble)].clone_from(child);
    }
    items[16] = string(value);
    list(&items.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn nibble(slot: &B256, position: usize) -> u8 {
    let byte = keccak256(&slot.0).0[position / 2];
    if position.is_multiple_of(2) { byte >> 4 } else { byte & 15 }
}

/// A branch over one hashed leaf of `slot`, and that leaf.
fn branch_and_leaf(slot: &B256, value: &[u8]) -> [Vec<u8>; 2] {
    let leaf = list(&[&string(&path(slot, 1, 64, true)), &string(value)]);
    let other = string(&[0xaa; 32]);
    let first = nibble(slot, 0);
    let node = branch(&[(first, string(&keccak256(&leaf).0)), ((first + 1) % 16, other)], &[]);
    [node, leaf]
}

/// What alloy-trie ≤ 0.9.6 took for an answer: first a proof that ends early, read as absence; then
/// an appended node, read as a value; then an inline extension over an inline leaf, a panic.
#[test]
fn the_faults_of_others_are_errors() {
    let key = slot(7);
    let [top, leaf] = branch_and_leaf(&key, &[0x2a]);
    let root = keccak256(&top);
    assert_eq!(prove(root, &[top.clone(), leaf.clone()], &[key]).unwrap(), [U256::from(0x2a_u64)]);

    let truncated = prove(root, core::slice::from_ref(&top), &[key]);
    assert_eq!(truncated, Err(TrieError::MissingNode { hash: keccak256(&leaf), parent: Some(0) }));

    let absent = (0..).map(slot).find(|slot| nibble(slot, 0) == (nibble(&key, 0) + 2) % 16).unwrap();
    let forged = list(&[&string(&path(&absent, 1, 64, true)), &string(&[0x2a])]);
    let appended = prove(root, &[top.clone(), forged], &[absent]);
    assert_eq!(appended, Err(TrieError::UnusedNode { node: 1 }));

    let inline_leaf = list(&[&[0x20], &[0x05]]);
    let first = nibble(&key, 0);
    // No trie has a leaf below an extension: their paths would be one.
    let fitting = list(&[&string(&path(&key, 1, 2, false)), &inline_leaf]);
    let top = branch(&[(first, fitting), ((first + 1) % 16, string(&[0xaa; 32]))], &[]);
    assert_eq!(
        prove(keccak256(&top), &[top], &[key]),
        Err(TrieError::MalformedNode { node: 0, rule: NodeRule::ExtensionChild })
    );
}

#[test]
fn each_broken_rule_has_its_error_and_node() {
    let key = slot(7);
    let first = nibble(&key, 0);
    let rule = |rule| Err(TrieError::MalformedNode { node: 0, rule });
    let whole = string(&path(&key, 0, 64, true));
    let one = |node: Vec<u8>| prove(keccak256(&node), &[node], &[key]);

    assert_eq!(one(list(&[&whole])), rule(NodeRule::ItemCount));
    assert_eq!(one(list(&[&whole, &[1], &[1]])), rule(NodeRule::ItemCount));
    assert_eq!(one(list(&[&[0x40], &[1]])), rule(NodeRule::PathFlags));
    assert_eq!(one(list(&[&[0x01], &[1]])), rule(NodeRule::PathFlags));
    assert_eq!(one(list(&[&[0x80], &[1]])), rule(NodeRule::PathFlags));
    assert_eq!(one(list(&[&[0x00], &string(&[0xaa; 32])])), rule(NodeRule::EmptyPath));
    assert_eq!(
        one(list(&[&string(&path(&key, 0, 64, false)), &string(&[0xaa; 32])])),
        rule(NodeRule::TooDeep)
    );
    assert_eq!(one(list(&[&string(&path(&key, 0, 63, true)), &[1]])), rule(NodeRule::LeafPath));
    assert_eq!(one(list(&[&whole, &[0x80]])), rule(NodeRule::EmptyValue));
    assert_eq!(one(branch(&[(first, string(&[0xaa; 32]))], &[1])), rule(NodeRule::BranchValue));
    assert_eq!(one(branch(&[], &[])), rule(NodeRule::BranchChildren));
    assert_eq!(one(branch(&[(first, string(&[0xaa; 32]))], &[])), rule(NodeRule::BranchChildren));
    assert_eq!(
        one(branch(&[(first, string(&[0xaa; 31])), (first ^ 1, string(&[0xaa; 32]))], &[])),
        rule(NodeRule::Reference)
    );
    assert_eq!(one(list(&[&string(&path(&key, 0, 1, false)), &[0x05]])), rule(NodeRule::Reference));

    let large = list(&[&string(&path(&key, 1, 64, true)), &string(&[7; 20])]);
    let inline = branch(&[(first, large), ((first + 1) % 16, string(&[0xaa; 32]))], &[]);
    assert_eq!(one(inline), Err(TrieError::WrongReference { node: 0 }));

    let short = list(&[&[0x20], &[0x05]]);
    let by_hash = branch(&[(first, string(&keccak256(&short).0)), (first ^ 1, string(&[0xaa; 32]))], &[]);
    assert_eq!(
        prove(keccak256(&by_hash), &[by_hash, short], &[key]),
        Err(TrieError::WrongReference { node: 1 })
    );

    let not_minimal = list(&[&whole, &string(&[0x82, 0x00, 0x05])]);
    assert!(matches!(one(not_minimal), Err(TrieError::Value { node: 0, .. })));
    let too_long = list(&[&whole, &string(&string(&[1; 33]))]);
    assert!(matches!(one(too_long), Err(TrieError::Value { node: 0, .. })));
    assert!(matches!(one(vec![0xc2, 0x81, 0x05]), Err(TrieError::Rlp { node: 0, .. })));
    assert_eq!(one(list(&[&whole, &string(&[0x80])])), Err(TrieError::ZeroValue { node: 0 }));

    let mut memory = [NodeRef::EMPTY; 1];
    let account = list(&[&string(&path20(&[9; 20])), &string(&[0x05])]);
    let mut set = NodeSet::new([&account[..]], &mut memory).unwrap();
    assert!(matches!(
        set.account(keccak256(&account), &healthrecord_core::Address([9; 20])),
        Err(TrieError::Account { node: 0, .. })
    ));
}

/// The path of a leaf that holds the account at an address.
fn path20(address: &[u8; 20]) -> Vec<u8> {
    let mut bytes = vec![0x20];
    bytes.extend_from_slice(&keccak256(address).0);
    bytes
}

/// The nodes are bytes of anybody's making: whatever they are, the answer is an error or a value.
#[test]
fn nothing_panics_and_nothing_false_is_proved() {
    let mut random = Random(4);
    let slots: BTreeMap<B256, U256> =
        (0..300).map(|number| (slot(number), U256::from(number % 250 + 1))).collect();
    let asked = [slot(5), slot(77), slot(900)];
    let (root, nodes, _) = alloy_trie(&slots, &asked);
    let truth = prove(root, &nodes, &asked).unwrap();
    for _ in 0..30_000 {
        let mut changed = nodes.clone();
        // With the root recomputed from the changed first node, the reader goes on past the first hash.
        let bound = if random.below(2) == 0 { 1 } else { changed.len() };
        let node = random.below(bound);
        for _ in 0..=random.below(3) {
            let len = changed[node].len();
            let position = random.below(len.max(1));
            match random.below(4) {
                0 => changed[node].truncate(position),
                1 => changed[node].insert(position.min(len), random.bytes(1)[0]),
                _ => {
                    if let Some(byte) = changed[node].get_mut(position) {
                        *byte = random.bytes(1)[0];
                    }
                }
            }
        }
        let again = prove(keccak256(&changed[0]), &changed, &asked);
        let proved = prove(root, &changed, &asked);
        if changed != nodes {
            assert!(proved.is_err());
        } else {
            assert_eq!(again, Ok(truth.clone()));
        }
    }
}
