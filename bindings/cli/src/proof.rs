//! `healthrecord proof …`

use healthrecord::code::Code as _;
use healthrecord::core::health::anchor::PinnedHash;
use healthrecord::rpc::{BlockHeader, EthGetProof, MAX_ANSWER_LEN, verify_proof};
use serde_json::json;

use crate::args::ProofVerify;
use crate::failure::Failure;
use crate::files::read_text;
use crate::report::Report;

pub(crate) fn verify(args: &ProofVerify) -> Result<Report, Failure> {
    let answer = EthGetProof::from_json(&read_text(&args.proof, MAX_ANSWER_LEN)?)
        .map_err(|error| Failure::new(error.code(), error).in_file(&args.proof))?;
    let block = BlockHeader::from_json(&read_text(&args.block, MAX_ANSWER_LEN)?, args.rule.hash_rule)
        .map_err(|error| Failure::new(error.code(), error).in_file(&args.block))?;
    let proved = verify_proof(&answer, &block.rlp, &PinnedHash::new(args.trusted_hash, args.rule.hash_rule))
        .map_err(|error| Failure::new(error.code(), error))?;
    let mut report = Report::new(true)
        .field("block", "blockNumber", proved.block_number)
        .field("block time", "blockTime", proved.block_time)
        .field("address", "address", proved.address.to_string());
    report = match proved.account {
        None => report.spoken("account", "proved absent", "account", json!(null)),
        Some(account) => report
            .field("nonce", "nonce", account.nonce)
            .spoken("balance", &format!("{} wei", account.balance), "balance", account.balance.to_string())
            .field("storage root", "storageRoot", account.storage_root.to_string())
            .field("code hash", "codeHash", account.code_hash.to_string()),
    };
    for (slot, word) in proved.slots {
        let text = if word.is_zero() { "proved absent".to_owned() } else { word.to_string() };
        report = report.entry(
            &format!("slot {slot}"),
            &text,
            "slots",
            json!({"slot": slot.to_string(), "word": word.to_string()}),
        );
    }
    Ok(report)
}
