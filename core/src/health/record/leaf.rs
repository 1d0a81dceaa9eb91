//! One leaf: its path, its value and its hashes.

use core::fmt;

use super::metadata::Secret;
use super::walk::{Frame, Name, Step};
use super::{TAG_LEAF, TAG_SALT};
use crate::grammar::json::{self, Scalar, Text};
use crate::matter::bytes::B256;
use crate::matter::keccak::Keccak;
use crate::matter::sink::{Count, Full, Sink};

/// A leaf of a record before it is hashed.
#[derive(Clone, Copy)]
pub struct PlainLeaf<'w> {
    path: PathView<'w>,
    value: ValueView<'w>,
    offset: Option<usize>,
}

impl<'w> PlainLeaf<'w> {
    pub(super) const fn new(path: PathView<'w>, value: ValueView<'w>, offset: Option<usize>) -> Self {
        Self { path, value, offset }
    }

    /// Where in the record it is.
    #[must_use]
    pub const fn path(&self) -> PathView<'w> {
        self.path
    }

    /// Writes the message whose Keccak-256 is the leaf's salt: it has the secret in it.
    ///
    /// # Errors
    ///
    /// [`Full`] when it does not fit.
    pub fn write_salt_message(&self, secret: &Secret, sink: &mut impl Sink) -> Result<(), Full> {
        sink.put(&TAG_SALT.0)?;
        sink.put(secret.expose_bytes())?;
        sink.put(&length(self.path.len()))?;
        self.path.write(sink)
    }

    /// Writes the message whose Keccak-256 is the leaf's hash.
    ///
    /// The salt stands in its bytes 32 to 63: who has the salt later may put it there.
    ///
    /// # Errors
    ///
    /// [`Full`] when it does not fit.
    pub fn write_message(&self, salt: &B256, sink: &mut impl Sink) -> Result<(), Full> {
        sink.put(&TAG_LEAF.0)?;
        sink.put(&salt.0)?;
        sink.put(&length(self.path.len()))?;
        self.path.write(sink)?;
        self.value.write(sink)
    }

    /// The leaf's hash under a secret.
    #[must_use]
    pub fn hash(&self, secret: &Secret) -> B256 {
        self.salted(secret).hash
    }

    /// Makes the leaf under a secret.
    pub(super) fn salted(self, secret: &Secret) -> LeafView<'w> {
        // A hash is never full: nothing is lost where the writers' results are passed over.
        let mut salt = Keccak::new();
        self.write_salt_message(secret, &mut salt).unwrap_or_default();
        let salt = salt.finish_secret();
        let mut hash = Keccak::new();
        self.write_message(&salt, &mut hash).unwrap_or_default();
        LeafView { plain: self, salt, hash: hash.finish() }
    }
}

/// Shows the path: the value is the patient's.
impl fmt::Debug for PlainLeaf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlainLeaf").field("path", &self.path).finish_non_exhaustive()
    }
}

/// A leaf of a record that is being committed, before it is forgotten.
#[derive(Clone, Copy)]
pub struct LeafView<'w> {
    plain: PlainLeaf<'w>,
    salt: B256,
    hash: B256,
}

impl<'w> LeafView<'w> {
    /// Where in the record it is.
    #[must_use]
    pub const fn path(&self) -> PathView<'w> {
        self.plain.path
    }

    /// Writes the value, its tag first.
    ///
    /// # Errors
    ///
    /// [`Full`] when it does not fit.
    pub fn write_value(&self, sink: &mut impl Sink) -> Result<(), Full> {
        self.plain.value.write(sink)
    }

    /// What hides the value: who has it can test guesses.
    #[must_use]
    pub const fn salt(&self) -> B256 {
        self.salt
    }

    /// The leaf's hash, as it stands in the tree.
    #[must_use]
    pub const fn hash(&self) -> B256 {
        self.hash
    }

    /// Byte offset into the document at which the value begins; `None` for a reserved leaf.
    #[must_use]
    pub const fn offset(&self) -> Option<usize> {
        self.plain.offset
    }
}

