//! `HealthRecord.sol` as its compiler put it out, and the sending of signed transactions to it.

use std::sync::LazyLock;

use healthrecord_core::chain::key::SecretKey;
use healthrecord_core::chain::tx::{Eip1559, List, Unsigned as _};
use healthrecord_core::health::contract::Call;
use healthrecord_core::matter::hex;
use healthrecord_core::matter::sink::{Full, Sink};
use healthrecord_core::{Address, B256, U256, keccak256};
use serde_json::Value;

use crate::chain::Devchain;
use crate::error::SendError;

/// Gas that a transaction which creates a contract may use.
const CREATE_GAS: u64 = 6_000_000;
/// Gas that any other may use.
const CALL_GAS: u64 = 1_000_000;
/// Wei for each gas that go to the block's beneficiary.
const PRIORITY_FEE: u128 = 1_000_000_000;

/// Creation code of the contract: the committed bytecode and the first registrar, who is not zero.
#[must_use]
pub fn creation_code(registrar: Address) -> Vec<u8> {
    let argument = healthrecord_core::grammar::abi::Word::to_word(&registrar);
    [CODE.creation.as_slice(), argument.as_ref()].concat()
}

/// Runtime code of the contract, the same on every chain.
#[must_use]
pub fn runtime_code() -> Vec<u8> {
    CODE.runtime.clone()
}

/// Hash of the runtime code, which verifiers pin.
#[must_use]
pub fn code_hash() -> B256 {
    keccak256(&CODE.runtime)
}

impl Devchain {
    /// Signs a transaction of type 2 with the sender's next nonce and enough gas and fee, and gives it
    /// raw; `None` as `to` creates a contract.
    #[must_use]
    pub fn sign(&self, key: &SecretKey, to: Option<Address>, data: &[u8]) -> Vec<u8> {
        let base_fee = u128::from(self.next_base_fee());
        let transaction = Eip1559 {
            chain_id: self.chain_id(),
            nonce: self.next_nonce(key.address()),
            max_priority_fee_per_gas: PRIORITY_FEE.into(),
            max_fee_per_gas: base_fee.saturating_add(PRIORITY_FEE).into(),
            gas_limit: if to.is_some() { CALL_GAS } else { CREATE_GAS },
            to,
            value: U256::ZERO,
            data,
            access_list: List::EMPTY,
        };
        let signature = key.sign_hash(&transaction.signing_hash());
        let mut raw = Bytes(vec![]);
        // No nonce here is the last, so the fields break no rule; growing memory is never full.
        if let Ok(signed) = transaction.into_signed(signature, Some(&key.address())) {
            signed.write(&mut raw).unwrap_or_default();
        }
        raw.0
    }

    /// Sends what [`sign`](Self::sign) signs, for the next block, and gives its hash.
    ///
    /// # Errors
    ///
    /// As [`send_raw`](Self::send_raw).
    pub fn send(&mut self, key: &SecretKey, to: Option<Address>, data: &[u8]) -> Result<B256, SendError> {
        let raw = self.sign(key, to, data);
        self.send_raw(&raw)
    }

    /// Sends a call of the contract at `contract`, as [`send`](Self::send) does.
    ///
    /// # Errors
    ///
    /// As [`send_raw`](Self::send_raw).
    pub fn send_call(
        &mut self,
        key: &SecretKey,
        contract: Address,
        call: &Call<'_>,
    ) -> Result<B256, SendError> {
        self.send(key, Some(contract), &calldata(call))
    }
}

/// The calldata of a call.
#[must_use]
pub fn calldata(call: &Call<'_>) -> Vec<u8> {
    let mut data = Bytes(vec![]);
    // Growing memory is never full.
    call.write(&mut data).unwrap_or_default();
    data.0
}

struct Code {
    creation: Vec<u8>,
    runtime: Vec<u8>,
}

static CODE: LazyLock<Code> = LazyLock::new(|| {
    let artifact: Value = serde_json::from_str(include_str!("../../artifacts/HealthRecord.json"))
        .expect("the committed artifact is JSON: a test compiles it again and compares");
    let bytes = |field: &str| {
        let text = artifact.get(field).and_then(Value::as_str).unwrap_or_default();
        let mut bytes = vec![0; text.len() / 2];
        hex::decode(text, &mut bytes).map(<[u8]>::to_vec).expect("the committed artifact holds hex")
    };
    Code { creation: bytes("bytecode"), runtime: bytes("runtimeBytecode") }
});

/// Memory that grows.
struct Bytes(Vec<u8>);

impl Sink for Bytes {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}
