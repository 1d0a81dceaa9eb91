//! RLP as Ethereum's own tests, alloy and parity read and write it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use alloy_rlp::{Decodable as _, Encodable as _};
use common::{Random, hex, json, vectors};
use healthrecord_core::U256;
use healthrecord_core::grammar::rlp::{self, Item, Reader, RlpError, RlpRule};
use healthrecord_core::matter::sink::{Full, Sink};
use serde_json::Value;

/// Reads an item and everything inside it.
fn read_whole(item: &Item<'_>) -> Result<(), RlpError> {
    if item.is_list {
        let mut items = item.list()?;
        while !items.is_empty() {
            read_whole(&items.item()?)?;
        }
    }
    Ok(())
}

fn accepts(bytes: &[u8]) -> Result<(), RlpError> {
    read_whole(&rlp::item(bytes)?)
}

/// Ethereum's tests write big integers as "#123…" and strings as they are.
fn put(sink: &mut dyn Sink, value: &Value) -> Result<(), Full> {
    let mut sink = sink;
    match value {
        Value::Array(items) => {
            rlp::put_list(&mut sink, |sink| items.iter().try_for_each(|item| put(sink, item)))
        }
        Value::Number(number) => rlp::put_uint(&mut sink, U256::from(number.as_u64().unwrap())),
        Value::String(text) => match text.strip_prefix('#') {
            Some(digits) => {
                let number: alloy_primitives::U512 = digits.parse().unwrap();
                let bytes = number.to_be_bytes_trimmed_vec();
                rlp::put_string(&mut sink, &bytes)
            }
            None => rlp::put_string(&mut sink, text.as_bytes()),
        },
        Value::Null | Value::Bool(_) | Value::Object(_) => panic!("{value}"),
    }
}

fn write(value: &Value) -> Vec<u8> {
    let mut memory = vec![0; 8192];
    let mut buffer = healthrecord_core::matter::sink::Buffer::new(&mut memory);
    put(&mut buffer, value).unwrap();
    buffer.into_written().to_vec()
}

#[test]
fn valid_vectors_are_written_and_read() {
    let Some(folder) = vectors(28) else { return };
    let cases = json(folder.join("rlp/rlptest.json"));
    for (name, case) in cases.as_object().unwrap() {
        let expected = hex(&case["out"]);
        assert_eq!(write(&case["in"]), expected, "{name}");
        assert_eq!(accepts(&expected), Ok(()), "{name}");
    }
    assert_eq!(cases.as_object().unwrap().len(), 28);
}

#[test]
fn invalid_vectors_are_refused() {
    let Some(folder) = vectors(26) else { return };
    let cases = json(folder.join("rlp/invalidRLPTest.json"));
    for (name, case) in cases.as_object().unwrap() {
        assert!(accepts(&hex(&case["out"])).is_err(), "{name}");
    }
    assert_eq!(cases.as_object().unwrap().len(), 26);
    let random = json(folder.join("rlp/RandomRLPTests/example.json"));
    for case in random.as_object().unwrap().values() {
        let bytes = hex(&case["out"]);
        assert_eq!(accepts(&bytes).is_ok(), case["in"] != "INVALID");
    }
}

#[test]
fn each_rule_has_its_error_and_place() {
    let breaks = |bytes: &[u8]| {
        let whole = rlp::item(bytes)?;
        let mut items = whole.list()?;
        while !items.is_empty() {
            items.item()?.uint64()?;
        }
        Ok(())
    };
    for (bytes, rule, offset) in [
        (&[][..], RlpRule::UnexpectedEnd, 0),
        (&[0xc2, 0x01], RlpRule::UnexpectedEnd, 0),
        (&[0xc2, 0x01, 0x82], RlpRule::UnexpectedEnd, 2),
        (&[0xc1, 0x01, 0x02], RlpRule::TrailingBytes, 2),
        (&[0xf8, 0x01, 0x01], RlpRule::NonCanonicalSize, 0),
        (&[0xf9, 0x00, 0x40], RlpRule::NonCanonicalSize, 0),
        (&[0xc2, 0x81, 0x7f], RlpRule::NonCanonicalByte, 1),
        (&[0xc3, 0x82, 0x00, 0x01], RlpRule::LeadingZero, 1),
        (&[0xc1, 0x00], RlpRule::LeadingZero, 1),
        (&[0xca, 0x89, 1, 2, 3, 4, 5, 6, 7, 8, 9], RlpRule::IntegerTooLarge, 1),
        (&[0xc1, 0xc0], RlpRule::UnexpectedList, 1),
        (&[0x80], RlpRule::UnexpectedString, 0),
        (&[0xff; 12], RlpRule::UnexpectedEnd, 0),
    ] {
        assert_eq!(breaks(bytes), Err(RlpError { rule, offset }), "{bytes:02x?}");
    }
    assert_eq!(
        rlp::item(&[0x82, 1, 2]).and_then(|item| item.array::<3>()),
        Err(RlpError { rule: RlpRule::WrongLength, offset: 0 })
    );
}

