//! The command asks nodes of three makers, and what it proves is verified offline.
//!
//! Each runs where a variable names its program: `HEALTHRECORD_ANVIL`, `HEALTHRECORD_GANACHE`,
//! `HEALTHRECORD_GETH`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "../../../contracts/devchain/tests/common/node.rs"]
#[allow(dead_code, reason = "the embedded chain's tests use the other part")]
mod node;

use std::path::{Path, PathBuf};
use std::process::Command;

use healthrecord::access::{Deployment, Operation, Purpose, Request, request_to_json};
use healthrecord::core::access::Bundle;
use healthrecord::core::health::contract::{Call, Terms};
use healthrecord::core::matter::hex::Hex;
use healthrecord::core::{Address, B256};
use healthrecord_devchain::contract;
use node::{Node, free_port};
use serde_json::{Value, json};

const DOCTOR: Address = Address([0xd0; 20]);
const SCOPE: B256 = B256([0x77; 32]);

/// Sends a transaction from the node's own account, and waits for its receipt.
fn send(node: &Node, from: &Value, to: Option<Address>, data: &[u8]) -> Value {
    let mut transaction = json!({"from": from, "data": Hex::new(data).to_string(), "gas": "0x4c4b40"});
    if let Some(to) = to {
        transaction["to"] = json!(to.to_string());
    }
    let hash = node.ask("eth_sendTransaction", &json!([transaction]));
    let receipt = wait_for(node, &hash);
    assert_eq!(receipt["status"], "0x1", "{receipt}");
    receipt
}

