//! What a transaction did.

use alloy_consensus::{Eip658Value, Receipt as Consensus, ReceiptEnvelope, TxType};
use healthrecord_core::matter::hex::Hex;
use healthrecord_core::{Address, B256};
use revm::context::result::ExecutionResult;
use revm::primitives as evm;
use serde_json::{Value, json};

use crate::convert;
use crate::transaction::Signed;

/// The receipt of a mined transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Keccak-256 of the raw transaction.
    pub transaction_hash: B256,
    /// Position in the block, from 0.
    pub transaction_index: u64,
    /// EIP-2718 type of the transaction.
    pub transaction_type: u8,
    /// Hash of the block.
    pub block_hash: B256,
    /// Number of the block.
    pub block_number: u64,
    /// The recovered sender.
    pub from: Address,
    /// Who was called; `None` where a contract was to be created.
    pub to: Option<Address>,
    /// Whether the execution succeeded. If not, all it did was undone, save nonce and fee.
    pub success: bool,
    /// Gas used, after refunds.
    pub gas_used: u64,
    /// Gas used by this and all transactions before it in the block.
    pub cumulative_gas_used: u64,
    /// Wei paid for each gas: base fee and priority fee.
    pub effective_gas_price: u128,
    /// Address of the contract that was created.
    pub contract_address: Option<Address>,
    /// The events, in their order.
    pub logs: Vec<Log>,
}

impl Receipt {
    /// The result of `eth_getTransactionReceipt`, spelled like geth's, without the bloom, which the logs
    /// make.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let quantity = |number: u64| format!("{number:#x}");
        let logs = self.logs.iter().map(|log| {
            json!({
                "address": log.address.to_string(),
                "topics": log.topics.iter().map(B256::to_string).collect::<Vec<_>>(),
                "data": Hex::new(&log.data).to_string(),
            })
        });
        json!({
            "transactionHash": self.transaction_hash.to_string(),
            "transactionIndex": quantity(self.transaction_index),
            "type": quantity(self.transaction_type.into()),
            "blockHash": self.block_hash.to_string(),
            "blockNumber": quantity(self.block_number),
            "from": self.from.to_string(),
            "to": self.to.map(|to| to.to_string()),
            "status": quantity(self.success.into()),
            "gasUsed": quantity(self.gas_used),
            "cumulativeGasUsed": quantity(self.cumulative_gas_used),
            "effectiveGasPrice": format!("{:#x}", self.effective_gas_price),
            "contractAddress": self.contract_address.map(|contract| contract.to_string()),
            "logs": logs.collect::<Vec<_>>(),
        })
    }
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// The contract that emitted it.
    pub address: Address,
    /// At most four topics.
    pub topics: Vec<B256>,
    /// The data.
    pub data: Vec<u8>,
}

/// An executed transaction, before its block's hash is known.
pub(crate) struct Executed {
    pub(crate) receipt: Receipt,
    /// The receipt as the receipts trie keeps it, and with it the bloom.
    pub(crate) envelope: ReceiptEnvelope,
}

impl Executed {
    pub(crate) fn new(
        signed: &Signed,
        result: ExecutionResult,
        gas_before: u64,
        base_fee: u64,
        place: (u64, u64),
    ) -> Self {
        let success = result.is_success();
        let gas_used = result.gas().tx_gas_used();
        let contract_address = result.created_address().map(convert::address);
        let logs: Vec<evm::Log> = if success { result.into_logs() } else { vec![] };
        let cumulative_gas_used = gas_before.saturating_add(gas_used);
        let receipt = Receipt {
            transaction_hash: signed.hash,
            transaction_index: place.1,
            transaction_type: signed.tx_type.into(),
            block_hash: B256::ZERO,
            block_number: place.0,
            from: convert::address(signed.env.caller),
            to: signed.env.kind.to().copied().map(convert::address),
            success,
            gas_used,
            cumulative_gas_used,
            effective_gas_price: signed.gas_price(base_fee),
            contract_address,
            logs: logs.iter().map(Log::new).collect(),
        };
        let envelope = envelope(signed.tx_type, success, cumulative_gas_used, logs);
        Self { receipt, envelope }
    }
}

fn envelope(
    tx_type: TxType,
    success: bool,
    cumulative_gas_used: u64,
    logs: Vec<evm::Log>,
) -> ReceiptEnvelope {
    let receipt = Consensus { status: Eip658Value::Eip658(success), cumulative_gas_used, logs };
    ReceiptEnvelope::from_typed(tx_type, receipt)
}

impl Log {
    fn new(log: &evm::Log) -> Self {
        Self {
            address: convert::address(log.address),
            topics: log.topics().iter().copied().map(convert::b256).collect(),
            data: log.data.data.to_vec(),
        }
    }
}
