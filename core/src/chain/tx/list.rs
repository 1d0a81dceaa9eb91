//! Lists inside a transaction, without an allocator: lent by whoever builds it, or left in its bytes.

use core::fmt;

use super::field::check_items;
use crate::grammar::rlp::{self, Item, Reader, RlpError};
use crate::matter::bytes::B256;
use crate::matter::sink::{Full, Sink};

/// What a list holds: how it is read and written.
pub trait ListItem<'a>: Copy {
    /// Writes it.
    ///
    /// # Errors
    ///
    /// [`Full`] when it does not fit.
    fn put(&self, sink: &mut dyn Sink) -> Result<(), Full>;

    /// Reads it.
    ///
    /// # Errors
    ///
    /// [`RlpError`] when it is none.
    fn read(item: Item<'a>) -> Result<Self, RlpError>;
}

/// A list of `T`s.
#[derive(Clone, Copy)]
pub struct List<'a, T>(Source<'a, T>);

#[derive(Clone, Copy)]
enum Source<'a, T> {
    Lent(&'a [T]),
    /// The payload of an RLP list whose items were all read once.
    Read(&'a [u8]),
}

impl<'a, T: ListItem<'a>> List<'a, T> {
    /// A list of nothing.
    pub const EMPTY: Self = Self(Source::Lent(&[]));

    /// A list of what is lent.
    #[must_use]
    pub const fn new(items: &'a [T]) -> Self {
        Self(Source::Lent(items))
    }

    /// Whether it has no items.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        match self.0 {
            Source::Lent(items) => items.is_empty(),
            Source::Read(payload) => payload.is_empty(),
        }
    }

    /// Its items, in order.
    #[must_use]
    pub fn iter(&self) -> Iter<'a, T> {
        Iter(match self.0 {
            Source::Lent(items) => Rest::Lent(items.iter()),
            Source::Read(payload) => Rest::Read(Reader::new(payload)),
        })
    }

    /// Reads every item once, so that nothing can be wrong with them later.
    pub(super) fn read(item: Item<'a>) -> Result<Self, RlpError> {
        check_items(item, |item| T::read(item).map(drop)).map(|payload| Self(Source::Read(payload)))
    }

    pub(super) fn put(&self, mut sink: &mut dyn Sink) -> Result<(), Full> {
        rlp::put_list(&mut sink, |sink| match self.0 {
            Source::Lent(items) => items.iter().try_for_each(|item| item.put(sink)),
            Source::Read(payload) => sink.put(payload),
        })
    }
}

impl<'a, T: ListItem<'a> + PartialEq> PartialEq for List<'a, T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<'a, T: ListItem<'a> + Eq> Eq for List<'a, T> {}

impl<'a, T: ListItem<'a> + fmt::Debug> fmt::Debug for List<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a, T: ListItem<'a>> From<&'a [T]> for List<'a, T> {
    fn from(items: &'a [T]) -> Self {
        Self::new(items)
    }
}

impl<'a, T: ListItem<'a>> IntoIterator for List<'a, T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The items of a [`List`].
#[derive(Clone)]
pub struct Iter<'a, T>(Rest<'a, T>);

#[derive(Clone)]
enum Rest<'a, T> {
    Lent(core::slice::Iter<'a, T>),
    Read(Reader<'a>),
}

impl<'a, T: ListItem<'a>> Iterator for Iter<'a, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        match &mut self.0 {
            Rest::Lent(items) => items.next().copied(),
            // Each item was read once when the list was.
            Rest::Read(reader) => reader.item().and_then(T::read).ok(),
        }
    }
}

impl ListItem<'_> for B256 {
    fn put(&self, mut sink: &mut dyn Sink) -> Result<(), Full> {
        rlp::put_string(&mut sink, &self.0)
    }

    fn read(item: Item<'_>) -> Result<Self, RlpError> {
        item.array().map(Self)
    }
}
