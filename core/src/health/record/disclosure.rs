//! From a disclosure back to its commitment.

use core::fmt;

use super::leaf::{Value, leaf_hash};
use super::metadata::MAX_SCOPES;
use super::reserved;
use crate::grammar::merkle::{MultiproofError, process_multiproof};
use crate::matter::bytes::{Address, B256, U256};
use crate::matter::sort::sort;

/// One leaf that is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DisclosedLeaf<'a> {
    /// A JSON Pointer, or the name of a reserved leaf.
    pub path: &'a str,
    /// Tag and content.
    pub value: &'a [u8],
    /// What hid the value.
    pub salt: B256,
}

impl DisclosedLeaf<'_> {
    /// An entry to fill the lent memory with.
    pub const EMPTY: Self = Self { path: "", value: &[], salt: B256::ZERO };
}

/// Some leaves of a record and the proof that they are leaves of its commitment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disclosure<'a> {
    /// The leaves, in any order.
    pub leaves: &'a [DisclosedLeaf<'a>],
    /// The hashes of the multiproof.
    pub proof: &'a [B256],
    /// The flags of the multiproof, over the leaves' hashes in ascending order.
    pub flags: &'a [bool],
}

/// A disclosure that was found to belong to a commitment.
#[derive(Clone, Copy, Debug)]
pub struct Opened<'a> {
    commitment: B256,
    leaves: &'a [DisclosedLeaf<'a>],
}

/// A record of which it is proved whose it is, by whom, and under which scopes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundRecord {
    commitment: B256,
    patient: Address,
    author: Address,
    scopes: heapless::Vec<B256, MAX_SCOPES>,
}

impl<'a> Disclosure<'a> {
    /// Holds the disclosure against a commitment that the caller trusts; `memory` needs one entry a leaf.
    ///
    /// Each leaf of the document must come with the containers it stands in, which must hold it: so a
    /// disclosure cannot hide that a value is one of several, or what is named beside it. Time: one hash
    /// a leaf and a flag, O(n log n) comparisons of paths.
    ///
    /// # Errors
    ///
    /// [`DisclosureError`]: nothing was disclosed.
    pub fn open(&self, commitment: B256, memory: &mut [B256]) -> Result<Opened<'a>, DisclosureError> {
        let capacity = memory.len();
        let leaves = self.leaves;
        let memory = memory.get_mut(..leaves.len()).ok_or(DisclosureError::TooManyLeaves { capacity })?;
        for (index, leaf) in leaves.iter().enumerate() {
            check_alone(index, leaf)?;
        }
        check_containers(leaves, memory)?;
        for (leaf, entry) in leaves.iter().zip(memory.iter_mut()) {
            *entry = leaf_hash(leaf.path, leaf.value, &leaf.salt);
        }
        sort(memory, |one, other| one < other);
        let found = process_multiproof(memory, self.proof, self.flags).map_err(DisclosureError::Proof)?;
        if found != commitment {
            return Err(DisclosureError::Root { expected: commitment, found });
        }
        Ok(Opened { commitment, leaves })
    }
}

impl<'a> Opened<'a> {
    /// The commitment that the leaves belong to.
    #[must_use]
    pub const fn commitment(&self) -> B256 {
        self.commitment
    }

    /// The disclosed leaves with their values, in the order in which they were supplied.
    pub fn leaves(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        let leaves = self.leaves;
        leaves.iter().filter_map(|leaf| Some((leaf.path, Value::decode(leaf.value)?)))
    }

    /// The value at a path, if it is disclosed.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<Value<'a>> {
        self.leaves().find(|(found, _)| *found == path).map(|(_, value)| value)
    }

    /// Whose record it is, by whom, and under which scopes, from its `#patient`, `#author` and
    /// `#scope` leaves.
    ///
    /// # Errors
    ///
    /// [`UnboundError`] names the leaf that is not disclosed.
    pub fn bind(&self) -> Result<BoundRecord, UnboundError> {
        let bytes = |path| match self.get(path) {
            Some(Value::Bytes(bytes)) => Ok(bytes),
            _ => Err(UnboundError { path }),
        };
        let address = |path| Address::try_from(bytes(path)?).map_err(|_| UnboundError { path });
        let (list, _) = bytes(reserved::SCOPE)?.as_chunks::<32>();
        let mut scopes = heapless::Vec::new();
        for scope in list {
            scopes.push(B256(*scope)).map_err(|_| UnboundError { path: reserved::SCOPE })?;
        }
        Ok(BoundRecord {
            commitment: self.commitment,
            patient: address(reserved::PATIENT)?,
            author: address(reserved::AUTHOR)?,
            scopes,
        })
    }
}

