//! Answers as they are read: from front to back, once, without a copy of what is not kept.
//!
//! What is wrong with a value is kept until the object that it stands in has ended, since a later member of
//! its name takes its place, as in most readers of JSON. What is no JSON ends the reading at once.

use std::borrow::Cow;

use healthrecord_core::U256;
use healthrecord_core::grammar::json::{Event, JsonError, Reader, Scalar, Text};
use healthrecord_core::matter::hex::{self, HexError};
use serde_json::Value;

use super::nodes::{Beginning, Pool};
use super::{MAX_ANSWER_LEN, RpcError};
use crate::form::{self, FormError, HEX};

/// A value, or what is wrong with it, in a text that is JSON.
pub(super) type Read<T> = Result<Result<T, FormError>, JsonError>;

/// What `read` makes of the result in an answer, with or without its envelope; it must read the next value
/// whole.
pub(super) fn result_of<'a, T>(
    json: &'a str,
    mut read: impl FnMut(&mut Reader<'a>) -> Read<T>,
) -> Result<T, RpcError> {
    if json.len() > MAX_ANSWER_LEN {
        return Err(FormError::Json { message: format!("more than {MAX_ANSWER_LEN} bytes") }.into());
    }
    let (error, result) = envelope(json, &mut read).map_err(FormError::from)?;
    if let Some(error) = error {
        let error: Value = form::parse(error, MAX_ANSWER_LEN)?;
        let message = error.get("message").and_then(Value::as_str);
        return Err(RpcError::Answer { message: message.map_or_else(|| error.to_string(), str::to_owned) });
    }
    let missing = || FormError::Missing { field: "result".into() };
    Ok(result.ok_or_else(missing)??)
}

/// The result of an answer as a tree.
pub(super) fn value_of(json: &str) -> Result<Value, RpcError> {
    result_of(json, |reader| Ok(form::parse(reader.next_value()?, MAX_ANSWER_LEN)))
}

/// The text of the error, and the result; each where there is one that is not null.
type Envelope<'a, T> = (Option<&'a str>, Option<Result<T, FormError>>);

fn envelope<'a, T>(
    json: &'a str,
    read: &mut impl FnMut(&mut Reader<'a>) -> Read<T>,
) -> Result<Envelope<'a, T>, JsonError> {
    let mut reader = Reader::of_text(json)?;
    let (mut error, mut result) = (None, None);
    if is_envelope(reader.clone())? {
        reader.next_event()?;
        members(&mut reader, |name, reader| {
            if is(name, "error") {
                error = Some(reader.next_value()?).filter(|error| *error != NULL);
            } else if is(name, "result") && !is_null(reader.clone())? {
                result = Some(read(reader)?);
            } else if is(name, "result") {
                result = None;
                reader.next_value()?;
            } else {
                reader.next_value()?;
            }
            Ok(())
        })?;
    } else {
        result = Some(read(&mut reader)?);
    }
    // Nothing but white space may follow.
    reader.next_event()?;
    Ok((error, result))
}

/// Whether a text is an object with a member `jsonrpc`. Nodes write it first, so that this ends soon.
fn is_envelope(mut reader: Reader<'_>) -> Result<bool, JsonError> {
    if reader.next_event()? == Some(Event::BeginObject) {
        while let Some(Event::Name(name)) = reader.next_event()? {
            if is(&name, "jsonrpc") {
                return Ok(true);
            }
            reader.next_value()?;
        }
    }
    Ok(false)
}

fn is_null(mut reader: Reader<'_>) -> Result<bool, JsonError> {
    Ok(reader.next_event()? == Some(Event::Scalar(Scalar::Null)))
}

/// Whether a name is a known one, however it is escaped.
fn is(name: &Text<'_>, known: &str) -> bool {
    name.chars().eq(known.chars())
}

/// Hands over the name of each member of an object that has begun; `read` must read its value.
fn members<'a>(
    reader: &mut Reader<'a>,
    mut read: impl FnMut(&Text<'a>, &mut Reader<'a>) -> Result<(), JsonError>,
) -> Result<(), JsonError> {
    while let Some(Event::Name(name)) = reader.next_event()? {
        read(&name, reader)?;
    }
    Ok(())
}

/// The members of an object that hold hex, as they are written.
pub(super) struct Fields<'a, const N: usize> {
    /// What stands before their names where errors speak of them.
    prefix: Prefix,
    found: [(&'static str, Option<&'a str>); N],
}

