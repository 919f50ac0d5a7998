//! Any bytes become entries: bounded, clean, without a panic. What is written as logfmt or JSON comes back.

use ira_logs::parse::{
    Entry, MAX_CONTINUATION_BYTES, MAX_CONTINUATION_LINES, MAX_FIELDS, MAX_FIELDS_BYTES,
    MAX_LINE_BYTES, mask,
};
use proptest::prelude::*;

use crate::entries;

/// Pieces that lead far into the formats, so that chance need not find them.
const PIECES: [&str; 47] = [
    "2026-11-24T14:31:02.118Z",
    "2026/11/24 15:31:02",
    "Nov 24 15:31:02",
    "15:31:02,118",
    "24/Nov/2026:15:31:02 +0100",
    "Tue Nov 24 15:31:02 2026",
    "I1124 15:31:02.118118",
    "261124  5:31:02",
    "1795530662118",
    "<34>1 ",
    "<4>",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "\\",
    ": ",
    " - ",
    "=",
    ",",
    "|",
    "\t",
    " ",
    "INFO",
    "error",
    "[warn]",
    "{\"level\":30,\"msg\":\"",
    "\\u001b[31m",
    "\u{1b}[31m",
    "\u{1b}]0;",
    "\u{9b}",
    "\0",
    "\r",
    "ñ",
    "\u{202e}",
    "Traceback (most recent call last):",
    "panic: ",
    "{\"log\":\"",
    "\",\"stream\":\"stdout\",\"time\":\"2026-11-24T14:31:02Z\"}",
    "{\"__REALTIME_TIMESTAMP\":\"1795530662118118\",\"MESSAGE\":",
    " stdout P ",
    "password=",
    "-----BEGIN PRIVATE KEY-----",
    "://a:b@",
    "eyJ",
    "thread 'main' panicked at x:",
];

fn line() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => proptest::sample::select(&PIECES[..]).prop_map(|p| p.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..12),
        1 => "[a-z0-9 .:/=-]{0,16}".prop_map(String::into_bytes),
    ];
    proptest::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

fn is_clean(text: &str) -> bool {
    text.chars().all(|c| c == '\t' || !c.is_control())
}

fn check(entry: &Entry) {
    assert!(is_clean(&entry.message), "message {:?}", entry.message);
    assert!(entry.continuation.split('\n').all(is_clean), "continuation {:?}", entry.continuation);
    assert!(entry.message.len() <= 2 * MAX_LINE_BYTES, "message is bounded");
    assert!(entry.continuation.len() <= MAX_CONTINUATION_BYTES, "continuation is bounded");
    let mut bytes = 0;
    for (name, value) in entry.fields.iter() {
        assert!(is_clean(name), "name {name:?}");
        assert!(value.split('\n').all(is_clean), "value {value:?}");
        bytes += name.len() + value.len();
    }
    assert!(
        entry.fields.len() <= MAX_FIELDS && bytes <= MAX_FIELDS_BYTES + 256,
        "fields are bounded"
    );
    for style in &entry.continuation_styles {
        assert!(
            entry.continuation.get(style.start..style.end).is_some(),
            "styles are parts of the continuation"
        );
    }
    for style in &entry.styles {
        assert!(style.start < style.end, "styles are not empty");
        assert!(
            entry.message.get(style.start..style.end).is_some(),
            "styles are parts of the message"
        );
    }
}

/// A word of a field's name.
const NAME: &str = "[a-z][a-z0-9_]{0,8}x";

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn any_lines_become_clean_and_bounded_entries(lines in proptest::collection::vec(line(), 1..8)) {
        for entry in entries(lines.iter().map(Vec::as_slice)) {
            check(&entry);
        }
    }

    #[test]
    fn no_line_without_blanks_in_front_is_lost(lines in proptest::collection::vec("[a-z]{1,8}( [a-z]{1,8}){0,4}", 1..20)) {
        let entries = entries(lines.iter().map(String::as_bytes));
        let said: Vec<_> = entries.iter().map(|e| e.message.clone()).collect();
        prop_assert_eq!(said, lines);
    }

    #[test]
    fn masking_is_done_once_and_keeps_the_rest(line in line()) {
        let text = String::from_utf8_lossy(&line);
        let masked = mask::mask(&text).into_owned();
        prop_assert!(masked.len() <= text.len() + 3 * text.len());
        let again = mask::mask(&masked).into_owned();
        prop_assert_eq!(&again, &masked, "of {:?}", text);
    }

    #[test]
    fn logfmt_comes_back(pairs in proptest::collection::vec((NAME, "[ -~ñ\t\n]{1,20}"), 3..10)) {
        let line: Vec<String> = pairs
            .iter()
            .map(|(name, value)| format!("{name}={}", serde_json::to_string(value).unwrap()))
            .collect();
        let entries = entries([line.join(" ").as_bytes()]);
        let found: Vec<_> = entries[0].fields.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        prop_assert_eq!(found, pairs);
    }

    #[test]
    fn json_comes_back(pairs in proptest::collection::vec((NAME, "[ -~ñ\t\n\u{2603}]{1,20}"), 1..10)) {
        let line: Vec<String> = pairs
            .iter()
            .map(|(name, value)| format!("\"{name}\":{}", serde_json::to_string(value).unwrap()))
            .collect();
        let entries = entries([format!("{{{}}}", line.join(",")).as_bytes()]);
        let found: Vec<_> = entries[0].fields.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        prop_assert_eq!(found, pairs);
    }
}

#[test]
fn long_lines_are_cut_and_say_so() {
    for piece in [
        &b"a"[..],
        b"\xff",
        b"\0\x01",
        b"{\"a\":",
        b"\x1b[31mx",
        b"[",
        b"a=b ",
        b"\\",
        "ñ".as_bytes(),
        b"<1>",
        b"://a:b@",
        // Beginnings of secrets without one: each costs little.
        b"cookie:",
        b"eyJ.",
        b"token",
        b"ghp_",
        b"token={",
        b"bearer ",
        b"authorization=",
        b"-----BEGIN ",
        b"password:a ",
    ] {
        let line = piece.repeat(3 * MAX_LINE_BYTES / piece.len());
        let entries = entries([&line[..]]);
        assert_eq!(entries.len(), 1, "of {piece:?}");
        check(&entries[0]);
        assert!(entries[0].cut, "says that it was cut: {piece:?}");
        let _ = mask::mask(&String::from_utf8_lossy(&line[..MAX_LINE_BYTES]));
    }
}

#[test]
fn lines_that_join_are_bounded() {
    let lines = std::iter::once(&b"ERROR failed"[..])
        .chain(std::iter::repeat_n(&b"    at somewhere"[..], 5_000));
    let entries = entries(lines);
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].continuation_lines, 5_000, "all are counted");
    assert_eq!(entries[0].continuation.lines().count(), MAX_CONTINUATION_LINES as usize);
    assert!(entries[0].cut);
    check(&entries[0]);
}

#[test]
fn deep_objects_are_not_followed_to_their_end() {
    for depth in [10, 100, 100_000] {
        let line = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        let entries = entries([line.as_bytes()]);
        check(&entries[0]);
    }
}
