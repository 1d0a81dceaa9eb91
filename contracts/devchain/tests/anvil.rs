//! Foundry's Anvil, given the same genesis and the same raw transactions at the same times, uses the
//! same gas, asks the same fees and reaches the same balances, nonces, codes and words.
//!
//! Runs where `HEALTHRECORD_ANVIL` names Anvil's program.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use common::{CHAIN, GENESIS_TIME, Traffic, funded, slot, unhex};
use healthrecord_core::matter::hex::Hex;
use healthrecord_core::{Address, U256};
use healthrecord_devchain::{Devchain, Genesis, Receipt};
use serde_json::{Value, json};

/// A running Anvil, ended when dropped.
struct Anvil {
    process: Child,
    address: String,
}

impl Anvil {
    /// Starts the program at a free port, with a genesis; mines only when told to.
    ///
    /// Anvil does not compute the base fee of its first block from the genesis block's; it is told.
    fn start(program: &std::ffi::OsStr, genesis: &Genesis, first_base_fee: u64) -> Self {
        let file = std::env::temp_dir().join(format!("healthrecord-anvil-{}.json", std::process::id()));
        std::fs::write(&file, genesis_json(genesis).to_string()).unwrap();
        let mut process = Command::new(program)
            .args(["--hardfork", "prague", "--port", "0", "--no-mining", "--order", "fifo", "--base-fee"])
            .arg(first_base_fee.to_string())
            .arg("--init")
            .arg(&file)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = lines
            .map(Result::unwrap)
            .find_map(|line| line.strip_prefix("Listening on ").map(str::to_owned))
            .expect("Anvil says where it listens");
        std::fs::remove_file(file).unwrap();
        let anvil = Self { process, address };
        assert_eq!(anvil.ask("eth_chainId", &json!([])), format!("{CHAIN:#x}"));
        anvil
    }

    fn ask(&self, method: &str, params: &Value) -> Value {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "POST / HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let answer: Value = serde_json::from_str(body).unwrap();
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// The genesis as geth and Anvil read it.
fn genesis_json(genesis: &Genesis) -> Value {
    let alloc: serde_json::Map<String, Value> = genesis
        .accounts
        .iter()
        .map(|(address, account)| (address.to_string(), json!({"balance": account.balance.to_string()})))
        .collect();
    json!({
        "config": {"chainId": genesis.chain_id},
        "timestamp": format!("{:#x}", genesis.timestamp),
        "gasLimit": format!("{:#x}", genesis.gas_limit),
        "baseFeePerGas": format!("{:#x}", genesis.base_fee),
        "difficulty": "0x0",
        "alloc": alloc,
    })
}

fn hold_receipt(ours: &Receipt, theirs: &Value) {
    let hex = |number: u64| Value::String(format!("{number:#x}"));
    let address = |address: Option<Address>| address.map_or(Value::Null, |it| it.to_string().into());
    assert_eq!(theirs["gasUsed"], hex(ours.gas_used), "{ours:?}");
    assert_eq!(theirs["cumulativeGasUsed"], hex(ours.cumulative_gas_used));
    assert_eq!(theirs["status"], hex(ours.success.into()));
    assert_eq!(theirs["type"], hex(ours.transaction_type.into()));
    assert_eq!(theirs["transactionIndex"], hex(ours.transaction_index));
    assert_eq!(theirs["effectiveGasPrice"], format!("{:#x}", ours.effective_gas_price));
    assert_eq!(theirs["from"], ours.from.to_string());
    assert_eq!(theirs["to"], address(ours.to));
    if ours.success {
        assert_eq!(theirs["contractAddress"], address(ours.contract_address));
    }
    let logs = theirs["logs"].as_array().unwrap();
    assert_eq!(logs.len(), ours.logs.len());
    for (theirs, ours) in logs.iter().zip(&ours.logs) {
        assert_eq!(theirs["address"], ours.address.to_string());
        assert_eq!(theirs["data"], Hex::new(&ours.data).to_string());
        let topics: Vec<String> = ours.topics.iter().map(ToString::to_string).collect();
        assert_eq!(theirs["topics"], json!(topics));
    }
}

#[test]
fn anvil_agrees() {
    let Some(program) = std::env::var_os("HEALTHRECORD_ANVIL") else {
        println!("SKIPPED 1");
        return;
    };
    // The account that delegates exists from the beginning: for one that does not, Anvil refunds gas as
    // if it did (EIP-7702, step 7).
    let genesis = funded(5);
    let mut chain = Devchain::new(genesis.clone());
    let anvil = Anvil::start(&program, &genesis, chain.next_base_fee());
    let mut traffic = Traffic::new(6);
    for round in 0..40_u64 {
        let mut sent = vec![];
        for _ in 0..if round == 0 { 1 } else { traffic.random.below(8) } {
            let raw = traffic.next();
            let hash = chain.send_raw(&raw).unwrap();
            let theirs = anvil.ask("eth_sendRawTransaction", &json!([Hex::new(&raw).to_string()]));
            assert_eq!(theirs, hash.to_string());
            sent.push(hash);
        }
        let time = GENESIS_TIME + 12 * (round + 1);
        chain.mine(time).unwrap();
        anvil.ask("evm_mine", &json!([format!("{time:#x}")]));
        for hash in &sent {
            let receipt = chain.receipt(hash).unwrap();
            hold_receipt(receipt, &anvil.ask("eth_getTransactionReceipt", &json!([hash.to_string()])));
            traffic.store = traffic.store.or(receipt.contract_address);
        }
        let theirs = anvil.ask("eth_getBlockByNumber", &json!([format!("{:#x}", round + 1), false]));
        let ours = chain.block_json(round + 1).unwrap();
        let fields = [
            "number",
            "timestamp",
            "gasLimit",
            "gasUsed",
            "baseFeePerGas",
            "logsBloom",
            "transactions",
            "transactionsRoot",
            "receiptsRoot",
            "difficulty",
            "nonce",
            "sha3Uncles",
            "miner",
        ];
        for field in fields {
            assert_eq!(ours[field], theirs[field], "{field} of block {}", round + 1);
        }
    }
    let (store, delegate) = (traffic.store.unwrap(), traffic.delegate.address);
    let known = traffic.wallets.iter().map(|wallet| wallet.address).chain([store, delegate]);
    for address in known.chain((0..=255).map(|byte| Address([byte; 20]))) {
        let at = json!([address.to_string(), "latest"]);
        let number = |method: &str| {
            let answer = anvil.ask(method, &at);
            let digits = answer.as_str().unwrap().strip_prefix("0x").unwrap().to_owned();
            U256::from_be_slice(&unhex(&format!("{digits:0>64}"))).unwrap()
        };
        assert_eq!(chain.balance(address), number("eth_getBalance"), "{address}");
        assert_eq!(U256::from(chain.nonce(address)), number("eth_getTransactionCount"));
        let code = anvil.ask("eth_getCode", &at);
        assert_eq!(Hex::new(chain.code(address)).to_string(), code.as_str().unwrap());
    }
    for address in [store, delegate] {
        for number in 0..8 {
            let params = json!([address.to_string(), slot(number).to_string(), "latest"]);
            let theirs = anvil.ask("eth_getStorageAt", &params);
            let ours = healthrecord_core::B256::from(chain.storage(address, slot(number)));
            assert_eq!(theirs, ours.to_string());
        }
    }
}
