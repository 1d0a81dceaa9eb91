//! A record of 64 leaves in 4 KiB of lent memory.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use healthrecord_core::health::record::{
    Batch, BatchProof, DisclosedLeaf, Disclosure, Leaf, LeafView, Memory, Metadata, Name, Secret, Step,
    commit, disclose, measure,
};
use healthrecord_core::matter::sink::Buffer;
use healthrecord_core::{Address, B256};

const LEAVES: usize = 64;
const BYTES: usize = 4096;

/// An Observation as a device of vital signs makes it: 59 leaves, 5 more for the metadata.
const DOCUMENT: &str = r#"{"resourceType":"Observation","id":"blood-pressure","status":"final",
    "category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],
    "code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"subject":{"reference":"Patient/1"},
    "effectiveDateTime":"2026-11-02T08:15:00Z","issued":"2026-11-02T08:16:00Z","language":"en","performer":[{"reference":"Device/7"}],
    "interpretation":[{"coding":[{"code":"N"}]}],"bodySite":{"coding":[{"code":"368209003"}],"text":"arm"},
    "component":[
    {"code":{"coding":[{"code":"8480-6"}]},"valueQuantity":{"value":107,"unit":"mmHg","code":"mm[Hg]"}},
    {"code":{"coding":[{"code":"8462-4"}]},"valueQuantity":{"value":60.0,"unit":"mmHg","code":"mm[Hg]"}}],
    "method":{"text":"cuff"},"device":{"display":"monitor"},"note":[{"text":"at rest"}]}"#;

const METADATA: Metadata<'_> = Metadata {
    patient: Address([1; 20]),
    author: Address([2; 20]),
    kind: 1,
    issued: 1_700_000_000,
    scopes: &[B256([3; 32])],
    previous: None,
    attachments: &[],
};

#[test]
fn sixty_four_leaves_commit_and_disclose_in_4_kib() {
    let needs = measure(DOCUMENT.as_bytes());
    assert_eq!(needs.leaves + 5, LEAVES, "the document has as many leaves as the test says");
    assert_eq!(size_of::<Leaf>(), 33, "a leaf takes its hash and one byte");
    // As many names as leaves: no document needs more.
    assert!(size_of::<[Leaf; LEAVES]>() + size_of::<[Name; LEAVES]>() <= BYTES);

    let (mut leaves, mut names) = ([Leaf::EMPTY; LEAVES], [Name::EMPTY; LEAVES]);
    let secret = Secret::from_bytes(&[9; 32]);
    let memory = Memory { leaves: &mut leaves, names: &mut names };
    let commitment = commit(DOCUMENT.as_bytes(), &METADATA, &secret, memory).unwrap();

    let (mut value, mut len, mut salt) = ([0; 8], 0, B256::ZERO);
    let (mut proof, mut hashes) = ([B256::ZERO; 8], 0);
    let mut select = |leaf: &LeafView<'_>| {
        let takes = leaf.path().to_string() == "#kind";
        if takes {
            let mut buffer = Buffer::new(&mut value);
            leaf.write_value(&mut buffer).unwrap();
            (len, salt) = (buffer.into_written().len(), leaf.salt());
        }
        takes
    };
    let mut step = |step| {
        let Step::Sibling(hash) = step else { unreachable!("one leaf joins none") };
        proof[hashes] = hash;
        hashes += 1;
    };
    let memory = Memory { leaves: &mut leaves, names: &mut names };
    let again = disclose(DOCUMENT.as_bytes(), &METADATA, &secret, memory, &mut select, &mut step).unwrap();
    assert_eq!((again, hashes), (commitment, 6), "64 leaves stand 6 levels deep");
    let shown = [DisclosedLeaf { path: "#kind", value: &value[..len], salt }];
    let disclosure = Disclosure { leaves: &shown, proof: &proof[..hashes], flags: &[false; 6] };
    assert!(disclosure.open(commitment, &mut [B256::ZERO]).is_ok());
    // A verifier of all 64 needs no more: an entry of 32 bytes a leaf, and what the leaves point to.
    assert!(size_of::<[B256; LEAVES]>() <= BYTES / 2);
}

#[test]
fn a_batch_of_a_hundred_records_takes_as_many_leaves() {
    let mut memory = [Leaf::EMPTY; 100];
    assert!(size_of_val(&memory) < BYTES);
    let mut batch = Batch::new(&mut memory);
    for number in 0..100 {
        batch.push(&B256([number; 32])).unwrap();
    }
    let mut siblings = [B256::ZERO; 7];
    let (root, proof) = batch.prove(99, &mut siblings).unwrap();
    assert!(matches!(proof, BatchProof { count: 100, index: 99, .. }));
    assert_eq!(proof.verify(&B256([99; 32]), root, 100), Ok(()));
}