impl BoundRecord {
    /// The record's commitment.
    #[must_use]
    pub const fn commitment(&self) -> B256 {
        self.commitment
    }

    /// Whose record it is.
    #[must_use]
    pub const fn patient(&self) -> Address {
        self.patient
    }

    /// Who vouches for it.
    #[must_use]
    pub const fn author(&self) -> Address {
        self.author
    }

    /// Its scopes, most specific first.
    #[must_use]
    pub fn scopes(&self) -> &[B256] {
        &self.scopes
    }
}

/// Shows the path: the value is the patient's.
impl fmt::Debug for DisclosedLeaf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DisclosedLeaf").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Why a disclosure discloses nothing. `leaf` is the leaf's position among the supplied ones, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisclosureError {
    /// More leaves than there is lent memory for.
    TooManyLeaves {
        /// Entries of the lent memory.
        capacity: usize,
    },
    /// A path is no JSON Pointer and no name of a reserved leaf.
    Path {
        /// The leaf's position.
        leaf: usize,
    },
    /// A path is disclosed twice.
    RepeatedPath {
        /// Position of the second.
        leaf: usize,
    },
    /// A value is not one that its path can have.
    Value {
        /// The leaf's position.
        leaf: usize,
    },
    /// The array or object around a leaf is not disclosed.
    MissingContainer {
        /// The leaf's position.
        leaf: usize,
    },
    /// The disclosed array or object around a leaf does not hold it.
    Contradiction {
        /// The leaf's position.
        leaf: usize,
    },
    /// The multiproof has no root.
    Proof(MultiproofError),
    /// The leaves belong to another commitment.
    Root {
        /// The commitment that was expected.
        expected: B256,
        /// The root that the leaves and their proof lead to.
        found: B256,
    },
}

impl fmt::Display for DisclosureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyLeaves { capacity } => {
                write!(f, "more disclosed leaves than the {capacity} that there is memory for")
            }
            Self::Path { leaf } => {
                write!(f, "the path of leaf {leaf} is neither a JSON Pointer nor that of a reserved leaf")
            }
            Self::RepeatedPath { leaf } => write!(f, "the path of leaf {leaf} is disclosed before"),
            Self::Value { leaf } => write!(f, "the value of leaf {leaf} is none that its path can have"),
            Self::MissingContainer { leaf } => {
                write!(f, "the array or object around leaf {leaf} is not disclosed")
            }
            Self::Contradiction { leaf } => {
                write!(f, "the array or object around leaf {leaf} does not hold it")
            }
            Self::Proof(error) => error.fmt(f),
            Self::Root { expected, found } => {
                write!(f, "the disclosed leaves lead to the commitment {found}: expected {expected}")
            }
        }
    }
}

impl core::error::Error for DisclosureError {}

/// A disclosure does not show whose record it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnboundError {
    /// The leaf that is not disclosed.
    pub path: &'static str,
}

impl fmt::Display for UnboundError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the disclosure does not show {}", self.path)
    }
}

impl core::error::Error for UnboundError {}

/// Checks what a leaf says for itself.
fn check_alone(index: usize, leaf: &DisclosedLeaf<'_>) -> Result<(), DisclosureError> {
    let DisclosedLeaf { path, value, .. } = *leaf;
    let is_reserved = path.starts_with('#');
    let known = if is_reserved { is_reserved_path(path) } else { path.is_empty() || is_pointer(path) };
    if !known {
        return Err(DisclosureError::Path { leaf: index });
    }
    let fits = match Value::decode(value) {
        None => false,
        Some(Value::Bytes(bytes)) => is_reserved && is_reserved_value(path, bytes),
        Some(_) => !is_reserved,
    };
    if fits { Ok(()) } else { Err(DisclosureError::Value { leaf: index }) }
}

