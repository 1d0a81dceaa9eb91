//! Why a word is not understood.

use core::fmt;

use crate::matter::bytes::U256;

/// A word that is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WordError {
    /// What it should be.
    pub kind: WordKind,
    /// The rule that it breaks.
    pub rule: WordRule,
    /// The word.
    pub word: U256,
}

/// The mapping that a word is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as the mappings are")]
pub enum WordKind {
    Grant,
    Delegation,
    Account,
    Credential,
    Anchor,
    Retraction,
}

/// The rule that a word breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordRule {
    /// Bits outside the named fields are set.
    UnknownBits,
    /// A state above 3, or state 0 in a word that was written.
    State,
    /// Operations above 15.
    Operations,
    /// Flags above 1.
    Flags,
    /// A writer above 1.
    Writer,
    /// A parent above 1.
    Parent,
}

impl fmt::Display for WordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            WordKind::Grant => "grant",
            WordKind::Delegation => "delegation",
            WordKind::Account => "account",
            WordKind::Credential => "credential",
            WordKind::Anchor => "anchor",
            WordKind::Retraction => "retraction",
        };
        let rule = match self.rule {
            WordRule::UnknownBits => "bits outside its fields",
            WordRule::State => "an unknown state",
            WordRule::Operations => "unknown operations",
            WordRule::Flags => "unknown flags",
            WordRule::Writer => "an unknown writer",
            WordRule::Parent => "an unknown parent",
        };
        write!(f, "the {kind} word {} has {rule}", self.word)
    }
}

impl core::error::Error for WordError {}
