//! Any bytes as a disclosure or a batch proof in binary form: refused, or written again the same. What opens
//! under the root that it leads to is rebuilt as JSON, or is too large or too deep for it.
#![no_main]

use healthrecord::core::B256;
use healthrecord::core::health::record::DisclosureError;
use healthrecord::record::{OwnedBatchProof, OwnedDisclosure, Parties};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(proof) = OwnedBatchProof::from_rlp(bytes) {
        assert_eq!(proof.to_rlp(), bytes);
        assert_eq!(OwnedBatchProof::from_json(&proof.to_json()), Ok(proof));
    }
    let Ok(mut disclosure) = OwnedDisclosure::from_rlp(bytes) else { return };
    assert_eq!(disclosure.to_rlp(), bytes);
    assert_eq!(OwnedDisclosure::from_json(&disclosure.to_json()), Ok(disclosure.clone()));
    match disclosure.open(B256::ZERO) {
        Err(DisclosureError::Root { found, .. }) => disclosure.commitment = found,
        _ => return,
    }
    let opened = disclosure.open(disclosure.commitment).unwrap();
    if let Ok(partial) = opened.document() {
        match serde_json::from_str::<serde_json::Value>(&partial.json) {
            Ok(_) => {}
            // It bounds numbers by what a float holds.
            Err(error) => assert!(error.to_string().starts_with("number out of range"), "{error}"),
        }
    }
    let request = disclosure.anchor_request(None, &Parties::default());
    assert_eq!(
        request.is_ok(),
        opened.bound.is_ok() && disclosure.leaves.iter().any(|leaf| leaf.path == "#kind")
    );
});
