//! Batches: every record of one is proved, and nothing else is.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::Random;
use healthrecord_core::B256;
use healthrecord_core::grammar::merkle::join;
use healthrecord_core::grammar::rlp::{RlpError, RlpRule};
use healthrecord_core::health::record::{
    Batch, BatchError, BatchProof, Leaf, MAX_BATCH_DEPTH, TAG_BATCH, batch_leaf,
};
use sha3::{Digest as _, Keccak256};

fn commitments(count: usize) -> Vec<B256> {
    (0..count).map(|number| B256(Keccak256::digest(number.to_le_bytes()).into())).collect()
}

/// The root by the written rule, with the hash function of others: leaves ascending fill the tree from its
/// end.
fn plain_root(commitments: &[B256]) -> B256 {
    if let [only] = commitments {
        return *only;
    }
    let leaf = |(index, commitment): (usize, &B256)| {
        let index = u32::try_from(index).unwrap().to_be_bytes();
        let parts = [&TAG_BATCH.0[..], &index, &commitment.0].concat();
        B256(Keccak256::digest(parts).into())
    };
    let mut leaves: Vec<B256> = commitments.iter().enumerate().map(leaf).collect();
    leaves.sort_unstable();
    leaves.reverse();
    let mut tree = vec![B256::ZERO; leaves.len() - 1];
    tree.extend(leaves);
    for node in (0..commitments.len() - 1).rev() {
        let mut children = [tree[2 * node + 1], tree[2 * node + 2]];
        children.sort_unstable();
        tree[node] = B256(Keccak256::digest([children[0].0, children[1].0].concat()).into());
    }
    tree[0]
}

fn batch<'m>(commitments: &[B256], memory: &'m mut [Leaf]) -> Batch<'m> {
    let mut batch = Batch::new(memory);
    for (index, commitment) in commitments.iter().enumerate() {
        assert_eq!(batch.push(commitment), Ok(u32::try_from(index).unwrap()));
    }
    batch
}

#[test]
fn every_record_of_a_batch_is_proved_at_its_place_alone() {
    let mut random = Random(10);
    for count in (1..70).chain([255, 256, 257, 1000]) {
        let all = commitments(count);
        let root = batch(&all, &mut vec![Leaf::EMPTY; count]).root().unwrap();
        assert_eq!(root, plain_root(&all), "{count} records");
        let count = u32::try_from(count).unwrap();
        for index in 0..count.min(70) {
            let mut memory = [B256::ZERO; MAX_BATCH_DEPTH];
            let mut leaves = vec![Leaf::EMPTY; all.len()];
            let (again, proof) = batch(&all, &mut leaves).prove(index, &mut memory).unwrap();
            assert_eq!((again, proof.count, proof.index), (root, count, index));
            let own = &all[index as usize];
            assert_eq!(proof.verify(own, root, count), Ok(()));
            if count == 1 {
                assert_eq!(proof, BatchProof::ALONE);
                continue;
            }
            let wrong = |proof: BatchProof<'_>, commitment: &B256| {
                let refused = proof.verify(commitment, root, count);
                assert!(matches!(refused, Err(BatchError::Root { expected, .. }) if expected == root));
            };
            wrong(BatchProof { index: (index + 1) % count, ..proof }, own);
            wrong(proof, &all[(index as usize + 1) % all.len()]);
            let mut siblings = proof.siblings.to_vec();
            let place = random.below(siblings.len());
            siblings[place].0[random.below(32)] ^= 1 << random.below(8);
            wrong(BatchProof { siblings: &siblings, ..proof }, own);
        }
    }
}

/// The leaf of a batch has 68 bytes before it is hashed, a node 64: neither stands in for the other.
#[test]
fn no_node_passes_for_a_record_and_no_record_for_a_node() {
    let all = commitments(4);
    let root = batch(&all, &mut [Leaf::EMPTY; 4]).root().unwrap();
    let mut leaves: Vec<B256> = (0..4).map(|index| batch_leaf(index, &all[index as usize])).collect();
    leaves.sort_unstable();
    let (low, high) = (join(&leaves[0], &leaves[1]), join(&leaves[2], &leaves[3]));
    assert_eq!(join(&low, &high), root);
    // A node in place of a commitment, with the count of a smaller tree.
    for index in 0..2 {
        let forged = BatchProof { count: 2, index, siblings: &[high] };
        assert!(matches!(forged.verify(&low, root, 2), Err(BatchError::Root { .. })));
    }
    // The root, or a leaf, in place of the commitment of a record that was anchored by itself.
    assert_eq!(BatchProof::ALONE.verify(&root, root, 4), Err(BatchError::Count { expected: 4, found: 1 }));
    assert!(BatchProof::ALONE.verify(&all[0], root, 1).is_err());
}

