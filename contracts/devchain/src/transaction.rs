//! Signed raw transactions: decoding, and what can be checked before they run.

use alloy_consensus::transaction::SignerRecoverable;
use alloy_consensus::{Transaction, TxEnvelope, TxType};
use alloy_eips::eip2718::Decodable2718;
use healthrecord_core::{B256, keccak256};
use revm::context::TxEnv;
use revm::context_interface::cfg::GasParams;
use revm::context_interface::either::Either;
use revm::primitives::eip3860::MAX_INITCODE_SIZE;
use revm::primitives::{Address, U256};

use crate::convert;
use crate::error::SendError;
use crate::genesis::Fork;
use crate::state::Account;

/// A decoded transaction and its recovered sender.
#[derive(Clone)]
pub(crate) struct Signed {
    pub(crate) hash: B256,
    pub(crate) raw: Vec<u8>,
    pub(crate) tx_type: TxType,
    pub(crate) env: TxEnv,
}

/// What a transaction is held against.
pub(crate) struct Conditions<'a> {
    pub(crate) chain_id: u64,
    pub(crate) fork: Fork,
    /// Of the next block, in wei per gas.
    pub(crate) base_fee: u64,
    /// That the next block has left.
    pub(crate) gas: u64,
    /// The sender's account.
    pub(crate) sender: Option<&'a Account>,
    /// Number of the sender's transactions that wait for the next block, and what they may cost.
    pub(crate) waiting: (u64, U256),
}

impl Signed {
    /// Decodes `raw` and recovers the sender.
    pub(crate) fn decode(raw: &[u8], fork: Fork) -> Result<Self, SendError> {
        match raw.first() {
            None | Some(1 | 2 | 0xc0..) => {}
            Some(4) if fork == Fork::Prague => {}
            Some(found) => return Err(SendError::UnsupportedType { found: *found }),
        }
        let envelope = TxEnvelope::decode_2718_exact(raw)
            .map_err(|error| SendError::Malformed { reason: error.to_string() })?;
        let sender = envelope.recover_signer().map_err(|_| SendError::Signature)?;
        Ok(Self {
            hash: keccak256(raw),
            raw: raw.to_vec(),
            tx_type: envelope.tx_type(),
            env: environment(&envelope, sender),
        })
    }

    /// Wei that the transaction may cost at most.
    pub(crate) fn cost(&self) -> U256 {
        U256::from(self.env.gas_limit)
            .saturating_mul(U256::from(self.env.gas_price))
            .saturating_add(self.env.value)
    }

    /// Wei that are paid for each gas under a base fee.
    pub(crate) fn gas_price(&self, base_fee: u64) -> u128 {
        match self.env.gas_priority_fee {
            None => self.env.gas_price,
            Some(priority_fee) => self.env.gas_price.min(priority_fee.saturating_add(base_fee.into())),
        }
    }

    /// Checks all that makes a transaction invalid, as opposed to one that fails.
    pub(crate) fn check(&self, conditions: &Conditions<'_>) -> Result<(), SendError> {
        let env = &self.env;
        if let Some(found) = env.chain_id.filter(|found| *found != conditions.chain_id) {
            return Err(SendError::ChainId { expected: conditions.chain_id, found });
        }
        if self.tx_type == TxType::Eip7702 && env.authorization_list.is_empty() {
            return Err(SendError::NoAuthorization);
        }
        self.check_fees(conditions.base_fee)?;
        self.check_gas(conditions)?;
        self.check_sender(conditions)
    }

    fn check_fees(&self, base_fee: u64) -> Result<(), SendError> {
        let max_fee = self.env.gas_price;
        if let Some(priority_fee) = self.env.gas_priority_fee.filter(|fee| *fee > max_fee) {
            return Err(SendError::PriorityFee { priority_fee, max_fee });
        }
        if max_fee < base_fee.into() {
            return Err(SendError::BaseFee { base_fee, max_fee });
        }
        Ok(())
    }

    fn check_gas(&self, conditions: &Conditions<'_>) -> Result<(), SendError> {
        let found = self.env.gas_limit;
        if found > conditions.gas {
            return Err(SendError::BlockGas { available: conditions.gas, found });
        }
        if self.env.kind.is_create() && self.env.data.len() > MAX_INITCODE_SIZE {
            return Err(SendError::InitCodeSize { limit: MAX_INITCODE_SIZE, found: self.env.data.len() });
        }
        let intrinsic = GasParams::new_spec(conditions.fork.spec()).initial_tx_gas_for_tx(&self.env, None);
        let required = intrinsic.initial_total_gas().max(intrinsic.floor_gas());
        if found < required {
            return Err(SendError::IntrinsicGas { required, found });
        }
        Ok(())
    }

    fn check_sender(&self, conditions: &Conditions<'_>) -> Result<(), SendError> {
        let sender = convert::address(self.env.caller);
        let nobody = Account::default();
        let account = conditions.sender.unwrap_or(&nobody);
        let (waiting, waiting_cost) = conditions.waiting;
        let expected = account.nonce.saturating_add(waiting);
        if self.env.nonce != expected {
            return Err(SendError::Nonce { sender, expected, found: self.env.nonce });
        }
        if self.env.nonce == u64::MAX {
            return Err(SendError::LastNonce { sender });
        }
        if !account.code.is_empty() && !account.code.is_eip7702() {
            return Err(SendError::SenderIsContract { sender });
        }
        let required = self.cost().saturating_add(waiting_cost);
        if required > account.balance {
            return Err(SendError::Funds {
                sender,
                required: convert::u256(required),
                available: convert::u256(account.balance),
            });
        }
        Ok(())
    }
}

/// The transaction as the EVM takes it.
fn environment(envelope: &TxEnvelope, sender: Address) -> TxEnv {
    TxEnv {
        tx_type: envelope.tx_type().into(),
        caller: sender,
        gas_limit: envelope.gas_limit(),
        gas_price: envelope.max_fee_per_gas(),
        kind: envelope.kind(),
        value: envelope.value(),
        data: envelope.input().clone(),
        nonce: envelope.nonce(),
        chain_id: envelope.chain_id(),
        access_list: envelope.access_list().cloned().unwrap_or_default(),
        gas_priority_fee: envelope.max_priority_fee_per_gas(),
        blob_hashes: vec![],
        max_fee_per_blob_gas: 0,
        authorization_list: envelope
            .authorization_list()
            .unwrap_or_default()
            .iter()
            .map(|authorization| Either::Right(authorization.clone().into_recovered()))
            .collect(),
    }
}
