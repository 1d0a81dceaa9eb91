//! Answers of real nodes are read and verified, and every fault in one is named with its place.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::path::PathBuf;

use healthrecord::core::chain::account::EMPTY_ROOT;
use healthrecord::core::chain::trie::TrieError;
use healthrecord::core::health::anchor::AnchorError;
use healthrecord::core::matter::hex::HexError;
use healthrecord::core::{B256, U256};
use healthrecord::form::FormError;
use healthrecord::rpc::{BlockHeader, EthGetProof, ProofError, RpcError, verify_proof};
use serde_json::{Value, json};

fn vectors(cases: usize) -> Option<PathBuf> {
    let folder = std::env::var_os("HEALTHRECORD_VECTORS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "no external vectors at {}", folder.display());
    println!("SKIPPED {cases}");
    None
}

fn read(path: PathBuf) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn mainnet() -> Option<(Value, Value)> {
    let file = read(vectors(1)?.join("mpt/mainnet-23223655-weth-mapping.json"));
    Some((file["header"].clone(), file["proof"].clone()))
}

#[test]
fn mainnet_is_verified_from_two_answers_and_a_hash() {
    let Some((block, proof)) = mainnet() else { return };
    let header = BlockHeader::from_json(&block.to_string()).unwrap();
    let trusted: B256 = block["hash"].as_str().unwrap().parse().unwrap();
    assert_eq!(header.hash, trusted);
    let answer = EthGetProof::from_json(&proof.to_string()).unwrap();
    let proved = verify_proof(&answer, &header.rlp, trusted).unwrap();
    assert_eq!((proved.block_number, proved.block_time), (23_223_655, 0x68ad_5b7b));
    assert_eq!(proved.slots[0].1, U256::from(0x288a_82d1_3c3d_1600_u64));
    assert_eq!(proved.account.unwrap().nonce, 1);

    let enveloped = json!({"jsonrpc": "2.0", "id": 1, "result": proof});
    assert_eq!(EthGetProof::from_json(&enveloped.to_string()).unwrap(), answer);
}

#[test]
fn every_fork_of_geth_is_verified() {
    let Some(folder) = vectors(10) else { return };
    for (fork, fields) in [("paris", 16), ("shanghai", 17), ("cancun", 20), ("prague", 21), ("amsterdam", 23)]
    {
        let file = read(folder.join(format!("geth/geth-1.17.8-{fork}.json")));
        for (number, key) in [("0x1", "proof_0x1"), ("0x3", "proof_0x3")] {
            let blocks = file["blocks"].as_array().unwrap();
            let block = blocks.iter().find(|block| block["block"]["number"] == number).unwrap();
            let header = BlockHeader::from_json(&block["block"].to_string()).unwrap();
            let raw = BlockHeader::from_json(&block["rawHeader"].to_string()).unwrap();
            assert_eq!(header, raw, "{fork}");
            let decoded = healthrecord::core::chain::header::Header::decode(&header.rlp).unwrap();
            assert_eq!(decoded.field_count(), fields);
            let answer = EthGetProof::from_json(&file[key].to_string()).unwrap();
            let proved = verify_proof(&answer, &header.rlp, header.hash).unwrap();
            assert!(proved.slots.iter().any(|(_, word)| word.is_zero()), "{fork} proves an absence");
            assert!(proved.slots.iter().any(|(_, word)| !word.is_zero()), "{fork} proves a value");
        }
    }
}

#[test]
fn each_fault_is_named_with_its_place() {
    let Some((block, proof)) = mainnet() else { return };
    let read_changed = |change: &dyn Fn(&mut Value)| {
        let mut changed = proof.clone();
        change(&mut changed);
        EthGetProof::from_json(&changed.to_string())
    };
    assert!(matches!(EthGetProof::from_json("{"), Err(RpcError::Form(FormError::Json { .. }))));
    let refused =
        json!({"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": "missing trie node"}});
    assert_eq!(
        EthGetProof::from_json(&refused.to_string()),
        Err(RpcError::Answer { message: "missing trie node".into() })
    );
    assert_eq!(
        read_changed(&|proof| {
            proof.as_object_mut().unwrap().remove("nonce");
        }),
        Err(RpcError::Form(FormError::Missing { field: "nonce".into() }))
    );
    assert_eq!(
        read_changed(&|proof| proof["storageProof"][0]["proof"][2] = json!(7)),
        Err(RpcError::Form(FormError::Type {
            field: "storageProof[0].proof[2]".into(),
            expected: "a string of hex"
        }))
    );
    assert_eq!(
        read_changed(&|proof| proof["storageProof"][0]["value"] = json!("0x1g")),
        Err(RpcError::Form(FormError::Hex {
            field: "storageProof[0].value".into(),
            error: HexError::Digit { offset: 3 }
        }))
    );
    assert_eq!(
        read_changed(&|proof| proof["address"] = json!("0x00")),
        Err(RpcError::Form(FormError::Hex {
            field: "address".into(),
            error: HexError::Length { expected: 20, found: 1 }
        }))
    );
    let mut other = block.clone();
    other["gasUsed"] = json!("0x1");
    assert!(matches!(BlockHeader::from_json(&other.to_string()), Err(RpcError::BlockHash { .. })));
    other.as_object_mut().unwrap().remove("number");
    assert_eq!(
        BlockHeader::from_json(&other.to_string()),
        Err(RpcError::Form(FormError::Missing { field: "number".into() }))
    );
}

#[test]
fn a_node_that_lies_is_caught() {
    let Some((block, proof)) = mainnet() else { return };
    let header = BlockHeader::from_json(&block.to_string()).unwrap();
    let verify_changed = |change: &dyn Fn(&mut EthGetProof)| {
        let mut answer = EthGetProof::from_json(&proof.to_string()).unwrap();
        change(&mut answer);
        verify_proof(&answer, &header.rlp, header.hash)
    };
    assert!(verify_changed(&|_| ()).is_ok());
    let lie = verify_changed(&|answer| answer.storage_proof[0].value = U256::from(1_u64));
    assert!(matches!(lie, Err(ProofError::Claim { ref field, .. }) if field == "storageProof[0].value"));
    let lie = verify_changed(&|answer| answer.account.storage_root = EMPTY_ROOT);
    assert!(matches!(lie, Err(ProofError::Claim { ref field, .. }) if field == "storageHash"));
    let cut = verify_changed(&|answer| {
        answer.storage_proof[0].proof.pop();
    });
    assert!(matches!(cut, Err(ProofError::Trie(TrieError::MissingNode { parent: Some(14), .. }))));

    let answer = EthGetProof::from_json(&proof.to_string()).unwrap();
    let other = verify_proof(&answer, &header.rlp, B256([1; 32]));
    assert!(matches!(other, Err(ProofError::Anchor(AnchorError::HashMismatch { .. }))));
}

/// EDR writes the proof of an empty trie as one empty string, geth as no node at all.
#[test]
fn both_spellings_of_an_empty_trie_are_no_nodes() {
    let Some((_, mut proof)) = mainnet() else { return };
    for empty in [json!([]), json!(["0x80"])] {
        proof["storageProof"][0]["proof"] = empty;
        let answer = EthGetProof::from_json(&proof.to_string()).unwrap();
        assert_eq!(answer.nodes().len(), 9);
    }
}
