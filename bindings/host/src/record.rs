//! Records: commitments and disclosures with owned memory, and the JSON files that hold them.
//!
//! The format and its rules are those of [`healthrecord_core::health::record`].

use core::fmt;
use std::io;

use healthrecord_core::health::record::{
    self, DisclosedLeaf, Disclosure, DisclosureError, Leaf, Memory, Name, Opened, RecordError,
};
use healthrecord_core::matter::keccak::Keccak;
use healthrecord_core::matter::sink::{Full, Sink};
use healthrecord_core::{Address, B256};

pub use healthrecord_core::health::record::{
    BatchError, BatchProof, BoundRecord, EncodingError, Secret, UnboundError, Value, reserved,
};

mod anchored;
mod batch;
mod binary;
mod commit;
mod diff;
mod key;
mod many;
mod master;
mod pattern;
mod rebuild;
mod select;
mod text;

pub use self::anchored::{AnchoredCheckError, Parties, verify_anchored};
pub use self::batch::{Batch, MAX_BATCH_PROOF_LEN, OwnedBatchProof};
pub use self::binary::RecordFileError;
pub use self::commit::Committer;
pub use self::diff::{Change, DiffError, Version, Which, diff};
pub use self::key::{MAX_KEY_LEN, RecordKey};
pub use self::many::{Uncommitted, commit_many};
pub use self::master::{Derivation, DerivedRecordKey, MasterSecret};
pub use self::pattern::{MAX_PATTERN_LEN, Pattern, PatternError, resolve};
pub use self::rebuild::{MAX_PARTIAL_LEN, PartialDocument, PartialError};
pub use self::select::Selection;
pub use self::text::MAX_DISCLOSURE_LEN;

/// What a record says of itself beside its document.
///
/// See [`healthrecord_core::health::record::Metadata`] for the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Whose record it is.
    pub patient: Address,
    /// Who vouches for it and anchors it.
    pub author: Address,
    /// Kind of record: 1 clinical record, 2 audit log, 3 adverse event, 4 medication supply, 5 claim,
    /// 6 profile.
    pub kind: u16,
    /// When it was issued, in Unix seconds.
    pub issued: u64,
    /// Its scopes, most specific first: its own random id, then its groups.
    pub scopes: Vec<B256>,
    /// The commitment of the version before.
    pub previous: Option<B256>,
    /// Files that belong to it.
    pub attachments: Vec<Attachment>,
}

/// A file beside the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its name, unique within the record.
    pub name: String,
    /// Its size in bytes.
    pub length: u64,
    /// Keccak-256 of its bytes.
    pub hash: B256,
}

impl Attachment {
    /// Hashes a file of any size in constant memory; `progress` gets the number of bytes read so far, every
    /// mebibyte or so.
    ///
    /// # Errors
    ///
    /// As the reader.
    pub fn from_reader(
        name: &str,
        mut reader: impl io::Read,
        mut progress: impl FnMut(u64),
    ) -> io::Result<Self> {
        let mut hash = Keccak::new();
        let mut length = 0_u64;
        let mut buffer = vec![0; READ_LEN];
        loop {
            let read = match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            hash.update(buffer.get(..read).unwrap_or_default());
            length = length.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
            progress(length);
        }
        Ok(Self { name: name.to_owned(), length, hash: hash.finish() })
    }
}

/// How much of an attachment is read at a time, in bytes.
const READ_LEN: usize = 1 << 20;

/// A leaf of a record, with all that opens it.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenLeaf {
    /// A JSON Pointer, or the name of a reserved leaf.
    pub path: String,
    /// Tag and content.
    pub value: Vec<u8>,
    /// What hides the value from those who have only the hash.
    pub salt: B256,
    /// The leaf's hash.
    pub hash: B256,
}

/// Some leaves of a record and the proof that they are leaves of its commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedDisclosure {
    /// The commitment that they were made for. A verifier takes it from elsewhere.
    pub commitment: B256,
    /// The leaves: the reserved ones first, then those of the document in its order.
    pub leaves: Vec<OpenLeaf>,
    /// The hashes of the multiproof.
    pub proof: Vec<B256>,
    /// The flags of the multiproof.
    pub flags: Vec<bool>,
}

