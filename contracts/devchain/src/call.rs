//! View calls.

use healthrecord_core::{Address, U256};
use revm::ExecuteEvm;
use revm::context::TxEnv;
use revm::context::result::ExecutionResult;
use revm::primitives::{Bytes, TxKind};

use crate::block::{Place, Rules, machine};
use crate::convert;
use crate::error::CallError;
use crate::state::Db;

/// The answer of a view call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallOutput {
    /// What the contract returned: the ABI of its results, in most cases.
    pub data: Vec<u8>,
    /// Gas used, that of a transaction of the same data included.
    pub gas_used: u64,
}

/// Calls `to` without leaving a trace: no fee, no nonce, a base fee of 0, as `eth_call` has it.
pub(crate) fn call(
    rules: &Rules,
    place: &Place,
    db: Db<'_>,
    (from, to): (Address, Address),
    value: U256,
    data: &[u8],
) -> Result<CallOutput, CallError> {
    let mut machine = machine(rules, place, 0, db);
    machine.ctx.modify_cfg(|cfg| {
        cfg.disable_nonce_check = true;
        cfg.disable_eip3607 = true;
    });
    let outcome = machine.transact_one(TxEnv {
        caller: convert::evm_address(from),
        kind: TxKind::Call(convert::evm_address(to)),
        value: convert::evm_u256(value),
        data: Bytes::copy_from_slice(data),
        gas_limit: rules.gas_limit,
        chain_id: Some(rules.chain_id),
        ..TxEnv::default()
    });
    match outcome {
        Ok(ExecutionResult::Success { gas, output, .. }) => {
            Ok(CallOutput { data: output.into_data().to_vec(), gas_used: gas.tx_gas_used() })
        }
        Ok(ExecutionResult::Revert { gas, output, .. }) => {
            Err(CallError::Reverted { data: output.to_vec(), gas_used: gas.tx_gas_used() })
        }
        Ok(ExecutionResult::Halt { reason, gas, .. }) => {
            Err(CallError::Halted { reason: format!("{reason:?}"), gas_used: gas.tx_gas_used() })
        }
        Err(error) => Err(CallError::Refused { reason: error.to_string() }),
    }
}
