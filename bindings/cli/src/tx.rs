//! `healthrecord tx`

use std::path::Path;
use std::time::{Duration, Instant};

use healthrecord::code::{Code as _, Entry};
use healthrecord::core::chain::tx::{MAX_LEN, TxError};
use healthrecord::core::matter::checksum::Checksummed;
use healthrecord::core::matter::hex::{self, Hex};
use healthrecord::core::{Address, U256};
use healthrecord::transaction::{Kind, SignedTransaction, Transaction};
use serde_json::{Value, json};

use crate::args::{NodeArgs, TxCommand, TxSign};
use crate::failure::Failure;
use crate::files;
use crate::key;
use crate::report::Report;
use crate::rpc::{Node, quantity};

/// The codes that only these commands give, for the table of all codes.
pub(crate) const CODES: &[Entry] = &[
    Entry {
        code: NO_CHAIN,
        meaning: "A transaction that names no chain is not sent.",
        cause: "A legacy transaction signed without EIP-155: whoever sees it can send it to every chain.",
        remedy: "Sign it again with a chainId.",
    },
    Entry {
        code: NO_RECEIPT,
        meaning: "The transaction was sent, and is in no block yet.",
        cause: "Its fees are low, an earlier nonce is missing, or the node makes blocks slowly.",
        remedy: "Run the same tx send again: the same bytes cannot be executed twice.",
    },
];

const NO_CHAIN: &str = "tx.no_chain";
const NO_RECEIPT: &str = "tx.no_receipt";

/// Greatest size of an unsigned transaction's JSON, in bytes.
const MAX_JSON_LEN: usize = 1 << 20;
/// Greatest size of a raw transaction's hex, in bytes, with some space around it.
const MAX_RAW_LEN: usize = 2 * MAX_LEN + 64;
/// Gas of one blob (EIP-4844).
const GAS_PER_BLOB: u128 = 1 << 17;
const RECEIPT: &str = "eth_getTransactionReceipt";
/// The wait between two questions for a receipt.
const POLL: Duration = Duration::from_millis(500);

pub(crate) fn run(command: &TxCommand) -> Result<Report, Failure> {
    match command {
        TxCommand::Sign(args) => sign(args),
        TxCommand::Decode { raw, chain_id } => {
            let signed = read_raw(raw)?;
            expect_chain(&signed.transaction, *chain_id)?;
            let json = signed.to_json();
            Ok(Report::told(format!("{json:#}\n"), json))
        }
        TxCommand::Send { raw, node, wait } => send(raw, node, Duration::from_secs(*wait)),
    }
}

fn sign(args: &TxSign) -> Result<Report, Failure> {
    let text = files::read_text(&args.file, MAX_JSON_LEN)?;
    let transaction = Transaction::from_json(&text)
        .map_err(|error| Failure::new(error.code(), error).in_file(&args.file))?;
    expect_chain(&transaction, args.chain_id)?;
    let sender = sender_of(&text).map_err(|failure| failure.in_file(&args.file))?;
    let fault = |error: TxError| Failure::new(error.code(), error);
    let hash = transaction.signing_hash().map_err(fault)?;
    let key = key::read(&args.key.key, args.key.passphrase.as_deref())?;
    let sender = sender.unwrap_or_else(|| key.address());
    let signed = transaction.into_signed(key.sign_hash(&hash), Some(&sender)).map_err(fault)?;
    let raw = Hex::new(&signed.raw).to_string();
    let report = describe(&signed).field("raw", "raw", raw.clone());
    let Some(out) = &args.out else { return Ok(report) };
    // Whoever has it can send it.
    files::write_secret(out, &format!("{raw}\n"))?;
    Ok(report.field("written to", "out", out.display().to_string()))
}

/// The account that a transaction's JSON says is to sign it, where it says so.
fn sender_of(text: &str) -> Result<Option<Address>, Failure> {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    match value.get("from") {
        None | Some(Value::Null) => Ok(None),
        Some(from) => match from.as_str().unwrap_or_default().parse() {
            Ok(address) => Ok(Some(address)),
            Err(error) => Err(Failure::new(error.code(), error).of("from")),
        },
    }
}

