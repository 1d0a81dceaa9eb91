//! Floor 3: health records and the contract that keeps their consent.

pub mod anchor;
pub mod contract;
pub mod record;
