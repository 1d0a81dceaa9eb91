//! Floor 1: the grammars that bytes are read and written by.

pub mod rlp;
