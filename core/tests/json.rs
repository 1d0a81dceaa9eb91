//! JSON as RFC 8259 has it: what is accepted, what is refused and where, and what `serde_json` says.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::Random;
use healthrecord_core::grammar::json::{Event, JsonError, JsonRule, MAX_DOCUMENT_LEN, Reader, Scalar};
use healthrecord_core::matter::sink::Buffer;

fn read(text: &[u8]) -> Result<usize, JsonError> {
    let mut reader = Reader::new(text)?;
    let mut events = 0;
    while reader.next_event()?.is_some() {
        events += 1;
    }
    Ok(events)
}

#[test]
fn well_formed_texts_are_accepted() {
    for text in [
        "0",
        "-0",
        "1",
        "-1",
        "10",
        "0.0",
        "1.5",
        "-1.5e10",
        "1E+2",
        "1e-2",
        "1E400",
        "0e0",
        "2.00",
        "1234567890123456789012345678901234567890",
        "true",
        "false",
        "null",
        "\"\"",
        "\"a\"",
        "\"é\"",
        "\"\u{10ffff}\"",
        "\"\u{7f}\"",
        r#""\"\\\/\b\f\n\r\t""#,
        r#""A""#,
        r#""\u0000""#,
        r#""\uD83D\uDE00""#,
        r#""\ud83d\ude00x""#,
        r#""�""#,
        "[]",
        "[ ]",
        "[1]",
        "[1,2]",
        "[[],[[]]]",
        "{}",
        "{ }",
        r#"{"a":1}"#,
        r#"{"a":1,"b":[{}]}"#,
        r#"{"":""}"#,
        r#"{"a":{"a":{"a":null}}}"#,
        " [ 1 , 2 ] ",
        "\t\r\n {} \n",
        r#"["\u2028\u2029"]"#,
        "[1e1,-0.1E-1]",
        r#"{"a\u0062":1,"a":2}"#,
        "[null]",
        "[true,false]",
        "[\"\\u00e9\"]",
        "\" \"",
        "[0]",
        "{\"/\":{\"~\":0}}",
        "[{},[],\"\",0,null]",
        "\n0\n",
        "[\n]",
        "{\"a\"\t:\t1}",
        "123.456e789",
    ] {
        assert!(read(text.as_bytes()).is_ok(), "{text}: {:?}", read(text.as_bytes()));
    }
}