fn wait_for(node: &Node, hash: &Value) -> Value {
    let receipt = (0..200).find_map(|_| {
        let answer = node.try_ask("eth_getTransactionReceipt", &json!([hash])).unwrap_or_default();
        if answer.is_null() {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        Some(answer).filter(|receipt| !receipt.is_null())
    });
    receipt.expect("a receipt within ten seconds")
}

/// Deploys, grants and revokes; after each the command proves a bundle, and after the last the event. Where
/// the chain has EIP-2935, the grant is proved once more, as of its block.
fn run(node: &Node, url: &str, chain_id: u64, folder: &Path, policy: &[&str], remembers: bool) {
    let account = node.ask("eth_accounts", &json!([]))[0].clone();
    let patient: Address = account.as_str().unwrap().parse().unwrap();
    let created = send(node, &account, None, &contract::creation_code(patient));
    let address: Address = created["contractAddress"].as_str().unwrap().parse().unwrap();
    std::fs::create_dir_all(folder).unwrap();
    let deployment = Deployment { chain_id, contract: address, code_hashes: vec![contract::code_hash()] };
    std::fs::write(folder.join("deployment.json"), deployment.to_json()).unwrap();
    let (operation, purpose) = (Operation::Read, Purpose::Treatment);
    let request = Request::about_scopes(patient, &[SCOPE], DOCTOR, operation, purpose, 1).unwrap();
    std::fs::write(folder.join("request.json"), request_to_json(&request)).unwrap();
    let healthrecord = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_healthrecord"));
        let output = command.current_dir(folder).arg("--json").args(args).output().unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(answer.get("error").is_none(), "{args:?}: {answer}");
        answer
    };
    let decide = || {
        let asked = ["--deployment", "deployment.json", "--request", "request.json"];
        let prove = ["prove", "--rpc", url, "--out", "bundle.rlp"];
        let proved = healthrecord(&[&prove[..], &asked, policy].concat());
        let hash = proved["blockHash"].as_str().unwrap();
        let verify = ["verify", "bundle.rlp", "--trusted-hash", hash, "--max-skew", "1000"];
        let verified = healthrecord(&[&verify[..], &asked, policy].concat());
        assert_eq!(verified["permit"], proved["permit"]);
        verified
    };
    let act = |call: &Call| send(node, &account, Some(address), &contract::calldata(call));
    assert_eq!(decide()["reason"], "never-granted");
    let terms = Terms {
        not_before: 1,
        not_after: 4_000_000_000,
        purposes: purpose.bit(),
        operations: operation.bit(),
        required_roles: 0,
    };
    let granted = act(&Call::Grant { grantee: DOCTOR, scope: SCOPE, terms, document: B256::ZERO });
    assert_eq!(decide()["basis"], "grant");
    let revoked = act(&Call::Revoke { grantee: DOCTOR, scope: SCOPE });
    assert_eq!(decide()["reason"], "revoked");

    let transaction = revoked["transactionHash"].as_str().unwrap();
    let deployment = ["--deployment", "deployment.json"];
    let prove = ["prove-event", transaction, "--rpc", url, "--out", "event.rlp"];
    let proved = healthrecord(&[&prove[..], &deployment].concat());
    let verify = ["verify-event", "event.rlp", "--trusted-hash", proved["blockHash"].as_str().unwrap()];
    let verified = healthrecord(&[&verify[..], &deployment].concat());
    assert_eq!(verified["event"], "Revoked");
    assert_eq!(verified["arguments"]["grantee"], DOCTOR.to_string());
    assert_eq!(json!(format!("{:#x}", verified["blockNumber"].as_u64().unwrap())), revoked["blockNumber"]);

    if remembers {
        for _ in 0..4 {
            act(&Call::Revoke { grantee: DOCTOR, scope: SCOPE });
        }
        let block = granted["blockNumber"].as_str().unwrap().trim_start_matches("0x");
        let block = u64::from_str_radix(block, 16).unwrap().to_string();
        let asked = ["--deployment", "deployment.json", "--request", "request.json"];
        let prove = ["prove", "--rpc", url, "--out", "past.rlp", "--as-of", &block];
        let proved = healthrecord(&[&prove[..], &asked].concat());
        let verify = ["verify", "past.rlp", "--trusted-hash", proved["blockHash"].as_str().unwrap()];
        let verified = healthrecord(&[&verify[..], &["--as-of-block"], &asked].concat());
        assert_eq!((&verified["basis"], verified["blockNumber"].to_string()), (&json!("grant"), block));
        assert_eq!(decide()["reason"], "revoked");
        let mut command = Command::new(env!("CARGO_BIN_EXE_healthrecord"));
        let output = command.current_dir(folder).arg("--json").args(verify).args(asked).output().unwrap();
        let now: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((output.status.code(), &now["error"]["code"]), (Some(2), &json!("verify.past")));
        let bundle = std::fs::read(folder.join("past.rlp")).unwrap();
        assert!(Bundle::decode(&bundle).unwrap().ancestry().count() == 1, "one step of EIP-2935");

        let prove = ["prove-event", granted["transactionHash"].as_str().unwrap(), "--rpc", url];
        let more = ["--out", "event.rlp", "--block", "latest"];
        let proved = healthrecord(&[&prove[..], &more, &deployment].concat());
        let verify = ["verify-event", "event.rlp", "--trusted-hash", proved["blockHash"].as_str().unwrap()];
        assert_eq!(healthrecord(&[&verify[..], &deployment].concat())["event"], "Granted");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// Signs transactions with a key of our own, and sends them.
fn send_raw(node: &Node, url: &str, chain: u64, folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let healthrecord = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_healthrecord"));
        let output = command.current_dir(folder).arg("--json").args(args).output().unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code().unwrap(), answer)
    };
    std::fs::write(folder.join("phrase"), "test test test test test test test test test test test junk")
        .unwrap();
    let (_, derived) = healthrecord(&["key", "derive", "phrase", "--out", "key"]);
    let account = node.ask("eth_accounts", &json!([]))[0].clone();
    let ether = json!({"from": account, "to": derived["address"], "value": "0xde0b6b3a7640000"});
    let funded = node.ask("eth_sendTransaction", &json!([ether]));
    wait_for(node, &funded);
    let sign = |chain: u64, to: Option<Address>, data: &[u8]| {
        let count = node.ask("eth_getTransactionCount", &json!([derived["address"], "latest"]));
        let mut transaction = json!({"chainId": format!("{chain:#x}"), "nonce": count, "gas": "0x4c4b40",
            "maxFeePerGas": "0x2540be400", "maxPriorityFeePerGas": "0x1", "value": "0x0", "from": derived["address"],
            "input": Hex::new(data).to_string()});
        if let Some(to) = to {
            transaction["to"] = json!(to.to_string());
            transaction["value"] = json!("0x7");
        }
        std::fs::write(folder.join("tx.json"), transaction.to_string()).unwrap();
        let (code, signed) = healthrecord(&["tx", "sign", "tx.json", "--key", "key"]);
        assert_eq!(code, 0, "{signed}");
        std::fs::write(folder.join("raw"), signed["raw"].as_str().unwrap()).unwrap();
        signed
    };
    let send = ["tx", "send", "raw", "--rpc", url, "--wait"];
    let send = |wait| healthrecord(&[&send[..], &[wait]].concat());

    let signed = sign(chain, Some(DOCTOR), &[]);
    let (code, sent) = send("60");
    let receipt = node.ask("eth_getTransactionReceipt", &json!([signed["hash"]]));
    assert_eq!((code, &sent["status"]), (0, &json!("executed")), "{sent}");
    assert_eq!((&sent["hash"], &receipt["status"]), (&signed["hash"], &json!("0x1")));
    for field in ["blockNumber", "gasUsed"] {
        assert_eq!(json!(format!("{:#x}", sent[field].as_u64().unwrap())), receipt[field], "{field}");
    }
    assert_eq!(node.ask("eth_getBalance", &json!([DOCTOR.to_string(), "latest"])), "0x7");
    assert_eq!(send("60"), (0, sent), "sent twice, executed once");

    // Returns one byte of code: 0.
    let created = sign(chain, None, &[0x60, 1, 0x5f, 0xf3]);
    let (code, sent) = send("60");
    assert_eq!(code, 0, "{sent}");
    let contract =
        node.ask("eth_getTransactionReceipt", &json!([created["hash"]]))["contractAddress"].clone();
    assert_eq!(
        (&sent["contract"], node.ask("eth_getCode", &json!([contract, "latest"]))),
        (&contract, json!("0x00"))
    );

    // The invalid instruction.
    sign(chain, None, &[0xfe]);
    let (code, sent) = send("60");
    assert_eq!((code, &sent["status"], sent.get("contract")), (1, &json!("reverted"), None));

    sign(chain + 1, Some(DOCTOR), &[]);
    let (code, refused) = send("60");
    assert_eq!((code, &refused["error"]["code"]), (2, &json!("node.chain")), "{refused}");

    // Only Anvil lets a transaction wait.
    if node.try_ask("evm_setAutomine", &json!([false])).is_err() {
        return std::fs::remove_dir_all(folder).unwrap();
    }
    let waiting = sign(chain, Some(DOCTOR), &[]);
    for what in ["sent", "known already"] {
        let (code, refused) = send("1");
        assert_eq!((code, &refused["error"]["code"]), (2, &json!("tx.no_receipt")), "{what}: {refused}");
        assert!(refused["error"]["message"].as_str().unwrap().contains(waiting["hash"].as_str().unwrap()));
    }
    node.ask("evm_mine", &json!([]));
    assert_eq!(send("60").0, 0);
    // The same nonce again, in another transaction.
    node.ask("evm_setAutomine", &json!([true]));
    let changed = std::fs::read_to_string(folder.join("tx.json")).unwrap();
    let changed = changed.replace(r#""value":"0x7""#, r#""value":"0x8""#);
    std::fs::write(folder.join("tx.json"), changed).unwrap();
    let (_, late) = healthrecord(&["tx", "sign", "tx.json", "--key", "key"]);
    let (code, refused) = healthrecord(&["tx", "send", late["raw"].as_str().unwrap(), "--rpc", url]);
    assert_eq!((code, &refused["error"]["code"]), (2, &json!("rpc.answer")), "{refused}");
    std::fs::remove_dir_all(folder).unwrap();
}

/// The program that a variable names, its port and URL, and a folder; says where it is not there.
fn begin(name: &str) -> Option<(Command, u16, String, PathBuf)> {
    let Some(program) = std::env::var_os(format!("HEALTHRECORD_{name}")) else {
        println!("SKIPPED 1");
        return None;
    };
    let port = free_port();
    let folder = std::env::temp_dir().join(format!("healthrecord-{name}-{}", std::process::id()));
    Some((Command::new(program), port, format!("http://127.0.0.1:{port}"), folder))
}

/// A chain id that no other node of this machine has by chance.
fn chain_id(offset: u64) -> u64 {
    400_000_000 + u64::from(std::process::id()) * 8 + offset
}

#[test]
fn anvil() {
    let Some((mut command, port, url, folder)) = begin("ANVIL") else { return };
    let chain = chain_id(0);
    command.args(["--port", &port.to_string(), "--chain-id", &chain.to_string()]);
    let node = Node::start(&mut command, port, chain, None);
    run(&node, &url, chain, &folder, &["--accept-zero-leaves"], false);
    send_raw(&node, &url, chain, &folder);
}

#[test]
fn ganache() {
    let Some((mut command, port, url, folder)) = begin("GANACHE") else { return };
    let chain = chain_id(1);
    command.args(["--server.port", &port.to_string(), "--chain.chainId", &chain.to_string()]);
    command.args(["--chain.hardfork", "shanghai", "--wallet.totalAccounts", "1", "--logging.quiet"]);
    let node = Node::start(&mut command, port, chain, None);
    run(&node, &url, chain, &folder, &[], false);
    send_raw(&node, &url, chain, &folder);
}

/// geth's development chain, which runs the newest forks that it knows.
#[test]
fn geth() {
    let Some((mut command, port, url, folder)) = begin("GETH") else { return };
    let data = folder.with_extension("data");
    command.args([
        "--dev",
        "--state.scheme",
        "hash",
        "--gcmode",
        "archive",
        "--cache",
        "128",
        "--nodiscover",
    ]);
    command.args(["--nat", "none", "--maxpeers", "0", "--port", "0", "--ipcdisable"]);
    command.args([
        "--authrpc.addr",
        "127.0.0.1",
        "--authrpc.port",
        "0",
        "--http",
        "--http.addr",
        "127.0.0.1",
    ]);
    command.args(["--http.port", &port.to_string(), "--http.api", "eth,net,web3,debug"]);
    command.arg("--datadir").arg(&data);
    let node = Node::start(&mut command, port, 1337, Some(data));
    run(&node, &url, 1337, &folder, &[], true);
    send_raw(&node, &url, 1337, &folder);
}
