//! A local Anvil to compare with, where `HEALTHRECORD_ANVIL` names its program.

use std::process::{Command, Stdio};

use healthrecord_core::Address;
use healthrecord_core::matter::hex::Hex;
use healthrecord_devchain::{Genesis, Receipt};
use serde_json::{Value, json};

use super::CHAIN;
use super::node::{Node, line_after};

/// A running Anvil, ended when dropped.
pub(crate) struct Anvil(Node);

impl Anvil {
    /// Starts the program at a free port, with a genesis; mines only when told to.
    ///
    /// Anvil does not compute the base fee of its first block from the genesis block's; it is told.
    pub(crate) fn start(program: &std::ffi::OsStr, genesis: &Genesis, first_base_fee: u64) -> Self {
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
        let address = line_after(&mut process, "Listening on ");
        std::fs::remove_file(file).unwrap();
        let anvil = Self(Node::started(process, address));
        assert_eq!(anvil.ask("eth_chainId", &json!([])), format!("{CHAIN:#x}"));
        anvil
    }

    pub(crate) fn ask(&self, method: &str, params: &Value) -> Value {
        self.0.ask(method, params)
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

/// Holds a receipt of ours against Anvil's of the same transaction.
pub(crate) fn hold_receipt(ours: &Receipt, theirs: &Value) {
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
