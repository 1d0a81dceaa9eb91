//! On nodes of three makers the contract is deployed, a patient grants and revokes, and each decision and
//! each event is verified offline from the node's own answers.
//!
//! Each runs where a variable names its program: `HEALTHRECORD_ANVIL`, `HEALTHRECORD_GANACHE`,
//! `HEALTHRECORD_GETH`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::ffi::OsString;
use std::process::{Command, Stdio};

use alloy_eips::{eip2935, eip4788, eip7002, eip7251};
use common::node::{Node, free_port};
use common::{ETHER, GENESIS_TIME, Wallet};
use healthrecord::access::{self, Deployment};
use healthrecord::core::access::{Basis, Clock, Decision, Policy, Reason, Request, VerdictAsOf, VerifyError};
use healthrecord::core::chain::header::Header;

use healthrecord::core::health::anchor::{HashRule, PinnedHash};
use healthrecord::core::health::contract::{Call, Event, Operation, Purpose, Role, Terms};
use healthrecord::rpc::{BlockHeader, BlockReceipts, ProofNodes};
use healthrecord::{bundle, event};
use healthrecord_core::matter::hex::Hex;
use healthrecord_core::{Address, B256};
use healthrecord_devchain::contract;
use serde_json::{Value, json};

const RECORD: B256 = B256([0x77; 32]);
const DOCTOR: Address = Address([0xd0; 20]);
const STRANGER: Address = Address([0xe0; 20]);

/// A node, how its blocks come about, and what on it is funded.
struct Story {
    node: Node,
    chain: u64,
    mining: Mining,
    registrar: Wallet,
    patient: Wallet,
    contract: Address,
}

/// How a sent transaction gets into a block.
enum Mining {
    /// The node mines each at once.
    Instant,
    /// The test commits each block; the time of the last one, and whether there are beacon roots.
    Committed { time: u64, beacon: bool },
}

/// A transaction's answers: its block's, its receipt's.
struct Sent {
    block: Value,
    receipt: Value,
}

impl Story {
    fn begin(node: Node, chain: u64, mining: Mining) -> Self {
        let (registrar, patient) = (Wallet::new(1), Wallet::new(2));
        let contract = Address::ZERO;
        let mut story = Self { node, chain, mining, registrar, patient, contract };
        let code = contract::creation_code(story.registrar.address);
        let sent = story.send(true, None, &code);
        story.contract = sent.receipt["contractAddress"].as_str().unwrap().parse().unwrap();
        story
    }

