//! Why bytes are not the JSON that is accepted.

use core::fmt;

use super::{MAX_DEPTH, MAX_DOCUMENT_LEN};

/// The rule that some bytes break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonRule {
    /// More than [`MAX_DOCUMENT_LEN`] bytes.
    TooLarge,
    /// Not UTF-8.
    Utf8,
    /// A byte order mark before the text.
    ByteOrderMark,
    /// The text ends inside a value, or before one.
    UnexpectedEnd,
    /// A byte that the grammar does not allow there.
    UnexpectedByte,
    /// An unescaped control character in a string.
    ControlCharacter,
    /// An escape that JSON does not have.
    Escape,
    /// Half of a surrogate pair, which stands for no character.
    LoneSurrogate,
    /// Not a number.
    Number,
    /// Something follows the value.
    TrailingBytes,
    /// More than [`MAX_DEPTH`] arrays and objects inside each other.
    TooDeep,
    /// A name that stands in its object already, compared after unescaping.
    DuplicateMember,
}

/// Why bytes are not the JSON that is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// The broken rule.
    pub rule: JsonRule,
    /// Byte offset at which it is broken.
    pub offset: usize,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rule {
            JsonRule::TooLarge => {
                return write!(f, "the JSON has more than {MAX_DOCUMENT_LEN} bytes");
            }
            JsonRule::TooDeep => {
                write!(f, "more than {MAX_DEPTH} arrays and objects inside each other")
            }
            JsonRule::Utf8 => f.write_str("not UTF-8"),
            JsonRule::ByteOrderMark => f.write_str("a byte order mark stands before the JSON"),
            JsonRule::UnexpectedEnd => f.write_str("the JSON ends too early"),
            JsonRule::UnexpectedByte => f.write_str("not JSON"),
            JsonRule::ControlCharacter => f.write_str("an unescaped control character in a JSON string"),
            JsonRule::Escape => f.write_str("an escape that JSON does not have"),
            JsonRule::LoneSurrogate => f.write_str("half of a surrogate pair in a JSON string"),
            JsonRule::Number => f.write_str("not a JSON number"),
            JsonRule::TrailingBytes => f.write_str("something follows the JSON value"),
            JsonRule::DuplicateMember => f.write_str("a member name that its object has already"),
        }?;
        write!(f, ", at byte {}", self.offset)
    }
}

impl core::error::Error for JsonError {}
