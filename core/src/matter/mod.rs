//! Floor 0: the matter everything else is made of.

pub mod bytes;
pub mod checksum;
pub mod date;
pub mod hex;
pub mod keccak;
pub mod sink;
pub mod sort;
