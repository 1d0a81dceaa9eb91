//! The vectors of `core/tests/vectors`, which every language runs.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "vectors/anchor.rs"]
mod anchor;
#[path = "vectors/contract.rs"]
mod contract;
#[path = "vectors/message.rs"]
mod message;
#[path = "../../../core/tests/common/sealed.rs"]
mod sealed;

use std::path::Path;

use healthrecord::access::Deployment as OwnedDeployment;
use healthrecord::code::{Code, entry};
use healthrecord::core::access::{
    Clock, Consent, Decision, Deployment, Floor, Policy, Request, RequestError, Verdict, VerdictAfter,
    VerdictAsOf, verify, verify_after, verify_as_of,
};
use healthrecord::core::chain::key::SecretKey;
use healthrecord::core::chain::trie::{NodeRef, NodeSet, TrieError};
use healthrecord::core::chain::tx;
use healthrecord::core::health::anchor::{Anchor, HashRule, PinnedHash};
use healthrecord::core::health::contract::{Operation, Purpose};
use healthrecord::core::health::record::{DisclosedLeaf, DisclosureMemory, EncodedDisclosure};
use healthrecord::core::matter::hex;
use healthrecord::core::{Address, B256, U256};
use healthrecord::event;
use healthrecord::record::{
    self, Batch, BoundRecord, Metadata, OpenLeaf, OwnedBatchProof, OwnedDisclosure, Secret, Selection,
};
use healthrecord::transaction::{SignedTransaction, Transaction};
use serde_json::{Value, json};

/// What an operation gives: its output, or an error's code and the place that it names: an offset
/// into the document, or the position of a node.
type Outcome = Result<Value, (&'static str, Option<usize>)>;

fn run(file: &str, operation: impl Fn(&str, &Value) -> Outcome) -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/tests/vectors").join(file);
    let vectors: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let outcome = operation(case["operation"].as_str().unwrap(), &case["input"]);
        match (outcome, case.get("error")) {
            (Ok(output), None) => assert_eq!(output, case["output"], "{name}"),
            (Err((code, place)), Some(error)) => {
                assert_eq!(code, error["code"], "{name}");
                if let Some(expected) = error.get("offset").or_else(|| error.get("node")) {
                    assert_eq!(place.map(|place| place as u64), expected.as_u64(), "{name}: {code}");
                }
                assert!(entry(code).is_some(), "{code} is in the table");
            }
            (outcome, error) => panic!("{name}: {outcome:?}, expected {error:?}"),
        }
    }
    cases.len()
}

fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    let mut out = vec![0; text.len() / 2];
    hex::decode(text, &mut out).unwrap().to_vec()
}

fn word(value: &Value) -> B256 {
    value.as_str().unwrap().parse().unwrap()
}

fn words(value: &Value) -> Vec<B256> {
    value.as_array().unwrap().iter().map(word).collect()
}

fn print(bytes: &[u8]) -> String {
    hex::Hex::new(bytes).to_string()
}

/// Document, metadata and secret of a case.
fn record_of(input: &Value) -> (Vec<u8>, Metadata, Secret) {
    let document = match input.get("documentHex") {
        Some(hex) => bytes(hex),
        None => input["document"].as_str().unwrap().as_bytes().to_vec(),
    };
    let metadata = Metadata::from_value("metadata", &input["metadata"]).unwrap();
    (document, metadata, Secret::from_bytes(&word(&input["secret"]).0))
}

fn record_error(error: healthrecord::core::health::record::RecordError) -> (&'static str, Option<usize>) {
    use healthrecord::core::health::record::RecordError;
    let offset = match error {
        RecordError::Json(error) => Some(error.offset),
        RecordError::Metadata(_) | RecordError::TooManyLeaves { .. } | RecordError::TooManyNames { .. } => {
            None
        }
    };
    (error.code(), offset)
}

