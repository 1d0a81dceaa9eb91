//! The binary form of disclosures: as the `rlp` crate writes it, read in no other form, and opened without
//! an allocator from the bytes as they were received.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::Random;
use healthrecord_core::grammar::rlp::RlpRule;
use healthrecord_core::health::record::{
    DisclosedLeaf, Disclosure, DisclosureMemory, EncodedDisclosure, EncodingError, Leaf, LeafView, Memory,
    Metadata, Name, Opened, Secret, Step, Value, disclose, measure,
};
use healthrecord_core::matter::sink::{Full, Sink};
use healthrecord_core::{Address, B256};

const DOCUMENT: &str =
    r#"{"resourceType":"Observation","code":{"text":"é"},"component":[1,2.00,[true],{"a/b":null}],"":""}"#;

/// A disclosure with memory of its own.
struct Owned {
    commitment: B256,
    leaves: Vec<(String, Vec<u8>, B256)>,
    proof: Vec<B256>,
    flags: Vec<bool>,
}

struct Bytes(Vec<u8>);

impl Sink for Bytes {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

impl Owned {
    fn of(document: &str, takes: impl Fn(&str) -> bool) -> Self {
        let metadata = Metadata {
            patient: Address([1; 20]),
            author: Address([2; 20]),
            kind: 1,
            issued: 1_700_000_000,
            scopes: &[B256([3; 32])],
            previous: None,
            attachments: &[],
        };
        let needs = measure(document.as_bytes());
        let (mut leaves, mut names) = (vec![Leaf::EMPTY; needs.leaves + 5], vec![Name::EMPTY; needs.names]);
        let memory = Memory { leaves: &mut leaves, names: &mut names };
        let mut owned = Self { commitment: B256::ZERO, leaves: vec![], proof: vec![], flags: vec![] };
        let mut select = |leaf: &LeafView<'_>| {
            let path = leaf.path().to_string();
            let taken = takes(&path);
            if taken {
                let mut value = Bytes(vec![]);
                leaf.write_value(&mut value).unwrap();
                owned.leaves.push((path, value.0, leaf.salt()));
            }
            taken
        };
        let mut step = |step| match step {
            Step::Join => owned.flags.push(true),
            Step::Sibling(hash) => {
                owned.flags.push(false);
                owned.proof.push(hash);
            }
        };
        let secret = Secret::from_bytes(&[9; 32]);
        let commitment =
            disclose(document.as_bytes(), &metadata, &secret, memory, &mut select, &mut step).unwrap();
        owned.commitment = commitment;
        owned
    }

    fn written(&self) -> Vec<u8> {
        let leaves: Vec<_> = self
            .leaves
            .iter()
            .map(|(path, value, salt)| DisclosedLeaf { path, value, salt: *salt })
            .collect();
        let mut written = Bytes(vec![]);
        let disclosure = Disclosure { leaves: &leaves, proof: &self.proof, flags: &self.flags };
        disclosure.encode(&self.commitment, &mut written).unwrap();
        written.0
    }

    /// The same by the `rlp` crate and the written table.
    fn written_by_others(&self) -> Vec<u8> {
        let mut list = rlp::RlpStream::new_list(5);
        list.append(&1_u8).append(&&self.commitment.0[..]).begin_list(self.leaves.len());
        for (path, value, salt) in &self.leaves {
            list.begin_list(3).append(&path.as_bytes()).append(value).append(&&salt.0[..]);
        }
        list.begin_list(self.proof.len());
        for hash in &self.proof {
            list.append(&&hash.0[..]);
        }
        let mut flags = vec![0_u8; self.flags.len().div_ceil(8)];
        for (index, flag) in self.flags.iter().enumerate() {
            flags[index / 8] |= u8::from(*flag) << (7 - index % 8);
        }
        list.append(&flags);
        list.out().to_vec()
    }
}

