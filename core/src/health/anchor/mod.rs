//! What makes a header trusted.
//!
//! Every anchor ends in one block hash. How a chain hashes its headers is said, never guessed. Only an
//! [`Anchor`] makes a [`TrustedHeader`], and only this module makes anchors: [`PinnedHash`] where the
//! caller vouches, [`Bft`] where validators do. A [`Clique`] seal is no anchor: it makes a header probable.

mod bft;
mod clique;
mod error;
mod extra;
mod founders;
mod hash_rule;
mod pinned;
mod seals;
mod set;
mod state;
mod step_back;
mod trusted;

pub use self::bft::{Bft, MAX_COPIES};
pub use self::clique::{Clique, CliqueError, ProbableHeader};
pub use self::error::{AnchorError, BftError, SealError};
pub use self::extra::{BftExtra, CliqueExtra, ExtraError};
pub use self::hash_rule::HashRule;
pub use self::pinned::PinnedHash;
pub use self::state::{STATE_HEAD_LEN, STATE_VERSION, StateError};
pub use self::step_back::{HISTORY_CODE_HASH, HISTORY_CONTRACT, HISTORY_WINDOW, Link, StepError};
pub use self::trusted::{Anchor, TrustedHeader};
