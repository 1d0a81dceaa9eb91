//! From a node over HTTP to decisions and events that are verified offline, as a script does it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "common/mock.rs"]
mod mock;

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;

use healthrecord::access::{Deployment, Operation, PolicyFile, Purpose, Request, request_to_json};
use healthrecord::core::chain::key::SecretKey;
use healthrecord::core::health::contract::{Call, Role, Terms};
use healthrecord::core::{Address, B256, U256};
use healthrecord::record::{self, Batch, Metadata, OwnedDisclosure, Secret, Selection};
use healthrecord_devchain::{Devchain, Genesis, GenesisAccount, contract};
use serde_json::{Value, json};

const CHAIN: u64 = 31_337;
const TIME: u64 = 1_700_000_000;
const DOCTOR: Address = Address([0xd0; 20]);
const SCOPE: B256 = B256([0x77; 32]);

fn key(number: u8) -> SecretKey {
    SecretKey::from_bytes(&[number; 32]).unwrap()
}

/// A chain on which a registrar accredited a doctor to whom a patient then granted, and its transactions.
struct World {
    chain: Devchain,
    contract: Address,
    sent: Vec<B256>,
}

impl World {
    fn new() -> Self {
        let mut genesis = Genesis::new(CHAIN, TIME);
        for number in 1..=2 {
            let funds = GenesisAccount::funded(U256::from(10_u128.pow(19)));
            genesis.accounts.insert(key(number).address(), funds);
        }
        let mut chain = Devchain::new(genesis);
        let created = chain.send(&key(1), None, &contract::creation_code(key(1).address())).unwrap();
        chain.mine(TIME + 12).unwrap();
        let contract = chain.receipt(&created).unwrap().contract_address.unwrap();
        let roles = Role::Practitioner.bit();
        let not_after = TIME + 86_400;
        let accredit = Call::Accredit { account: DOCTOR, roles, not_before: TIME, not_after };
        let terms = Terms {
            not_before: TIME,
            not_after,
            purposes: Purpose::Treatment.bit(),
            operations: Operation::Read.bit(),
            required_roles: roles,
        };
        let grant = |scope| Call::Grant { grantee: DOCTOR, scope, terms, document: B256::ZERO };
        let mut world = Self { chain, contract, sent: vec![created] };
        // Two in one block, so that a receipt has a neighbour.
        for (by, call) in [(1, accredit), (2, grant(SCOPE))] {
            world.sent.push(world.chain.send_call(&key(by), contract, &call).unwrap());
        }
        world.chain.mine(TIME + 24).unwrap();
        world
    }

    fn answer(&self, method: &str, params: &Value) -> mock::Answer {
        let number = |value: &Value| match value.as_str().unwrap() {
            "latest" => self.chain.head().number,
            text if text.len() == 66 => (0..=self.chain.head().number)
                .find(|number| self.chain.block_hash(*number).unwrap().to_string() == text)
                .unwrap_or(u64::MAX),
            text => u64::from_str_radix(text.strip_prefix("0x").unwrap(), 16).unwrap(),
        };
        Ok(match method {
            "eth_chainId" => json!(format!("{CHAIN:#x}")),
            "eth_getBlockByNumber" | "eth_getBlockByHash" => json!(self.chain.block_json(number(&params[0]))),
            "eth_getProof" => {
                let slots: Vec<B256> = params[1]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|slot| slot.as_str().unwrap().parse().unwrap())
                    .collect();
                let address = params[0].as_str().unwrap().parse().unwrap();
                self.chain.proof_at(number(&params[2]), address, &slots).unwrap().to_json()
            }
            "eth_getTransactionReceipt" => {
                let hash = params[0].as_str().unwrap().parse().unwrap();
                json!(self.chain.receipt(&hash).map(healthrecord_devchain::Receipt::to_json))
            }
            "eth_getBlockReceipts" => {
                let receipts = self.chain.receipts(number(&params[0])).unwrap();
                receipts.into_iter().map(healthrecord_devchain::Receipt::to_json).collect()
            }
            _ => return Err("no such method"),
        })
    }
}

/// What becomes of the answer to a method.
type Change = fn(&str, &mut Value);

/// Answers for a node of this world; `change` may alter an answer.
fn serve(world: World, change: impl Fn(&str, &mut Value) + Send + 'static) -> String {
    mock::serve(move |method, params| world.answer(method, params), change)
}

