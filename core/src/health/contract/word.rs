//! What the contract's words mean.
//!
//! Fields are named from the low bits up, all of them whole bytes. Bits outside the named fields, and
//! values that a field does not have, are errors: a word that is not understood decides nothing.

mod error;
mod fields;

pub use self::error::{WordError, WordKind, WordRule};

use self::fields::{Fields, Packer};
use crate::matter::bytes::{Address, U256};

/// What stands in a grant, delegation or emergency word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nothing was ever written.
    #[default]
    NeverWritten,
    /// Permitted, within its terms.
    Permit,
    /// Revoked: a tombstone.
    Revoked,
    /// Denied, until a new grant or revoke.
    Deny,
}

/// What a permit allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// First second of the window, in Unix seconds.
    pub not_before: u64,
    /// First second after it.
    pub not_after: u64,
    /// Mask of purposes, [`Purpose::bit`](super::Purpose::bit).
    pub purposes: u32,
    /// Mask of operations, [`Operation::bit`](super::Operation::bit).
    pub operations: u16,
    /// Mask of roles that the grantee's credential must hold, [`Role::bit`](super::Role::bit).
    pub required_roles: u16,
}

/// Who wrote a grant word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Writer {
    /// The patient.
    #[default]
    Patient,
    /// A manager, for the patient.
    Manager,
}

/// `notBefore:40 | notAfter:40 | purposes:32 | operations:16 | epoch:32 | revision:24 | state:8 |
/// requiredRoles:16 | writtenAt:40 | by:8`; an emergency word too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GrantWord {
    /// What it allows; all zero but in a permit.
    pub terms: Terms,
    /// The patient's epoch when it was written.
    pub epoch: u32,
    /// Rises with every write.
    pub revision: u32,
    /// What stands.
    pub state: State,
    /// When it was written, in Unix seconds.
    pub written_at: u64,
    /// Who wrote it.
    pub by: Writer,
}

/// A grant word up to `requiredRoles`, then `parentRevision:24 | parentIsAll:8`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DelegationWord {
    /// What it allows.
    pub terms: Terms,
    /// The patient's epoch when it was written.
    pub epoch: u32,
    /// Rises with every write.
    pub revision: u32,
    /// What stands.
    pub state: State,
    /// Revision of the delegator's grant that it rests on.
    pub parent_revision: u32,
    /// Whether that grant is the one for all records; else it is the one at the same scope.
    pub parent_is_all: bool,
}

/// `epoch:32 | flags:8 | revision:24 | cards:24`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountWord {
    /// Raised by revoking everything at once.
    pub epoch: u32,
    /// Whether the patient forbids break-glass (flag bit 0).
    pub no_break_glass: bool,
    /// Rises with every write.
    pub revision: u32,
    /// Lowest valid revision of the account's encryption cards.
    pub cards: u32,
}

/// `notBefore:40 | notAfter:40 | roles:16 | issuer:160`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CredentialWord {
    /// First second of the window, in Unix seconds.
    pub not_before: u64,
    /// First second after it.
    pub not_after: u64,
    /// Mask of roles; 0 where it was withdrawn.
    pub roles: u16,
    /// Who accredited.
    pub issuer: Address,
}

/// `anchoredAt:40 | count:32 | kind:16`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AnchorWord {
    /// When, in Unix seconds.
    pub anchored_at: u64,
    /// Records under the root.
    pub count: u32,
    /// Kind of record.
    pub kind: u16,
}

/// `retractedAt:40 | reason:16`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetractionWord {
    /// When, in Unix seconds.
    pub retracted_at: u64,
    /// A code of the author's.
    pub reason: u16,
}

impl GrantWord {
    /// Reads the word.
    ///
    /// # Errors
    ///
    /// [`WordError`] names the rule that it breaks.
    pub fn decode(word: U256) -> Result<Self, WordError> {
        let mut fields = Fields::new(word, WordKind::Grant);
        let (terms, epoch, revision, state) = fields.head()?;
        let written_at = fields.take(5);
        let by = match fields.take(1) {
            0 => Writer::Patient,
            1 => Writer::Manager,
            _ => return fields.breaks(WordRule::Writer),
        };
        Ok(Self { terms, epoch, revision, state, written_at, by })
    }