fn expect_chain(transaction: &Transaction, expected: Option<u64>) -> Result<(), Failure> {
    let found = transaction.chain_id;
    match expected {
        Some(expected) if found != Some(expected) => {
            let error = TxError::OtherChain { expected, found };
            Err(Failure::new(error.code(), error))
        }
        _ => Ok(()),
    }
}

/// What was signed, for people to compare before they send it.
fn describe(signed: &SignedTransaction) -> Report {
    let SignedTransaction { transaction, sender, hash, .. } = signed;
    let json = signed.to_json();
    let of = |field: &str| json.get(field).cloned().unwrap_or_default();
    let number = transaction.transaction_type();
    let to = transaction.to.map_or_else(|| "creates a contract".to_owned(), |to| Checksummed(to).to_string());
    let chain = transaction.chain_id.map_or_else(|| "every chain".to_owned(), |chain| chain.to_string());
    let fee = most_fee(transaction);
    let fee = fee.map_or_else(|| "more than there is".to_owned(), ether);
    let value = transaction.value.to_u128().map_or_else(|| format!("{} wei", transaction.value), ether);
    Report::new(true)
        .spoken("signed by", &Checksummed(*sender).to_string(), "from", of("from"))
        .spoken("type", &number.to_string(), "type", of("type"))
        .spoken("chain", &chain, "chainId", of("chainId"))
        .spoken("nonce", &transaction.nonce.to_string(), "nonce", of("nonce"))
        .spoken("to", &to, "to", of("to"))
        .spoken("value", &value, "value", of("value"))
        .spoken("calldata", &calldata(&transaction.data), "input", of("input"))
        .spoken("gas", &format!("{}, for {fee} at most", transaction.gas_limit), "gas", of("gas"))
        .field("hash", "hash", hash.to_string())
}

fn calldata(data: &[u8]) -> String {
    match data.split_at_checked(4) {
        None if data.is_empty() => "none".to_owned(),
        None => format!("{} bytes", data.len()),
        Some((selector, _)) => format!("{} bytes, which begin {}", data.len(), Hex::new(selector)),
    }
}

/// The most that a transaction's gas can cost, in wei; `None` above 2^128.
fn most_fee(transaction: &Transaction) -> Option<u128> {
    let price = match &transaction.kind {
        Kind::Legacy { gas_price } | Kind::Eip2930 { gas_price, .. } => gas_price,
        Kind::Eip1559 { fees, .. } | Kind::Eip4844 { fees, .. } | Kind::Eip7702 { fees, .. } => {
            &fees.max_fee_per_gas
        }
    };
    let fee = U256::to_u128(*price)?.checked_mul(transaction.gas_limit.into())?;
    let Kind::Eip4844 { max_fee_per_blob_gas, blob_versioned_hashes, .. } = &transaction.kind else {
        return Some(fee);
    };
    let blobs = u128::try_from(blob_versioned_hashes.len()).ok()?.checked_mul(GAS_PER_BLOB)?;
    max_fee_per_blob_gas.to_u128()?.checked_mul(blobs)?.checked_add(fee)
}

/// Wei as ether, exactly.
fn ether(wei: u128) -> String {
    const ETHER: u128 = 1_000_000_000_000_000_000;
    let fraction = format!("{:018}", wei % ETHER);
    match fraction.trim_end_matches('0') {
        "" => format!("{} ether", wei / ETHER),
        digits => format!("{}.{digits} ether", wei / ETHER),
    }
}

/// Reads a signed transaction: its hex itself, which begins with 0x, or a file of it.
fn read_raw(raw: &str) -> Result<SignedTransaction, Failure> {
    if raw.starts_with("0x") {
        return decode(raw);
    }
    let file = Path::new(raw);
    decode(&files::read_text(file, MAX_RAW_LEN)?).map_err(|failure| failure.in_file(file))
}

