//! Any bytes as a document: refused with a place inside it, or committed; what is committed reads as
//! JSON elsewhere too, and each of its leaves can be disclosed and checked.
#![no_main]

use healthrecord::core::health::record::RecordError;
use healthrecord::core::{Address, B256};
use healthrecord::record::{Metadata, Secret, Selection, disclose, leaves};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|document: &[u8]| {
    let metadata = Metadata {
        patient: Address([1; 20]),
        author: Address([2; 20]),
        kind: 1,
        issued: 0,
        scopes: vec![B256([3; 32])],
        previous: None,
        attachments: vec![],
    };
    let secret = Secret::from_bytes(&[4; 32]);
    let leaves = match leaves(document, &metadata, &secret) {
        Ok(leaves) => leaves,
        Err(RecordError::Json(error)) => return assert!(error.offset <= document.len()),
        Err(error) => panic!("{error}"),
    };
    match serde_json::from_slice::<serde_json::Value>(document) {
        Ok(_) => {}
        // It bounds numbers by what a float holds.
        Err(error) => assert!(error.to_string().starts_with("number out of range"), "{error}"),
    }
    let chosen =
        document.iter().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)));
    let path = leaves[chosen % leaves.len()].path.as_str();
    let disclosure = disclose(document, &metadata, &secret, &Selection::with_meaning(&[path])).unwrap();
    let opened = disclosure.open(disclosure.commitment).unwrap();
    assert!(opened.values.iter().any(|(found, _)| *found == path));
});