fn commit(input: &Value) -> Outcome {
    let (document, metadata, secret) = record_of(input);
    let commitment = record::commit(&document, &metadata, &secret).map_err(record_error)?;
    let leaves = record::leaves(&document, &metadata, &secret).map_err(record_error)?;
    let leaf = |leaf: &OpenLeaf| {
        json!({
            "path": leaf.path,
            "value": print(&leaf.value),
            "salt": leaf.salt.to_string(),
            "leaf": leaf.hash.to_string(),
        })
    };
    Ok(json!({
        "commitment": commitment.to_string(),
        "leaves": leaves.iter().map(leaf).collect::<Vec<_>>(),
    }))
}

fn disclose(input: &Value) -> Outcome {
    let (document, metadata, secret) = record_of(input);
    let pointers: Vec<&str> =
        input["pointers"].as_array().unwrap().iter().map(|pointer| pointer.as_str().unwrap()).collect();
    let disclosure = record::disclose(&document, &metadata, &secret, &Selection::exactly(&pointers))
        .map_err(|error| match error {
            record::DiscloseError::Record(error) => record_error(error),
            record::DiscloseError::NoSuchPath { .. } | record::DiscloseError::Nothing => (error.code(), None),
        })?;
    let read = OwnedDisclosure::from_json(&disclosure.to_json()).unwrap();
    assert!(read.open(disclosure.commitment).is_ok(), "what is disclosed can be checked");
    let leaf = |leaf: &OpenLeaf| json!({"path": leaf.path, "value": print(&leaf.value), "salt": leaf.salt.to_string()});
    Ok(json!({
        "leaves": disclosure.leaves.iter().map(leaf).collect::<Vec<_>>(),
        "proof": disclosure.proof.iter().map(B256::to_string).collect::<Vec<_>>(),
        "flags": disclosure.flags,
    }))
}

fn disclosure_of(input: &Value) -> OwnedDisclosure {
    let leaf = |leaf: &Value| OpenLeaf {
        path: leaf["path"].as_str().unwrap().to_owned(),
        value: bytes(&leaf["value"]),
        salt: word(&leaf["salt"]),
        hash: B256::ZERO,
    };
    OwnedDisclosure {
        commitment: word(&input["commitment"]),
        leaves: input["leaves"].as_array().unwrap().iter().map(leaf).collect(),
        proof: words(&input["proof"]),
        flags: input["flags"].as_array().unwrap().iter().map(|flag| flag.as_bool().unwrap()).collect(),
    }
}

fn check(input: &Value) -> Outcome {
    let disclosure = disclosure_of(input);
    let opened = disclosure.open(disclosure.commitment).map_err(|error| (error.code(), None))?;
    Ok(json!({ "bound": opened.bound.ok().map(|bound| spell(&bound)) }))
}

fn spell(bound: &BoundRecord) -> Value {
    json!({
        "patient": bound.patient().to_string(),
        "author": bound.author().to_string(),
        "scope": bound.scopes().iter().map(B256::to_string).collect::<Vec<_>>(),
    })
}

fn encode_disclosure(input: &Value) -> Outcome {
    let disclosure = disclosure_of(input);
    let rlp = disclosure.to_rlp();
    assert_eq!(OwnedDisclosure::from_rlp(&rlp).unwrap().to_json(), disclosure.to_json());
    Ok(json!({ "rlp": print(&rlp) }))
}

/// Opens a disclosure from its bytes, in memory that is lent, as a device does.
fn open_disclosure(input: &Value) -> Outcome {
    let rlp = bytes(&input["rlp"]);
    let received = EncodedDisclosure::decode(&rlp).map_err(|error| (error.code(), None))?;
    let mut leaves = vec![DisclosedLeaf::EMPTY; received.leaf_count()];
    let mut proof = vec![B256::ZERO; received.proof_count()];
    let mut flags = vec![false; received.flag_count()];
    let memory = DisclosureMemory { leaves: &mut leaves, proof: &mut proof, flags: &mut flags };
    let disclosure = received.read(memory).unwrap();
    let mut hashes = vec![B256::ZERO; received.leaf_count()];
    let opened =
        disclosure.open(word(&input["commitment"]), &mut hashes).map_err(|error| (error.code(), None))?;
    Ok(json!({ "bound": opened.bind().ok().map(|bound| spell(&bound)) }))
}

