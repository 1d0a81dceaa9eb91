//! What is committed beside the document, and the secret that hides it all.

use zeroize::Zeroizing;

use super::error::{MetadataError, RecordError};
use super::leaf::{PathView, ValueView};
use super::reserved;
use super::walk::Name;
use crate::matter::bytes::{Address, B256};
use crate::matter::sort::sort;

/// How many scopes a record has at most.
pub const MAX_SCOPES: usize = 5;

/// Longest name of an attachment, in bytes.
pub const MAX_ATTACHMENT_NAME_LEN: usize = 255;

/// Longest value of a reserved leaf, tag included: that of five scopes.
const MAX_RESERVED_LEN: usize = 1 + 32 * MAX_SCOPES;

/// 32 random bytes, new for each version of a record, from which all its salts are derived.
///
/// Whoever has the secret can recompute and open the commitment; who destroys every copy of it makes
/// the commitment refer to nothing. It is wiped when dropped and does not print.
pub struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    /// Takes 32 bytes from a cryptographic random generator.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// The bytes, to be stored where only their holder reads them.
    #[must_use]
    pub fn expose_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What a record says of itself beside its document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metadata<'a> {
    /// Whose record it is; not zero.
    pub patient: Address,
    /// Who vouches for it and anchors it; not zero.
    pub author: Address,
    /// Kind of record (1 clinical record, 2 audit log, 3 adverse event, …); not 0.
    pub kind: u16,
    /// When it was issued, in Unix seconds.
    pub issued: u64,
    /// The record's scopes, 1 to [`MAX_SCOPES`], most specific first: its own random id, then its
    /// groups; each once, none zero.
    pub scopes: &'a [B256],
    /// The commitment of the version before.
    pub previous: Option<B256>,
    /// Files that belong to it, each under a name of its own.
    pub attachments: &'a [Attachment<'a>],
}

/// A file beside the document: PDF, DICOM, any bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attachment<'a> {
    /// Its name, 1 to [`MAX_ATTACHMENT_NAME_LEN`] bytes.
    pub name: &'a str,
    /// Its size in bytes.
    pub length: u64,
    /// Keccak-256 of its bytes.
    pub hash: B256,
}

impl Metadata<'_> {
    /// Checks what the types do not; `names` needs an entry for each attachment.
    pub(super) fn check(&self, names: &mut [Name]) -> Result<(), RecordError> {
        let fail = |error| Err(RecordError::Metadata(error));
        if self.patient.is_zero() {
            return fail(MetadataError::ZeroPatient);
        }
        if self.author.is_zero() {
            return fail(MetadataError::ZeroAuthor);
        }
        if self.kind == 0 {
            return fail(MetadataError::ZeroKind);
        }
        if self.scopes.is_empty() || self.scopes.len() > MAX_SCOPES {
            return fail(MetadataError::ScopeCount { found: self.scopes.len() });
        }
        for (index, scope) in self.scopes.iter().enumerate() {
            if scope.is_zero() {
                return fail(MetadataError::ZeroScope { index });
            }
            if self.scopes.iter().take(index).any(|earlier| earlier == scope) {
                return fail(MetadataError::RepeatedScope { index });
            }
        }
        self.check_attachments(names)
    }

    fn check_attachments(&self, names: &mut [Name]) -> Result<(), RecordError> {
        let capacity = names.len();
        let names = names.get_mut(..self.attachments.len()).ok_or(RecordError::TooManyNames { capacity })?;
        for ((index, attachment), name) in self.attachments.iter().enumerate().zip(names.iter_mut()) {
            let len = attachment.name.len();
            if len == 0 || len > MAX_ATTACHMENT_NAME_LEN {
                return Err(RecordError::Metadata(MetadataError::AttachmentName { index, len }));
            }
            *name = Name::of_index(index);
        }
        let key = |name: &Name| (self.attachments.get(name.index()).map(|found| found.name), name.index());
        sort(names, |one, other| key(one) < key(other));
        let repeated = names.iter().zip(names.iter().skip(1));
        let repeated = repeated.filter(|(one, next)| key(one).0 == key(next).0).map(|(_, next)| next.index());
        match repeated.min() {
            None => Ok(()),
            Some(index) => Err(RecordError::Metadata(MetadataError::RepeatedAttachment { index })),
        }
    }

    /// Gives each reserved leaf in order.
    pub(super) fn for_each_leaf(
        &self,
        leaf: &mut impl FnMut(PathView<'_>, ValueView<'_>) -> Result<(), RecordError>,
    ) -> Result<(), RecordError> {
        let mut reserved = |path: &str, parts: &[&[u8]]| {
            let mut value = heapless::Vec::<u8, MAX_RESERVED_LEN>::new();
            // Never full: the checked metadata has at most the scopes that the capacity is made for.
            let _ = value.push(b'b');
            for part in parts {
                let _ = value.extend_from_slice(part);
            }
            leaf(PathView::reserved(path, ""), ValueView::Raw(&value))
        };
        reserved(reserved::PATIENT, &[&self.patient.0])?;
        reserved(reserved::AUTHOR, &[&self.author.0])?;
        reserved(reserved::KIND, &[&self.kind.to_be_bytes()])?;
        reserved(reserved::ISSUED, &[&self.issued.to_be_bytes()])?;
        let mut scopes: heapless::Vec<&[u8], MAX_SCOPES> = heapless::Vec::new();
        scopes.extend(self.scopes.iter().take(MAX_SCOPES).map(|scope| &scope.0[..]));
        reserved(reserved::SCOPE, &scopes)?;
        if let Some(previous) = &self.previous {
            reserved(reserved::PREVIOUS, &[&previous.0])?;
        }
        for attachment in self.attachments {
            let mut value = heapless::Vec::<u8, 41>::new();
            // Never full: 1 + 8 + 32 bytes.
            let _ = value.push(b'b');
            let _ = value.extend_from_slice(&attachment.length.to_be_bytes());
            let _ = value.extend_from_slice(&attachment.hash.0);
            leaf(PathView::reserved(reserved::ATTACHMENT, attachment.name), ValueView::Raw(&value))?;
        }
        Ok(())
    }
}
