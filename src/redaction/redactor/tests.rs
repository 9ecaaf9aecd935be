//! Properties of redaction: masks are stable, and hostile texts take linear time.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::redaction::{json, kept};

fn every_pattern() -> Redactor {
    let names = kept::names().chain([r"[0-9]{3}-[0-9]{2}-[0-9]{4}"]);
    let patterns = Patterns::parse("patterns", names).expect("valid");
    Redactor::new(Keys::standard(), patterns, Mask::default())
}

fn redacted(redactor: &Redactor, text: &[u8]) -> Vec<u8> {
    redactor.changed(text).unwrap_or_else(|| text.to_vec())
}

#[test]
fn parts_of_a_text_are_masked_once() {
    let redactor = every_pattern();
    let text = b"Authorization: Bearer abc123 for ada@example.org\ntoken='ghp_16C7e42F292c6912E7710c838347Ae178B4a' ssn 078-05-1120";

    let masked = redacted(&redactor, text);

    assert_eq!(String::from_utf8_lossy(&masked), "Authorization: ***\ntoken='***' ssn ***");
}

#[test]
fn traceback_keeps_its_code() {
    let redactor = every_pattern();
    let text = b"  File \"/a.py\", line 1, in login\n    password = ask(token='abc')\nValueError: password=hunter2\n";

    let masked = redactor.traceback(text).expect("a secret");

    let expected = "  File \"/a.py\", line 1, in login\n    password = ask(token='***')\nValueError: password=***\n";
    assert_eq!(String::from_utf8_lossy(&masked), expected);
}

#[test]
fn exception_after_a_frame_without_its_line_is_text() {
    let text = b"  File \"<stdin>\", line 1, in login\nValueError: password=hunter2\n";

    let masked = every_pattern().traceback(text).expect("a secret");

    assert!(masked.ends_with(b"ValueError: password=***\n"));
}

#[test]
fn hostile_texts_take_linear_time() {
    let redactor = every_pattern();
    let pieces = [
        "password=",
        "password='",
        "password=[",
        "\\",
        "'",
        "://a:",
        "://a:b@",
        "-----BEGIN PRIVATE KEY-----",
        "Bearer ",
        "a@b.",
        "eyJ",
        "1",
        "1 ",
        "--password ",
        "<password>",
        "password:\"\\",
        "::",
        "{\"password\": ",
        "1.",
        ":",
        "aaaaaaaa=",
        "sig=",
    ];

    for piece in pieces {
        let text = piece.repeat(1_000_000 / piece.len());
        let begun = Instant::now();
        redacted(&redactor, text.as_bytes());
        redactor.traceback(text.as_bytes());
        json::redact(&redactor, text.as_bytes(), false);
        assert!(begun.elapsed() < Duration::from_secs(20), "{piece:?}: {:?}", begun.elapsed());
    }
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        prop::sample::select(vec![
            "password",
            "=",
            ":",
            " ",
            "'",
            "\"",
            "\\",
            "{",
            "}",
            "[",
            "]",
            "(",
            ")",
            ",",
            "Bearer ",
            "abc123",
            "eyJ",
            "***",
            "\n",
            "<",
            ">",
            "</",
            "--",
            "token",
            "://",
            "@",
            "a.b",
            "4111111111111111",
            "Cookie",
            "-",
            ";",
            "&",
            "None",
            "::1",
            "10.0.0.1",
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #[test]
    fn redacting_twice_changes_nothing(pieces in prop::collection::vec(piece(), 0..20)) {
        let redactor = every_pattern();
        let once = redacted(&redactor, pieces.concat().as_bytes());

        let twice = redacted(&redactor, &once);

        prop_assert_eq!(String::from_utf8_lossy(&once), String::from_utf8_lossy(&twice));
    }

    #[test]
    fn json_stays_valid(value in any::<String>(), name in piece(), pieces in prop::collection::vec(piece(), 0..9)) {
        let text = serde_json::json!({ "a": [value, { name: pieces.concat() }, 4_111_111_111_111_111_u64], "password": [1] }).to_string();

        let masked = json::redact(&every_pattern(), text.as_bytes(), false).expect("secrets");

        let parsed: serde_json::Value = serde_json::from_slice(&masked).expect("valid JSON");
        prop_assert_eq!(&parsed["password"], "***");
        prop_assert_eq!(&parsed["a"][2], "***");
    }
}