fn batch(input: &Value) -> Outcome {
    let commitments = words(&input["commitments"]);
    let batch = Batch::new(commitments.iter().copied()).map_err(|error| (error.code(), None))?;
    let proof = |(index, commitment)| {
        let proof = batch.proof(index, commitment).unwrap();
        assert_eq!(OwnedBatchProof::from_json(&proof.to_json()).unwrap(), proof);
        let siblings: Vec<_> = proof.siblings.iter().map(B256::to_string).collect();
        json!({ "siblings": siblings, "rlp": print(&proof.to_rlp()) })
    };
    let proofs: Vec<Value> = (0..).zip(&commitments).map(proof).collect();
    Ok(json!({ "root": batch.root().to_string(), "proofs": proofs }))
}

fn check_batch(input: &Value) -> Outcome {
    let proof = OwnedBatchProof::from_rlp(&bytes(&input["proof"])).map_err(|error| (error.code(), None))?;
    let count = u32::try_from(input["count"].as_u64().unwrap()).unwrap();
    let checked = proof.borrowed().verify(&word(&input["commitment"]), word(&input["root"]), count);
    checked.map(|()| json!({ "index": proof.index })).map_err(|error| (error.code(), None))
}

fn prove(input: &Value) -> Outcome {
    let header = bytes(&input["header"]);
    let trusted = PinnedHash::new(word(&input["trustedHash"]), HashRule::Plain)
        .trust(&header)
        .map_err(|error| (error.code(), None))?;
    let nodes: Vec<Vec<u8>> = input["nodes"].as_array().unwrap().iter().map(bytes).collect();
    let slots = words(&input["slots"]);
    let address: Address = input["address"].as_str().unwrap().parse().unwrap();
    let proved = || {
        let mut memory = vec![NodeRef::EMPTY; nodes.len()];
        let mut set = NodeSet::new(nodes.iter().map(Vec::as_slice), &mut memory)?;
        let account = set.account(trusted.header().state_root(), &address)?;
        let words: Vec<U256> = match account {
            None => vec![U256::ZERO; slots.len()],
            Some(account) => {
                slots.iter().map(|slot| set.storage(account.storage_root, slot)).collect::<Result<_, _>>()?
            }
        };
        set.finish()?;
        Ok((account, words))
    };
    let (account, words) =
        proved().map_err(|error: TrieError| (error.code(), error.node().map(|node| node as usize)))?;
    let account = account.map(|account| {
        json!({
            "nonce": account.nonce.to_string(),
            "balance": account.balance.to_string(),
            "storageRoot": account.storage_root.to_string(),
            "codeHash": account.code_hash.to_string(),
        })
    });
    Ok(json!({
        "account": account,
        "words": words.iter().map(U256::to_string).collect::<Vec<_>>(),
        "number": trusted.header().number().to_string(),
        "timestamp": trusted.header().timestamp().to_string(),
    }))
}

fn number(value: &Value) -> u64 {
    value.as_str().unwrap().parse().unwrap()
}

fn address(value: &Value) -> Address {
    value.as_str().unwrap().parse().unwrap()
}

fn request_of(input: &Value) -> Result<Request, RequestError> {
    let operation = match input["operation"].as_str().unwrap() {
        "READ" => Operation::Read,
        "WRITE" => Operation::Write,
        "SHARE" => Operation::Share,
        "MANAGE" => Operation::Manage,
        operation => panic!("no operation {operation}"),
    };
    let purpose = Purpose::from_code(input["purpose"].as_str().unwrap()).unwrap();
    let (patient, accessor) = (address(&input["patient"]), address(&input["accessor"]));
    let (scopes, at) = (words(&input["scopes"]), number(&input["at"]));
    let mut request = Request::about_scopes(patient, &scopes, accessor, operation, purpose, at)?;
    if let Some(salt) = input.get("salt") {
        request = request.blinded(word(salt))?;
    }
    if let Some(delegator) = input.get("delegator") {
        request = request.delegated_by(address(delegator))?;
    }
    Ok(request)
}

