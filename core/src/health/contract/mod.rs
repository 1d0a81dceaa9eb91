//! Everything that knows `HealthRecord.sol`: where its words are and what they mean, how it is called,
//! what it answers.
//!
//! When the contract changes, this module changes and no other; a test holds it against the compiler's
//! output.

mod call;
mod event;
mod revert;
mod slot;
mod vocabulary;
mod word;

pub use self::call::{Call, DecideCall};
pub use self::event::{Event, EventError};
pub use self::revert::Revert;
pub use self::slot::{BASE, Slot};
pub use self::vocabulary::{Operation, Purpose, Role, TAG_BLIND, blind};
pub use self::word::{
    AccountWord, AnchorWord, CredentialWord, DelegationWord, GrantWord, RetractionWord, State, Terms,
    WordError, WordKind, WordRule, Writer,
};
