//! JSON (RFC 8259): a strict reader that borrows, streams and never allocates.
//!
//! What RFC 8259 leaves open is closed here: no byte order mark, no lone surrogates, nothing after
//! the text, at most [`MAX_DOCUMENT_LEN`] bytes and [`MAX_DEPTH`] levels. Numbers keep their
//! spelling, since FHIR decimals carry precision. That names are unique within an object is for the
//! caller to see to, who has the memory for it.

mod error;
mod text;

pub use self::error::{JsonError, JsonRule};
pub use self::text::{Chars, Text};

use self::text::scan_string;

/// Greatest size of a text, in bytes (16 MiB).
pub const MAX_DOCUMENT_LEN: usize = 16 << 20;

/// How many arrays and objects may be open at a time.
pub const MAX_DEPTH: usize = 64;

/// What a reader meets, in the order of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A value that holds no others.
    Scalar(Scalar<'a>),
    /// `[`
    BeginArray,
    /// `{`
    BeginObject,
    /// The name of a member, whose value follows.
    Name(Text<'a>),
    /// `]`
    EndArray,
    /// `}`
    EndObject,
}

/// A value that holds no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar<'a> {
    /// A string.
    String(Text<'a>),
    /// A number, exactly as it is written.
    Number(&'a str),
    /// `true` or `false`.
    Bool(bool),
    /// `null`
    Null,
}

/// Reads one JSON text from front to back.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    event_at: usize,
    /// Open containers; the lowest bit of `objects` tells the innermost one's kind.
    depth: usize,
    objects: u64,
    expected: Expected,
}

/// What the grammar allows next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Value,
    ValueOrEnd,
    Name,
    NameOrEnd,
    CommaOrEnd,
    End,
}

impl<'a> Reader<'a> {
    /// Begins to read `bytes`.
    ///
    /// # Errors
    ///
    /// [`JsonRule::TooLarge`], [`JsonRule::Utf8`], [`JsonRule::ByteOrderMark`].
    pub fn new(bytes: &'a [u8]) -> Result<Self, JsonError> {
        if bytes.len() > MAX_DOCUMENT_LEN {
            return Err(JsonError { rule: JsonRule::TooLarge, offset: MAX_DOCUMENT_LEN });
        }
        let text = core::str::from_utf8(bytes)
            .map_err(|error| JsonError { rule: JsonRule::Utf8, offset: error.valid_up_to() })?;
        Self::of_text(text)
    }

    /// Begins to read a text of any length: how much of it is too much, the caller knows.
    ///
    /// # Errors
    ///
    /// [`JsonRule::ByteOrderMark`].
    pub fn of_text(text: &'a str) -> Result<Self, JsonError> {
        if text.starts_with('\u{feff}') {
            return Err(JsonError { rule: JsonRule::ByteOrderMark, offset: 0 });
        }
        Ok(Self { text, at: 0, event_at: 0, depth: 0, objects: 0, expected: Expected::Value })
    }