    /// Packs the word.
    #[must_use]
    pub fn encode(&self) -> U256 {
        let mut packer = Packer::head(&self.terms, self.epoch, self.revision, self.state);
        packer.put(5, self.written_at);
        packer.put(1, u64::from(self.by == Writer::Manager));
        packer.finish()
    }
}

impl DelegationWord {
    /// Reads the word.
    ///
    /// # Errors
    ///
    /// [`WordError`] names the rule that it breaks.
    pub fn decode(word: U256) -> Result<Self, WordError> {
        let mut fields = Fields::new(word, WordKind::Delegation);
        let (terms, epoch, revision, state) = fields.head()?;
        let parent_revision = fields.take32(3);
        let parent_is_all = match fields.take(1) {
            0 => false,
            1 => true,
            _ => return fields.breaks(WordRule::Parent),
        };
        fields.finish()?;
        Ok(Self { terms, epoch, revision, state, parent_revision, parent_is_all })
    }

    /// Packs the word.
    #[must_use]
    pub fn encode(&self) -> U256 {
        let mut packer = Packer::head(&self.terms, self.epoch, self.revision, self.state);
        packer.put(3, self.parent_revision.into());
        packer.put(1, self.parent_is_all.into());
        packer.finish()
    }
}

impl AccountWord {
    /// Reads the word.
    ///
    /// # Errors
    ///
    /// [`WordError`] names the rule that it breaks.
    pub fn decode(word: U256) -> Result<Self, WordError> {
        let mut fields = Fields::new(word, WordKind::Account);
        let epoch = fields.take32(4);
        let no_break_glass = match fields.take(1) {
            0 => false,
            1 => true,
            _ => return fields.breaks(WordRule::Flags),
        };
        let account = Self { epoch, no_break_glass, revision: fields.take32(3), cards: fields.take32(3) };
        fields.finish()?;
        Ok(account)
    }

    /// Packs the word.
    #[must_use]
    pub fn encode(&self) -> U256 {
        let mut packer = Packer::new();
        packer.put(4, self.epoch.into());
        packer.put(1, self.no_break_glass.into());
        packer.put(3, self.revision.into());
        packer.put(3, self.cards.into());
        packer.finish()
    }
}

impl CredentialWord {
    /// Reads the word: every one of its bits has a meaning.
    #[must_use]
    pub fn decode(word: U256) -> Self {
        let mut fields = Fields::new(word, WordKind::Credential);
        let (not_before, not_after, roles) = (fields.take(5), fields.take(5), fields.take16());
        let issuer = word.to_be_bytes().first_chunk().copied().map(Address).unwrap_or_default();
        Self { not_before, not_after, roles, issuer }
    }

    /// Packs the word.
    #[must_use]
    pub fn encode(&self) -> U256 {
        let mut packer = Packer::new();
        packer.put(5, self.not_before);
        packer.put(5, self.not_after);
        packer.put(2, self.roles.into());
        for byte in self.issuer.0.iter().rev() {
            packer.put(1, u64::from(*byte));
        }
        packer.finish()
    }
}

impl AnchorWord {
    /// Reads the word.
    ///
    /// # Errors
    ///
    /// [`WordError`] names the rule that it breaks.
    pub fn decode(word: U256) -> Result<Self, WordError> {
        let mut fields = Fields::new(word, WordKind::Anchor);
        let anchor = Self { anchored_at: fields.take(5), count: fields.take32(4), kind: fields.take16() };
        fields.finish()?;
        Ok(anchor)
    }

    /// Packs the word.
    #[must_use]
    pub fn encode(&self) -> U256 {
        let mut packer = Packer::new();
        packer.put(5, self.anchored_at);
        packer.put(4, self.count.into());
        packer.put(2, self.kind.into());
        packer.finish()
    }
}

impl RetractionWord {
    /// Reads the word.
    ///
    /// # Errors
    ///
    /// [`WordError`] names the rule that it breaks.
    pub fn decode(word: U256) -> Result<Self, WordError> {
        let mut fields = Fields::new(word, WordKind::Retraction);
        let retraction = Self { retracted_at: fields.take(5), reason: fields.take16() };
        fields.finish()?;
        Ok(retraction)
    }

    /// Packs the word.
    #[must_use]
    pub fn encode(&self) -> U256 {
        let mut packer = Packer::new();
        packer.put(5, self.retracted_at);
        packer.put(2, self.reason.into());
        packer.finish()
    }
}
