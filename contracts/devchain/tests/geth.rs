//! The genesis blocks of geth's own chains come out with geth's hashes, and blocks with geth's fields.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::collections::BTreeSet;
use std::path::PathBuf;

use common::{GENESIS_TIME, Wallet, funded, unhex};
use healthrecord_core::{Address, U256};
use healthrecord_devchain::{Devchain, Fork, Genesis, GenesisAccount};
use serde_json::Value;

/// The answers of geth 1.17.8 on a fork, or a word that they are not there.
fn geth(fork: &str) -> Option<Value> {
    let folder = std::env::var_os("HEALTHRECORD_VECTORS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")),
        PathBuf::from,
    );
    if !folder.is_dir() {
        assert!(std::env::var_os("CI").is_none(), "no external vectors at {}", folder.display());
        println!("SKIPPED 1");
        return None;
    }
    let path = folder.join(format!("geth/geth-1.17.8-{fork}.json"));
    Some(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

fn number(value: &Value) -> U256 {
    let digits = value.as_str().unwrap().strip_prefix("0x").unwrap();
    U256::from_be_slice(&unhex(&format!("{digits:0>64}"))).unwrap()
}

fn genesis(file: &Value, fork: Fork) -> Genesis {
    let json = &file["genesisJson"];
    let u64_of = |name: &str| number(&json[name]).to_u64().unwrap();
    let mut genesis = Genesis::new(json["config"]["chainId"].as_u64().unwrap(), u64_of("timestamp"));
    genesis.fork = fork;
    genesis.gas_limit = u64_of("gasLimit");
    genesis.base_fee = u64_of("baseFeePerGas");
    for (address, account) in json["alloc"].as_object().unwrap() {
        let address: Address = address.parse().unwrap();
        let code = account["code"].as_str().map(unhex).unwrap_or_default();
        let nonce = account.get("nonce").map(|nonce| number(nonce).to_u64().unwrap()).unwrap_or_default();
        let balance = number(&account["balance"]);
        genesis.accounts.insert(address, GenesisAccount { balance, nonce, code, ..Default::default() });
    }
    genesis
}

#[test]
fn a_genesis_of_prague() {
    let Some(file) = geth("prague") else { return };
    let chain = Devchain::new(genesis(&file, Fork::Prague));
    assert_eq!(chain.block_json(0).unwrap(), file["genesis"]);
}

#[test]
fn a_genesis_of_shanghai() {
    let Some(file) = geth("shanghai") else { return };
    let chain = Devchain::new(genesis(&file, Fork::Shanghai));
    assert_eq!(chain.block_json(0).unwrap(), file["genesis"]);
}

/// The system contracts that the chain adds are those of geth's genesis.
#[test]
fn the_system_contracts_are_geths() {
    let Some(file) = geth("prague") else { return };
    let mut genesis = genesis(&file, Fork::Prague);
    let added: Vec<Address> = [
        "0x000F3df6D732807Ef1319fB7B8bB8522d0Beac02".parse().unwrap(),
        "0x0000F90827F1C53a10cb7A02335B175320002935".parse().unwrap(),
    ]
    .into();
    for address in &added {
        assert!(genesis.accounts.remove(address).is_some());
    }
    let chain = Devchain::new(genesis);
    assert_eq!(chain.block_hash(0).unwrap().to_string(), file["genesis"]["hash"].as_str().unwrap());
}

#[test]
fn a_block_with_transactions_has_the_fields_of_geths() {
    let Some(file) = geth("prague") else { return };
    let mut chain = Devchain::new(funded(1));
    let mut wallet = Wallet::new(1);
    wallet.send(&mut chain, Some(Address([9; 20])), 1, &[]);
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let block = chain.block_json(1).unwrap();
    assert_eq!(names(&block), names(&file["blocks"][0]["block"]));
    assert_eq!(block["timestamp"], format!("{:#x}", GENESIS_TIME + 12));
    assert_eq!(block["transactions"].as_array().unwrap().len(), 1);
}