    fn send(&mut self, by_registrar: bool, to: Option<Address>, data: &[u8]) -> Sent {
        let wallet = if by_registrar { &mut self.registrar } else { &mut self.patient };
        let mut transaction = wallet.next(to, 0, data);
        transaction.chain_id = self.chain;
        transaction.gas_limit = 5_000_000;
        let raw = Hex::new(&wallet.sign(transaction)).to_string();
        let hash = match &mut self.mining {
            Mining::Instant => self.node.ask("eth_sendRawTransaction", &json!([raw])),
            Mining::Committed { time, beacon } => {
                *time += 12;
                let root = if *beacon { json!(B256::ZERO.to_string()) } else { Value::Null };
                let attributes = json!({
                    "timestamp": format!("{time:#x}"),
                    "prevRandao": B256::ZERO.to_string(),
                    "suggestedFeeRecipient": Address::ZERO.to_string(),
                    "withdrawals": [],
                    "parentBeaconBlockRoot": root,
                });
                self.node.ask("testing_commitBlockV1", &json!([attributes, [raw], "0x"]));
                self.node.ask("eth_getBlockByNumber", &json!(["latest", false]))["transactions"][0].clone()
            }
        };
        let receipt = (0..200).find_map(|_| {
            // A fresh geth says for a while that it indexes its transactions.
            let answer = self.node.try_ask("eth_getTransactionReceipt", &json!([hash]));
            let receipt = answer.ok().filter(|receipt| !receipt.is_null());
            if receipt.is_none() {
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            receipt
        });
        let receipt = receipt.expect("a receipt within ten seconds");
        assert_eq!(receipt["status"], "0x1", "{receipt}");
        let block = self.node.ask("eth_getBlockByHash", &json!([receipt["blockHash"], false]));
        Sent { block, receipt }
    }

    fn act(&mut self, by_registrar: bool, call: &Call) -> Sent {
        self.send(by_registrar, Some(self.contract), &contract::calldata(call))
    }

    fn deployment(&self) -> Deployment {
        let code_hashes = vec![contract::code_hash()];
        Deployment { chain_id: self.chain, contract: self.contract, code_hashes }
    }

    fn request(&self, accessor: Address, at: u64) -> Request {
        let (patient, purpose) = (self.patient.address, Purpose::Treatment);
        Request::about_scopes(patient, &[RECORD], accessor, Operation::Read, purpose, at).unwrap()
    }

    /// The bundle of a request at a block, from the node's answers.
    fn bundle(&self, block: &Value, request: &Request) -> (BlockHeader, Vec<u8>) {
        let header = BlockHeader::from_value(block, HashRule::Plain).unwrap();
        let number = block["number"].as_str().unwrap();
        let params = access::eth_get_proof_params(request, self.contract, number);
        let mut nodes = ProofNodes::default();
        nodes.add(&self.node.ask("eth_getProof", &params).to_string()).unwrap();
        let bundle = bundle::from_nodes(self.chain, self.contract, &header, &nodes);
        (header, bundle)
    }

    fn decide(
        &self,
        block: &Value,
        accessor: Address,
        policy: &Policy<'_>,
    ) -> Result<VerdictAsOf, VerifyError> {
        let request = self.request(accessor, time_of(block));
        let (header, bundle) = self.bundle(block, &request);
        let anchor = PinnedHash::new(header.hash, HashRule::Plain);
        let verdict = access::verify_as_of(&bundle, &anchor, &self.deployment(), &request, policy)?;
        // The same now, by a clock that is right, and by two that are not.
        let by = |now| {
            let clock = Clock { now, error: 0, max_age: 60, max_skew: 5 };
            access::verify(&bundle, &anchor, &self.deployment(), &request, policy, &clock)
        };
        let time = verdict.block_time;
        assert_eq!(by(time + 9).unwrap().decision, verdict.decision);
        assert!(matches!(by(time + 61), Err(VerifyError::Stale { .. })));
        assert!(matches!(by(time - 6), Err(VerifyError::Future { .. })));
        Ok(verdict)
    }

    /// The event that a transaction logged, proved from the receipts of its block.
    fn event(&self, sent: &Sent) -> Event {
        let header = BlockHeader::from_value(&sent.block, HashRule::Plain).unwrap();
        let all = self.node.try_ask("eth_getBlockReceipts", &json!([sent.block["number"]]));
        // Ganache knows receipts one by one alone.
        let all = all.unwrap_or_else(|_| {
            let hashes = sent.block["transactions"].as_array().unwrap().iter();
            hashes.map(|hash| self.node.ask("eth_getTransactionReceipt", &json!([hash]))).collect()
        });
        let receipts = BlockReceipts::from_value(&all).unwrap();
        let proof = event::build(self.chain, self.contract, &header, &receipts, 0, None).unwrap();
        let anchor = PinnedHash::new(header.hash, HashRule::Plain);
        let proved = event::verify(&proof, &anchor, &self.deployment()).unwrap();
        assert_eq!(proved.block_time, time_of(&sent.block));
        let other = PinnedHash::new(B256([9; 32]), HashRule::Plain);
        assert!(event::verify(&proof, &other, &self.deployment()).is_err());
        proved.event
    }
}

fn time_of(block: &Value) -> u64 {
    u64::from_str_radix(block["timestamp"].as_str().unwrap().strip_prefix("0x").unwrap(), 16).unwrap()
}

/// Deploys, accredits, grants, revokes; `keeps_zero_leaves` where a slot that was read stays as a leaf.
fn run(mut story: Story, fields: usize, policy: Policy<'_>) {
    let (patient, registrar) = (story.patient.address, story.registrar.address);
    let roles = Role::Practitioner.bit();
    let not_after = 4_000_000_000;
    let accredit = Call::Accredit { account: DOCTOR, roles, not_before: 1, not_after };
    let accredited = story.act(true, &accredit);
    let Event::Accredited { account: DOCTOR, issuer, .. } = story.event(&accredited) else {
        panic!("another event")
    };
    assert_eq!(issuer, registrar);
    let header = BlockHeader::from_value(&accredited.block, HashRule::Plain).unwrap();
    assert_eq!(Header::decode(&header.rlp).unwrap().field_count(), fields);

    let never = Decision::Deny { reason: Reason::NeverGranted, scope: B256::ZERO };
    assert_eq!(story.decide(&accredited.block, DOCTOR, &policy).unwrap().decision, never);

    let terms = Terms {
        not_before: 1,
        not_after: not_after + 5,
        purposes: Purpose::Treatment.bit(),
        operations: Operation::Read.bit(),
        required_roles: roles,
    };
    let grant = Call::Grant { grantee: DOCTOR, scope: RECORD, terms, document: B256::ZERO };
    let granted = story.act(false, &grant);
    let Event::Granted { patient: by, grantee: DOCTOR, scope: RECORD, .. } = story.event(&granted) else {
        panic!("another event")
    };
    assert_eq!(by, patient);
    let permit = Decision::Permit { basis: Basis::Grant, scope: RECORD, until: not_after };
    assert_eq!(story.decide(&granted.block, DOCTOR, &policy).unwrap().decision, permit);
    assert_eq!(story.decide(&granted.block, STRANGER, &policy).unwrap().decision, never);
    let issuers = [registrar];
    let distrusting = Policy { distrusted_issuers: &issuers, ..policy };
    let deny = |reason| Decision::Deny { reason, scope: RECORD };
    let decision = story.decide(&granted.block, DOCTOR, &distrusting).unwrap().decision;
    assert_eq!(decision, deny(Reason::Credential));

    let revoked = story.act(false, &Call::Revoke { grantee: DOCTOR, scope: RECORD });
    let Event::Revoked { grantee: DOCTOR, scope: RECORD, .. } = story.event(&revoked) else {
        panic!("another event")
    };
    assert_eq!(story.decide(&revoked.block, DOCTOR, &policy).unwrap().decision, deny(Reason::Revoked));
    // The past stays provable.
    assert_eq!(story.decide(&granted.block, DOCTOR, &policy).unwrap().decision, permit);

    // A proof of another block is not taken for this one's.
    let request = story.request(DOCTOR, 0);
    let (before, _) = story.bundle(&granted.block, &request);
    let (_, bundle) = story.bundle(&revoked.block, &request);
    let anchor = PinnedHash::new(before.hash, HashRule::Plain);
    let mixed = access::verify_as_of(&bundle, &anchor, &story.deployment(), &request, &policy);
    assert!(matches!(mixed, Err(VerifyError::Anchor(_))));
    assert!(story.node.try_ask("eth_getNothing", &json!([])).is_err());
}

/// A chain id that no other node of this machine has by chance.
fn chain_id(offset: u64) -> u64 {
    700_000 + u64::from(std::process::id()) * 8 + offset
}

fn program(variable: &str) -> Option<OsString> {
    let program = std::env::var_os(variable);
    if program.is_none() {
        println!("SKIPPED 1");
    }
    program
}

#[test]
fn anvil() {
    let Some(program) = program("HEALTHRECORD_ANVIL") else { return };
    let (port, chain) = (free_port(), chain_id(0));
    let mut command = Command::new(program);
    command.args(["--port", &port.to_string(), "--chain-id", &chain.to_string(), "--hardfork", "prague"]);
    let node = Node::start(&mut command, port, chain, None);
    for number in [1, 2] {
        let params = json!([Wallet::new(number).address.to_string(), format!("{ETHER:#x}")]);
        node.ask("anvil_setBalance", &params);
    }
    let story = Story::begin(node, chain, Mining::Instant);
    run(story, 21, Policy { accept_zero_leaves: true, ..Policy::default() });
}

#[test]
fn ganache() {
    let Some(program) = program("HEALTHRECORD_GANACHE") else { return };
    let (port, chain) = (free_port(), chain_id(1));
    let mut command = Command::new(program);
    command.args(["--server.port", &port.to_string(), "--chain.chainId", &chain.to_string()]);
    command.args(["--chain.hardfork", "shanghai", "--logging.quiet"]);
    for number in [1, 2] {
        command.args(["--wallet.accounts", &format!("0x{number:064x},{ETHER:#x}")]);
    }
    let node = Node::start(&mut command, port, chain, None);
    run(Story::begin(node, chain, Mining::Instant), 17, Policy::default());
}

#[test]
fn geth_of_shanghai() {
    geth(chain_id(2), "shanghai", 17);
}

#[test]
fn geth_of_cancun() {
    geth(chain_id(3), "cancun", 20);
}

#[test]
fn geth_of_prague() {
    geth(chain_id(4), "prague", 21);
}

fn geth(chain: u64, fork: &str, fields: usize) {
    let Some(program) = program("HEALTHRECORD_GETH") else { return };
    let folder = std::env::temp_dir().join(format!("healthrecord-geth-{chain}"));
    std::fs::create_dir_all(&folder).unwrap();
    let genesis = folder.join("genesis.json");
    std::fs::write(&genesis, geth_genesis(chain, fork).to_string()).unwrap();
    let geth = |more: &[&str]| {
        let mut command = Command::new(&program);
        command.arg("--datadir").arg(&folder).args(["--state.scheme", "hash"]).args(more);
        command
    };
    let mut init = geth(&["init"]);
    let made = init.arg(&genesis).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(made.success());
    let (port, id) = (free_port().to_string(), chain.to_string());
    let mut command =
        geth(&["--networkid", &id, "--syncmode", "full", "--gcmode", "archive", "--cache", "128"]);
    command.args(["--nodiscover", "--nat", "none", "--maxpeers", "0", "--port", "0", "--ipcdisable"]);
    command.args(["--authrpc.addr", "127.0.0.1", "--authrpc.port", "0"]);
    command.args(["--http", "--http.addr", "127.0.0.1", "--http.port", &port]);
    command.args(["--http.api", "eth,net,web3,debug,testing"]);
    let node = Node::start(&mut command, port.parse().unwrap(), chain, Some(folder.clone()));
    let mining = Mining::Committed { time: GENESIS_TIME, beacon: fields >= 20 };
    let story = Story::begin(node, chain, mining);
    if fields >= 20 {
        let raw = story.node.ask("debug_getRawHeader", &json!(["0x1"]));
        let block = story.node.ask("eth_getBlockByNumber", &json!(["0x1", false]));
        assert_eq!(
            BlockHeader::from_value(&raw, HashRule::Plain),
            BlockHeader::from_value(&block, HashRule::Plain)
        );
    }
    run(story, fields, Policy::default());
}

/// A genesis of a fork, with the system contracts that its blocks call.
fn geth_genesis(chain: u64, fork: &str) -> Value {
    let mut config = json!({
        "chainId": chain, "homesteadBlock": 0, "eip150Block": 0, "eip155Block": 0, "eip158Block": 0,
        "byzantiumBlock": 0, "constantinopleBlock": 0, "petersburgBlock": 0, "istanbulBlock": 0,
        "berlinBlock": 0, "londonBlock": 0, "terminalTotalDifficulty": 0, "shanghaiTime": 0,
        "blobSchedule": {
            "cancun": {"target": 3, "max": 6, "baseFeeUpdateFraction": 3_338_477},
            "prague": {"target": 6, "max": 9, "baseFeeUpdateFraction": 5_007_716},
        },
    });
    let mut alloc = json!({});
    for number in [1, 2] {
        alloc[Wallet::new(number).address.to_string()] = json!({"balance": format!("{ETHER:#x}")});
    }
    let mut system = |address: alloy_primitives::Address, code: &[u8]| {
        alloc[address.to_string()] =
            json!({"balance": "0x0", "nonce": "0x1", "code": Hex::new(code).to_string()});
    };
    if fork != "shanghai" {
        config["cancunTime"] = json!(0);
        system(eip4788::BEACON_ROOTS_ADDRESS, &eip4788::BEACON_ROOTS_CODE);
    }
    if fork == "prague" {
        config["pragueTime"] = json!(0);
        system(eip2935::HISTORY_STORAGE_ADDRESS, &eip2935::HISTORY_STORAGE_CODE);
        system(eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS, &eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_CODE);
        system(
            eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS,
            &eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_CODE,
        );
    }
    json!({
        "config": config, "nonce": "0x0", "timestamp": format!("{GENESIS_TIME:#x}"), "extraData": "0x",
        "gasLimit": "0x1c9c380", "difficulty": "0x0", "mixHash": B256::ZERO.to_string(),
        "coinbase": Address::ZERO.to_string(), "baseFeePerGas": "0x3b9aca00", "alloc": alloc,
    })
}
