//! Random writes and removals against a map, and its trie as alloy builds it.

use std::collections::BTreeMap;

use alloy_trie::proof::{ProofRetainer, verify_proof};
use alloy_trie::{HashBuilder, Nibbles};
use healthrecord_core::chain::account::EMPTY_ROOT;
use healthrecord_core::{B256, keccak256};

use super::{Trie, ordered_root};

/// `SplitMix64` (Steele et al. 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> usize {
        usize::try_from(self.next() % bound).unwrap()
    }
}

/// Root and proof by alloy; of its nodes only those that are not inline, as EIP-1186 has them.
fn alloy(map: &BTreeMap<Vec<u8>, Vec<u8>>, asked: &[u8]) -> (B256, Vec<Vec<u8>>) {
    let target = Nibbles::unpack(asked);
    let mut builder = HashBuilder::default().with_proof_retainer(ProofRetainer::new(vec![target]));
    for (key, value) in map {
        builder.add_leaf(Nibbles::unpack(key), value);
    }
    let root = B256(builder.root().0);
    let nodes = builder.take_proof_nodes().matching_nodes_sorted(&target);
    let hashed = |(path, node): (Nibbles, alloy_primitives::Bytes)| {
        ((node.len() >= 32 || path.is_empty()) && node[..] != [0x80]).then(|| node.to_vec())
    };
    (root, nodes.into_iter().filter_map(hashed).collect())
}

/// Keys of `len` bytes: short ones make dense tries with inline nodes, long ones sparse tries with
/// extensions.
fn hold(len: usize, alphabet: u64, steps: u64) {
    let mut random = Random(steps ^ alphabet);
    let mut map = BTreeMap::new();
    let mut trie = Trie::default();
    let mut snapshots = vec![];
    let mut inline = 0;
    for step in 0..steps {
        let key: Vec<u8> = (0..len).map(|_| u8::try_from(random.below(alphabet)).unwrap()).collect();
        // Phases of growth and of decline, down to nothing.
        if random.below(10) < if step / 400 % 2 == 0 { 7 } else { 2 } {
            let value = vec![u8::try_from(random.below(255)).unwrap() + 1; 1 + random.below(40)];
            map.insert(key.clone(), value.clone());
            trie.insert(&key, value);
        } else {
            let victim = match map.keys().nth(random.below(map.len() as u64 + 1)) {
                Some(present) => present.clone(),
                None => key.clone(),
            };
            map.remove(&victim);
            trie.remove(&victim);
        }
        assert_eq!(trie.get(&key), map.get(&key));
        let (root, proof) = alloy(&map, &key);
        assert_eq!(trie.root(), root);
        assert_eq!(trie.proof(&key), proof);
        if len == 32 {
            let nodes: Vec<_> = proof.into_iter().map(Into::into).collect();
            verify_proof(root.0.into(), Nibbles::unpack(&key), map.get(&key).cloned(), &nodes).unwrap();
        } else {
            inline += usize::from(proof.len() < 2 && map.len() > 1);
        }
        if step % 50 == 0 {
            snapshots.push((trie.clone(), root));
        }
    }
    for (trie, root) in snapshots {
        assert_eq!(trie.root(), root, "a snapshot does not change");
    }
    for key in map.keys() {
        trie.remove(key);
    }
    assert_eq!(trie.root(), EMPTY_ROOT);
    assert!(len > 1 || inline > 0);
}

#[test]
fn short_keys_with_inline_nodes() {
    hold(1, 256, 3_000);
}

#[test]
fn crowded_keys() {
    hold(3, 3, 3_000);
    hold(4, 18, 2_000);
}

#[test]
fn keys_of_hashes_length() {
    hold(32, 2, 1_000);
    hold(32, 256, 1_000);
}

#[test]
fn a_root_node_shorter_than_32_bytes_is_hashed() {
    let mut trie = Trie::default();
    trie.insert(&[1], vec![5]);
    let node = trie.proof(&[1]);
    assert_eq!(node, [[0xc4, 0x82, 0x20, 0x01, 0x05]]);
    assert_eq!(trie.root(), keccak256(&node[0]));
}

#[test]
fn ordered_items_have_alloys_root() {
    for count in [0, 1, 2, 127, 128, 129, 300] {
        let items: Vec<Vec<u8>> = (0..count).map(|index| vec![7; 1 + index % 60]).collect();
        let root = alloy_trie::root::ordered_trie_root_with_encoder(&items, |item, out| {
            out.extend_from_slice(item);
        });
        assert_eq!(ordered_root(items.into_iter()).0, root.0);
    }
}
