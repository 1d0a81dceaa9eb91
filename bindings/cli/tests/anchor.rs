//! A device's anchor is kept from the command line: it follows a real QBFT chain by few headers, from nodes
//! and from files, and bundles are verified by it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "common/mock.rs"]
mod mock;
#[path = "../../../core/tests/common/sealed.rs"]
#[allow(clippy::wildcard_enum_match_arm, reason = "the core's tests hold it to their own lints")]
mod sealed;

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

use healthrecord::access::{Deployment, Operation, Purpose, Request, request_to_json};
use healthrecord::bundle;
use healthrecord::core::chain::header::Header;
use healthrecord::core::grammar::rlp::Reader;
use healthrecord::core::health::anchor::HashRule;
use healthrecord::core::matter::hex::{self, Hex};
use healthrecord::core::{Address, B256};
use healthrecord::rpc::{BlockHeader, ProofNodes};
use healthrecord_devchain::{Devchain, Genesis, GenesisAccount, contract};
use serde_json::{Value, json};

/// As long as a device can be away in these tests, in seconds.
const FOR_EVER: &str = "18446744073709551615";

/// The names of a header's fields, in their order.
const FIELDS: [&str; 15] = [
    "parentHash",
    "sha3Uncles",
    "miner",
    "stateRoot",
    "transactionsRoot",
    "receiptsRoot",
    "logsBloom",
    "difficulty",
    "number",
    "gasLimit",
    "gasUsed",
    "timestamp",
    "extraData",
    "mixHash",
    "nonce",
];

/// The blocks of `GoQuorum`'s chain as a node answers them, and as other nodes have them.
#[derive(Clone)]
struct Chain {
    blocks: Vec<Value>,
    others: Vec<Vec<Value>>,
    validators: Vec<String>,
}

fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    let mut out = vec![0; text.len() / 2];
    hex::decode(text, &mut out).unwrap().to_vec()
}

impl Chain {
    fn read() -> Option<Self> {
        let folder = std::env::var_os("HEALTHRECORD_VECTORS").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")),
            PathBuf::from,
        );
        if !folder.is_dir() {
            assert!(std::env::var_os("CI").is_none(), "no external vectors at {}", folder.display());
            println!("SKIPPED 1");
            return None;
        }
        let text = std::fs::read_to_string(folder.join("bft/goquorum-qbft-chain.json")).unwrap();
        let file: Value = serde_json::from_str(&text).unwrap();
        let (mut blocks, mut others) = (vec![], vec![]);
        for block in file["blocks"].as_array().unwrap() {
            let header = bytes(&block["header"]);
            let mut items = Reader::new(&header).last().unwrap().list().unwrap();
            let mut answer = json!({"hash": block["hash"], "transactions": []});
            for name in FIELDS {
                let field = Hex::new(items.item().unwrap().payload).to_string();
                answer[name] = json!(if field == "0x" && name != "extraData" { "0x0" } else { &field });
            }
            let copies = block["other_copies"].as_array().into_iter().flatten().map(|copy| {
                let mut answer = answer.clone();
                answer["extraData"] = copy["extra_data"].clone();
                answer
            });
            others.push(copies.collect());
            blocks.push(answer);
        }
        let validators = file["initial_validators"].as_array().unwrap().iter();
        let validators = validators.map(|it| it.as_str().unwrap().to_owned()).collect();
        Some(Self { blocks, others, validators })
    }

    fn hash(&self, number: usize) -> &str {
        self.blocks[number]["hash"].as_str().unwrap()
    }

    /// A node whose newest block is `newest`, and the numbers of the headers that it was asked for; the
    /// second node has other copies where there are any.
    fn serve(&self, newest: usize, second: bool) -> (String, Arc<Mutex<Vec<usize>>>) {
        let (chain, asked) = (self.clone(), Arc::new(Mutex::new(vec![])));
        let log = Arc::clone(&asked);
        let answer = move |method: &str, params: &Value| {
            let number = match (method, params[0].as_str().unwrap()) {
                ("eth_getBlockByNumber", "latest") => newest,
                ("eth_getBlockByNumber", number) => {
                    usize::from_str_radix(number.strip_prefix("0x").unwrap(), 16).unwrap()
                }
                ("eth_getBlockByHash", hash) => {
                    chain.blocks.iter().position(|block| block["hash"] == hash).unwrap_or(usize::MAX)
                }
                _ => return Err("no such method"),
            };
            log.lock().unwrap().push(number);
            let other = chain.others.get(number).and_then(|copies| copies.first()).filter(|_| second);
            Ok(json!(other.or(chain.blocks.get(number)).filter(|_| number <= newest)))
        };
        (mock::serve(answer, |_, _| ()), asked)
    }
}

