//! Answers of real nodes are read and verified, and every fault in one is named with its place.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::path::PathBuf;

use healthrecord::bundle;
use healthrecord::core::chain::account::EMPTY_ROOT;
use healthrecord::core::chain::receipt::{Outcome, Receipt};
use healthrecord::core::chain::trie::TrieError;
use healthrecord::core::health::anchor::{AnchorError, HashRule, PinnedHash};
use healthrecord::core::matter::hex::HexError;
use healthrecord::core::{B256, U256};
use healthrecord::form::FormError;
use healthrecord::rpc::{
    BlockHeader, BlockReceipts, EthGetProof, ProofError, ProofNodes, RpcError, verify_proof,
};
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

fn pinned(hash: B256) -> PinnedHash {
    PinnedHash::new(hash, HashRule::Plain)
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
    let header = BlockHeader::from_json(&block.to_string(), HashRule::Plain).unwrap();
    let trusted: B256 = block["hash"].as_str().unwrap().parse().unwrap();
    assert_eq!(header.hash, trusted);
    let answer = EthGetProof::from_json(&proof.to_string()).unwrap();
    let proved = verify_proof(&answer, &header.rlp, &pinned(trusted)).unwrap();
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
            let header = BlockHeader::from_json(&block["block"].to_string(), HashRule::Plain).unwrap();
            let raw = BlockHeader::from_json(&block["rawHeader"].to_string(), HashRule::Plain).unwrap();
            assert_eq!(header, raw, "{fork}");
            let decoded = healthrecord::core::chain::header::Header::decode(&header.rlp).unwrap();
            assert_eq!(decoded.field_count(), fields);
            let answer = EthGetProof::from_json(&file[key].to_string()).unwrap();
            let proved = verify_proof(&answer, &header.rlp, &pinned(header.hash)).unwrap();
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
    assert!(matches!(
        BlockHeader::from_json(&other.to_string(), HashRule::Plain),
        Err(RpcError::BlockHash { .. })
    ));
    other.as_object_mut().unwrap().remove("number");
    assert_eq!(
        BlockHeader::from_json(&other.to_string(), HashRule::Plain),
        Err(RpcError::Form(FormError::Missing { field: "number".into() }))
    );
}

