//! Any bytes as a receipt: refused, or read, and then the one encoding of what was read; and as an event
//! proof, of which nothing is proved without its block's hash.
#![no_main]

use healthrecord::access::Deployment;
use healthrecord::core::access::EventProofError;
use healthrecord::core::chain::receipt::{Outcome, Receipt};
use healthrecord::core::health::anchor::{AnchorError, HashRule, PinnedHash};
use healthrecord::core::matter::hex::Hex;
use healthrecord::core::{Address, B256};
use healthrecord::event;
use healthrecord::rpc::BlockReceipts;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(receipt) = Receipt::decode(bytes) {
        let logs: Vec<Value> = receipt
            .logs()
            .map(|log| {
                let topics: Vec<String> = log.topics().iter().map(B256::to_string).collect();
                json!({"address": log.address.to_string(), "topics": topics, "data": Hex::new(log.data).to_string()})
            })
            .collect();
        let mut answer = json!({
            "type": format!("{:#x}", receipt.transaction_type()),
            "cumulativeGasUsed": format!("{:#x}", receipt.cumulative_gas_used()),
            "logs": logs,
        });
        match receipt.outcome() {
            Outcome::Status(success) => answer["status"] = json!(if success { "0x1" } else { "0x0" }),
            Outcome::StateRoot(root) => answer["root"] = json!(root.to_string()),
        }
        let again = BlockReceipts::from_value(&json!([answer])).unwrap();
        let again = again.get(0).unwrap();
        let computed = Receipt::decode(again).unwrap().logs_bloom();
        // The host computes the bloom; all else is as it was read.
        assert_eq!(bytes.len(), again.len());
        let begin = computed.as_ptr() as usize - again.as_ptr() as usize;
        let end = begin + computed.len();
        assert_eq!((&bytes[..begin], &bytes[end..]), (&again[..begin], &again[end..]));
    }
    let (contract, hash) = (Address([0xc0; 20]), B256([1; 32]));
    let deployment = Deployment { chain_id: 1, contract, code_hashes: vec![] };
    let anchored = |hash| event::verify(bytes, &PinnedHash::new(hash, HashRule::Plain), &deployment);
    match anchored(hash).unwrap_err() {
        // With the hash of its own header a proof goes further; it may even hold.
        EventProofError::Anchor(AnchorError::HashMismatch { found, .. }) => {
            let _ = anchored(found);
        }
        _ => {}
    }
});
