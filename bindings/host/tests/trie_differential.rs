//! Generated tries of 0 to 100,000 entries are read as alloy-trie, `eth_trie` and a second walker read
//! them: every value, and every way in which a value may be absent.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "../../../core/tests/common/mod.rs"]
mod common;
#[path = "tries/generated.rs"]
mod generated;
#[path = "tries/judges.rs"]
mod judges;
mod tries;
#[path = "tries/walker.rs"]
mod walker;

use std::collections::{BTreeMap, HashMap};

use common::{Random, is_soak};
use eth_trie::Trie as _;
use generated::{Paths, questions, trie};
use healthrecord::core::chain::trie::{NodeRef, NodeSet};
use healthrecord::core::{B256, U256, keccak256};
use judges::{Alloy, Kind, alloy, answer, decode, eth_trie, eth_trie_of, ours};
use tries::{StorageTrie, Trie, distinct, encode_word};
use walker::{Place, Shape, Walker};

/// How often the ways ended in each manner.
type Ends = BTreeMap<(Shape, Place), u64>;

/// Asks everybody; panics where they differ.
fn agree(trie: &Trie, kind: Kind, asked: &[B256], ends: &mut Ends) {
    let (root, proofs) = trie.prove(asked);
    let mut built = eth_trie_of(trie.entries());
    assert_eq!(built.root_hash().unwrap().0, root.0);
    let nodes = distinct(&proofs);
    let ours = ours(&nodes, root, kind, asked).unwrap();
    ours.finish.unwrap();
    let second = Walker::new(&nodes);
    for ((path, proof), answered) in asked.iter().zip(&proofs).zip(ours.answers) {
        let value = trie.value(path);
        let answered = answered.unwrap();
        assert_eq!(answered, value.map_or(judges::Answer::Absent, |value| decode(value, kind).unwrap()));

        let way = second.walk(root, path);
        assert_eq!(answer(&way, kind), Ok(answered));
        assert!(way.nodes.iter().map(|node| &nodes[*node]).eq(proof));
        let end = way.end.unwrap();
        *ends.entry((end.shape, end.place)).or_default() += 1;

        assert_eq!(alloy(root, path, value.cloned(), proof), Alloy::Takes);
        let other = value.map_or(Some(vec![1]), |_| None);
        assert_eq!(alloy(root, path, other, proof), Alloy::Refuses);

        assert_eq!(&built.get_proof(&path.0).unwrap(), proof);
        // The empty trie has no node for us, and the empty string for others.
        let proof = if proof.is_empty() { &vec![vec![0x80]] } else { proof };
        assert_eq!(eth_trie(root, path, proof).as_ref(), value);
    }
}

#[test]
fn every_answer_is_that_of_alloy_and_of_eth_trie() {
    let mut sizes = vec![
        (0, 10, 3),
        (1, 60, 8),
        (2, 300, 8),
        (17, 200, 20),
        (100, 40, 60),
        (1_000, 4, 200),
        (10_000, 1, 300),
    ];
    if is_soak() {
        sizes.push((100_000, 1, 1_000));
    }
    let mut random = Random(20);
    for kind in [Kind::Words, Kind::Accounts] {
        for paths in [Paths::Hashed, Paths::Crowded] {
            let mut ends = Ends::new();
            for (size, rounds, count) in &sizes {
                for _ in 0..*rounds {
                    let trie = trie(&mut random, kind, paths, *size);
                    let asked = questions(&mut random, &trie, paths, *count);
                    agree(&trie, kind, &asked, &mut ends);
                }
            }
            println!("{kind:?}, {paths:?}: {ends:?}");
            assert!(ends[&(Shape::EmptyTrie, Place::Root)] >= 20);
            for shape in [Shape::Value, Shape::EmptySlot, Shape::DivergingLeaf, Shape::DivergingExtension] {
                for place in [Place::Root, Place::ByHash, Place::InParent] {
                    let found = ends.get(&(shape, place)).copied().unwrap_or_default();
                    // Accounts have more than 32 bytes, and hashes seldom meet that far.
                    let is_possible =
                        place != Place::InParent || (kind, paths) == (Kind::Words, Paths::Crowded);
                    assert_eq!(found >= 20, is_possible, "{found} of {shape:?}, {place:?}");
                }
            }
        }
    }
}

/// Slots whose hashes begin alike, found by hashing many: so a chain has leaves below 32 bytes too.
#[test]
fn slots_with_like_hashes_stand_inside_their_parents() {
    let slot = |number: u64| B256::from(U256::from(number));
    let mut begins = HashMap::<[u8; 4], u64>::new();
    let mut pairs = vec![];
    for number in 0..400_000 {
        let hash = keccak256(&slot(number).0);
        let begin = hash.0.first_chunk().copied().unwrap();
        if let Some(other) = begins.insert(begin, number) {
            pairs.push((slot(other), slot(number)));
        }
    }
    assert!(pairs.len() >= 8, "{} pairs", pairs.len());
    let words = (0..2_000).map(|number| (slot(number), U256::from(number + 1)));
    let small =
        pairs.iter().flat_map(|(one, other)| [(*one, U256::from(7_u64)), (*other, U256::from(9_u64))]);
    let storage = StorageTrie::new(words.chain(small));
    let asked: Vec<B256> = pairs.iter().flat_map(|(one, other)| [*one, *other]).collect();
    let (root, proofs) = storage.prove(&asked);
    let nodes = distinct(&proofs);

    let mut memory = vec![NodeRef::EMPTY; nodes.len()];
    let mut set = NodeSet::new(nodes.iter().map(Vec::as_slice), &mut memory).unwrap();
    let second = Walker::new(&nodes);
    for (slot, proof) in asked.iter().zip(&proofs) {
        let (path, value) = (keccak256(&slot.0), encode_word(storage.word(slot)));
        assert_eq!(set.storage(root, slot), Ok(storage.word(slot)));
        assert_eq!(second.walk(root, &path).end.unwrap().place, Place::InParent);
        assert_eq!(alloy(root, &path, Some(value.clone()), proof), Alloy::Takes);
        assert_eq!(eth_trie(root, &path, proof), Some(value));
    }
    set.finish().unwrap();
}
