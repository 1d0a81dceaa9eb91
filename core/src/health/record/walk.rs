//! The way through a document: each value, with its path, once.

use super::error::RecordError;
use super::leaf::{PathView, ValueView};
use crate::grammar::json::{Event, JsonError, JsonRule, MAX_DEPTH, Reader, Text};
use crate::matter::sort::sort;

/// One entry of the lent memory for names, 8 bytes: where a member name stands in the document.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    offset: u32,
    len: u32,
}

impl Name {
    /// An entry to fill the lent memory with.
    pub const EMPTY: Self = Self { offset: 0, len: 0 };

    fn of_text(text: &Text<'_>) -> Self {
        // A document has fewer than 2^32 bytes.
        let short = |number| u32::try_from(number).unwrap_or(u32::MAX);
        Self { offset: short(text.offset()), len: short(text.raw().len()) }
    }

    pub(super) fn text<'d>(&self, document: &'d [u8]) -> Text<'d> {
        let long = |number| usize::try_from(number).unwrap_or(usize::MAX);
        Text::at(document, long(self.offset), long(self.len))
    }

    /// An entry that stands for the position in another list.
    pub(super) fn of_index(index: usize) -> Self {
        Self { offset: u32::try_from(index).unwrap_or(u32::MAX), len: 0 }
    }

    pub(super) fn index(&self) -> usize {
        usize::try_from(self.offset).unwrap_or(usize::MAX)
    }
}

/// How much memory a document takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Values: scalars, arrays and objects.
    pub leaves: usize,
    /// Member names of the objects that are open at a time, at their most.
    pub names: usize,
}

/// How much memory a document takes, from one quick reading.
///
/// Of a text that is not JSON, what it takes to come to the first error.
#[must_use]
pub fn measure(document: &[u8]) -> Needs {
    let mut needs = Needs::default();
    let Ok(mut reader) = Reader::new(document) else { return needs };
    let mut open = heapless::Vec::<usize, MAX_DEPTH>::new();
    let mut named = 0_usize;
    while let Ok(Some(event)) = reader.next_event() {
        match event {
            Event::Name(_) => {
                named = named.saturating_add(1);
                needs.names = needs.names.max(named);
            }
            Event::Scalar(_) => needs.leaves = needs.leaves.saturating_add(1),
            Event::BeginArray | Event::BeginObject => {
                needs.leaves = needs.leaves.saturating_add(1);
                // Never full: the reader opens at most MAX_DEPTH.
                let _ = open.push(named);
            }
            Event::EndArray | Event::EndObject => named = open.pop().unwrap_or_default(),
        }
    }
    needs
}

/// One value on the way from the document down to the current one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'d> {
    pub(super) step: Step<'d>,
    /// Length in bytes of the path up to here.
    pub(super) path_len: usize,
    /// Byte offset at which the value begins.
    begin: usize,
    is_object: bool,
    children: u32,
    /// Where the names of this object begin in the lent memory.
    names_from: usize,
}

/// How a value is reached from its container.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'d> {
    Root,
    Index(u32),
    Member(Text<'d>),
}

/// The current value, under all its containers.
type Frames<'d> = heapless::Vec<Frame<'d>, { MAX_DEPTH + 1 }>;

/// Gives each value of the document, scalars as they stand and containers where they end.
pub(super) fn walk(
    document: &[u8],
    names: &mut [Name],
    leaf: &mut impl FnMut(PathView<'_>, ValueView<'_>, usize) -> Result<(), RecordError>,
) -> Result<(), RecordError> {
    let mut reader = Reader::new(document).map_err(RecordError::Json)?;
    let mut frames = Frames::new();
    let mut member = None;
    let mut named = 0_usize;
    while let Some(event) = reader.next_event().map_err(RecordError::Json)? {
        let begin = reader.offset();
        match event {
            Event::Name(text) => {
                let capacity = names.len();
                let name = names.get_mut(named).ok_or(RecordError::TooManyNames { capacity })?;
                *name = Name::of_text(&text);
                named = named.saturating_add(1);
                member = Some(text);
            }
            Event::Scalar(scalar) => {
                enter(&mut frames, member.take(), begin, false, named);
                leaf(PathView::pointer(&frames), ValueView::Scalar(scalar), begin)?;
                frames.pop();
            }
            Event::BeginArray | Event::BeginObject => {
                enter(&mut frames, member.take(), begin, event == Event::BeginObject, named);
            }
            Event::EndArray | Event::EndObject => {
                let Some(frame) = frames.last() else { continue };
                let value = if frame.is_object {
                    let own = names.get_mut(frame.names_from..named).unwrap_or_default();
                    sort_names(own, document)?;
                    ValueView::Object { names: own, document }
                } else {
                    ValueView::Array { len: frame.children }
                };
                leaf(PathView::pointer(&frames), value, frame.begin)?;
                named = frame.names_from;
                frames.pop();
            }
        }
    }
    Ok(())
}

fn enter<'d>(
    frames: &mut Frames<'d>,
    member: Option<Text<'d>>,
    begin: usize,
    is_object: bool,
    names_from: usize,
) {
    let (step, parent_len) = match frames.last_mut() {
        None => (Step::Root, 0),
        Some(parent) => {
            let index = parent.children;
            parent.children = index.saturating_add(1);
            (member.map_or(Step::Index(index), Step::Member), parent.path_len)
        }
    };
    let path_len = parent_len.saturating_add(step.len());
    // Never full: the reader opens at most MAX_DEPTH containers, and one scalar may stand in the last.
    let _ = frames.push(Frame { step, path_len, begin, is_object, children: 0, names_from });
}

/// Sorts the names of one object by what they mean, and finds those that stand twice.
fn sort_names(names: &mut [Name], document: &[u8]) -> Result<(), RecordError> {
    sort(names, |one, other| {
        let order = one.text(document).cmp(&other.text(document));
        order.then(one.offset.cmp(&other.offset)).is_lt()
    });
    let pairs = names.iter().zip(names.iter().skip(1));
    let repeated = pairs.filter(|(one, next)| one.text(document) == next.text(document));
    match repeated.map(|(_, next)| next.index()).min() {
        None => Ok(()),
        Some(text) => {
            // The name's place is that of its opening quote.
            let offset = text.saturating_sub(1);
            Err(RecordError::Json(JsonError { rule: JsonRule::DuplicateMember, offset }))
        }
    }
}
