//! What is signed, in plain words: for whoever holds the key to read before signing.

use core::fmt::{self, Display, Formatter};

use super::{
    Anchor, CloseEmergency, Delegate, Deny, DenyDelegation, Grant, LiftDelegation, Message, Retract, Revoke,
    RevokeAll, RevokeDelegation, SetPolicy,
};
use crate::health::contract::vocabulary::{Operation, Purpose, Role};
use crate::health::contract::word::Terms;
use crate::matter::bytes::{Address, B256};
use crate::matter::checksum::Checksummed;
use crate::matter::date::Date;

/// Most bytes of a message in words.
pub const MAX_TEXT_LEN: usize = 1203;

/// A message in plain English, in lines of ASCII: who, what, for which purposes, until when, for which
/// contract.
///
/// Every member that is signed is told. Addresses bear their checksum (EIP-55), times are dates in UTC,
/// and bits that have no name are shown as numbers.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    message: &'a Message,
    chain_id: u64,
    contract: Address,
}

impl Message {
    /// The message in plain English, in at most [`MAX_TEXT_LEN`] bytes, for the contract at this address
    /// on this chain.
    #[must_use]
    pub const fn in_words(&self, chain_id: u64, contract: Address) -> Text<'_> {
        Text { message: self, chain_id, contract }
    }
}

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.message {
            Message::Anchor(message) => message.tell(f),
            Message::Retract(message) => message.tell(f),
            Message::Grant(message) => message.tell(f),
            Message::Deny(message) => message.tell(f),
            Message::Revoke(message) => message.tell(f),
            Message::RevokeAll(message) => message.tell(f),
            Message::SetPolicy(message) => message.tell(f),
            Message::Delegate(message) => message.tell(f),
            Message::RevokeDelegation(message) => message.tell(f),
            Message::DenyDelegation(message) => message.tell(f),
            Message::LiftDelegation(message) => message.tell(f),
            Message::CloseEmergency(message) => message.tell(f),
        }?;
        writeln!(f, "Signed by {}", Checksummed(self.message.signer()))?;
        writeln!(f, "Signature void after {}", Date::from_unix(self.message.deadline()))?;
        write!(f, "For HealthRecord at {} on chain {}", Checksummed(self.contract), self.chain_id)
    }
}

/// Tells a message's own lines, each with its end.
trait Tell {
    fn tell(&self, f: &mut Formatter<'_>) -> fmt::Result;
}

impl Tell for Anchor {
    fn tell(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { root, count, kind, .. } = self;
        writeln!(f, "ANCHOR {}", Kind(*kind))?;
        match count {
            1 => writeln!(f, "one, with the commitment {root}"),
            _ => writeln!(f, "{count}, under the root {root}"),
        }
    }
}

impl Tell for Retract {
    fn tell(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "RETRACT, for good, the record of the commitment {}", self.commitment)?;
        writeln!(f, "Reason: code {}", self.reason)
    }
}

impl Tell for Grant {
    fn tell(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "ALLOW {}", Checksummed(self.grantee))?;
        tell_terms(f, &self.terms, self.scope, "my")?;
        tell_document(f, self.document)?;
        writeln!(f, "Replaces revision {}, in epoch {}", self.revision, self.epoch)
    }
}

impl Tell for Deny {
    fn tell(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "DENY {} everything", Checksummed(self.grantee))?;
        writeln!(f, "with {}, at once, until I allow or revoke", Records("my", self.scope))?;
        tell_document(f, self.document)?;
        tell_last_revision(f, self.revision)
    }
}

impl Tell for Revoke {
    fn tell(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "REVOKE what I allowed or denied {}", Checksummed(self.grantee))?;
        writeln!(f, "with {}, and every consent to it that was not used", Records("my", self.scope))?;
        tell_last_revision(f, self.revision)
    }
}

impl Tell for RevokeAll {
    fn tell(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "REVOKE everything that I allowed to anybody, not what I denied")?;
        writeln!(f, "with what they passed on, emergency access, and every consent that was not used")?;
        writeln!(f, "Ends epoch {}", self.epoch)
    }
}

impl Tell for SetPolicy {
    fn tell(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.flags {
            0 => writeln!(f, "ALLOW emergency access to my records (break-glass)"),
            1 => writeln!(f, "FORBID emergency access to my records (break-glass)"),
            flags => writeln!(f, "SET flags without a name: {flags:#x}"),
        }?;
        writeln!(f, "Encryption cards below revision {} are void", self.cards)?;
        writeln!(f, "Replaces revision {}", self.revision)
    }
}

impl Tell for Delegate {
    fn tell(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "SHARE with {}", Checksummed(self.grantee))?;
        writeln!(f, "what patient {} allowed me,", Checksummed(self.patient))?;
        tell_terms(f, &self.terms, self.scope, "their")?;
        let parent = if self.parent_is_all { "all records" } else { "the same records" };
        writeln!(f, "Rests on revision {} of my permission for {parent}", self.parent_revision)?;
        writeln!(f, "Replaces revision {}, in epoch {}", self.revision, self.epoch)
    }
}

impl Tell for RevokeDelegation {
    fn tell(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "STOP SHARING with {}", Checksummed(self.grantee))?;
        writeln!(f, "what patient {} allowed me", Checksummed(self.patient))?;
        writeln!(f, "with {}", Records("their", self.scope))?;
        tell_last_revision(f, self.revision)
    }
}

impl Tell for DenyDelegation {
    fn tell(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "FORBID {}", Checksummed(self.delegator))?;
        writeln!(f, "to share with {}", Checksummed(self.grantee))?;
        writeln!(f, "{}, at once, until I lift this", Records("my", self.scope))?;
        tell_last_revision(f, self.revision)
    }
}

