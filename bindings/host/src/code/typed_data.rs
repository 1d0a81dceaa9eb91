//! Codes of typed data.

use super::{Code, Entry, codes};
use crate::typed_data::TypedDataError;

codes!(TYPED_DATA, TypedDataError, |error| error, {
    TypedDataError::Name { .. } => "typed_data.name",
        "A type or a member has a name that none can have.",
        "An empty name, a bracket or comma in it, or a struct named as a basic type.",
        "Give it another name.";
    TypedDataError::DuplicateMember { .. } => "typed_data.duplicate_member",
        "A type has two members of one name.",
        "A mistake in the type, or tampering.",
        "Remove one of the two.";
    TypedDataError::UnknownType { .. } => "typed_data.unknown_type",
        "A type is neither a basic one nor defined.",
        "A typing mistake, or a struct whose definition was left out.",
        "Define the struct, or mend the type's name.";
    TypedDataError::Circular { .. } => "typed_data.circular",
        "A struct holds itself, directly or through others.",
        "A tree or a list written as a type, which EIP-712 does not have.",
        "Write the type without the circle.";
    TypedDataError::TooManyTypes { .. } => "typed_data.too_many_types",
        "The typed data defines more than 256 types.",
        "An attack, or a mistake in a tool.",
        "Define only the types that are used.";
    TypedDataError::UnsignedDomain { .. } => "typed_data.unsigned_domain",
        "The domain has a member that its type lacks, and that would not be signed.",
        "An application that shows a chain or contract which the signature does not bind.",
        "Sign only if the type EIP712Domain has every member of the domain.";
    TypedDataError::Missing { .. } => "typed_data.missing_member",
        "A member of a struct is missing.",
        "A message of another version than its types.",
        "Give the member that the message names.";
    TypedDataError::Value { .. } => "typed_data.value",
        "A value is not of its type.",
        "A number where a text is expected, or a number too large for JSON.",
        "Write large numbers as strings.";
    TypedDataError::Range { .. } => "typed_data.range",
        "A number is out of its type's range.",
        "A negative number in an unsigned type, or one that is too large.",
        "Check the number and its type.";
    TypedDataError::Length { .. } => "typed_data.length",
        "An array or fixed bytes have another length than their type.",
        "Elements are missing or left over.",
        "Check the value and its type.";
    TypedDataError::Hex { .. } => "typed_data.hex",
        "A value of bytes is not 0x and hex.",
        "A text where bytes are expected.",
        "Write the bytes as 0x and two digits each.";
    TypedDataError::Address { .. } => "typed_data.address",
        "A value is no address, or has a wrong checksum (EIP-55).",
        "A digit was mistaken, or a letter's case was lost in copying.",
        "Compare the address with its source.";
} delegating {
    TypedDataError::Form(error) => error;
});
