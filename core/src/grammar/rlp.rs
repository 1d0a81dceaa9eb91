//! Recursive Length Prefix: a strict, borrowing reader and a writer over any [`Sink`].
//!
//! Source: Ethereum Yellow Paper, appendix B. The reader takes the one canonical encoding of each
//! value and refuses every other: a single byte below 0x80 stands for itself, a length takes the
//! short form when it can, and neither lengths nor integers have leading zeros.

use core::fmt;

use crate::matter::bytes::U256;
use crate::matter::sink::{Count, Full, Sink};

/// Payloads up to this length, in bytes, have their length in the first byte.
const SHORT: usize = 55;
/// First byte of the empty string.
const STRING: u8 = 0x80;
/// First byte of the empty list.
const LIST: u8 = 0xc0;

/// The rule of canonical RLP that some bytes break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RlpRule {
    /// The input ends before the item that it announces, or before an expected item.
    UnexpectedEnd,
    /// Bytes follow where the input, or a list, should end.
    TrailingBytes,
    /// A length that does not take its shortest form.
    NonCanonicalSize,
    /// A single byte below 0x80 that is encoded as a string of length 1.
    NonCanonicalByte,
    /// An integer with a leading zero byte.
    LeadingZero,
    /// An integer of more bytes than its type holds.
    IntegerTooLarge,
    /// A list where a string was expected.
    UnexpectedList,
    /// A string where a list was expected.
    UnexpectedString,
    /// A string of another length than its type has.
    WrongLength,
}

/// Why bytes are not the canonical RLP that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RlpError {
    /// The broken rule.
    pub rule: RlpRule,
    /// Byte offset into the outermost input, at the start of the item at fault.
    pub offset: usize,
}

impl fmt::Display for RlpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = match self.rule {
            RlpRule::UnexpectedEnd => "the input ends inside or before an RLP item",
            RlpRule::TrailingBytes => "bytes follow where the RLP should end",
            RlpRule::NonCanonicalSize => "an RLP length is not in its shortest form",
            RlpRule::NonCanonicalByte => "a byte below 0x80 is encoded as an RLP string",
            RlpRule::LeadingZero => "an RLP integer has a leading zero",
            RlpRule::IntegerTooLarge => "an RLP integer is too large for its type",
            RlpRule::UnexpectedList => "expected an RLP string, found a list",
            RlpRule::UnexpectedString => "expected an RLP list, found a string",
            RlpRule::WrongLength => "an RLP string has the wrong length for its type",
        };
        write!(f, "{rule}, at byte {}", self.offset)
    }
}

impl core::error::Error for RlpError {}

/// One item as it stands in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// Whether the item is a list; else it is a string.
    pub is_list: bool,
    /// The content without the length prefix.
    pub payload: &'a [u8],
    /// The whole item, its length prefix included.
    pub raw: &'a [u8],
    /// Byte offset of the item into the outermost input.
    pub offset: usize,
}

impl<'a> Item<'a> {
    /// The content of a string.
    ///
    /// # Errors
    ///
    /// [`RlpRule::UnexpectedList`].
    pub const fn string(&self) -> Result<&'a [u8], RlpError> {
        if self.is_list { Err(self.breaks(RlpRule::UnexpectedList)) } else { Ok(self.payload) }
    }

    /// The content of a string of exactly `N` bytes.
    ///
    /// # Errors
    ///
    /// [`RlpRule::UnexpectedList`], [`RlpRule::WrongLength`].
    pub fn array<const N: usize>(&self) -> Result<[u8; N], RlpError> {
        self.string()?.try_into().map_err(|_| self.breaks(RlpRule::WrongLength))
    }

    /// A non-negative integer below 2^256.
    ///
    /// # Errors
    ///
    /// [`RlpRule::UnexpectedList`], [`RlpRule::LeadingZero`], [`RlpRule::IntegerTooLarge`].
    pub fn uint(&self) -> Result<U256, RlpError> {
        let bytes = self.string()?;
        if bytes.first() == Some(&0) {
            return Err(self.breaks(RlpRule::LeadingZero));
        }
        U256::from_be_slice(bytes).ok_or(self.breaks(RlpRule::IntegerTooLarge))
    }

    /// A non-negative integer below 2^64.
    ///
    /// # Errors
    ///
    /// As [`Self::uint`].
    pub fn uint64(&self) -> Result<u64, RlpError> {
        self.uint()?.to_u64().ok_or(self.breaks(RlpRule::IntegerTooLarge))
    }

    /// A reader over the items of a list.
    ///
    /// # Errors
    ///
    /// [`RlpRule::UnexpectedString`].
    pub const fn list(&self) -> Result<Reader<'a>, RlpError> {
        if !self.is_list {
            return Err(self.breaks(RlpRule::UnexpectedString));
        }
        let offset = self.offset.saturating_add(self.raw.len().saturating_sub(self.payload.len()));
        Ok(Reader { rest: self.payload, offset })
    }

    /// The error that this item breaks `rule`.
    #[must_use]
    pub const fn breaks(&self, rule: RlpRule) -> RlpError {
        RlpError { rule, offset: self.offset }
    }
}