/// Checks that each leaf of the document is held by a disclosed container.
fn check_containers(leaves: &[DisclosedLeaf<'_>], memory: &mut [B256]) -> Result<(), DisclosureError> {
    for (index, entry) in memory.iter_mut().enumerate() {
        *entry = Place { leaf: index, held: false }.into_word();
    }
    let path = |entry: &B256| leaves.get(Place::of(entry).leaf).map_or("", |leaf| leaf.path);
    sort(memory, |one, other| (path(one), one) < (path(other), other));
    let pairs = memory.iter().zip(memory.iter().skip(1));
    if let Some((_, second)) = pairs.into_iter().find(|(one, next)| path(one) == path(next)) {
        return Err(DisclosureError::RepeatedPath { leaf: Place::of(second).leaf });
    }
    // Each object marks the leaves that it names. The other way round, a leaf that looks for itself
    // among the names, would take the product of both numbers.
    for container in leaves {
        let Some(Value::Object(names)) = Value::decode(container.value) else { continue };
        for name in names.iter() {
            let child = || container.path.bytes().chain(*b"/").chain(escaped(name));
            let found = memory.binary_search_by(|entry| path(entry).bytes().cmp(child()));
            if let Some(entry) = found.ok().and_then(|found| memory.get_mut(found)) {
                *entry = Place { held: true, ..Place::of(entry) }.into_word();
            }
        }
    }
    for entry in memory.iter() {
        let Place { leaf, held } = Place::of(entry);
        let Some((container, step)) = last_step(path(entry)) else { continue };
        let container = memory.binary_search_by(|entry| path(entry).cmp(container)).ok();
        let container = container.and_then(|found| leaves.get(Place::of(memory.get(found)?).leaf));
        let container = container.ok_or(DisclosureError::MissingContainer { leaf })?;
        let in_array = match Value::decode(container.value) {
            Some(Value::Array(len)) => array_index(step).is_some_and(|position| position < len),
            _ => false,
        };
        if !held && !in_array {
            return Err(DisclosureError::Contradiction { leaf });
        }
    }
    Ok(())
}

/// A pointer's container and its last step; `None` for the whole document and for reserved leaves.
///
/// The search of the standard library keeps a panic.
fn last_step(path: &str) -> Option<(&str, &str)> {
    let slash = path.bytes().rposition(|byte| byte == b'/').filter(|_| !path.starts_with('#'))?;
    Some((path.get(..slash)?, path.get(slash.checked_add(1)?..)?))
}

/// What an entry of the lent memory stands for while paths are compared.
struct Place {
    leaf: usize,
    held: bool,
}

impl Place {
    fn into_word(self) -> B256 {
        let number = (self.leaf as u64) << 1 | u64::from(self.held);
        U256::from(number).into()
    }

    fn of(word: &B256) -> Self {
        let number = U256::from(*word).to_u64().unwrap_or_default();
        Self { leaf: usize::try_from(number >> 1).unwrap_or(usize::MAX), held: number & 1 == 1 }
    }
}

/// Whether a path is the name of a reserved leaf.
fn is_reserved_path(path: &str) -> bool {
    use reserved::{ATTACHMENT, AUTHOR, ISSUED, KIND, PATIENT, PREVIOUS, SCOPE};
    [PATIENT, AUTHOR, KIND, ISSUED, SCOPE, PREVIOUS].contains(&path)
        || path.strip_prefix(ATTACHMENT).is_some_and(|name| !name.is_empty())
}

/// Whether bytes are what the reserved leaf of this name can hold.
fn is_reserved_value(path: &str, bytes: &[u8]) -> bool {
    let is_set = |bytes: &[u8]| bytes.iter().any(|byte| *byte != 0);
    match path {
        reserved::PATIENT | reserved::AUTHOR => bytes.len() == 20 && is_set(bytes),
        reserved::KIND => bytes.len() == 2 && is_set(bytes),
        reserved::ISSUED => bytes.len() == 8,
        reserved::PREVIOUS => bytes.len() == 32,
        reserved::SCOPE => {
            let (scopes, rest) = bytes.as_chunks::<32>();
            let distinct = |(index, scope): (usize, &[u8; 32])| {
                is_set(scope) && !scopes.iter().take(index).any(|earlier| earlier == scope)
            };
            rest.is_empty()
                && (1..=MAX_SCOPES).contains(&scopes.len())
                && scopes.iter().enumerate().all(distinct)
        }
        // An attachment's length and hash.
        _ => bytes.len() == 40,
    }
}

/// Whether a text is a JSON Pointer that is not empty (RFC 6901, section 3).
fn is_pointer(path: &str) -> bool {
    let mut bytes = path.bytes().peekable();
    let mut well_escaped = true;
    while let Some(byte) = bytes.next() {
        well_escaped &= byte != b'~' || matches!(bytes.peek(), Some(b'0' | b'1'));
    }
    path.starts_with('/') && well_escaped
}

/// The index that a step of a pointer means: digits without leading zeros (RFC 6901, section 4).
fn array_index(step: &str) -> Option<u32> {
    let canonical = step == "0" || (!step.starts_with('0') && step.bytes().all(|byte| byte.is_ascii_digit()));
    if canonical { step.parse().ok() } else { None }
}

/// A member name as a pointer has it (RFC 6901, section 3).
fn escaped(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().flat_map(|byte| {
        let (byte, escape) = match byte {
            b'~' => (b'~', Some(b'0')),
            b'/' => (b'~', Some(b'1')),
            byte => (byte, None),
        };
        core::iter::once(byte).chain(escape)
    })
}