#[test]
fn what_is_refused_names_the_rule_and_the_place() {
    use JsonRule::{
        ByteOrderMark, ControlCharacter, Escape, LoneSurrogate, Number, TooDeep, TrailingBytes,
        UnexpectedByte, UnexpectedEnd, Utf8,
    };
    for (text, rule, offset) in [
        (&b""[..], UnexpectedEnd, 0),
        (b"  ", UnexpectedEnd, 2),
        (b"[", UnexpectedEnd, 1),
        (b"{", UnexpectedEnd, 1),
        (b"[1", UnexpectedEnd, 2),
        (b"[1,", UnexpectedEnd, 3),
        (b"{\"a\"", UnexpectedEnd, 4),
        (b"{\"a\":", UnexpectedEnd, 5),
        (b"{\"a\":1", UnexpectedEnd, 6),
        (b"{\"a\":1,", UnexpectedEnd, 7),
        (b"\"", UnexpectedEnd, 1),
        (b"\"abc", UnexpectedEnd, 4),
        (b"\"\\", UnexpectedEnd, 2),
        (b"\"\\u12", UnexpectedEnd, 5),
        (b"tru", UnexpectedEnd, 3),
        (b"n", UnexpectedEnd, 1),
        (b"]", UnexpectedByte, 0),
        (b"}", UnexpectedByte, 0),
        (b",", UnexpectedByte, 0),
        (b":", UnexpectedByte, 0),
        (b"[1 2]", UnexpectedByte, 3),
        (b"[,1]", UnexpectedByte, 1),
        (b"[1,]", UnexpectedByte, 3),
        (b"[1,,2]", UnexpectedByte, 3),
        (b"[1}", UnexpectedByte, 2),
        (b"[1:2]", UnexpectedByte, 2),
        (b"{1:2}", UnexpectedByte, 1),
        (b"{a:1}", UnexpectedByte, 1),
        (b"{'a':1}", UnexpectedByte, 1),
        (b"{\"a\" 1}", UnexpectedByte, 5),
        (b"{\"a\",1}", UnexpectedByte, 4),
        (b"{\"a\":1,}", UnexpectedByte, 7),
        (b"{\"a\":1]", UnexpectedByte, 6),
        (b"{,}", UnexpectedByte, 1),
        (b"{\"a\"}", UnexpectedByte, 4),
        (b"{\"a\":}", UnexpectedByte, 5),
        (b"{\"a\":1 \"b\":2}", UnexpectedByte, 7),
        (b"truE", UnexpectedByte, 3),
        (b"True", UnexpectedByte, 0),
        (b"nul\xc3\xa9", UnexpectedByte, 3),
        (b"NaN", UnexpectedByte, 0),
        (b"Infinity", UnexpectedByte, 0),
        (b"+1", UnexpectedByte, 0),
        (b".5", UnexpectedByte, 0),
        (b"'a'", UnexpectedByte, 0),
        (b"// x\n1", UnexpectedByte, 0),
        (b"[1/*x*/]", UnexpectedByte, 2),
        (b"\x0c1", UnexpectedByte, 0),
        (b"[\xc2\xa01]", UnexpectedByte, 1),
        (b"[1a]", UnexpectedByte, 2),
        (b"0x1", TrailingBytes, 1),
        (b"1 2", TrailingBytes, 2),
        (b"[] []", TrailingBytes, 3),
        (b"{}}", TrailingBytes, 2),
        (b"nulll", TrailingBytes, 4),
        (b"\"a\"\"b\"", TrailingBytes, 3),
        (b"1,", TrailingBytes, 1),
        (b"01", Number, 0),
        (b"-01", Number, 0),
        (b"00", Number, 0),
        (b"-", Number, 0),
        (b"--1", Number, 0),
        (b"1.", Number, 0),
        (b"-.5", Number, 0),
        (b"1.e1", Number, 0),
        (b"1e", Number, 0),
        (b"1e+", Number, 0),
        (b"1E-", Number, 0),
        (b"1e1.5", Number, 0),
        (b"1.2.3", Number, 0),
        (b"1-1", Number, 0),
        (b"1+1", Number, 0),
        (b"1ee1", Number, 0),
        (b"[0, 012]", Number, 4),
        (b"{\"a\":1.}", Number, 5),
        (b"\"\x00\"", ControlCharacter, 1),
        (b"\"a\nb\"", ControlCharacter, 2),
        (b"\"\t\"", ControlCharacter, 1),
        (b"\"\x1f\"", ControlCharacter, 1),
        (b"{\"\r\":1}", ControlCharacter, 2),
        (b"\"\\x\"", Escape, 1),
        (b"\"\\a\"", Escape, 1),
        (b"\"\\'\"", Escape, 1),
        (b"\"\\0\"", Escape, 1),
        (b"\"\\U0041\"", Escape, 1),
        (b"\"\\u004\"", Escape, 1),
        (b"\"\\u00g0\"", Escape, 1),
        (b"\"\\u 041\"", Escape, 1),
        (b"\"ab\\\xc3\xa9\"", Escape, 3),
        (b"\"\\ud800\"", LoneSurrogate, 1),
        (b"\"\\udc00\"", LoneSurrogate, 1),
        (b"\"\\ud800x\"", LoneSurrogate, 1),
        (b"\"\\ud800\\n\"", LoneSurrogate, 1),
        (b"\"\\ud800\\ud800\"", LoneSurrogate, 1),
        (b"\"\\ud800\\u0041\"", LoneSurrogate, 1),
        (b"\"\\ud83d\\ude00\\ude00\"", LoneSurrogate, 13),
        (b"{\"\\udfff\":1}", LoneSurrogate, 2),
        (b"\xef\xbb\xbf{}", ByteOrderMark, 0),
        (b"\"\xff\"", Utf8, 1),
        (b"\"\xc0\xaf\"", Utf8, 1),
        (b"\"\xed\xa0\x80\"", Utf8, 1),
        (b"\"\xf4\x90\x80\x80\"", Utf8, 1),
        (b"\"\xe2\x82\"", Utf8, 1),
        (b"[1] \x80", Utf8, 4),
        (b"\xff\xfe[\x00]\x00", Utf8, 0),
    ] {
        assert_eq!(read(text), Err(JsonError { rule, offset }), "{}", String::from_utf8_lossy(text));
    }
    let nested = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
    assert_eq!(read(&nested(64)), Ok(128));
    assert_eq!(read(&nested(65)), Err(JsonError { rule: TooDeep, offset: 64 }));
    assert_eq!(read(&"{\"a\":".repeat(65).into_bytes()), Err(JsonError { rule: TooDeep, offset: 64 * 5 }));
    let mut large = vec![b' '; MAX_DOCUMENT_LEN];
    large[0] = b'1';
    assert_eq!(read(&large), Ok(1));
    large.push(b' ');
    assert_eq!(read(&large), Err(JsonError { rule: JsonRule::TooLarge, offset: MAX_DOCUMENT_LEN }));
}