fn verify_bundle(input: &Value) -> Outcome {
    let anchor = PinnedHash::new(word(&input["trustedHash"]), HashRule::Plain);
    verify_under(&anchor, &bytes(&input["bundle"]), input)
}

/// Decides as `verify` does, from a bundle in place of the case's own.
fn verify_under(anchor: &impl Anchor, bundle: &[u8], input: &Value) -> Outcome {
    let mut request = request_of(&input["request"]).map_err(|error| (error.code(), None))?;
    let code_hashes = words(&input["deployment"]["codeHashes"]);
    let deployment = Deployment {
        chain_id: number(&input["deployment"]["chainId"]),
        contract: address(&input["deployment"]["contract"]),
        code_hashes: &code_hashes,
    };
    if let Some(consent) = input.get("consent") {
        let consent = Consent::decode(&bytes(consent)).map_err(|error| (error.code(), None))?;
        request = request.consented(consent.check(deployment.chain_id, deployment.contract));
    }
    let distrusted: Vec<Address> = match input["policy"].get("distrustedIssuers") {
        Some(issuers) => issuers.as_array().unwrap().iter().map(address).collect(),
        None => vec![],
    };
    let policy = Policy {
        accept_zero_leaves: input["policy"]["acceptZeroLeaves"].as_bool().unwrap(),
        distrusted_issuers: &distrusted,
    };
    let mut memory = vec![NodeRef::EMPTY; 512];
    let verdict = match (input.get("clock"), input.get("floor")) {
        (None, None) => verify_as_of(bundle, anchor, &deployment, &request, &policy, &mut memory),
        (Some(clock), _) => {
            let clock = Clock {
                now: number(&clock["now"]),
                error: clock.get("error").map_or(0, number),
                max_age: number(&clock["maxAge"]),
                max_skew: number(&clock["maxSkew"]),
            };
            verify(bundle, anchor, &deployment, &request, &policy, &clock, &mut memory).map(|verdict| {
                assert_eq!(verdict.age, (clock.now + clock.error).saturating_sub(verdict.block_time));
                let Verdict { decision, block_number, block_time, .. } = verdict;
                VerdictAsOf { decision, block_number, block_time }
            })
        }
        (None, Some(floor)) => {
            let floor = Floor { time: number(&floor["time"]), max_age: number(&floor["maxAge"]) };
            let verdict = verify_after(bundle, anchor, &deployment, &request, &policy, &floor, &mut memory);
            verdict.map(|VerdictAfter { decision, block_number, block_time, time }| {
                assert_eq!(time, floor.time.max(block_time).max(request.time()));
                VerdictAsOf { decision, block_number, block_time }
            })
        }
    };
    let VerdictAsOf { decision, block_number, block_time } = verdict.map_err(|error| (error.code(), None))?;
    let decision = match decision {
        Decision::Permit { basis, scope, until } => json!({
            "permit": true,
            "basis": basis.name(),
            "scope": scope.to_string(),
            "until": until.to_string(),
        }),
        Decision::Deny { reason, scope } => {
            json!({"permit": false, "reason": reason.name(), "scope": scope.to_string()})
        }
    };
    Ok(json!({
        "decision": decision,
        "blockNumber": block_number.to_string(),
        "blockTime": block_time.to_string(),
    }))
}

fn prove_event(input: &Value) -> Outcome {
    let deployment = OwnedDeployment {
        chain_id: number(&input["deployment"]["chainId"]),
        contract: address(&input["deployment"]["contract"]),
        code_hashes: words(&input["deployment"]["codeHashes"]),
    };
    let anchor = PinnedHash::new(word(&input["trustedHash"]), HashRule::Plain);
    let proved =
        event::verify(&bytes(&input["proof"]), &anchor, &deployment).map_err(|error| (error.code(), None))?;
    let value = event::to_value(&proved);
    Ok(json!({
        "event": value["event"],
        "arguments": value["arguments"],
        "blockNumber": proved.block_number.to_string(),
        "blockTime": proved.block_time.to_string(),
        "transaction": proved.transaction.to_string(),
        "log": proved.log.to_string(),
    }))
}

