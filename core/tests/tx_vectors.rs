//! Transactions of Ethereum's own tests, fork by fork, and of ethers, with their keys.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::collections::BTreeSet;
use std::io::Read as _;

use common::{hex, json, quantity, vectors};
use healthrecord_core::chain::key::SecretKey;
use healthrecord_core::chain::signature::SignatureError;
use healthrecord_core::chain::tx::{
    AccessListItem, Eip1559, Eip2930, Eip4844, Legacy, List, Signed, Transaction, TxError, Unsigned,
};
use healthrecord_core::{Address, B256, U256};
use serde_json::Value;

/// Why we answer otherwise than the tests at some forks. Each is met, or the test fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Divergence {
    /// Types 1 and 2 are known to us at every fork, and there only from Berlin and London on.
    TypeBeforeItsFork,
    /// The chain of EIP-155 is known to us at every fork, and there only from Spurious Dragon on.
    ChainBeforeItsFork,
    /// A high s was taken before Homestead (EIP-2); we refuse it always.
    HighSBeforeHomestead,
    /// That gas limit times price is below 2^256 is no rule of the encoding: no account has the balance.
    CostOverflow,
}

const FOLDERS: [&str; 7] =
    ["ttEIP1559", "ttEIP2930", "ttNonce", "ttRSValue", "ttSignature", "ttVValue", "ttWrongRLP"];

/// What we read, as a node of chain 1 takes it.
fn read(raw: &[u8]) -> Result<Transaction<'_>, TxError> {
    let transaction = Transaction::decode(raw)?;
    match transaction.chain_id() {
        Some(found) if found != 1 => Err(TxError::OtherChain { expected: 1, found: Some(found) }),
        _ => Ok(transaction),
    }
}

fn divergence(fork: &str, expected: &Value, read: &Result<Transaction<'_>, TxError>) -> Option<Divergence> {
    let early = ["Frontier", "Homestead", "EIP150"].contains(&fork);
    match (expected["exception"].as_str(), read) {
        (Some("TransactionException.TYPE_NOT_SUPPORTED"), Ok(transaction))
            if transaction.transaction_type() > 0 =>
        {
            Some(Divergence::TypeBeforeItsFork)
        }
        (Some(_), Ok(transaction)) if early && transaction.chain_id().is_some() => {
            Some(Divergence::ChainBeforeItsFork)
        }
        (None, Err(TxError::Signature(SignatureError::HighS))) if fork == "Frontier" => {
            Some(Divergence::HighSBeforeHomestead)
        }
        (Some("TransactionException.GASLIMIT_PRICE_PRODUCT_OVERFLOW"), Ok(_)) => {
            Some(Divergence::CostOverflow)
        }
        _ => None,
    }
}

#[test]
fn ethereums_transaction_tests_of_every_fork() {
    let Some(folder) = vectors(176) else { return };
    let mut met = BTreeSet::new();
    let mut cases = 0;
    for name in FOLDERS {
        for file in std::fs::read_dir(folder.join("tx").join(name)).unwrap() {
            let tests = json(file.unwrap().path());
            for (name, test) in tests.as_object().unwrap() {
                cases += 1;
                let raw = hex(&test["txbytes"]);
                let read = read(&raw);
                for (fork, expected) in test["result"].as_object().unwrap() {
                    let agree = match &read {
                        Ok(transaction) => {
                            expected["exception"].is_null()
                                && hex(&expected["sender"]) == transaction.sender().0
                                && hex(&expected["hash"]) == transaction.hash().0
                        }
                        Err(_) => !expected["exception"].is_null(),
                    };
                    match divergence(fork, expected, &read) {
                        None => assert!(agree, "{name} at {fork}: {read:?}, expected {expected}"),
                        Some(divergence) => {
                            assert!(!agree, "{name} at {fork}: no {divergence:?}");
                            met.insert(divergence);
                        }
                    }
                }
                if let Ok(transaction) = &read {
                    assert_eq!(written(transaction), raw, "{name}");
                }
            }
        }
    }
    assert_eq!(cases, 176);
    let declared = [
        Divergence::TypeBeforeItsFork,
        Divergence::ChainBeforeItsFork,
        Divergence::HighSBeforeHomestead,
        Divergence::CostOverflow,
    ];
    assert_eq!(met, BTreeSet::from(declared), "a declared divergence that no test meets");
}

fn written(transaction: &Transaction<'_>) -> Vec<u8> {
    let mut raw = Bytes(vec![]);
    transaction.write(&mut raw).unwrap();
    raw.0
}

struct Bytes(Vec<u8>);

