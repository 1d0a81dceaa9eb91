//! What makes a header trusted.
//!
//! Every anchor ends in one block hash. How a chain hashes its headers is said, never guessed. Only an
//! [`Anchor`] makes a [`TrustedHeader`], and only this module makes anchors.

mod error;
mod hash_rule;
mod pinned;
mod step_back;
mod trusted;

pub use self::error::AnchorError;
pub use self::hash_rule::HashRule;
pub use self::pinned::PinnedHash;
pub use self::step_back::{HISTORY_CODE_HASH, HISTORY_CONTRACT, HISTORY_WINDOW, Link, StepError};
pub use self::trusted::{Anchor, TrustedHeader};
