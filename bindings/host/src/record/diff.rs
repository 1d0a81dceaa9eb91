//! What changed from one version of a record to the next.

use core::fmt;
use std::collections::HashMap;

use healthrecord_core::B256;
use healthrecord_core::health::record::RecordError;

use super::{OpenLeaf, RecordKey};

/// A version of a record, whole: its document and what opens it.
#[derive(Clone, Copy)]
pub struct Version<'a> {
    /// The document.
    pub document: &'a [u8],
    /// Its metadata, commitment and secret.
    pub key: &'a RecordKey,
}

/// Which of two versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The older one.
    Old,
    /// The newer one.
    New,
}

/// One leaf that the versions do not have alike: its path, and its value (tag and content) in each.
///
/// A container's leaf is its length, or its members' names: where a member was added, the object changed,
/// too. Elements of arrays are compared by their indexes.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    /// The newer version has it alone.
    Added {
        /// A JSON Pointer, or the name of a reserved leaf.
        path: String,
        /// Its value.
        value: Vec<u8>,
    },
    /// The older version has it alone.
    Removed {
        /// A JSON Pointer, or the name of a reserved leaf.
        path: String,
        /// Its value.
        value: Vec<u8>,
    },
    /// Both have it, with different values.
    Changed {
        /// A JSON Pointer, or the name of a reserved leaf.
        path: String,
        /// Its value in the older version.
        old: Vec<u8>,
        /// Its value in the newer one.
        new: Vec<u8>,
    },
}

impl Change {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Added { path, .. } | Self::Removed { path, .. } | Self::Changed { path, .. } => path,
        }
    }
}

/// Shows what became of the path: the values are the patient's.
impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Added { .. } => "Added",
            Self::Removed { .. } => "Removed",
            Self::Changed { .. } => "Changed",
        };
        f.debug_struct(name).field("path", &self.path()).finish_non_exhaustive()
    }
}

/// What the newer version changed of the older, which it names as the one before: first what it added and
/// changed, in its own order, then what it removed, in the older one's.
///
/// # Errors
///
/// [`DiffError`].
pub fn diff(old: &Version<'_>, new: &Version<'_>) -> Result<Vec<Change>, DiffError> {
    let (expected, found) = (old.key.commitment, new.key.metadata.previous);
    if found != Some(expected) {
        return Err(DiffError::Previous { expected, found });
    }
    let (before, after) = (leaves_of(old, Which::Old)?, leaves_of(new, Which::New)?);
    let mut left: HashMap<&str, &OpenLeaf> = before.iter().map(|leaf| (leaf.path.as_str(), leaf)).collect();
    let mut changes = vec![];
    for OpenLeaf { path, value, .. } in &after {
        let path = path.clone();
        match left.remove(path.as_str()) {
            None => changes.push(Change::Added { path, value: value.clone() }),
            Some(old) if old.value != *value => {
                changes.push(Change::Changed { path, old: old.value.clone(), new: value.clone() });
            }
            Some(_) => {}
        }
    }
    for OpenLeaf { path, value, .. } in &before {
        if left.contains_key(path.as_str()) {
            changes.push(Change::Removed { path: path.clone(), value: value.clone() });
        }
    }
    Ok(changes)
}

/// The leaves of a version, which must have the commitment that its key names.
fn leaves_of(version: &Version<'_>, which: Which) -> Result<Vec<OpenLeaf>, DiffError> {
    let Version { document, key } = *version;
    let all = super::select(document, &key.metadata, &key.secret, |_| true)
        .map_err(|error| DiffError::Record { which, error })?;
    let (expected, found) = (key.commitment, all.commitment);
    if found == expected { Ok(all.leaves) } else { Err(DiffError::Commitment { which, expected, found }) }
}

/// Why two versions are not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiffError {
    /// The newer version does not name the older as the one before.
    Previous {
        /// The older version's commitment.
        expected: B256,
        /// The one that the newer names.
        found: Option<B256>,
    },
    /// A document is not the one that was committed.
    Commitment {
        /// Of which version.
        which: Which,
        /// The key's commitment.
        expected: B256,
        /// The document's.
        found: B256,
    },
    /// A version cannot be committed.
    Record {
        /// Which one.
        which: Which,
        /// Why.
        error: RecordError,
    },
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Old => "older",
            Self::New => "newer",
        })
    }
}

impl fmt::Display for DiffError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Previous { expected, found: Some(found) } => {
                write!(f, "the newer version follows {found}: expected {expected}")
            }
            Self::Previous { expected, found: None } => {
                write!(f, "the newer version follows none: expected {expected}")
            }
            Self::Commitment { which, expected, found } => {
                write!(f, "the {which} version has the commitment {found}: expected {expected}")
            }
            Self::Record { which, error } => write!(f, "the {which} version: {error}"),
        }
    }
}

impl core::error::Error for DiffError {}