/// Shows the path; the salt is a secret of whoever holds the record.
impl fmt::Debug for LeafView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeafView").field("path", &self.plain.path).finish_non_exhaustive()
    }
}

/// Where in a record a leaf is: a JSON Pointer (RFC 6901), or the name of a reserved leaf.
#[derive(Clone, Copy)]
pub struct PathView<'w> {
    kind: PathKind<'w>,
    len: usize,
}

#[derive(Clone, Copy)]
enum PathKind<'w> {
    Pointer(&'w [Frame<'w>]),
    Reserved { name: &'w str, rest: &'w str },
}

impl<'w> PathView<'w> {
    pub(super) fn pointer(frames: &'w [Frame<'w>]) -> Self {
        Self { kind: PathKind::Pointer(frames), len: frames.last().map_or(0, |frame| frame.path_len) }
    }

    pub(super) const fn reserved(name: &'w str, rest: &'w str) -> Self {
        Self { kind: PathKind::Reserved { name, rest }, len: name.len().saturating_add(rest.len()) }
    }

    /// Length in bytes.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether this is the path of the whole document.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Writes the path in UTF-8.
    ///
    /// # Errors
    ///
    /// [`Full`] when it does not fit.
    pub fn write(&self, sink: &mut impl Sink) -> Result<(), Full> {
        match self.kind {
            PathKind::Reserved { name, rest } => {
                sink.put(name.as_bytes())?;
                sink.put(rest.as_bytes())
            }
            PathKind::Pointer(frames) => frames.iter().try_for_each(|frame| frame.step.write(sink)),
        }
    }
}

impl fmt::Debug for PathView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for PathView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            PathKind::Reserved { name, rest } => write!(f, "{name}{rest}"),
            PathKind::Pointer(frames) => frames.iter().try_for_each(|frame| write!(f, "{}", frame.step)),
        }
    }
}

/// A value that is not written out yet.
#[derive(Clone, Copy)]
pub(super) enum ValueView<'w> {
    Scalar(Scalar<'w>),
    Array {
        len: u32,
    },
    /// The names are sorted; they stand in the document.
    Object {
        names: &'w [Name],
        document: &'w [u8],
    },
    /// Tag and content.
    Raw(&'w [u8]),
}

impl ValueView<'_> {
    fn write(&self, sink: &mut impl Sink) -> Result<(), Full> {
        match *self {
            Self::Scalar(Scalar::String(text)) => {
                sink.put(b"s")?;
                text.write(sink)
            }
            Self::Scalar(Scalar::Number(number)) => {
                sink.put(b"n")?;
                sink.put(number.as_bytes())
            }
            Self::Scalar(Scalar::Bool(true)) => sink.put(b"t"),
            Self::Scalar(Scalar::Bool(false)) => sink.put(b"f"),
            Self::Scalar(Scalar::Null) => sink.put(b"z"),
            Self::Array { len } => {
                sink.put(b"[")?;
                sink.put(&len.to_be_bytes())
            }
            Self::Object { names, document } => {
                sink.put(b"{")?;
                sink.put(&length(names.len()))?;
                names.iter().try_for_each(|name| {
                    let name = name.text(document);
                    sink.put(&length(name.len()))?;
                    name.write(sink)
                })
            }
            Self::Raw(bytes) => sink.put(bytes),
        }
    }
}

/// The hash of a disclosed leaf.
pub(super) fn leaf_hash(path: &str, value: &[u8], salt: &B256) -> B256 {
    let hash = Keccak::new().chain(&TAG_LEAF.0).chain(&salt.0).chain(&length(path.len()));
    hash.chain(path.as_bytes()).chain(value).finish()
}

/// A length as it stands in what is hashed. No accepted document or name comes near 2^32 bytes.
fn length(len: usize) -> [u8; 4] {
    u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes()
}