/// The strings of a text, decoded; numbers as written.
fn strings(text: &[u8]) -> Vec<String> {
    let mut reader = Reader::new(text).unwrap();
    let mut strings = vec![];
    while let Some(event) = reader.next_event().unwrap() {
        if let Event::Name(text) | Event::Scalar(Scalar::String(text)) = event {
            let mut memory = vec![0; text.raw().len()];
            let mut buffer = Buffer::new(&mut memory);
            text.write(&mut buffer).unwrap();
            let decoded = String::from_utf8(buffer.into_written().to_vec()).unwrap();
            assert_eq!(text.len(), decoded.len());
            assert!(text.chars().eq(decoded.chars()));
            strings.push(decoded);
        }
    }
    strings
}

#[test]
fn strings_are_decoded_as_serde_json_decodes_them() {
    let mut random = Random(7);
    let parts = [
        "a",
        "é",
        "\u{10348}",
        "\\n",
        "\\\"",
        "\\\\",
        "\\/",
        "\\u0041",
        "\\u00e9",
        "\\ud800\\udf48",
        "\\u0000",
        "~",
        "/",
    ];
    for _ in 0..5_000 {
        let text: String = (0..random.below(8)).map(|_| parts[random.below(parts.len())]).collect();
        let text = format!("\"{text}\"");
        let expected: String = serde_json::from_str(&text).unwrap();
        assert_eq!(strings(text.as_bytes()), [expected], "{text}");
    }
}

/// Mutated texts are accepted where `serde_json` accepts them.
///
/// Allowed divergences: it bounds numbers by what a float holds and depth by 128.
#[test]
fn serde_json_accepts_what_we_accept() {
    let mut random = Random(8);
    let seeds = [
        r#"{"resourceType":"Observation","status":"final","value":[1.50,-2e3,true,null],"x":{"y":{}}}"#,
        r#"[{"a":"\u00e9\ud83d\ude00"},[],[[0]],"\\\"",{"":""}]"#,
    ];
    let alphabet = b"{}[]:,\"\\0123456789+-.eEtrufalsn /ud8c\x00\xc3\xa9";
    let (mut good, mut bad) = (0, 0);
    let rounds = if common::is_soak() { 2_000_000 } else { 100_000 };
    for _ in 0..rounds {
        let mut text = seeds[random.below(seeds.len())].as_bytes().to_vec();
        for _ in 0..random.below(3) {
            let position = random.below(text.len());
            let byte = alphabet[random.below(alphabet.len())];
            match random.below(3) {
                0 => text[position] = byte,
                1 => text.insert(position, byte),
                _ => {
                    text.remove(position);
                }
            }
        }
        let theirs = serde_json::from_slice::<serde_json::Value>(&text);
        let theirs = match &theirs {
            Ok(_) => true,
            Err(error) => error.to_string().starts_with("number out of range"),
        };
        let ours = read(&text);
        assert_eq!(ours.is_ok(), theirs, "{}: {ours:?}", String::from_utf8_lossy(&text));
        if theirs { good += 1 } else { bad += 1 }
    }
    assert!(good > rounds / 5 && bad > rounds / 5, "{good} good, {bad} bad");
}

