//! From the core's types to those of the EVM (`evm_…`) and back.

use healthrecord_core::{Address, B256, U256};
use revm::primitives as evm;

pub(crate) fn evm_address(address: Address) -> evm::Address {
    evm::Address::new(address.0)
}

pub(crate) fn address(address: evm::Address) -> Address {
    Address(address.into_array())
}

pub(crate) fn b256(word: evm::B256) -> B256 {
    B256(word.0)
}

pub(crate) fn evm_u256(number: U256) -> evm::U256 {
    evm::U256::from_be_bytes(number.to_be_bytes())
}

pub(crate) fn u256(number: evm::U256) -> U256 {
    U256::from_be_bytes(number.to_be_bytes())
}
