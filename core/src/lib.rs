//! The core of `HealthRecord`: commit records, sign, and verify offline who may access what.
//!
//! The core does no I/O, reads no clock, draws no randomness, never logs, never allocates and never
//! panics on input. Memory of variable size is lent by the caller, results of bounded size are
//! `heapless` values; time, salt and chain are arguments.
//!
//! # Floors
//!
//! Imports go strictly down (a test reads the sources and holds this):
//!
//! | floor | module | what is there |
//! |---|---|---|
//! | 4 | [`access`] | request, decision, proof bundle: the door |
//! | 3 | [`health`] | records, the contract, anchors |
//! | 2 | [`chain`] | keys, signatures, transactions; block headers, accounts, tries |
//! | 1 | [`grammar`] | RLP, JSON, ABI words, Merkle trees |
//! | 0 | [`matter`] | bytes, hex, dates, Keccak-256, sinks, sorting |
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic))]

pub mod access;
pub mod chain;
pub mod grammar;
pub mod health;
pub mod matter;

pub use matter::bytes::{Address, B256, U256};
pub use matter::keccak::keccak256;