fn decode(text: &str) -> Result<SignedTransaction, Failure> {
    let mut bytes = vec![0; MAX_LEN];
    let raw = hex::decode(text.trim(), &mut bytes).map_err(|error| Failure::new(error.code(), error))?;
    SignedTransaction::decode(raw).map_err(|error| Failure::new(error.code(), error))
}

fn send(raw: &str, args: &NodeArgs, wait: Duration) -> Result<Report, Failure> {
    let signed = read_raw(raw)?;
    let chain = signed.transaction.chain_id.ok_or_else(|| {
        Failure::new(NO_CHAIN, "the transaction names no chain (EIP-155): it could be sent to every one")
    })?;
    let node = Node::new(&args.rpc, args.patience.timeout())?;
    node.say(&format!("asking {}", node.name()));
    node.expect_chain(chain)?;
    let hash = signed.hash.to_string();
    // Ganache takes a transaction that stands in a block into another one.
    let receipt = match receipt_of(&node, &hash)? {
        Some(receipt) => receipt,
        None => {
            hand_over(&node, &Hex::new(&signed.raw).to_string(), &hash)
                .map_err(|failure| failure.of(&format!("sending {hash}")))?;
            wait_for(&node, &hash, wait).map_err(|failure| failure.of(&format!("{hash} was sent")))?
        }
    };
    let number = |field: &str| {
        let found = receipt.get(field).and_then(quantity);
        found.ok_or_else(|| node.failure_of(RECEIPT, &format!("the receipt of {hash} has no {field}")))
    };
    let executed = number("status")? == 1;
    let report = Report::new(executed)
        .field("status", "status", if executed { "executed" } else { "reverted" })
        .field("hash", "hash", hash.clone())
        .field("block", "blockNumber", number("blockNumber")?)
        .field("gas used", "gasUsed", number("gasUsed")?);
    Ok(match receipt.get("contractAddress").and_then(Value::as_str) {
        Some(contract) if executed => report.field("contract", "contract", contract),
        _ => report,
    })
}

/// Sends a raw transaction, or finds that the node has it already: a question may arrive twice.
fn hand_over(node: &Node, raw: &str, hash: &str) -> Result<(), Failure> {
    const METHOD: &str = "eth_sendRawTransaction";
    node.say(&format!("sending {hash} to {}", node.name()));
    match node.ask(METHOD, &json!([raw])) {
        Ok(answer) if answer == hash => Ok(()),
        Ok(_) => Err(node.failure_of(METHOD, "the answer is not the transaction's hash")),
        Err(failure) if failure.is_of_node() => {
            let known = node.ask("eth_getTransactionByHash", &json!([hash]));
            if known.is_ok_and(|known| known.is_object()) { Ok(()) } else { Err(failure) }
        }
        Err(failure) => Err(failure),
    }
}

/// The receipt of a transaction that stands in a block: the node's word.
fn receipt_of(node: &Node, hash: &str) -> Result<Option<Value>, Failure> {
    let receipt = node.ask(RECEIPT, &json!([hash]))?;
    // Some nodes answer before there is a block.
    let is_in_block = receipt.get("blockNumber").is_some_and(|number| !number.is_null());
    Ok(Some(receipt).filter(|_| is_in_block))
}

fn wait_for(node: &Node, hash: &str, wait: Duration) -> Result<Value, Failure> {
    let begin = Instant::now();
    loop {
        node.say(&format!("waiting for {hash}, {} s", begin.elapsed().as_secs()));
        if let Some(receipt) = receipt_of(node, hash)? {
            return Ok(receipt);
        }
        if begin.elapsed() >= wait {
            return Err(Failure::new(NO_RECEIPT, format!("in no block after {} s", wait.as_secs())));
        }
        std::thread::sleep(POLL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wei_are_shown_to_the_last() {
        assert_eq!(ether(0), "0 ether");
        assert_eq!(ether(1), "0.000000000000000001 ether");
        assert_eq!(ether(1_500_000_000_000_000_000), "1.5 ether");
        assert_eq!(ether(20_000_000_000_000_000_000), "20 ether");
    }
}