impl healthrecord_core::matter::sink::Sink for Bytes {
    fn put(&mut self, bytes: &[u8]) -> Result<(), healthrecord_core::matter::sink::Full> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

/// Signs with the key, compares with ethers' bytes, and reads those back.
fn compare<'a, T>(name: &str, key: &SecretKey, transaction: T, unsigned: &Value, signed: &'a [u8])
where
    T: Unsigned<'a> + PartialEq + core::fmt::Debug,
{
    let hash = transaction.signing_hash();
    assert_eq!(hash, healthrecord_core::keccak256(&hex(unsigned)), "{name}");
    let made = transaction.into_signed(key.sign_hash(&hash), Some(&key.address())).unwrap();
    let mut raw = Bytes(vec![]);
    made.write(&mut raw).unwrap();
    assert_eq!(raw.0, signed, "{name}");
    assert_eq!(Signed::<T>::decode(signed).unwrap(), made, "{name}");
    assert_eq!(made.hash(), healthrecord_core::keccak256(signed), "{name}");
}

#[test]
fn three_thousand_transactions_of_ethers_both_ways() {
    let Some(folder) = vectors(3200) else { return };
    let file = std::fs::File::open(folder.join("tx/ethers-transactions.json.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(cases.len(), 3200);
    for case in &cases {
        check(case);
    }
}

fn check(case: &Value) {
    let name = case["name"].as_str().unwrap();
    let fields = &case["transaction"];
    let key = SecretKey::from_bytes(&quantity(&case["privateKey"])).unwrap();
    let uint = |field: &str| match &fields[field] {
        Value::Null => U256::ZERO,
        Value::Number(number) => number.as_u64().unwrap().into(),
        text @ Value::String(_) => U256::from_be_bytes(quantity(text)),
        value @ (Value::Bool(_) | Value::Array(_) | Value::Object(_)) => panic!("no number: {value}"),
    };
    let uint64 = |field: &str| uint(field).to_u64().unwrap();
    let items = |field: &str| fields[field].as_array().cloned().unwrap_or_default();
    let b256 = |text: &Value| B256(hex(text).try_into().unwrap());
    let to = fields["to"].as_str().map(|_| Address(hex(&fields["to"]).try_into().unwrap()));
    let data = fields["data"].as_str().map_or(vec![], |_| hex(&fields["data"]));
    let keys: Vec<Vec<B256>> = items("accessList")
        .iter()
        .map(|item| item["storageKeys"].as_array().unwrap().iter().map(b256).collect())
        .collect();
    let list: Vec<AccessListItem<'_>> = items("accessList")
        .iter()
        .zip(&keys)
        .map(|(item, keys)| AccessListItem {
            address: Address(hex(&item["address"]).try_into().unwrap()),
            storage_keys: List::new(keys),
        })
        .collect();
    let blobs: Vec<B256> = items("blobVersionedHashes").iter().map(b256).collect();

    let legacy = Legacy {
        chain_id: None,
        nonce: uint64("nonce"),
        gas_price: uint("gasPrice"),
        gas_limit: uint64("gasLimit"),
        to,
        value: uint("value"),
        data: &data,
    };
    let signed = |form: &str| hex(&case[format!("signed{form}")]);
    let unsigned = |form: &str| &case[format!("unsigned{form}")];
    compare(name, &key, legacy, unsigned("Legacy"), &signed("Legacy"));
    let chain_id = uint64("chainId");
    if chain_id != 0 {
        let protected = Legacy { chain_id: Some(chain_id), ..legacy };
        compare(name, &key, protected, unsigned("Eip155"), &signed("Eip155"));
    }
    let Legacy { nonce, gas_price, gas_limit, value, .. } = legacy;
    let access_list = List::new(&list);
    let berlin = Eip2930 { chain_id, nonce, gas_price, gas_limit, to, value, data: &data, access_list };
    compare(name, &key, berlin, unsigned("Berlin"), &signed("Berlin"));
    let max_priority_fee_per_gas = uint("maxPriorityFeePerGas");
    let max_fee_per_gas = uint("maxFeePerGas");
    let london = Eip1559 {
        chain_id,
        nonce,
        max_priority_fee_per_gas,
        max_fee_per_gas,
        gas_limit,
        to,
        value,
        data: &data,
        access_list,
    };
    compare(name, &key, london, unsigned("London"), &signed("London"));
    let cancun = Eip4844 {
        chain_id,
        nonce,
        max_priority_fee_per_gas,
        max_fee_per_gas,
        gas_limit,
        to: to.unwrap_or(Address::ZERO),
        value,
        data: &data,
        access_list,
        max_fee_per_blob_gas: uint("maxFeePerBlobGas"),
        blob_versioned_hashes: List::new(&blobs),
    };
    let raw = signed("Cancun");
    if raw.is_empty() {
        // Neither does ethers make one without a recipient.
        assert_eq!(to, None, "{name}");
    } else if blobs.is_empty() {
        // ethers writes what no chain takes (EIP-4844): a blob transaction without blobs.
        assert_eq!(cancun.signing_hash(), healthrecord_core::keccak256(&hex(unsigned("Cancun"))), "{name}");
        assert_eq!(Signed::<Eip4844<'_>>::decode(&raw), Err(TxError::NoBlobs), "{name}");
    } else {
        compare(name, &key, cancun, unsigned("Cancun"), &raw);
    }
}
