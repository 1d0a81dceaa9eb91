//! Foundry's Anvil, given the same genesis and the same raw transactions at the same times, uses the
//! same gas, asks the same fees and reaches the same balances, nonces, codes and words.
//!
//! Runs where `HEALTHRECORD_ANVIL` names Anvil's program.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::anvil::{Anvil, hold_receipt};
use common::{GENESIS_TIME, Traffic, funded, slot, unhex};
use healthrecord_core::matter::hex::Hex;
use healthrecord_core::{Address, U256};
use healthrecord_devchain::Devchain;
use serde_json::json;

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
