//! Floor 1: the grammars that bytes are read and written by.

pub mod abi;
pub mod json;
pub mod merkle;
pub mod rlp;