/// The same over TLS, by the certificate in `tests/tls`, which nobody trusts but who is told to.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn serve_tls(world: World) -> String {
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};

    let certificate = CertificateDer::from_pem_slice(include_bytes!("tls/cert.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/key.pem")).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(rustls_graviola::default_provider().into());
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let config = std::sync::Arc::new(config.with_single_cert(vec![certificate], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut connection = rustls::ServerConnection::new(config.clone()).unwrap();
            // A client that does not trust the certificate ends the handshake.
            if connection.complete_io(&mut stream).is_ok() {
                let tls = rustls::Stream::new(&mut connection, &mut stream);
                mock::answer_one(&mut |method, params| world.answer(method, params), tls, &|_, _| ());
                connection.send_close_notify();
                connection.complete_io(&mut stream).unwrap();
            }
        }
    });
    url
}

/// A folder of its own for each test, removed at its end, with the deployment and a request in it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, world: &World) -> Self {
        let path = std::env::temp_dir().join(format!("healthrecord-prove-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        let code_hashes = vec![contract::code_hash()];
        let deployment = Deployment { chain_id: CHAIN, contract: world.contract, code_hashes };
        std::fs::write(path.join("deployment.json"), deployment.to_json()).unwrap();
        let (operation, purpose) = (Operation::Read, Purpose::Treatment);
        let request =
            Request::about_scopes(key(2).address(), &[SCOPE], DOCTOR, operation, purpose, TIME + 24).unwrap();
        std::fs::write(path.join("request.json"), request_to_json(&request)).unwrap();
        Self(path)
    }

    /// Runs the command in the folder; gives the exit code and the JSON that it prints.
    fn run(&self, args: &[&str]) -> (i32, Value) {
        let output = self.command().args(args).output().unwrap();
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_healthrecord"));
        command.current_dir(&self.0).arg("--json");
        command
    }

    fn prove(&self, url: &str, more: &[&str]) -> (i32, Value) {
        let args = ["prove", "--rpc", url, "--deployment", "deployment.json", "--request", "request.json"];
        self.run(&[&args[..], &["--out", "bundle.rlp"], more].concat())
    }

    fn prove_event(&self, url: &str, transaction: &B256, more: &[&str]) -> (i32, Value) {
        let transaction = transaction.to_string();
        let args = ["prove-event", &transaction, "--rpc", url, "--deployment", "deployment.json"];
        self.run(&[&args[..], &["--out", "event.rlp"], more].concat())
    }

    fn fails(&self, url: &str, code: &str) {
        let (exit, answer) = self.prove(url, &[]);
        assert_eq!((exit, answer["error"]["code"].as_str().unwrap()), (2, code), "{answer}");
        assert!(!self.0.join("bundle.rlp").exists(), "nothing is written that does not hold");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

#[test]
fn a_bundle_is_proved_by_a_node_and_verified_without_one() {
    let world = World::new();
    let folder = Folder::new("bundle", &world);
    let hash = world.chain.head().hash.to_string();
    let url = serve(world, |_, _| ());
    let (exit, answer) = folder.prove(&url, &[]);
    assert_eq!((exit, &answer["permit"], &answer["blockHash"]), (0, &json!(true), &json!(hash)));
    let verify = |more: &[&str]| {
        let args = ["verify", "bundle.rlp", "--deployment", "deployment.json", "--request", "request.json"];
        folder.run(&[&args[..], &["--trusted-hash", &hash], more].concat())
    };
    let now = (TIME + 30).to_string();
    let (exit, answer) = verify(&["--now", &now]);
    assert_eq!((exit, &answer["basis"], &answer["age"]), (0, &json!("grant"), &json!(6)));
    let (exit, answer) = verify(&["--as-of-block", "--distrust", &key(1).address().to_string()]);
    assert_eq!((exit, &answer["permit"], &answer["reason"]), (1, &json!(false), &json!("credential")));
    let (exit, answer) = verify(&["--as-of-block", "--distrust", &key(2).address().to_string()]);
    assert_eq!((exit, &answer["permit"]), (0, &json!(true)));
    let code = |(exit, answer): (i32, Value)| (exit, answer["error"]["code"].as_str().unwrap().to_owned());
    assert_eq!(code(verify(&["--now", &now, "--max-age", "5"])), (2, "verify.stale".into()));
    let early = TIME.to_string();
    assert_eq!(code(verify(&["--now", &early, "--max-skew", "23"])), (2, "verify.future".into()));

    let policy =
        PolicyFile { max_age: 5, distrusted_issuers: vec![key(1).address()], ..PolicyFile::default() };
    std::fs::write(folder.0.join("policy.json"), policy.to_json()).unwrap();
    let (exit, answer) = verify(&["--as-of-block", "--policy", "policy.json"]);
    assert_eq!((exit, &answer["reason"]), (1, &json!("credential")));
    assert_eq!(code(verify(&["--now", &now, "--policy", "policy.json"])), (2, "verify.stale".into()));

    // Before the grant the answer is a deny, which is written and proved all the same.
    let (exit, answer) = folder.prove(&url, &["--block", "1"]);
    assert_eq!((exit, &answer["reason"], &answer["blockNumber"]), (0, &json!("never-granted"), &json!(1)));
    let (exit, answer) = folder.prove(&url, &["--block", "9"]);
    assert_eq!((exit, &answer["error"]["code"]), (2, &json!("node.no_answer")));
}

#[test]
fn what_stood_at_an_older_block_is_proved_and_verified_only_as_of_it() {
    let mut world = World::new();
    let revoke = Call::Revoke { grantee: DOCTOR, scope: SCOPE };
    world.chain.send_call(&key(2), world.contract, &revoke).unwrap();
    for block in 3..30 {
        world.chain.mine(TIME + block * 12).unwrap();
    }
    let (folder, head) = (Folder::new("past", &world), world.chain.head());
    let (hash, sent) = (head.hash.to_string(), world.sent.clone());
    let url = serve(world, |_, _| ());
    assert_eq!(folder.prove(&url, &[]).1["reason"], json!("revoked"));
    let verify = |more: &[&str]| {
        let args = ["verify", "bundle.rlp", "--deployment", "deployment.json", "--request", "request.json"];
        let (exit, answer) = folder.run(&[&args[..], &["--trusted-hash", &hash], more].concat());
        let code = answer["error"]["code"].as_str().map(str::to_owned);
        (exit, answer, code)
    };
    let now = head.timestamp.to_string();
    for (as_of, permit) in [("2", true), ("1", false), ("3", false), ("28", false), ("29", false)] {
        let (exit, answer) = folder.prove(&url, &["--as-of", as_of]);
        assert_eq!((exit, &answer["permit"], &answer["blockHash"]), (0, &json!(permit), &json!(hash)));
        let (exit, answer, _) = verify(&["--as-of-block"]);
        assert_eq!((exit, &answer["permit"]), (i32::from(!permit), &json!(permit)), "as of {as_of}");
        assert_eq!(answer["blockNumber"].to_string(), as_of);
        let past = (as_of != "29").then(|| "verify.past".to_owned());
        for clock in [&["--now", &now][..], &["--floor", "0"]] {
            assert_eq!(verify(clock).2, past, "as of {as_of}");
        }
    }
    let (exit, answer) = folder.prove(&url, &["--as-of", "30"]);
    assert_eq!((exit, &answer["error"]["code"]), (2, &json!("step.not_older")));
    let (exit, answer) = folder.prove(&url, &["--block", "20", "--as-of", "2"]);
    assert_eq!((exit, &answer["permit"]), (0, &json!(true)));

    let (exit, proved) = folder.prove_event(&url, &sent[2], &["--block", "latest"]);
    assert_eq!((exit, &proved["blockHash"], &proved["blockNumber"]), (0, &json!(hash), &json!(2)));
    let verify = ["verify-event", "event.rlp", "--trusted-hash", &hash, "--deployment", "deployment.json"];
    let (exit, answer) = folder.run(&verify);
    assert_eq!((exit, &answer["event"], &answer["blockNumber"]), (0, &json!("Granted"), &json!(2)));
}

/// A chain without EIP-2935 is gone back by every header, if there are not too many.
#[test]
fn a_node_that_remembers_no_hashes_gives_headers() {
    for (blocks, outcome) in [(60, None), (70, Some(json!("step.no_history")))] {
        let mut world = World::new();
        for block in 3..blocks {
            world.chain.mine(TIME + block * 12).unwrap();
        }
        let folder = Folder::new(&format!("headers-{blocks}"), &world);
        let url = serve(world, |method, answer| {
            // As of an account that is not there.
            if method == "eth_getProof" && answer["result"]["nonce"] == json!("0x1") {
                let history = "0x0000f90827f1c53a10cb7a02335b175320002935";
                if answer["result"]["address"] == json!(history) {
                    answer["result"]["codeHash"] = json!(B256::ZERO.to_string());
                }
            }
        });
        let (_, answer) = folder.prove(&url, &["--as-of", "2"]);
        assert_eq!(answer.pointer("/error/code"), outcome.as_ref(), "{answer}");
        assert!(outcome.is_some() || answer["permit"] == json!(true));
    }
}

#[test]
fn clocks_that_err_and_floors_are_asked_for_what_they_know() {
    let world = World::new();
    let folder = Folder::new("clocks", &world);
    let hash = world.chain.head().hash.to_string();
    let url = serve(world, |_, _| ());
    folder.prove(&url, &[]);
    let verify = |more: &[&str]| {
        let args = ["verify", "bundle.rlp", "--deployment", "deployment.json", "--request", "request.json"];
        folder.run(&[&args[..], &["--trusted-hash", &hash], more].concat()).1
    };
    let at = |seconds: u64| (TIME + seconds).to_string();
    assert_eq!(verify(&["--now", &at(30), "--clock-error", "5"])["age"], json!(11));
    let code = |answer: Value| answer["error"]["code"].clone();
    assert_eq!(code(verify(&["--now", &at(3600), "--clock-error", "25"])), json!("verify.stale"));
    assert_eq!(code(verify(&["--now", &at(24), "--clock-error", "61"])), json!("verify.future"));
    let answer = verify(&["--floor", &at(3624)]);
    assert_eq!(
        (&answer["permit"], &answer["age"], &answer["time"]),
        (&json!(true), &Value::Null, &json!(TIME + 3624))
    );
    assert_eq!(code(verify(&["--floor", &at(3625)])), json!("verify.stale"));
    let answer = verify(&["--floor", &at(86_400), "--max-age", "100000"]);
    assert_eq!((&answer["permit"], &answer["reason"]), (&json!(false), &json!("expired")));
}

#[test]
fn what_a_node_gets_wrong_is_named_and_nothing_is_written() {
    let cases: [(&str, Change); 6] = [
        ("node.chain", |method, answer| {
            if method == "eth_chainId" {
                answer["result"] = json!("0x1");
            }
        }),
        ("rpc.block_hash", |_, answer| {
            if answer["result"].get("gasUsed").is_some() {
                answer["result"]["gasUsed"] = json!("0x1");
            }
        }),
        ("proof.missing_node", |method, answer| {
            if method == "eth_getProof" {
                answer["result"]["accountProof"].as_array_mut().unwrap().remove(0);
            }
        }),
        ("proof.unused_node", |method, answer| {
            if method == "eth_getProof" {
                let node = json!(format!("0x{}", "c1".repeat(40)));
                answer["result"]["accountProof"].as_array_mut().unwrap().push(node);
            }
        }),
        ("form.missing_field", |method, answer| {
            if method == "eth_getProof" {
                answer["result"].as_object_mut().unwrap().remove("storageProof");
            }
        }),
        ("rpc.answer", |method, answer| {
            if method == "eth_getProof" {
                *answer = json!({"jsonrpc": "2.0", "id": answer["id"], "error": {"code": -32000, "message": "missing trie node"}});
            }
        }),
    ];
    for (code, change) in cases {
        let world = World::new();
        let folder = Folder::new(code, &world);
        folder.fails(&serve(world, change), code);
    }
}

/// What a verifier derives is not read: an answer without it makes the same bundle.
#[test]
fn only_nodes_and_the_header_are_read() {
    let world = World::new();
    let folder = Folder::new("derived", &world);
    let url = serve(world, |method, answer| {
        if method == "eth_getProof" {
            let result = answer["result"].as_object_mut().unwrap();
            for field in ["address", "balance", "codeHash", "nonce", "storageHash"] {
                result.remove(field).unwrap();
            }
            for entry in result["storageProof"].as_array_mut().unwrap() {
                *entry = json!({"proof": entry["proof"], "value": "a lie"});
            }
        }
    });
    assert_eq!(folder.prove(&url, &[]).1["permit"], json!(true));
}

#[test]
fn an_event_is_proved_by_a_node_and_verified_without_one() {
    for one_by_one in [false, true] {
        let world = World::new();
        let folder = Folder::new(&format!("event-{one_by_one}"), &world);
        let hash = world.chain.head().hash.to_string();
        let sent = world.sent.clone();
        let url = serve(world, move |method, answer| {
            if one_by_one && method == "eth_getBlockReceipts" {
                let error = json!({"code": -32601, "message": "no such method"});
                *answer = json!({"jsonrpc": "2.0", "id": answer["id"], "error": error});
            }
        });
        let (exit, proved) = folder.prove_event(&url, &sent[2], &[]);
        assert_eq!((exit, &proved["event"], &proved["transactionIndex"]), (0, &json!("Granted"), &json!(1)));
        let verify = |hash: &str| {
            folder.run(&[
                "verify-event",
                "event.rlp",
                "--deployment",
                "deployment.json",
                "--trusted-hash",
                hash,
            ])
        };
        let (exit, answer) = verify(&hash);
        assert_eq!((exit, &answer["event"], &answer["blockTime"]), (0, &json!("Granted"), &json!(TIME + 24)));
        assert_eq!(answer["arguments"]["grantee"], json!(DOCTOR.to_string()));
        let (exit, answer) = verify(&B256([1; 32]).to_string());
        assert_eq!((exit, &answer["error"]["code"]), (2, &json!("anchor.hash_mismatch")));

        assert_eq!(folder.prove_event(&url, &sent[2], &["--log", "0"]).0, 0);
        let failed = |transaction: &B256, more: &[&str]| {
            let (exit, answer) = folder.prove_event(&url, transaction, more);
            assert_eq!(exit, 2);
            answer["error"]["code"].as_str().unwrap().to_owned()
        };
        assert_eq!(failed(&sent[2], &["--log", "1"]), "event.none");
        assert_eq!(failed(&B256([7; 32]), &[]), "node.no_answer");
    }
    let world = World::new();
    let (folder, sent) = (Folder::new("event-lie", &world), world.sent.clone());
    let url = serve(world, |method, answer| {
        if method == "eth_getBlockReceipts" {
            answer["result"][0]["cumulativeGasUsed"] = json!("0x1");
        }
    });
    let (exit, answer) = folder.prove_event(&url, &sent[1], &[]);
    assert_eq!((exit, &answer["error"]["code"]), (2, &json!("event.receipts_root")));
}

#[test]
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn a_node_behind_tls_is_asked_if_its_certificate_is_trusted() {
    let world = World::new();
    let folder = Folder::new("tls", &world);
    let url = serve_tls(world);
    let args = ["prove", "--rpc", &url, "--deployment", "deployment.json", "--request", "request.json"];
    let prove = |trusted: &str| {
        let mut command = folder.command();
        let output = command.env("SSL_CERT_FILE", trusted).args(args).args(["--out", "bundle.rlp"]).output();
        serde_json::from_slice::<Value>(&output.unwrap().stdout).unwrap()
    };
    let certificate = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls/cert.pem");
    let answer = prove(certificate);
    assert_eq!(answer["permit"], json!(true), "{answer}");
    assert_eq!(prove("deployment.json")["error"]["code"], json!("node.unreachable"));
}

/// The disclosure of a record by the author of key 1 about the patient of key 2.
fn disclosure(number: u8) -> OwnedDisclosure {
    let metadata = Metadata {
        patient: key(2).address(),
        author: key(1).address(),
        kind: 1,
        issued: TIME,
        scopes: vec![B256([number; 32])],
        previous: None,
        attachments: vec![],
    };
    let secret = Secret::from_bytes(&[number; 32]);
    let shown = ["#patient", "#author", "#kind", "#scope", "/valueQuantity/value"];
    let document = br#"{"resourceType":"Observation","valueQuantity":{"value":6.30,"unit":"mmol/l"}}"#;
    record::disclose(document, &metadata, &secret, &Selection::exactly(&shown)).unwrap()
}

#[test]
fn a_record_is_checked_through_its_batch_to_the_anchor() {
    let mut world = World::new();
    let records: Vec<OwnedDisclosure> = (1..=3).map(disclosure).collect();
    let commitments: Vec<B256> = records.iter().map(|record| record.commitment).collect();
    let batch = Batch::new(commitments.iter().copied()).unwrap();
    let anchor = Call::Anchor { root: batch.root(), count: 3, kind: 1 };
    world.chain.send_call(&key(1), world.contract, &anchor).unwrap();
    world.chain.mine(TIME + 36).unwrap();
    world
        .chain
        .send_call(&key(1), world.contract, &Call::Retract { commitment: commitments[2], reason: 7 })
        .unwrap();
    world.chain.mine(TIME + 48).unwrap();
    let folder = Folder::new("anchor", &world);
    let hash = world.chain.head().hash.to_string();
    let url = serve(world, |_, _| ());
    for (number, record) in (0..).zip(&records) {
        std::fs::write(folder.0.join(format!("{number}.json")), record.to_json()).unwrap();
        std::fs::write(folder.0.join(format!("{number}.rlp")), record.to_rlp()).unwrap();
        let proof = batch.proof(number, &record.commitment).unwrap();
        std::fs::write(folder.0.join(format!("{number}-batch.json")), proof.to_json()).unwrap();
        std::fs::write(folder.0.join(format!("{number}-batch.rlp")), proof.to_rlp()).unwrap();
    }
    let prove = |file: &str, more: &[&str]| {
        let args = ["prove-anchor", file, "--rpc", &url, "--deployment", "deployment.json"];
        folder.run(&[&args[..], &["--out", "anchor.rlp"], more].concat())
    };
    let check = |file: &str, more: &[&str]| {
        let args = ["check", file, "--anchored", "anchor.rlp", "--deployment", "deployment.json"];
        folder.run(&[&args[..], &["--trusted-hash", &hash], more].concat())
    };
    let (now, patient, author) =
        ((TIME + 60).to_string(), key(2).address().to_string(), key(1).address().to_string());

    let (exit, answer) = prove("1.json", &["--batch-proof", "1-batch.rlp"]);
    assert_eq!((exit, &answer["valid"], &answer["blockHash"]), (0, &json!(true), &json!(hash)), "{answer}");
    for (file, proof) in [("1.json", "1-batch.json"), ("1.rlp", "1-batch.rlp")] {
        let parties = ["--patient", patient.as_str(), "--author", author.as_str()];
        let (exit, answer) = check(file, &[&["--batch-proof", proof, "--now", &now], &parties[..]].concat());
        assert_eq!((exit, &answer["valid"], &answer["age"]), (0, &json!(true), &json!(12)), "{answer}");
        assert_eq!(answer["anchoredAt"], json!(TIME + 36));
        assert_eq!((&answer["author"], &answer["patient"]), (&json!(author), &json!(patient)));
        assert_eq!(answer["commitment"], json!(commitments[1].to_string()));
        let shown = answer["disclosed"].as_array().unwrap().last().unwrap();
        assert_eq!(shown["value"], json!({"number": "6.30"}));
    }
    let no = |(exit, answer): (i32, Value), code: &str| {
        assert_eq!((exit, &answer["valid"], &answer["code"]), (1, &json!(false), &json!(code)), "{answer}");
    };
    let alone = ["--as-of-block"];
    let mine = ["--as-of-block", "--batch-proof", "1-batch.json"];
    no(check("1.json", &[&mine[..], &["--patient", &author]].concat()), "anchored.patient");
    no(check("1.json", &[&mine[..], &["--author", &patient]].concat()), "anchored.author");
    let other = format!("0x{:064x}", 1);
    no(check("1.json", &[&mine[..], &["--commitment", &other]].concat()), "disclosure.root");
    let failed = |(exit, answer): (i32, Value), code: &str| {
        assert_eq!((exit, &answer["error"]["code"]), (2, &json!(code)), "{answer}");
    };
    failed(check("1.json", &["--batch-proof", "1-batch.json"]), "verify.stale");
    // The bundle of one record proves nothing of another.
    let (exit, answer) = check("1.json", &alone);
    let code = answer["error"]["code"].as_str().unwrap();
    assert!(exit == 2 && ["proof.missing_node", "proof.unused_node"].contains(&code), "{answer}");

    // Nothing counts as checked that was held against nothing.
    let bundle = ["--anchored", "anchor.rlp"];
    let pinned = [&bundle[..], &["--trusted-hash", &hash]].concat();
    for missing in [&[][..], &bundle, &pinned, &["--as-of-block"]] {
        let output = folder.command().args(["check", "1.json"]).args(missing).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{missing:?}");
        assert!(String::from_utf8(output.stderr).unwrap().ends_with("[usage.arguments]\n"));
    }

    // What was never anchored, and what was retracted, are proved too.
    let (exit, answer) = prove("1.json", &[]);
    assert_eq!((exit, &answer["code"]), (0, &json!("anchored.never")), "{answer}");
    no(check("1.json", &alone), "anchored.never");
    let (exit, answer) = prove("2.rlp", &["--batch-proof", "2-batch.json"]);
    assert_eq!((exit, &answer["code"]), (0, &json!("anchored.retracted")), "{answer}");
    let (exit, answer) = check("2.rlp", &["--as-of-block", "--batch-proof", "2-batch.rlp"]);
    assert!(answer["reason"].as_str().unwrap().ends_with(&format!("at {}, for reason 7", TIME + 48)));
    no((exit, answer), "anchored.retracted");
}