#[test]
fn events_are_proved_as_the_vectors_say() {
    let count = run("event.json", |operation, input| match operation {
        "eventProof" => prove_event(input),
        operation => panic!("no operation {operation}"),
    });
    assert!(count > 60, "{count} cases");
}

#[test]
fn older_blocks_and_clocks_of_each_kind_answer_as_the_vectors_say() {
    let count = run("ancestry.json", |operation, input| match operation {
        "verify" => verify_bundle(input),
        "eventProof" => prove_event(input),
        operation => panic!("no operation {operation}"),
    });
    assert!(count > 55, "{count} cases");
}

#[test]
fn bundles_are_decided_as_the_vectors_say() {
    let count = run("bundle.json", |operation, input| match operation {
        "verify" => verify_bundle(input),
        operation => panic!("no operation {operation}"),
    });
    assert!(count > 200, "{count} cases");
}

/// Whoever vouches for the block: the decision is that of its state.
#[test]
fn bundles_are_decided_alike_under_a_header_that_validators_sealed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/tests/vectors/bundle.json");
    let vectors: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut count = 0;
    for case in vectors["cases"].as_array().unwrap() {
        // Validators seal no first block.
        if case.get("output").is_none_or(|output| output["blockNumber"] == "0") {
            continue;
        }
        let (bundle, anchor) = anchor::sealed_anew(&bytes(&case["input"]["bundle"]));
        let outcome = verify_under(&anchor, &bundle, &case["input"]);
        assert_eq!(outcome, Ok(case["output"].clone()), "{}", case["name"]);
        count += 1;
    }
    assert!(count > 130, "{count} cases");
}

#[test]
fn words_as_the_contract_writes_them_are_decided_as_the_vectors_say() {
    let count = run("written.json", |operation, input| match operation {
        "verify" => verify_bundle(input),
        operation => panic!("no operation {operation}"),
    });
    assert!(count > 25, "{count} cases");
}

#[test]
fn consents_that_were_never_relayed_count_as_the_vectors_say() {
    let count = run("consent.json", |operation, input| match operation {
        "verify" => verify_bundle(input),
        operation => panic!("no operation {operation}"),
    });
    assert!(count > 80, "{count} cases");
}

#[test]
fn the_contract_is_called_and_read_as_the_vectors_say() {
    let count = run("contract.json", |operation, input| match operation {
        "call" => contract::call(input),
        "event" => contract::event(input),
        "revert" => contract::revert(input),
        "answer" => contract::answer(input),
        "message" => contract::message(input),
        operation => panic!("no operation {operation}"),
    });
    assert!(count > 350, "{count} cases");
}

#[test]
fn distrusted_issuers_count_for_nothing_as_the_vectors_say() {
    let count = run("policy.json", |operation, input| match operation {
        "verify" => verify_bundle(input),
        operation => panic!("no operation {operation}"),
    });
    assert!(count > 15, "{count} cases");
}

#[test]
fn records_commit_disclose_and_check_as_the_vectors_say() {
    let count = run("hr1.json", |operation, input| match operation {
        "commit" => commit(input),
        "disclose" => disclose(input),
        "check" => check(input),
        operation => panic!("no operation {operation}"),
    });
    assert!(count > 200, "{count} cases");
}

/// Random texts break off at the same byte for the same reason as in the second implementation.
#[test]
fn random_texts_are_read_as_the_vectors_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/tests/vectors/golden");
    let golden =
        |name| -> Value { serde_json::from_str(&std::fs::read_to_string(path.join(name)).unwrap()).unwrap() };
    let metadata = Metadata::from_value("metadata", &golden("fhir.json")["metadata"]).unwrap();
    let secret = Secret::from_bytes(&[1; 32]);
    let texts = golden("texts.json");
    let cases = texts["cases"].as_array().unwrap();
    assert!(cases.len() > 900, "{} texts", cases.len());
    for case in cases {
        let found = match record::leaves(&bytes(&case["text"]), &metadata, &secret).map_err(record_error) {
            // Beside those of the document stand the five of the metadata.
            Ok(leaves) => json!({"text": case["text"], "values": leaves.len() - 5}),
            Err((code, offset)) => json!({"text": case["text"], "code": code, "offset": offset}),
        };
        assert_eq!(found, *case);
    }
}