impl Step<'_> {
    /// Writes the step as a pointer has it: `/`, then the name with `~` and `/` escaped, or the index.
    fn write(&self, sink: &mut impl Sink) -> Result<(), Full> {
        match *self {
            Self::Root => Ok(()),
            Self::Index(index) => {
                let mut digits = [0; 10];
                sink.put(b"/")?;
                sink.put(decimal(index, &mut digits))
            }
            Self::Member(name) => {
                sink.put(b"/")?;
                if is_plain(name) {
                    return sink.put(name.raw().as_bytes());
                }
                name.chars().try_for_each(|c| match c {
                    '~' => sink.put(b"~0"),
                    '/' => sink.put(b"~1"),
                    c => sink.put(c.encode_utf8(&mut [0; 4]).as_bytes()),
                })
            }
        }
    }

    /// How many bytes [`Self::write`] writes.
    pub(super) fn len(&self) -> usize {
        let mut count = Count::default();
        // A count is never full.
        let _ = self.write(&mut count);
        count.0
    }
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Root => Ok(()),
            Self::Index(index) => write!(f, "/{index}"),
            Self::Member(name) => {
                f.write_str("/")?;
                name.chars().try_for_each(|c| match c {
                    '~' => f.write_str("~0"),
                    '/' => f.write_str("~1"),
                    c => write!(f, "{c}"),
                })
            }
        }
    }
}

/// Whether a name stands in the document as it stands in a pointer.
fn is_plain(name: Text<'_>) -> bool {
    !name.raw().bytes().any(|byte| matches!(byte, b'\\' | b'~' | b'/'))
}

/// The decimal digits of a number, at the end of `digits`.
fn decimal(mut number: u32, digits: &mut [u8; 10]) -> &[u8] {
    let mut begin = digits.len();
    for (position, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
        begin = position;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    digits.get(begin..).unwrap_or_default()
}

/// A disclosed value, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A string.
    String(&'a str),
    /// A number as it was written.
    Number(&'a str),
    /// `true` or `false`.
    Bool(bool),
    /// `null`
    Null,
    /// An array of this length.
    Array(u32),
    /// An object with these member names, sorted.
    Object(Names<'a>),
    /// The bytes of a reserved leaf.
    Bytes(&'a [u8]),
}

/// The sorted member names of a disclosed object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Names<'a>(&'a [u8]);

impl<'a> Value<'a> {
    /// Reads tag and content; `None` where they are no value.
    #[must_use]
    pub fn decode(bytes: &'a [u8]) -> Option<Self> {
        let (tag, content) = bytes.split_first()?;
        match (tag, content) {
            (b's', text) => core::str::from_utf8(text).ok().map(Self::String),
            (b'n', text) => {
                let number = core::str::from_utf8(text).ok()?;
                json::is_number(number).then_some(Self::Number(number))
            }
            (b't', []) => Some(Self::Bool(true)),
            (b'f', []) => Some(Self::Bool(false)),
            (b'z', []) => Some(Self::Null),
            (b'[', len) => Some(Self::Array(u32::from_be_bytes(len.try_into().ok()?))),
            (b'{', names) => Names::decode(names).map(Self::Object),
            (b'b', bytes) => Some(Self::Bytes(bytes)),
            _ => None,
        }
    }
}

impl<'a> Names<'a> {
    fn decode(content: &'a [u8]) -> Option<Self> {
        let (count, list) = content.split_first_chunk::<4>()?;
        let names = Self(list);
        let (mut found, mut read, mut before) = (0_u32, 0_usize, None);
        for name in names.iter() {
            if before >= Some(name) {
                return None;
            }
            before = Some(name);
            found = found.checked_add(1)?;
            read = read.checked_add(name.len())?.checked_add(4)?;
        }
        (found == u32::from_be_bytes(*count) && read == list.len()).then_some(names)
    }

    /// The names in order.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let mut rest = self.0;
        core::iter::from_fn(move || {
            let (len, after) = rest.split_first_chunk::<4>()?;
            let len = usize::try_from(u32::from_be_bytes(*len)).ok()?;
            let (name, after) = after.split_at_checked(len)?;
            rest = after;
            core::str::from_utf8(name).ok()
        })
    }
}