#[test]
fn what_stands_behind_other_bytes_has_its_place_among_all() {
    let place = |bytes: &[u8], skipped| Reader::behind(bytes, skipped).last().map(|item| item.offset);
    assert_eq!(place(&[7, 7, 0xc1, 1], 2), Ok(2));
    let fault = |rule, offset| Err(RlpError { rule, offset });
    assert_eq!(place(&[7, 0xc1, 1, 2], 1), fault(RlpRule::TrailingBytes, 3));
    assert_eq!(place(&[7], 1), fault(RlpRule::UnexpectedEnd, 1));
    assert_eq!(place(&[7], 2), fault(RlpRule::UnexpectedEnd, 2));
}

/// alloy's reader of one item's header, applied to the whole tree.
fn alloy_accepts(mut bytes: &[u8]) -> bool {
    fn item(bytes: &mut &[u8], depth: usize) -> bool {
        let Ok(header) = alloy_rlp::Header::decode(bytes) else { return false };
        let Some((mut payload, rest)) = bytes.split_at_checked(header.payload_length) else { return false };
        *bytes = rest;
        while header.list && !payload.is_empty() {
            if depth == 0 || !item(&mut payload, depth - 1) {
                return false;
            }
        }
        true
    }
    item(&mut bytes, 1000) && bytes.is_empty()
}

#[test]
fn alloy_and_parity_agree_on_random_bytes() {
    let mut random = Random(1);
    let (mut good, mut bad) = (0, 0);
    for round in 0..60_000 {
        let mut bytes = vec![];
        if round % 2 == 0 {
            // A valid list, and then perhaps one byte of it changed.
            let parts: Vec<Vec<u8>> = (0..random.below(6))
                .map(|_| {
                    let len = random.below(70);
                    random.bytes(len)
                })
                .collect();
            let mut stream = ::rlp::RlpStream::new_list(parts.len());
            for part in &parts {
                stream.append(part);
            }
            bytes.extend_from_slice(&stream.out());
            let ours = write_strings(&parts);
            assert_eq!(ours, bytes);
            if random.below(3) > 0 {
                let position = random.below(bytes.len());
                bytes[position] = random.bytes(1)[0];
            }
        } else {
            let len = random.below(12);
            bytes.extend(random.bytes(len));
        }
        let ours = accepts(&bytes).is_ok();
        assert_eq!(ours, alloy_accepts(&bytes), "{bytes:02x?}");
        if ours {
            good += 1;
        } else {
            bad += 1;
        }
    }
    assert!(good > 5_000 && bad > 5_000, "{good} good, {bad} bad");
}

fn write_strings(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut memory = vec![0; 1024];
    let mut buffer = healthrecord_core::matter::sink::Buffer::new(&mut memory);
    rlp::put_list(&mut buffer, |mut sink| parts.iter().try_for_each(|part| rlp::put_string(&mut sink, part)))
        .unwrap();
    buffer.into_written().to_vec()
}

#[test]
fn integers_are_alloys() {
    let mut random = Random(2);
    for _ in 0..20_000 {
        let number = random.next() >> random.below(64);
        let mut expected = vec![];
        number.encode(&mut expected);
        let mut memory = [0; 16];
        let mut buffer = healthrecord_core::matter::sink::Buffer::new(&mut memory);
        rlp::put_uint(&mut buffer, U256::from(number)).unwrap();
        let ours = buffer.into_written();
        assert_eq!(ours, expected);
        assert_eq!(rlp::item(ours).unwrap().uint64(), Ok(u64::decode(&mut &expected[..]).unwrap()));
    }
}