#[test]
fn disclosures_are_written_and_opened_in_their_binary_form_as_the_vectors_say() {
    let count = run("disclosure.json", |operation, input| match operation {
        "encodeDisclosure" => encode_disclosure(input),
        "openDisclosure" => open_disclosure(input),
        operation => panic!("no operation {operation}"),
    });
    assert!(count > 100, "{count} cases");
}

#[test]
fn batches_are_made_and_proved_as_the_vectors_say() {
    let count = run("batch.json", |operation, input| match operation {
        "batch" => batch(input),
        "checkBatch" => check_batch(input),
        operation => panic!("no operation {operation}"),
    });
    assert!(count > 50, "{count} cases");
}

#[test]
fn proofs_verify_as_the_vectors_say() {
    let count = run("proof.json", |operation, input| match operation {
        "proof" => prove(input),
        operation => panic!("no operation {operation}"),
    });
    assert!(count > 30, "{count} cases");
}

/// Signs, writes, reads back: the same transaction in every form.
fn sign_transaction(input: &Value) -> Outcome {
    let transaction = Transaction::from_json(&input["transaction"].to_string()).unwrap();
    assert_eq!(transaction.to_json(), input["transaction"]);
    let key = SecretKey::from_bytes(&word(&input["secretKey"]).0).unwrap();
    let signing_hash = transaction.signing_hash().map_err(|error| (error.code(), None))?;
    let signed = transaction.sign(&key).map_err(|error| (error.code(), None))?;
    assert_eq!(SignedTransaction::decode(&signed.raw).unwrap(), signed);
    let in_rlp = rlp::encode(&signed);
    assert_eq!(rlp::decode::<SignedTransaction>(&in_rlp).unwrap(), signed);
    Ok(json!({
        "signingHash": signing_hash.to_string(),
        "raw": print(&signed.raw),
        "hash": signed.hash.to_string(),
        "sender": signed.sender.to_string(),
    }))
}

/// Reads raw bytes, which every case of this operation is refused for.
fn read_transaction(input: &Value) -> Outcome {
    let raw = bytes(&input["raw"]);
    let read = match input.get("chainId") {
        Some(chain_id) => tx::Transaction::decode_for(&raw, number(chain_id)),
        None => tx::Transaction::decode(&raw),
    };
    read.map(|transaction| json!(transaction.hash().to_string())).map_err(|error| (error.code(), None))
}

#[test]
fn transactions_are_signed_and_refused_as_the_vectors_say() {
    let count = run("tx.json", |operation, input| match operation {
        "sign" => sign_transaction(input),
        "transaction" => read_transaction(input),
        operation => panic!("no operation {operation}"),
    });
    assert!(count > 90, "{count} cases");
}

#[test]
fn messages_are_signed_and_keys_are_found_as_the_vectors_say() {
    let count = run("message.json", |operation, input| match message::run(operation, input) {
        Some(outcome) => outcome,
        None => panic!("no operation {operation}"),
    });
    assert!(count > 200, "{count} cases");
}

#[test]
fn anchors_trust_and_refuse_headers_as_the_vectors_say() {
    let count = run("anchor.json", |operation, input| match anchor::run(operation, input) {
        Some(outcome) => outcome,
        None => panic!("no operation {operation}"),
    });
    assert!(count > 140, "{count} cases");
}

#[test]
fn what_a_hostile_prover_tries_is_refused_as_the_vectors_say() {
    let count = run("hostile.json", |operation, input| match operation {
        "proof" => prove(input),
        operation => panic!("no operation {operation}"),
    });
    assert!(count > 100, "{count} cases");
}