/// Reads a sequence of items from the front.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    /// Begins at the front of `input`.
    #[must_use]
    pub const fn new(input: &'a [u8]) -> Self {
        Self { rest: input, offset: 0 }
    }

    /// Begins behind the first `skipped` bytes of `input`, which are no RLP; offsets count them.
    #[must_use]
    pub fn behind(input: &'a [u8], skipped: usize) -> Self {
        Self { rest: input.get(skipped..).unwrap_or_default(), offset: skipped }
    }

    /// Whether every item was read.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Reads the next item; the items inside a list are checked only as they are read.
    ///
    /// # Errors
    ///
    /// [`RlpRule::UnexpectedEnd`], [`RlpRule::NonCanonicalSize`], [`RlpRule::NonCanonicalByte`].
    pub fn item(&mut self) -> Result<Item<'a>, RlpError> {
        let offset = self.offset;
        let fail = |rule| RlpError { rule, offset };
        let (first, after) = self.rest.split_first().ok_or(fail(RlpRule::UnexpectedEnd))?;
        let (is_list, size, prefix) = match *first {
            0..STRING => (false, 1, 0),
            STRING..LIST => size(first - STRING, after, offset)?.tagged(false),
            LIST.. => size(first - LIST, after, offset)?.tagged(true),
        };
        let end = prefix.checked_add(size).ok_or(fail(RlpRule::UnexpectedEnd))?;
        let (raw, rest) = self.rest.split_at_checked(end).ok_or(fail(RlpRule::UnexpectedEnd))?;
        let payload = raw.get(prefix..).ok_or(fail(RlpRule::UnexpectedEnd))?;
        if prefix == 1 && !is_list && matches!(payload, [0..STRING]) {
            return Err(fail(RlpRule::NonCanonicalByte));
        }
        self.rest = rest;
        self.offset = offset.saturating_add(end);
        Ok(Item { is_list, payload, raw, offset })
    }

    /// Reads the rest as exactly one item.
    ///
    /// # Errors
    ///
    /// As [`Self::item`], and [`RlpRule::TrailingBytes`].
    pub fn last(mut self) -> Result<Item<'a>, RlpError> {
        let item = self.item()?;
        self.finish()?;
        Ok(item)
    }

    /// Ends the reading.
    ///
    /// # Errors
    ///
    /// [`RlpRule::TrailingBytes`] when something is left.
    pub const fn finish(self) -> Result<(), RlpError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(RlpError { rule: RlpRule::TrailingBytes, offset: self.offset })
        }
    }
}

/// Reads `input` as exactly one item.
///
/// # Errors
///
/// As [`Reader::last`].
pub fn item(input: &[u8]) -> Result<Item<'_>, RlpError> {
    Reader::new(input).last()
}

/// Reads `input` as exactly one list.
///
/// # Errors
///
/// As [`item`], and [`RlpRule::UnexpectedString`].
pub fn list(input: &[u8]) -> Result<Reader<'_>, RlpError> {
    item(input)?.list()
}

/// Writes a string.
///
/// # Errors
///
/// [`Full`] when it does not fit.
pub fn put_string(sink: &mut impl Sink, bytes: &[u8]) -> Result<(), Full> {
    if !matches!(bytes, [0..STRING]) {
        put_prefix(sink, STRING, bytes.len())?;
    }
    sink.put(bytes)
}

/// Writes an integer, as its big-endian bytes without leading zeros.
///
/// # Errors
///
/// [`Full`] when it does not fit.
pub fn put_uint(sink: &mut impl Sink, number: U256) -> Result<(), Full> {
    put_string(sink, number.minimal_be_bytes())
}

/// Writes a list of what `items` writes; `items` runs twice, first into a [`Count`].
///
/// # Errors
///
/// [`Full`] when it does not fit.
pub fn put_list<S: Sink>(
    sink: &mut S,
    items: impl Fn(&mut dyn Sink) -> Result<(), Full>,
) -> Result<(), Full> {
    let mut payload = Count::default();
    items(&mut payload)?;
    put_prefix(sink, LIST, payload.0)?;
    items(sink)
}

/// Writes what stands before the content of a string of `len` bytes, two or more.
///
/// # Errors
///
/// [`Full`] when it does not fit.
pub fn put_string_head(sink: &mut impl Sink, len: usize) -> Result<(), Full> {
    put_prefix(sink, STRING, len)
}

fn put_prefix(sink: &mut impl Sink, base: u8, len: usize) -> Result<(), Full> {
    match u8::try_from(len) {
        Ok(short) if len <= SHORT => sink.put(&[base.saturating_add(short)]),
        _ => {
            let word = U256::from(len as u64);
            let size = word.minimal_be_bytes();
            let count = u8::try_from(size.len()).map_err(|_| Full)?;
            sink.put(&[base.saturating_add(55).saturating_add(count)])?;
            sink.put(size)
        }
    }
}

/// How long a payload is, and how long its length prefix.
struct Size {
    payload: usize,
    prefix: usize,
}

impl Size {
    const fn tagged(self, is_list: bool) -> (bool, usize, usize) {
        (is_list, self.payload, self.prefix)
    }
}

/// Reads the length of a string or list whose first byte is `code` above its kind's base.
fn size(code: u8, after: &[u8], offset: usize) -> Result<Size, RlpError> {
    let code = usize::from(code);
    let Some(length) = code.checked_sub(SHORT).filter(|length| *length > 0) else {
        return Ok(Size { payload: code, prefix: 1 });
    };
    let fail = |rule| RlpError { rule, offset };
    let bytes = after.get(..length).ok_or(fail(RlpRule::UnexpectedEnd))?;
    if bytes.first() == Some(&0) {
        return Err(fail(RlpRule::NonCanonicalSize));
    }
    let append = |payload: usize, byte: &u8| payload.checked_mul(256)?.checked_add(usize::from(*byte));
    let payload = bytes.iter().try_fold(0, append).ok_or(fail(RlpRule::UnexpectedEnd))?;
    if payload <= SHORT {
        return Err(fail(RlpRule::NonCanonicalSize));
    }
    Ok(Size { payload, prefix: 1 + length })
}
