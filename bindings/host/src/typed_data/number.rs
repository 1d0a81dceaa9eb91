//! Integers of any width, from JSON numbers and strings.

use healthrecord_core::{B256, U256};
use serde_json::Value;

use super::Path;
use super::error::{self, TypedDataError};

/// The word of an integer of `bits` bits: two's complement, big-endian.
pub(super) fn encode(
    signed: bool,
    bits: usize,
    value: &Value,
    path: &Path<'_>,
) -> Result<B256, TypedDataError> {
    let not_a_number = || {
        error::value(path, format_args!("a whole number: of JSON below 2^64, or a string in decimal or hex"))
    };
    let text = match value {
        // What JSON numbers cannot hold exactly was rounded before it came here, and is none of these.
        Value::Number(number) if number.is_u64() || number.is_i64() => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            return Err(not_a_number());
        }
    };
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.as_str()),
    };
    let (base, digits) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(digits) => (16, digits),
        None => (10, digits),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(base)) {
        return Err(not_a_number());
    }
    let kind = if signed { "int" } else { "uint" };
    let range = || TypedDataError::Range { path: path.to_string(), expected: format!("{kind}{bits}") };
    let magnitude = parse(digits, base).ok_or_else(range)?;
    // The least number that is too large: 2^bits, or 2^(bits − 1) where a bit is the sign's.
    let limit = power_of_two(if signed { bits.saturating_sub(1) } else { bits });
    let fits = match limit {
        None => true,
        Some(limit) if negative => magnitude <= limit,
        Some(limit) => magnitude < limit,
    };
    if !fits || (negative && !signed && !magnitude.is_zero()) {
        return Err(range());
    }
    Ok(if negative { negate(magnitude) } else { magnitude }.into())
}

/// A number in base 10 or 16; `None` from 2^256 on.
fn parse(digits: &str, base: u32) -> Option<U256> {
    let mut word = [0_u8; 32];
    for digit in digits.chars() {
        let mut carry = digit.to_digit(base)?;
        for byte in word.iter_mut().rev() {
            let [low, rest @ ..] = (u32::from(*byte) * base + carry).to_le_bytes();
            *byte = low;
            carry = u32::from(rest[0]);
        }
        if carry != 0 {
            return None;
        }
    }
    Some(U256::from_be_bytes(word))
}

/// 2^exponent below 2^256.
fn power_of_two(exponent: usize) -> Option<U256> {
    let mut word = [0; 32];
    *word.iter_mut().rev().nth(exponent / 8)? = 1 << (exponent % 8);
    Some(U256::from_be_bytes(word))
}

/// 2^256 − number, and 0 for 0.
fn negate(number: U256) -> U256 {
    let mut word = number.to_be_bytes().map(|byte| !byte);
    for byte in word.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            break;
        }
    }
    U256::from_be_bytes(word)
}
