//! `HealthRecord` for Rust servers and tools, and the one surface that all bindings share.
// One module, with the reasons there, may: `keccak::wide`.
#![deny(unsafe_code)]

pub use healthrecord_core as core;

pub mod access;
pub mod anchor;
pub mod bundle;
pub mod code;
pub mod consent;
pub mod event;
pub mod fhir;
pub mod form;
pub mod keccak;
pub mod keystore;
pub mod merkle;
pub mod record;
pub mod rpc;
pub mod transaction;
pub mod typed_data;
pub mod withdrawal;

/// The example of the README, which must compile and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