impl<'a, const N: usize> Fields<'a, N> {
    fn new(prefix: Prefix, names: [&'static str; N]) -> Self {
        Self { prefix, found: names.map(|name| (name, None)) }
    }

    /// Reads the value of a member, and keeps it where the name is known.
    fn take(&mut self, name: &Text<'_>, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        let value = reader.next_value()?;
        if let Some((_, found)) = self.found.iter_mut().find(|(known, _)| is(name, known)) {
            *found = Some(value);
        }
        Ok(())
    }

    pub(super) fn fixed<const LEN: usize>(&self, name: &str) -> Result<[u8; LEN], FormError> {
        self.hex(name, hex::decode_array)
    }

    pub(super) fn quantity(&self, name: &str) -> Result<U256, FormError> {
        self.hex(name, form::quantity)
    }

    pub(super) fn quantity64(&self, name: &str) -> Result<u64, FormError> {
        let too_large = || FormError::Type { field: self.prefix.path(name), expected: "a number below 2^64" };
        self.quantity(name)?.to_u64().ok_or_else(too_large)
    }

    fn hex<T>(&self, name: &str, read: impl Fn(&str) -> Result<T, HexError>) -> Result<T, FormError> {
        let found = self.found.iter().find(|(known, _)| *known == name);
        let Some(value) = found.and_then(|(_, value)| *value) else {
            return Err(FormError::Missing { field: self.prefix.path(name) });
        };
        let plain = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let text = match plain {
            Some(text) if !text.contains('\\') => Cow::Borrowed(text),
            Some(_) => Cow::Owned(serde_json::from_str::<String>(value).unwrap_or_default()),
            None => return Err(FormError::Type { field: self.prefix.path(name), expected: HEX }),
        };
        read(&text).map_err(|error| FormError::Hex { field: self.prefix.path(name), error })
    }
}

/// Where an object stands in an answer.
#[derive(Clone, Copy)]
pub(super) enum Prefix {
    Answer,
    Slot(usize),
}

impl Prefix {
    fn path(self, name: &str) -> String {
        match self {
            Self::Answer => name.to_owned(),
            Self::Slot(index) => format!("storageProof[{index}].{name}"),
        }
    }
}

/// An `eth_getProof` answer of which the nodes are read, and what `slot` made of each slot.
pub(super) struct Answer<'a, T> {
    /// `address`, `nonce`, `balance`, `storageHash`, `codeHash`.
    pub(super) fields: Fields<'a, 5>,
    pub(super) account_proof: Vec<usize>,
    pub(super) slots: Vec<T>,
}

/// Reads `eth_getProof` answers; their nodes go to a pool.
pub(super) struct ProofReader<'a, 'p> {
    pool: &'p mut Pool,
    /// The text of each node, by its place, where it stands in this answer.
    texts: Vec<Option<Text<'a>>>,
}

impl<'a, 'p> ProofReader<'a, 'p> {
    pub(super) fn new(pool: &'p mut Pool) -> Self {
        Self { pool, texts: vec![] }
    }

    /// Reads the next value. `slot` gets the `key` and the `value` of each slot, and its nodes.
    pub(super) fn answer<T>(
        &mut self,
        reader: &mut Reader<'a>,
        slot: impl Fn(&Fields<'a, 2>, Vec<usize>) -> Result<T, FormError>,
    ) -> Read<Answer<'a, T>> {
        if !begins(reader, Event::BeginObject)? {
            return Ok(Err(FormError::Type { field: "the text".into(), expected: OBJECT }));
        }
        let names = ["address", "nonce", "balance", "storageHash", "codeHash"];
        let mut fields = Fields::new(Prefix::Answer, names);
        let (mut account_proof, mut slots) = (None, None);
        members(reader, |name, reader| {
            if is(name, "accountProof") {
                account_proof = Some(self.proof(reader, || "accountProof".to_owned())?);
            } else if is(name, "storageProof") {
                slots = Some(self.slots(reader, &slot)?);
            } else {
                fields.take(name, reader)?;
            }
            Ok(())
        })?;
        let account_proof = account_proof.unwrap_or_else(|| missing("accountProof".into()));
        let slots = slots.unwrap_or_else(|| missing("storageProof".into()));
        Ok(account_proof.and_then(|account_proof| Ok(Answer { fields, account_proof, slots: slots? })))
    }