/// A folder of its own for each test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("healthrecord-anchor-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.0.join(name), content).unwrap();
    }

    /// Runs the command in the folder; gives the exit code and the JSON that it prints.
    fn run(&self, args: &[&str]) -> (i32, Value) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_healthrecord"));
        let output = command.current_dir(&self.0).arg("--json").args(args).output().unwrap();
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
    }

    /// Begins at a block of the chain.
    fn init(&self, chain: &Chain, number: usize) -> Value {
        self.write("first.json", chain.blocks[number].to_string());
        let args = ["anchor", "init", "--hash-rule", "qbft", "--trusted-hash", chain.hash(number)];
        let more = ["--header", "first.json", "--trusting-period", FOR_EVER, "--out", "anchor.bin"];
        let (exit, answer) = self.run(&[&args[..], &more].concat());
        assert_eq!(exit, 0, "{answer}");
        answer
    }

    fn state(&self) -> Vec<u8> {
        std::fs::read(self.0.join("anchor.bin")).unwrap()
    }

    fn shown(&self) -> Value {
        self.run(&["anchor", "show", "anchor.bin"]).1
    }

    fn advance(&self, more: &[&str]) -> (i32, Value) {
        self.run(&[&["anchor", "advance", "anchor.bin"], more].concat())
    }

    /// The code of a refusal, and whether the state stayed as it was.
    fn refused(&self, more: &[&str]) -> (String, bool) {
        let before = self.state();
        let (exit, answer) = self.advance(more);
        assert_eq!(exit, 2, "{answer}");
        (answer["error"]["code"].as_str().unwrap().to_owned(), self.state() == before)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

#[test]
fn a_device_comes_from_the_genesis_block_to_the_newest_by_one_header() {
    let Some(chain) = Chain::read() else { return };
    let folder = Folder::new("newest");
    let begun = folder.init(&chain, 0);
    assert_eq!((&begun["blockNumber"], &begun["quorum"]), (&json!(0), &json!(3)));
    assert_eq!(begun["validators"], json!(chain.validators));
    assert_eq!(folder.state().len(), 63 + 4 * 20);
    let (url, asked) = chain.serve(112, false);
    let (exit, answer) = folder.advance(&["--rpc", &url]);
    assert_eq!((exit, &answer["blockNumber"], &answer["headers"]), (0, &json!(112), &json!(1)), "{answer}");
    assert_eq!(answer["blockHash"], chain.hash(112));
    assert_eq!(*asked.lock().unwrap(), [112]);
    assert_eq!(folder.shown()["blockNumber"], json!(112));
    // The newest again is nothing new; an older one is refused.
    assert_eq!(folder.advance(&["--rpc", &url]).1["blockNumber"], json!(112));
    assert_eq!(folder.refused(&["--rpc", &url, "--block", "111"]), ("bft.lower".into(), true));
}

#[test]
fn a_device_that_was_away_while_validators_changed_asks_for_few_headers_more() {
    let Some(chain) = Chain::read() else { return };
    let folder = Folder::new("away");
    folder.init(&chain, 0);
    // 4 → 5 at block 26, 5 → 4 at block 66, where one node has too few seals of the old five.
    let (one, asked) = chain.serve(74, false);
    let (code, same) = folder.refused(&["--rpc", &one]);
    assert_eq!((code.as_str(), same), ("bft.old_quorum", false));
    let came = folder.shown()["blockNumber"].as_u64().unwrap();
    assert!((26..66).contains(&came), "as far as is proved: {came}");
    let count = asked.lock().unwrap().len();
    assert!(count < 20, "{count} headers");

    std::fs::remove_file(folder.0.join("anchor.bin")).unwrap();
    folder.init(&chain, 0);
    let (one, asked_one) = chain.serve(74, false);
    let (two, asked_two) = chain.serve(74, true);
    let (exit, answer) = folder.advance(&["--rpc", &one, "--rpc", &two]);
    assert_eq!((exit, &answer["blockNumber"]), (0, &json!(74)), "{answer}");
    assert_eq!(answer["blockHash"], chain.hash(74));
    assert_eq!(*asked_one.lock().unwrap(), [74, 37]);
    assert_eq!(*asked_two.lock().unwrap(), [74]);
    assert_eq!(answer["headers"], json!(3));

    // On to the end, one header for each set that differs by more than one member.
    let (one, _) = chain.serve(112, false);
    let (two, _) = chain.serve(112, true);
    let (exit, answer) = folder.advance(&["--rpc", &one, "--rpc", &two]);
    assert_eq!((exit, &answer["blockNumber"]), (0, &json!(112)), "{answer}");
    assert!(answer["headers"].as_u64().unwrap() < 12, "{answer}");
}

#[test]
fn a_device_without_a_network_is_given_headers_in_files() {
    let Some(chain) = Chain::read() else { return };
    let folder = Folder::new("files");
    folder.init(&chain, 0);
    folder.write("60.json", chain.blocks[60].to_string());
    folder.write("74.json", chain.blocks[74].to_string());
    folder.write("74-other.json", chain.others[74][0].to_string());
    assert_eq!(folder.refused(&["74.json"]), ("bft.set_change".into(), true));
    assert_eq!(folder.refused(&["60.json", "74.json"]), ("bft.old_quorum".into(), false));
    assert_eq!(folder.shown()["blockNumber"], json!(60));
    let (exit, answer) = folder.advance(&["74-other.json", "74.json"]);
    assert_eq!((exit, &answer["blockNumber"], &answer["headers"]), (0, &json!(74), &json!(2)), "{answer}");
    let before = folder.state();
    folder.write("no.json", "{");
    assert_eq!(folder.refused(&["no.json"]), ("form.json".into(), true));
    assert_eq!(folder.state(), before);
}

#[test]
fn validators_whom_the_user_names_are_held_to_their_seals() {
    let Some(chain) = Chain::read() else { return };
    let folder = Folder::new("validators");
    let (url, _) = chain.serve(10, false);
    let init = |validators: &[String], more: &[&str]| {
        let mut args = vec!["anchor", "init", "--hash-rule", "qbft", "--out", "anchor.bin"];
        for validator in validators {
            args.extend(["--validator", validator]);
        }
        folder.run(&[&args[..], more].concat())
    };
    let rpc = ["--rpc", &url];
    let code = |(_, answer): (i32, Value)| answer["error"]["code"].clone();
    assert_eq!(code(init(&chain.validators[1..], &rpc)), json!("bft.set_change"));
    let twice = [&chain.validators[..], &chain.validators[..1]].concat();
    assert_eq!(code(init(&twice, &rpc)), json!("bft.duplicate_validator"));
    folder.write("genesis.json", chain.blocks[0].to_string());
    assert_eq!(code(init(&chain.validators, &["--header", "genesis.json"])), json!("bft.quorum"));
    assert!(!folder.0.join("anchor.bin").exists());
    let (exit, answer) = init(&chain.validators, &rpc);
    assert_eq!((exit, &answer["blockNumber"]), (0, &json!(10)), "{answer}");
    assert_eq!(code(init(&chain.validators, &rpc)), json!("file.unwritable"));
    let plain =
        ["anchor", "init", "--trusted-hash", chain.hash(0), "--header", "genesis.json", "--out", "p.bin"];
    assert_eq!(code(folder.run(&plain)), json!("extra.rule"));
}

#[test]
fn what_a_node_forges_moves_nothing() {
    let Some(chain) = Chain::read() else { return };
    let folder = Folder::new("forged");
    folder.init(&chain, 0);
    type Forge = fn(&mut Value);
    let cases: [(&str, Forge); 3] = [
        ("rpc.block_hash", |block| block["gasUsed"] = json!("0x1")),
        // A seal's last byte, which is no part of the block's hash.
        ("bft.", |block| {
            let text = block["extraData"].as_str().unwrap().to_owned();
            let end = text.len() - 10;
            let digit = if &text[end..=end] == "0" { "1" } else { "0" };
            block["extraData"] = json!(format!("{}{digit}{}", &text[..end], &text[end + 1..]));
        }),
        ("form.missing_field", |block| {
            block.as_object_mut().unwrap().remove("stateRoot");
        }),
    ];
    for (code, forge) in cases {
        let block = chain.blocks[112].clone();
        let answer = move |_: &str, _: &Value| Ok(block.clone());
        let url = mock::serve(answer, move |_, answer| forge(&mut answer["result"]));
        let (found, same) = folder.refused(&["--rpc", &url]);
        assert!(found.starts_with(code) || found == "signature.no_key", "{found}: {code}");
        assert!(same);
    }
    let mut cut = folder.state();
    cut.pop();
    folder.write("anchor.bin", &cut);
    assert_eq!(folder.shown()["error"]["code"], json!("anchor_state.length"));
}

/// The state of the embedded chain, under headers that validators of a chain with seals have made.
#[test]
fn a_bundle_is_verified_by_the_validators_and_the_anchor_goes_on() {
    let (number, time) = (1000, sealed::START);
    let mut genesis = Genesis::new(31_337, time);
    let key = sealed::key(9);
    genesis.accounts.insert(key.address(), GenesisAccount::funded(10_u128.pow(19).into()));
    let mut chain = Devchain::new(genesis);
    let created = chain.send(&key, None, &contract::creation_code(key.address())).unwrap();
    chain.mine(time + 12).unwrap();
    let address = chain.receipt(&created).unwrap().contract_address.unwrap();
    let state_root = Header::decode(chain.header(1).unwrap()).unwrap().state_root();
    let folder = Folder::new("bundle");
    let deployment =
        Deployment { chain_id: 31_337, contract: address, code_hashes: vec![contract::code_hash()] };
    folder.write("deployment.json", deployment.to_json());
    let (operation, purpose) = (Operation::Read, Purpose::Treatment);
    let request =
        Request::about_scopes(Address([1; 20]), &[], Address([2; 20]), operation, purpose, time).unwrap();
    folder.write("request.json", request_to_json(&request));

    let first = sealed::Block { number, state_root, ..sealed::Block::first(HashRule::Qbft, 0..4) };
    folder.write("first.json", json!(Hex::new(&first.with(&[])).to_string()).to_string());
    let hash = first.hash().to_string();
    let init = ["anchor", "init", "--hash-rule", "qbft", "--trusted-hash", &hash];
    let more = ["--header", "first.json", "--trusting-period", "86400", "--out", "anchor.bin"];
    assert_eq!(folder.run(&[&init[..], &more].concat()).0, 0);

    let mut nodes = ProofNodes::default();
    nodes.add(&chain.proof(address, &request.required_slots()).to_json().to_string()).unwrap();
    let write = |header: Vec<u8>| {
        let header = BlockHeader::from_rlp(header, HashRule::Qbft).unwrap();
        folder.write("bundle.rlp", bundle::from_nodes(31_337, address, &header, &nodes));
    };
    let verify = |more: &[&str]| {
        let args = ["verify", "bundle.rlp", "--anchor", "anchor.bin", "--deployment", "deployment.json"];
        let (exit, answer) = folder.run(&[&args[..], &["--request", "request.json"], more].concat());
        (exit, answer["error"]["code"].as_str().unwrap_or_default().to_owned())
    };
    let later = first.later();
    let now = later.time.to_string();
    write(later.sealed(0..2));
    assert_eq!(verify(&["--now", &now]), (2, "bft.quorum".into()));
    assert_eq!(folder.shown()["blockNumber"], json!(number));
    write(later.sealed(0..3));
    let expired = (first.time + 86_401).to_string();
    assert_eq!(verify(&["--now", &expired, "--max-age", "1000000"]), (2, "bft.expired".into()));
    assert_eq!(verify(&["--now", &now]), (1, String::new()));
    assert_eq!(folder.shown()["blockNumber"], json!(later.number));
    assert_eq!(verify(&["--floor", "0"]), (1, String::new()));
    // What is older than the newest block seen is refused, though it is sealed.
    write(first.next().sealed(0..4));
    assert_eq!(verify(&["--as-of-block"]), (2, "bft.lower".into()));
    let hash = B256::ZERO.to_string();
    let both = ["verify", "bundle.rlp", "--anchor", "anchor.bin", "--trusted-hash", &hash];
    let files = ["--deployment", "deployment.json", "--request", "request.json"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_healthrecord"));
    let output = command.current_dir(&folder.0).args(both).args(files).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}