#[test]
fn what_ends_a_string_is_found_at_every_place() {
    for len in 0..100 {
        for place in 0..len {
            let with = |special: &str| {
                let (before, after) =
                    ("é".repeat(place / 2) + &"a".repeat(place % 2), "b".repeat(len - place));
                (before.len(), format!("\"{before}{special}{after}\""))
            };
            let (at, text) = with("\"");
            let trailing = Err(JsonError { rule: JsonRule::TrailingBytes, offset: at + 2 });
            assert_eq!(read(text.as_bytes()), trailing, "{text}");
            for control in ["\0", "\u{1f}"] {
                let (at, text) = with(control);
                let control = Err(JsonError { rule: JsonRule::ControlCharacter, offset: at + 1 });
                assert_eq!(read(text.as_bytes()), control, "{text}");
            }
            for plain in ["\\n\\\\\\\"", "\u{7f}", "\u{80}", "!#[]"] {
                assert_eq!(read(with(plain).1.as_bytes()), Ok(1), "{plain}");
            }
        }
    }
}

#[test]
fn a_known_string_is_skipped_where_it_is_the_next_value_and_only_there() {
    let text = r#" ["ab" , "ab","abc", "\u0061b", 7, "ab", {"ab": "ab", "b": ["ab"]}]"#;
    let mut reader = Reader::new(text.as_bytes()).unwrap();
    assert_eq!(reader.ahead(), None);
    assert_eq!(reader.next_event(), Ok(Some(Event::BeginArray)));
    assert!(reader.ahead().unwrap().starts_with("ab\" , "));
    let Ok(Some(Event::Scalar(Scalar::String(known)))) = reader.next_event() else { panic!("no string") };
    let mut skipped = vec![];
    let mut events = 0;
    loop {
        while reader.skip_known(&known) {
            skipped.push(reader.offset());
        }
        match reader.next_event().unwrap() {
            Some(_) => events += 1,
            None => break,
        }
    }
    let ends = [", \"ab\",\"abc", "\"ab\", {", "\"ab\", \"b", "\"ab\"]}"];
    let expected: Vec<usize> = ends.iter().map(|end| text.find(end).unwrap()).collect();
    assert_eq!(skipped, [expected[0] + 2, expected[1], expected[2], expected[3]]);
    // abc, its like with an escape, 7, the object with two names and an array, and the ends.
    assert_eq!(events, 10);
    assert!(!reader.skip_known(&known));
}

#[test]
fn values_are_skipped_with_all_that_they_hold() {
    let text = r#"{"a" : [ 1, {"b": []} ] , "c":"]" ,"d": -1.5e3 }"#;
    let mut reader = Reader::new(text.as_bytes()).unwrap();
    assert_eq!(reader.next_event(), Ok(Some(Event::BeginObject)));
    for value in [r#"[ 1, {"b": []} ]"#, r#""]""#, "-1.5e3"] {
        assert!(matches!(reader.next_event(), Ok(Some(Event::Name(_)))));
        assert_eq!(reader.next_value(), Ok(value));
    }
    assert_eq!(reader.next_event(), Ok(Some(Event::EndObject)));
    assert_eq!((reader.leave(), reader.next_event()), (Ok(()), Ok(None)));

    let mut reader = Reader::new(b"[[1, [2]], 3]").unwrap();
    for _ in 0..3 {
        reader.next_event().unwrap();
    }
    assert_eq!(reader.leave(), Ok(()));
    assert_eq!(reader.next_event(), Ok(Some(Event::Scalar(Scalar::Number("3")))));
    assert_eq!((reader.leave(), reader.next_event()), (Ok(()), Ok(None)));

    let cut = Reader::new(b"[[1, 2").unwrap().next_value();
    assert_eq!(cut, Err(JsonError { rule: JsonRule::UnexpectedEnd, offset: 6 }));
}