    fn slots<T>(
        &mut self,
        reader: &mut Reader<'a>,
        slot: &impl Fn(&Fields<'a, 2>, Vec<usize>) -> Result<T, FormError>,
    ) -> Read<Vec<T>> {
        if !begins(reader, Event::BeginArray)? {
            return Ok(Err(FormError::Type { field: "storageProof".into(), expected: ARRAY }));
        }
        let mut slots = Ok(vec![]);
        for index in 0.. {
            let event = reader.next_event()?;
            let read = match event {
                Some(Event::EndArray) | None => break,
                Some(Event::BeginObject) => {
                    let place = Prefix::Slot(index);
                    let mut fields = Fields::new(place, ["key", "value"]);
                    let mut proof = None;
                    members(reader, |name, reader| {
                        if is(name, "proof") {
                            proof = Some(self.proof(reader, || place.path("proof"))?);
                            return Ok(());
                        }
                        fields.take(name, reader)
                    })?;
                    let proof = proof.unwrap_or_else(|| missing(place.path("proof")));
                    proof.and_then(|proof| slot(&fields, proof))
                }
                Some(event) => {
                    skip(reader, event)?;
                    Err(FormError::Type { field: format!("storageProof[{index}]"), expected: OBJECT })
                }
            };
            collect(&mut slots, read.map(Some));
        }
        Ok(slots)
    }

    /// Reads the nodes of a proof, and gives their places.
    fn proof(&mut self, reader: &mut Reader<'a>, path: impl Fn() -> String) -> Read<Vec<usize>> {
        if !begins(reader, Event::BeginArray)? {
            return Ok(Err(FormError::Type { field: path(), expected: ARRAY }));
        }
        let mut places = Ok(vec![]);
        for depth in 0.. {
            let field = || format!("{}[{depth}]", path());
            let read = match self.known(reader) {
                Some(place) => Ok(Some(place)),
                None => match reader.next_event()? {
                    Some(Event::EndArray) | None => break,
                    Some(Event::Scalar(Scalar::String(text))) => {
                        self.node(&text, depth).map_err(|error| FormError::Hex { field: field(), error })
                    }
                    Some(event) => {
                        skip(reader, event)?;
                        Err(FormError::Type { field: field(), expected: HEX })
                    }
                },
            };
            collect(&mut places, read);
        }
        Ok(places)
    }

    /// Moves beyond the next string where it is a node that this answer had before. A node of the upper
    /// levels stands in many paths: it is found by its beginning and compared, not read again.
    fn known(&mut self, reader: &mut Reader<'a>) -> Option<usize> {
        let beginning = hex::decode_array(reader.ahead()?.get(..BEGINNING)?).ok()?;
        let place = self.pool.first(&beginning)?;
        let text = self.texts.get(place)?.as_ref()?;
        reader.skip_known(text).then_some(place)
    }

    fn node(&mut self, text: &Text<'a>, depth: usize) -> Result<Option<usize>, HexError> {
        let place = match self.pool.add(text.raw(), depth) {
            Err(_) if text.raw().contains('\\') => self.pool.add(&text.chars().collect::<String>(), depth),
            place => place,
        }?;
        if let Some(place) = place {
            if self.texts.len() < self.pool.nodes().len() {
                self.texts.resize(self.pool.nodes().len(), None);
            }
            if let Some(known) = self.texts.get_mut(place) {
                *known = Some(*text);
            }
        }
        Ok(place)
    }
}

/// Adds what was read, until the first that is wrong.
fn collect<T>(all: &mut Result<Vec<T>, FormError>, read: Result<Option<T>, FormError>) {
    if let Ok(values) = all {
        match read {
            Ok(value) => values.extend(value),
            Err(error) => *all = Err(error),
        }
    }
}

/// Reads the next event, and where it is another than expected the rest of its value.
fn begins<'a>(reader: &mut Reader<'a>, expected: Event<'a>) -> Result<bool, JsonError> {
    match reader.next_event()? {
        Some(event) if event == expected => Ok(true),
        Some(event) => skip(reader, event).map(|()| false),
        None => Ok(false),
    }
}

/// Reads the rest of the value that an event began.
fn skip(reader: &mut Reader<'_>, event: Event<'_>) -> Result<(), JsonError> {
    if matches!(event, Event::BeginArray | Event::BeginObject) { reader.leave() } else { Ok(()) }
}

const fn missing<T>(field: String) -> Result<T, FormError> {
    Err(FormError::Missing { field })
}

/// Characters from which the beginning of a node is known: `0x`, and two for each byte.
const BEGINNING: usize = 2 + 2 * size_of::<Beginning>();
/// What JSON writes for nothing.
const NULL: &str = "null";
const OBJECT: &str = "a JSON object";
const ARRAY: &str = "an array";