/// The commitment of a record.
///
/// `document` is UTF-8 JSON of at most 16 MiB.
///
/// # Errors
///
/// [`RecordError`]: the document is not strict JSON, or the metadata breaks a rule.
pub fn commit(document: &[u8], metadata: &Metadata, secret: &Secret) -> Result<B256, RecordError> {
    Committer::default().commit(document, metadata, secret)
}

/// Every leaf of a record: the reserved ones first, then those of the document in its order, each
/// container before its content.
///
/// # Errors
///
/// As [`commit`].
pub fn leaves(document: &[u8], metadata: &Metadata, secret: &Secret) -> Result<Vec<OpenLeaf>, RecordError> {
    select(document, metadata, secret, |_| true).map(|disclosure| disclosure.leaves)
}

/// Discloses a part of a record.
///
/// # Errors
///
/// As [`commit`], [`DiscloseError::NoSuchPath`] for a path that the record does not have, and
/// [`DiscloseError::Nothing`] where no path is given.
pub fn disclose(
    document: &[u8],
    metadata: &Metadata,
    secret: &Secret,
    selection: &Selection<'_>,
) -> Result<OwnedDisclosure, DiscloseError> {
    let mut chooser = selection.prepare();
    let disclosure =
        select(document, metadata, secret, |path| chooser.takes(path)).map_err(DiscloseError::Record)?;
    match chooser.missing(selection.paths) {
        Some(path) => Err(DiscloseError::NoSuchPath { path: path.to_owned() }),
        None if disclosure.leaves.is_empty() => Err(DiscloseError::Nothing),
        None => Ok(disclosure),
    }
}

impl OwnedDisclosure {
    /// Holds the disclosure against a commitment that the caller trusts, and gives what it then proves.
    ///
    /// # Errors
    ///
    /// [`DisclosureError`]: nothing was disclosed.
    pub fn open(&self, commitment: B256) -> Result<OpenedRecord<'_>, DisclosureError> {
        let bound = self.with_opened(commitment, |opened| opened.bind())?;
        let values =
            self.leaves.iter().filter_map(|leaf| Some((leaf.path.as_str(), Value::decode(&leaf.value)?)));
        Ok(OpenedRecord { commitment, bound, values: values.collect() })
    }

    /// What `read` makes of the disclosure once it was held against a commitment.
    fn with_opened<T>(
        &self,
        commitment: B256,
        read: impl FnOnce(Opened<'_>) -> T,
    ) -> Result<T, DisclosureError> {
        let leaves: Vec<_> = self.leaves.iter().map(OpenLeaf::as_disclosed).collect();
        let mut memory = vec![B256::ZERO; leaves.len()];
        let disclosure = Disclosure { leaves: &leaves, proof: &self.proof, flags: &self.flags };
        disclosure.open(commitment, &mut memory).map(read)
    }
}

/// A disclosure that was found to belong to a commitment.
#[derive(Clone, Debug)]
pub struct OpenedRecord<'a> {
    /// The commitment.
    pub commitment: B256,
    /// Whose record it is, where the disclosure shows that.
    pub bound: Result<BoundRecord, UnboundError>,
    /// The disclosed values by their paths.
    pub values: Vec<(&'a str, Value<'a>)>,
}

impl OpenLeaf {
    fn as_disclosed(&self) -> DisclosedLeaf<'_> {
        DisclosedLeaf { path: &self.path, value: &self.value, salt: self.salt }
    }
}

/// Shows the path: the value is the patient's.
impl fmt::Debug for OpenLeaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenLeaf").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Why a part of a record cannot be disclosed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiscloseError {
    /// The record cannot be committed.
    Record(RecordError),
    /// The record has no such element.
    NoSuchPath {
        /// The path that was asked for.
        path: String,
    },
    /// Nothing is to be disclosed: no verifier opens a disclosure of nothing.
    Nothing,
}

impl fmt::Display for DiscloseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(error) => error.fmt(f),
            Self::NoSuchPath { path } => write!(f, "the record has no element at {path:?}"),
            Self::Nothing => f.write_str("nothing is to be disclosed: expected one path at least"),
        }
    }
}