#[test]
fn only_proofs_of_a_possible_length_are_read() {
    let hash = commitments(1)[0];
    for (count, shallow, deep) in
        [(1, 0, 0), (2, 1, 1), (3, 1, 2), (4, 2, 2), (5, 2, 3), (8, 3, 3), (9, 3, 4), (u32::MAX, 31, 32)]
    {
        for length in 0..=34 {
            let siblings = vec![hash; length];
            let proof = BatchProof { count, index: count - 1, siblings: &siblings };
            let expected = Err(BatchError::ProofLength { found: length, count });
            match proof.root(&hash) {
                Ok(_) => assert!((shallow..=deep).contains(&length), "{count} records, {length} hashes"),
                refused => assert_eq!((refused, (shallow..=deep).contains(&length)), (expected, false)),
            }
            let beyond = BatchProof { index: count, ..proof };
            assert_eq!(beyond.root(&hash), Err(BatchError::Index { index: count, count }));
        }
    }
    assert_eq!(BatchProof { count: 0, index: 0, siblings: &[] }.root(&hash), Err(BatchError::Empty));
    assert_eq!(Batch::new(&mut []).root(), Err(BatchError::Empty));
    assert_eq!(Batch::new(&mut []).push(&hash), Err(BatchError::TooMany { capacity: 0 }));
}

#[test]
fn the_binary_form_is_read_as_it_is_written_and_in_no_other_form() {
    let all = commitments(11);
    let (mut memory, mut again) = ([B256::ZERO; MAX_BATCH_DEPTH], [B256::ZERO; MAX_BATCH_DEPTH]);
    let (_, proof) = batch(&all, &mut [Leaf::EMPTY; 11]).prove(7, &mut memory).unwrap();
    let mut written = heapless::Vec::<u8, 1200>::new();
    proof.encode(&mut written).unwrap();
    assert_eq!(BatchProof::decode(&written, &mut again), Ok(proof));
    for len in 0..written.len() {
        assert!(BatchProof::decode(&written[..len], &mut again).is_err(), "{len} bytes");
    }
    let longest = BatchProof { count: u32::MAX, index: u32::MAX - 1, siblings: &[all[0]; MAX_BATCH_DEPTH] };
    let mut written = heapless::Vec::<u8, 1073>::new();
    longest.encode(&mut written).unwrap();
    assert_eq!(written.len(), 1073, "as long as the documentation says");
    assert_eq!(BatchProof::decode(&written, &mut again[..31]), Err(BatchError::TooDeep { capacity: 31 }));

    let rlp = |field, rule, offset| Err(BatchError::Rlp { field, error: RlpError { rule, offset } });
    for (bytes, refused) in [
        (&[0xc4, 1, 2, 0x80, 0xc0][..], Ok(BatchProof { count: 2, index: 0, siblings: &[] })),
        (&[0xc4, 2, 2, 0x80, 0xc0], Err(BatchError::Version { found: 2 })),
        (&[0xc4, 1, 2, 0, 0xc0], rlp("index", RlpRule::LeadingZero, 3)),
        (&[0xc5, 1, 2, 0x80, 0xc0, 0x80], rlp("batch proof", RlpRule::TrailingBytes, 5)),
        (&[0xc5, 1, 2, 0x80, 0xc1, 0x80], rlp("siblings", RlpRule::WrongLength, 5)),
        (&[0xc9, 1, 0x85, 1, 0, 0, 0, 0, 1, 0xc0], rlp("count", RlpRule::IntegerTooLarge, 2)),
    ] {
        assert_eq!(BatchProof::decode(bytes, &mut again), refused);
    }
}