    /// The next event, or `None` where the text has ended as it should.
    ///
    /// # Errors
    ///
    /// [`JsonError`] with the broken rule and its place. A reader that gave an error gives no more.
    pub fn next_event(&mut self) -> Result<Option<Event<'a>>, JsonError> {
        self.skip_white_space();
        self.event_at = self.at;
        let byte = self.peek();
        let event = match (self.expected, byte) {
            (Expected::End, None) => return Ok(None),
            (Expected::End, Some(_)) => return Err(self.breaks(JsonRule::TrailingBytes)),
            (_, None) => return Err(self.breaks(JsonRule::UnexpectedEnd)),
            (Expected::CommaOrEnd, Some(b',')) => {
                self.at = self.at.saturating_add(1);
                self.expected = if self.in_object() { Expected::Name } else { Expected::Value };
                return self.next_event();
            }
            (Expected::CommaOrEnd | Expected::ValueOrEnd, Some(b']')) if !self.in_object() => {
                self.end_container(Event::EndArray)
            }
            (Expected::CommaOrEnd | Expected::NameOrEnd, Some(b'}')) if self.in_object() => {
                self.end_container(Event::EndObject)
            }
            (Expected::Name | Expected::NameOrEnd, Some(b'"')) => self.name()?,
            (Expected::Value | Expected::ValueOrEnd, Some(byte)) => self.value(byte)?,
            (Expected::Name | Expected::NameOrEnd | Expected::CommaOrEnd, Some(_)) => {
                return Err(self.breaks(JsonRule::UnexpectedByte));
            }
        };
        Ok(Some(event))
    }

    /// Moves beyond the next value, with all that it holds, and gives its text.
    ///
    /// # Errors
    ///
    /// As [`Self::next_event`].
    pub fn next_value(&mut self) -> Result<&'a str, JsonError> {
        let event = self.next_event()?;
        let begin = self.event_at;
        if matches!(event, Some(Event::BeginArray | Event::BeginObject)) {
            self.leave()?;
        }
        Ok(self.text.get(begin..self.at).unwrap_or_default())
    }

    /// Moves beyond the rest of the innermost array or object that is open, its end included.
    ///
    /// # Errors
    ///
    /// As [`Self::next_event`].
    pub fn leave(&mut self) -> Result<(), JsonError> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            self.next_event()?;
        }
        Ok(())
    }

    /// What stands after the opening quote, to the end of the document, where the next event is a string
    /// that is a value.
    pub fn ahead(&mut self) -> Option<&'a str> {
        self.skip_white_space();
        if self.expected == Expected::CommaOrEnd && !self.in_object() && self.peek() == Some(b',') {
            self.at = self.at.saturating_add(1);
            self.expected = Expected::Value;
            self.skip_white_space();
        }
        let is_value = matches!(self.expected, Expected::Value | Expected::ValueOrEnd);
        self.text.get(self.at..)?.strip_prefix('"').filter(|_| is_value)
    }

    /// Moves beyond the next event where that is `known` as a value, written alike; else stays.
    ///
    /// To compare takes less time than to look for the end of a string.
    pub fn skip_known(&mut self, known: &Text<'_>) -> bool {
        let is_known = self
            .ahead()
            .and_then(|ahead| ahead.strip_prefix(known.raw()))
            .is_some_and(|rest| rest.starts_with('"'));
        if is_known {
            self.event_at = self.at;
            self.at = self.at.saturating_add(known.raw().len()).saturating_add(2);
            self.after_value();
        }
        is_known
    }

    /// Byte offset at which the latest event begins.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.event_at
    }

    fn value(&mut self, byte: u8) -> Result<Event<'a>, JsonError> {
        match byte {
            b'[' => self.begin_container(false),
            b'{' => self.begin_container(true),
            b'"' => {
                let text = self.string()?;
                Ok(self.scalar(Scalar::String(text)))
            }
            b't' => self.literal("true", Scalar::Bool(true)),
            b'f' => self.literal("false", Scalar::Bool(false)),
            b'n' => self.literal("null", Scalar::Null),
            b'-' | b'0'..=b'9' => self.number(),
            _ => Err(self.breaks(JsonRule::UnexpectedByte)),
        }
    }

    fn begin_container(&mut self, is_object: bool) -> Result<Event<'a>, JsonError> {
        if self.depth == MAX_DEPTH {
            return Err(self.breaks(JsonRule::TooDeep));
        }
        self.at = self.at.saturating_add(1);
        self.depth = self.depth.saturating_add(1);
        self.objects = self.objects << 1 | u64::from(is_object);
        let (expected, event) = if is_object {
            (Expected::NameOrEnd, Event::BeginObject)
        } else {
            (Expected::ValueOrEnd, Event::BeginArray)
        };
        self.expected = expected;
        Ok(event)
    }

    fn end_container(&mut self, event: Event<'a>) -> Event<'a> {
        self.at = self.at.saturating_add(1);
        self.depth = self.depth.saturating_sub(1);
        self.objects >>= 1;
        self.after_value();
        event
    }

    fn name(&mut self) -> Result<Event<'a>, JsonError> {
        let name = self.string()?;
        self.skip_white_space();
        match self.peek() {
            Some(b':') => self.at = self.at.saturating_add(1),
            Some(_) => return Err(self.breaks(JsonRule::UnexpectedByte)),
            None => return Err(self.breaks(JsonRule::UnexpectedEnd)),
        }
        self.expected = Expected::Value;
        Ok(Event::Name(name))
    }

    fn string(&mut self) -> Result<Text<'a>, JsonError> {
        let begin = self.at.saturating_add(1);
        let end = scan_string(self.text.as_bytes(), begin)?;
        self.at = end.saturating_add(1);
        Ok(Text::new(self.text.get(begin..end).unwrap_or_default(), begin))
    }

    fn literal(&mut self, word: &str, scalar: Scalar<'a>) -> Result<Event<'a>, JsonError> {
        for expected in word.bytes() {
            match self.peek() {
                Some(found) if found == expected => self.at = self.at.saturating_add(1),
                Some(_) => return Err(self.breaks(JsonRule::UnexpectedByte)),
                None => return Err(self.breaks(JsonRule::UnexpectedEnd)),
            }
        }
        Ok(self.scalar(scalar))
    }

    fn number(&mut self) -> Result<Event<'a>, JsonError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let is_part = |c: char| matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
        let len = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let number = rest.get(..len).unwrap_or_default();
        if !is_number(number) {
            return Err(self.breaks(JsonRule::Number));
        }
        self.at = self.at.saturating_add(len);
        Ok(self.scalar(Scalar::Number(number)))
    }

    const fn scalar(&mut self, scalar: Scalar<'a>) -> Event<'a> {
        self.after_value();
        Event::Scalar(scalar)
    }

    const fn after_value(&mut self) {
        self.expected = if self.depth == 0 { Expected::End } else { Expected::CommaOrEnd };
    }

    fn skip_white_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at = self.at.saturating_add(1);
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    const fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }

    const fn breaks(&self, rule: JsonRule) -> JsonError {
        JsonError { rule, offset: self.at }
    }
}

/// Whether a text is a number by RFC 8259, section 6.
#[must_use]
pub fn is_number(text: &str) -> bool {
    let digits = |text: &mut &[u8]| {
        let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        *text = text.get(count..).unwrap_or_default();
        count
    };
    let mut rest = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let starts_with_zero = rest.first() == Some(&b'0');
    let whole = digits(&mut rest);
    if whole == 0 || (starts_with_zero && whole > 1) {
        return false;
    }
    if let [b'.', fraction @ ..] = rest {
        rest = fraction;
        if digits(&mut rest) == 0 {
            return false;
        }
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        rest = match exponent {
            [b'+' | b'-', unsigned @ ..] => unsigned,
            unsigned => unsigned,
        };
        if digits(&mut rest) == 0 {
            return false;
        }
    }
    rest.is_empty()
}