/// Reads and opens bytes in memory that is lent, and gives what they then prove.
fn open(bytes: &[u8], commitment: B256, each: impl FnOnce(&Opened<'_>)) -> bool {
    let Ok(received) = EncodedDisclosure::decode(bytes) else { return false };
    let mut leaves = [DisclosedLeaf::EMPTY; 24];
    let (mut proof, mut flags, mut hashes) = ([B256::ZERO; 24], [false; 48], [B256::ZERO; 24]);
    let memory = DisclosureMemory { leaves: &mut leaves, proof: &mut proof, flags: &mut flags };
    let disclosure = received.read(memory).unwrap();
    match disclosure.open(commitment, &mut hashes) {
        Ok(opened) => {
            each(&opened);
            true
        }
        Err(_) => false,
    }
}

#[test]
fn every_disclosure_is_written_as_others_write_it_and_opens_from_its_bytes() {
    let mut random = Random(22);
    let mut lengths = std::collections::BTreeSet::new();
    for document in [DOCUMENT, "[true]"].into_iter().cycle().take(400) {
        let chosen = random.next();
        let chances = random.next();
        let takes = |path: &str| {
            let number = path.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
            path.is_empty()
                || ["/code", "/component"].contains(&path)
                || (chosen >> (number % 64) & 1 == 1
                    && chances >> (number % 61) & 1 == 1
                    && path.matches('/').count() < 3)
        };
        let owned = Owned::of(document, takes);
        let written = owned.written();
        assert_eq!(written, owned.written_by_others());
        lengths.insert(owned.flags.len());
        let opens = open(&written, owned.commitment, |opened| {
            assert_eq!(opened.commitment(), owned.commitment);
            let found: Vec<_> = opened.leaves().collect();
            let expected =
                owned.leaves.iter().map(|(path, value, _)| (path.as_str(), Value::decode(value).unwrap()));
            assert_eq!(found, expected.collect::<Vec<_>>());
        });
        assert!(opens);
        assert!(!open(&written, B256([7; 32]), |_| ()));
    }
    assert!(lengths.len() > 8, "{lengths:?} flags");
}

#[test]
fn every_cut_and_every_flipped_bit_is_refused() {
    let owned = Owned::of(DOCUMENT, |path| path.len() < 8);
    let written = owned.written();
    for len in 0..written.len() {
        assert!(EncodedDisclosure::decode(&written[..len]).is_err(), "{len} bytes");
    }
    let claimed = 3 + 1..3 + 1 + 33;
    for bit in 0..written.len() * 8 {
        let mut altered = written.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        // The commitment that it claims is for finding the record, not for believing.
        let is_claim = claimed.contains(&(bit / 8)) && bit / 8 > claimed.start;
        assert_eq!(open(&altered, owned.commitment, |_| ()), is_claim, "bit {bit}");
    }
}

#[test]
fn other_forms_are_refused_by_their_rule() {
    let owned = Owned::of("[1]", str::is_empty);
    let list = |version: &[u8], leaves: &[&[&[u8]]], proof: &[&[u8]], flags: &[u8]| {
        let mut list = rlp::RlpStream::new_list(5);
        list.append(&version).append(&&owned.commitment.0[..]).begin_list(leaves.len());
        for leaf in leaves {
            list.begin_list(leaf.len());
            leaf.iter().for_each(|field| {
                list.append(field);
            });
        }
        list.begin_list(proof.len());
        proof.iter().for_each(|hash| {
            list.append(hash);
        });
        list.append(&flags);
        list.out().to_vec()
    };
    let (salt, hash) = ([5; 32], [6; 32]);
    let leaf: &[&[u8]] = &[b"/a", b"t", &salt];
    let hashes: [&[u8]; 9] = [&hash; 9];
    let of = |version: &[u8], leaves: &[&[&[u8]]], proof: &[&[u8]], flags: &[u8]| {
        EncodedDisclosure::decode(&list(version, leaves, proof, flags)).map(|read| read.flag_count())
    };
    assert_eq!(of(&[1], &[leaf], &hashes[..3], &[0b0100_0000]), Ok(3));
    assert_eq!(of(&[1], &[leaf], &hashes[..8], &[0b0000_0001]), Ok(8));
    assert_eq!(of(&[1], &[leaf], &hashes, &[0, 0x80]), Ok(9));
    assert_eq!(of(&[1], &[leaf], &[], &[]), Ok(0));
    assert_eq!(of(&[1], &[], &[], &[]), Ok(0), "opening it is what is refused");
    assert_eq!(of(&[2], &[leaf], &[], &[]), Err(EncodingError::Version { found: 2 }));
    let flags = |flags, found| Err(EncodingError::Flags { flags, found });
    assert_eq!(of(&[1], &[leaf], &hashes[..3], &[0b0001_0000]), flags(3, 1));
    assert_eq!(of(&[1], &[leaf], &hashes[..3], &[]), flags(3, 0));
    assert_eq!(of(&[1], &[leaf], &hashes[..3], &[0, 0]), flags(3, 2));
    assert_eq!(of(&[1], &[leaf], &[], &[0]), flags(0, 1));
    assert_eq!(of(&[1], &[leaf], &hashes, &[0, 0x40]), flags(9, 2));
    assert_eq!(of(&[1], &[leaf, &[b"\xff", b"t", &salt]], &[], &[0]), Err(EncodingError::Utf8 { leaf: 1 }));
    let rule = |outcome: Result<usize, EncodingError>| match outcome {
        Err(EncodingError::Rlp { field, error }) => (field, error.rule),
        outcome => panic!("{outcome:?}"),
    };
    assert_eq!(rule(of(&[1], &[&[b"/a", b"t", &salt[1..]]], &[], &[])), ("salt", RlpRule::WrongLength));
    assert_eq!(rule(of(&[1], &[&[b"/a", b"t"]], &[], &[])), ("salt", RlpRule::UnexpectedEnd));
    assert_eq!(rule(of(&[1], &[&[b"/a", b"t", &salt, b""]], &[], &[])), ("leaves", RlpRule::TrailingBytes));
    assert_eq!(rule(of(&[1], &[leaf], &[&hash[1..]], &[0])), ("proof", RlpRule::WrongLength));
    assert_eq!(rule(of(&[0, 1], &[leaf], &[], &[])), ("version", RlpRule::LeadingZero));
}

#[test]
fn memory_that_is_too_small_is_refused() {
    let owned = Owned::of(DOCUMENT, |path| path.is_empty() || path == "/code");
    let written = owned.written();
    let received = EncodedDisclosure::decode(&written).unwrap();
    let (leaf_count, proof_count, flag_count) =
        (received.leaf_count(), received.proof_count(), received.flag_count());
    assert_eq!((leaf_count, proof_count, flag_count), (2, owned.proof.len(), owned.flags.len()));
    for (less, part, needed) in
        [(0, "", 0), (1, "leaves", leaf_count), (2, "hashes", proof_count), (3, "flags", flag_count)]
    {
        let mut leaves = vec![DisclosedLeaf::EMPTY; leaf_count - usize::from(less == 1)];
        let mut proof = vec![B256::ZERO; proof_count - usize::from(less == 2)];
        let mut flags = vec![false; flag_count - usize::from(less == 3)];
        let memory = DisclosureMemory { leaves: &mut leaves, proof: &mut proof, flags: &mut flags };
        match received.read(memory) {
            Ok(_) => assert_eq!(less, 0),
            Err(error) => assert_eq!(error, EncodingError::Memory { part, needed }),
        }
    }
}