impl core::error::Error for DiscloseError {}

fn with_memory<T>(
    document: &[u8],
    metadata: &Metadata,
    run: impl FnOnce(&record::Metadata<'_>, Memory<'_>) -> Result<T, RecordError>,
) -> Result<T, RecordError> {
    let needs = record::measure(document);
    // Six reserved leaves at most, beside one for each attachment.
    let mut leaves = vec![Leaf::EMPTY; needs.leaves + metadata.attachments.len() + 6];
    let mut names = vec![Name::EMPTY; needs.names.max(metadata.attachments.len())];
    with_borrowed(metadata, |metadata| run(metadata, Memory { leaves: &mut leaves, names: &mut names }))
}

/// Lends metadata to the core.
fn with_borrowed<T>(metadata: &Metadata, run: impl FnOnce(&record::Metadata<'_>) -> T) -> T {
    let attachments: Vec<_> = metadata
        .attachments
        .iter()
        .map(|Attachment { name, length, hash }| record::Attachment { name, length: *length, hash: *hash })
        .collect();
    run(&record::Metadata {
        patient: metadata.patient,
        author: metadata.author,
        kind: metadata.kind,
        issued: metadata.issued,
        scopes: &metadata.scopes,
        previous: metadata.previous,
        attachments: &attachments,
    })
}

fn select(
    document: &[u8],
    metadata: &Metadata,
    secret: &Secret,
    mut takes: impl FnMut(&str) -> bool,
) -> Result<OwnedDisclosure, RecordError> {
    let mut leaves = vec![];
    let (mut proof, mut flags) = (vec![], vec![]);
    let commitment = with_memory(document, metadata, |metadata, memory| {
        let mut keep = |leaf: &record::LeafView<'_>| {
            let path = leaf.path().to_string();
            let takes = takes(&path);
            if takes {
                let mut value = Bytes(vec![]);
                // Growing memory is never full.
                leaf.write_value(&mut value).unwrap_or_default();
                let leaf_of = OpenLeaf { path, value: value.0, salt: leaf.salt(), hash: leaf.hash() };
                leaves.push((leaf.offset(), leaf_of));
            }
            takes
        };
        let mut step = |step| match step {
            record::Step::Join => flags.push(true),
            record::Step::Sibling(hash) => {
                flags.push(false);
                proof.push(hash);
            }
        };
        record::disclose(document, metadata, secret, memory, &mut keep, &mut step)
    })?;
    // A stable sort by the value's beginning: `None`, of the reserved leaves, comes first.
    leaves.sort_by_key(|(offset, _)| *offset);
    let leaves = leaves.into_iter().map(|(_, leaf)| leaf).collect();
    Ok(OwnedDisclosure { commitment, leaves, proof, flags })
}

struct Bytes(Vec<u8>);

impl Sink for Bytes {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation)]
    use super::*;
    use healthrecord_core::keccak256;

    /// Gives its bytes in pieces of odd sizes, and is interrupted between them.
    struct Slow<'a>(&'a [u8], usize);

    impl io::Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 += 1;
            if self.1.is_multiple_of(3) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let len = (self.1 * 7919 % 60_000).min(buffer.len()).min(self.0.len());
            let (piece, rest) = self.0.split_at(len);
            buffer[..len].copy_from_slice(piece);
            self.0 = rest;
            Ok(len)
        }
    }

    #[test]
    fn attachments_are_hashed_however_they_arrive() {
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|number| (number % 251) as u8).collect();
        let mut told = vec![];
        let attachment =
            Attachment::from_reader("scan", Slow(&bytes, 0), |length| told.push(length)).unwrap();
        let expected = Attachment { name: "scan".into(), length: 3_000_000, hash: keccak256(&bytes) };
        assert_eq!(attachment, expected);
        assert!(told.is_sorted() && told.last() == Some(&3_000_000));
        let empty = Attachment::from_reader("", io::empty(), |_| ()).unwrap();
        assert_eq!((empty.length, empty.hash), (0, keccak256(&[])));
        let broken = Attachment::from_reader("", io::Read::chain(&bytes[..], Broken), |_| ());
        assert_eq!(broken.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }

    struct Broken;

    impl io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }
}
