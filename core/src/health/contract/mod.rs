//! Everything that knows `HealthRecord.sol`: where its words are and what they mean, how it is called,
//! what it answers.
//!
//! When the contract changes, this module changes and no other; a test holds it against the compiler's
//! output.

mod answer;
mod call;
mod event;
pub mod message;
mod revert;
mod slot;
mod vocabulary;
mod word;

pub use self::answer::{AnswerError, address_from_answer, domain_from_answer, word_from_answer};
pub use self::call::{Call, Question, Target};
pub use self::event::{Event, EventError};
pub use self::message::Message;
pub use self::revert::Revert;
pub use self::slot::{BASE, Slot};
pub use self::vocabulary::{Operation, Purpose, Role, TAG_BLIND, blind};
pub use self::word::{
    AccountWord, AnchorWord, CredentialWord, DelegationWord, GrantWord, RetractionWord, State, Terms,
    WordError, WordKind, WordRule, Writer,
};