#[test]
fn a_node_that_lies_is_caught() {
    let Some((block, proof)) = mainnet() else { return };
    let header = BlockHeader::from_json(&block.to_string(), HashRule::Plain).unwrap();
    let verify_changed = |change: &dyn Fn(&mut EthGetProof)| {
        let mut answer = EthGetProof::from_json(&proof.to_string()).unwrap();
        change(&mut answer);
        verify_proof(&answer, &header.rlp, &pinned(header.hash))
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
    let other = verify_proof(&answer, &header.rlp, &pinned(B256([1; 32])));
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

/// What geth, Besu, Nethermind, Erigon, Reth, Anvil, Ganache and EDR write differently makes no difference.
#[test]
fn every_spelling_makes_the_same_bundle() {
    let Some((block, proof)) = mainnet() else { return };
    let header = BlockHeader::from_json(&block.to_string(), HashRule::Plain).unwrap();
    let contract = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2".parse().unwrap();
    let bundle_of = |proof: &Value| {
        let nodes = ProofNodes::from_json(&proof.to_string()).unwrap();
        bundle::from_nodes(1, contract, &header, &nodes)
    };
    let ours = bundle_of(&proof);
    assert_eq!(bundle::build(1, &header, &EthGetProof::from_json(&proof.to_string()).unwrap()), ours);
    let spellings: [&dyn Fn(&mut Value); 7] = [
        // Keys and quantities in short and in full.
        &|proof| {
            proof["nonce"] = json!("0x0000000000000001");
            proof["storageProof"][0]["key"] = json!("0x0");
            proof["storageProof"][0]["value"] = json!(format!("0x{:0>64}", "1"));
        },
        // Hex in capitals, and without its prefix.
        &|proof| {
            for node in proof["accountProof"].as_array_mut().unwrap() {
                *node = json!(format!("0x{}", node.as_str().unwrap()[2..].to_uppercase()));
            }
            let node = &mut proof["storageProof"][0]["proof"][0];
            *node = json!(node.as_str().unwrap()[2..]);
        },
        // Fields that nobody asked for.
        &|proof| {
            proof["blockNumber"] = json!("0x1");
            proof["storageProof"][0]["hashedKey"] = json!([1]);
        },
        // None of the fields that the proof proves, or all of them wrong.
        &|proof| {
            for field in ["address", "nonce", "balance", "codeHash", "storageHash"] {
                proof.as_object_mut().unwrap().remove(field).unwrap();
            }
        },
        &|proof| {
            for field in ["address", "nonce", "balance", "codeHash", "storageHash"] {
                proof[field] = Value::Null;
            }
            proof["storageProof"][0]["value"] = json!("none");
            proof["storageProof"][0]["key"] = json!(0);
        },
        // A slot of an empty trie, as EDR and as geth write its proof.
        &|proof| {
            let slots = proof["storageProof"].as_array_mut().unwrap();
            slots.push(json!({"key": "0x1", "value": "0x0", "proof": ["0x80"]}));
            slots.push(json!({"key": "0x2", "value": "0x0", "proof": []}));
        },
        // A leaf that stands in its parent, listed once more.
        &|proof| {
            let nodes = proof["storageProof"][0]["proof"].as_array_mut().unwrap();
            nodes.push(json!("0xc22001"));
        },
    ];
    for (index, spell) in spellings.iter().enumerate() {
        let mut spelt = proof.clone();
        spell(&mut spelt);
        assert_ne!(spelt, proof, "spelling {index}");
        assert_eq!(bundle_of(&spelt), ours, "spelling {index}");
    }
}

/// Members come in any order, and of those that repeat the last counts, as in most readers of JSON.
#[test]
fn the_order_of_members_makes_no_difference() {
    let long = |byte: &str| format!("0x{}", byte.repeat(40));
    let (one, two, three) = (long("01"), long("02"), long("0a"));
    let bare = format!(
        r#"{{"storageProof": [{{"proof": ["{one}", "{two}"]}}, {{"proof": ["{one}", "{three}"]}}], "accountProof": ["{three}"]}}"#
    );
    let nodes_of = |json: &str| ProofNodes::from_json(json).map(|nodes| nodes.nodes().concat());
    let nodes = [[0x0a; 40], [1; 40], [2; 40]].concat();
    assert_eq!(nodes_of(&bare), Ok(nodes.clone()));
    let with = |rest: &str| format!("{}, {rest}}}", bare.strip_suffix('}').unwrap());
    for same in [
        format!(r#"{{"id": 1, "result": {bare}, "error": null, "jsonrpc": "2.0"}}"#),
        format!(r#"{{"jsonrpc": "2.0", "result": {{"accountProof": 1}}, "result": {bare}}}"#),
        format!(r#" {{"accountProof": [7], "json\u0072pc": 2, "result": {bare}}} "#),
        bare.replacen("0x01", r"0x\u00301", 1),
        bare.replacen(&two, &format!("0X{}", &two[2..]), 1),
        bare.replace(&three, &three.to_uppercase().replace("0X", "")),
        with(r#""nonce": [], "result": {}, "storageHash": "none""#),
        with(&format!(r#""accountProof": {{}}, "account\u0050roof": ["{three}"]"#)),
        bare.replacen(r#""proof""#, r#""proof": 7, "proof""#, 1),
    ] {
        assert_eq!(nodes_of(&same), Ok(nodes.clone()), "{same}");
    }

    let field_of = |json: &str| match nodes_of(json) {
        Err(RpcError::Form(FormError::Missing { field } | FormError::Type { field, .. })) => field,
        Err(RpcError::Form(FormError::Hex { field, .. })) => field,
        Err(RpcError::Form(FormError::Json { .. })) => "no JSON".into(),
        other => panic!("{other:?}: {json}"),
    };
    for (json, field) in [
        (with(r#""accountProof": null"#), "accountProof"),
        (with(r#""storageProof": [{"proof": []}, [{"proof": []}]]"#), "storageProof[1]"),
        (with(r#""storageProof": [{"proof": []}, {"key": {}}]"#), "storageProof[1].proof"),
        (with(r#""storageProof": {"proof": []}"#), "storageProof"),
        (with(r#""storageProof": [{"proof": {"0": []}}]"#), "storageProof[0].proof"),
        (with(r#""storageProof": [{"proof": [["0x"], "0x0g"]}]"#), "storageProof[0].proof[0]"),
        (bare.replacen(&two, &two[..41], 1), "storageProof[0].proof[1]"),
        (bare.replacen("0x01", r"0x\u00671", 1), "storageProof[0].proof[0]"),
        (r#"{"accountProof": []}"#.into(), "storageProof"),
        (r#"{"storageProof": []}"#.into(), "accountProof"),
        (r#"{"jsonrpc": "2.0", "result": null}"#.into(), "result"),
        (r#"{"jsonrpc": "2.0"}"#.into(), "result"),
        (r#"[{}]"#.into(), "the text"),
        ("null".into(), "the text"),
        (format!("{bare} ,"), "no JSON"),
        (format!(r#"{{"jsonrpc": "2.0", "result": {bare}"#), "no JSON"),
        (with(r#""other": [1, 2"#), "no JSON"),
        (with(&format!(r#""other": {}1{}"#, "[".repeat(64), "]".repeat(64))), "no JSON"),
    ] {
        assert_eq!(field_of(&json), field, "{json}");
    }
    let refused = format!(r#"{{"jsonrpc": "2.0", "result": {bare}, "error": {{"code": 1}}}}"#);
    assert_eq!(nodes_of(&refused), Err(RpcError::Answer { message: r#"{"code":1}"#.into() }));
}

#[test]
fn answers_to_parts_of_the_keys_make_the_bundle_of_the_whole() {
    let Some(folder) = vectors(1) else { return };
    let file = read(folder.join("geth/geth-1.17.8-prague.json"));
    let whole = &file["proof_0x3"];
    let mut parts = ProofNodes::default();
    let slots = whole["storageProof"].as_array().unwrap();
    assert!(slots.len() > 1);
    for slot in slots {
        let part = json!({"accountProof": whole["accountProof"], "storageProof": [slot]});
        parts.add(&part.to_string()).unwrap();
    }
    let whole = ProofNodes::from_json(&whole.to_string()).unwrap();
    assert_eq!(parts.nodes(), whole.nodes());
}

#[test]
fn receipts_are_read_in_every_spelling() {
    let receipt = json!({
        "type": "0x2", "status": "0x1", "cumulativeGasUsed": "0x5208", "logsBloom": "0x00",
        "logs": [{"address": format!("0x{}", "aB".repeat(20)), "topics": [format!("0x{}", "0C".repeat(32))], "data": "0x"}],
    });
    let read = |receipt: &Value| BlockReceipts::from_json(&json!([receipt]).to_string());
    let ours = read(&receipt).unwrap();
    let decoded = Receipt::decode(ours.get(0).unwrap()).unwrap();
    assert_eq!((decoded.transaction_type(), decoded.outcome()), (2, Outcome::Status(true)));
    assert_eq!((decoded.cumulative_gas_used(), decoded.logs().count()), (0x5208, 1));
    assert!(decoded.logs_bloom().iter().any(|byte| *byte != 0), "computed, not read");

    let with = |field: &str, value: Value| {
        let mut changed = receipt.clone();
        changed[field] = value;
        changed
    };
    for same in [
        with("logsBloom", Value::Null),
        with("cumulativeGasUsed", json!("0x005208")),
        with("status", json!("0x01")),
        with("root", json!("0x")),
        with("type", json!("0x02")),
    ] {
        assert_eq!(read(&same), Ok(ours.clone()), "{same}");
    }
    let legacy = read(&with("type", Value::Null)).unwrap();
    assert_eq!(Receipt::decode(legacy.get(0).unwrap()).unwrap().transaction_type(), 0);
    let mut before_byzantium = with("root", json!(format!("0x{}", "11".repeat(32))));
    before_byzantium.as_object_mut().unwrap().remove("status");
    let old = read(&before_byzantium).unwrap();
    let decoded = Receipt::decode(old.get(0).unwrap()).unwrap();
    assert_eq!(decoded.outcome(), Outcome::StateRoot(B256([0x11; 32])));

    let empty = BlockReceipts::from_json("[]").unwrap();
    assert_eq!((empty.root(), empty.proof(0).len()), (EMPTY_ROOT, 0));
    let type_error = |value: &Value, at: &str| match read(value) {
        Err(RpcError::Form(FormError::Type { field, .. })) => assert_eq!(field, at),
        other => panic!("{other:?}"),
    };
    type_error(&with("type", json!("0x7e")), "[0].type");
    type_error(&with("logs", json!({})), "[0].logs");
    let topics = json!(vec![format!("0x{}", "00".repeat(32)); 5]);
    let log = json!({"address": format!("0x{}", "00".repeat(20)), "topics": topics, "data": "0x"});
    type_error(&with("logs", json!([log])), "[0].logs[0].topics");
    type_error(&json!("0x"), "[0]");
    assert!(BlockReceipts::from_json("{}").is_err());
}