impl Tell for LiftDelegation {
    fn tell(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "NO LONGER FORBID {}", Checksummed(self.delegator))?;
        writeln!(f, "to share with {}", Checksummed(self.grantee))?;
        writeln!(f, "{}; what was shared before stays ended", Records("my", self.scope))?;
        writeln!(f, "Replaces revision {}, in epoch {}", self.revision, self.epoch)
    }
}

impl Tell for CloseEmergency {
    fn tell(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "CLOSE the emergency access of {}", Checksummed(self.clinician))?;
        writeln!(f, "to my records, and for the next 24 hours")?;
        tell_last_revision(f, self.revision)
    }
}

fn tell_terms(f: &mut Formatter<'_>, terms: &Terms, scope: B256, whose: &str) -> fmt::Result {
    let Terms { not_before, not_after, purposes, operations, required_roles } = *terms;
    writeln!(f, "to {}", Mask(operations.into(), operation))?;
    writeln!(f, "with {}", Records(whose, scope))?;
    writeln!(f, "for {}", Mask(purposes, purpose))?;
    writeln!(f, "from {}", Date::from_unix(not_before))?;
    writeln!(f, "until {}", Date::from_unix(not_after))?;
    if required_roles == 0 {
        return Ok(());
    }
    writeln!(f, "only while accredited as {}", Mask(required_roles.into(), role))
}

fn tell_document(f: &mut Formatter<'_>, document: B256) -> fmt::Result {
    if document.is_zero() { Ok(()) } else { writeln!(f, "Consent document: {document}") }
}

/// What ends something is signed for a revision ahead, and outruns every one up to it.
fn tell_last_revision(f: &mut Formatter<'_>, revision: u32) -> fmt::Result {
    writeln!(f, "Replaces revisions up to {revision}")
}

/// The records that a scope covers.
struct Records<'a>(&'a str, B256);

impl Display for Records<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(whose, scope) = self;
        if scope.is_zero() {
            write!(f, "all {whose} records")
        } else {
            write!(f, "{whose} record or group {scope}")
        }
    }
}

/// What is anchored.
struct Kind(u16);

impl Display for Kind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            1 => "clinical records",
            2 => "audit logs",
            3 => "reports of adverse events",
            4 => "a supply of medication",
            5 => "claims",
            6 => "profiles",
            kind => return write!(f, "records of kind {kind}"),
        })
    }
}

fn operation(bit: u32) -> Option<&'static str> {
    const NAMES: [(Operation, &str); 4] = [
        (Operation::Read, "read"),
        (Operation::Write, "write"),
        (Operation::Share, "share"),
        (Operation::Manage, "act for the patient"),
    ];
    NAMES.iter().find(|(operation, _)| u32::from(operation.bit()) == bit).map(|(_, name)| *name)
}

fn purpose(bit: u32) -> Option<&'static str> {
    Purpose::ALL.into_iter().find(|purpose| purpose.bit() == bit).map(|purpose| match purpose {
        Purpose::Treatment => "treatment",
        Purpose::EmergencyTreatment => "emergency treatment",
        Purpose::BreakGlass => "break-glass",
        Purpose::CareManagement => "care management",
        Purpose::PatientRequest => "the patient's own request",
        Purpose::FamilyRequest => "the family's request",
        Purpose::PowerOfAttorney => "power of attorney",
        Purpose::Payment => "payment",
        Purpose::ClaimAttachment => "claim attachments",
        Purpose::Coverage => "insurance coverage",
        Purpose::Operations => "healthcare operations",
        Purpose::Research => "research",
        Purpose::DiseaseResearch => "research of a disease",
        Purpose::PublicHealth => "public health",
        Purpose::PatientSafety => "patient safety",
        Purpose::Marketing => "marketing",
        Purpose::Test => "tests of systems",
    })
}

fn role(bit: u32) -> Option<&'static str> {
    const NAMES: [(Role, &str); 8] = [
        (Role::Issuer, "issuer of credentials"),
        (Role::Practitioner, "practitioner"),
        (Role::Emergency, "emergency clinician"),
        (Role::Insurer, "insurer"),
        (Role::Manufacturer, "manufacturer"),
        (Role::Researcher, "researcher"),
        (Role::Laboratory, "laboratory"),
        (Role::Pharmacy, "pharmacy"),
    ];
    NAMES.iter().find(|(role, _)| u32::from(role.bit()) == bit).map(|(_, name)| *name)
}

/// The names of a mask's bits, and what is left of it where bits have none.
struct Mask(u32, fn(u32) -> Option<&'static str>);

impl Display for Mask {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(mask, name) = *self;
        let bits = (0..u32::BITS).map(|index| 1 << index).filter(|bit| mask & bit != 0);
        let unnamed = bits.clone().filter(|bit| name(*bit).is_none()).fold(0, |mask, bit| mask | bit);
        let count = bits.clone().filter_map(name).count() + usize::from(unnamed != 0);
        if count == 0 {
            return f.write_str("nothing");
        }
        let separate = |f: &mut Formatter<'_>, index: usize| {
            f.write_str(match index {
                0 => "",
                _ if index + 1 == count => " and ",
                _ => ", ",
            })
        };
        for (index, name) in bits.filter_map(name).enumerate() {
            separate(f, index)?;
            f.write_str(name)?;
        }
        if unnamed != 0 {
            separate(f, count - 1)?;
            write!(f, "something without a name ({unnamed:#x})")?;
        }
        Ok(())
    }
}
