//! Values of fields as `AnyValue` of OpenTelemetry, which keeps their types.

use crate::export::protobuf::{
    put_bytes, put_fixed_64, put_header, put_nested, put_number, put_text, replace_surrogates,
};
use crate::format::shape::walk::members;
use crate::record::encoded::Value;
use crate::redaction::json::text_of_string;

/// Fields of `AnyValue`.
const STRING: u8 = 1;
const BOOL: u8 = 2;
const INT: u8 = 3;
const DOUBLE: u8 = 4;
const ARRAY: u8 = 5;
const MAP: u8 = 6;

/// Fields of `ArrayValue` and `KeyValueList`, and of `KeyValue`.
const VALUES: u8 = 1;
const KEY: u8 = 1;
const VALUE: u8 = 2;

/// The deepest nesting that keeps its structure; readers of protobuf refuse more than 100 levels, and each one here is
/// up to three of theirs. Deeper containers are JSON in a text.
const MOST_DEPTH: usize = 25;

/// Appends an attribute as one of the messages in `field`.
#[inline]
pub(super) fn put_pair(out: &mut Vec<u8>, field: u8, prefix: &[u8], key: &[u8], value: Value<'_>) {
    put_nested(out, field, |out| {
        put_key(out, prefix, key);
        put_nested(out, VALUE, |out| put_value(out, value));
    });
}

/// Appends an attribute that is a text.
#[inline]
pub(super) fn put_text_pair(out: &mut Vec<u8>, field: u8, key: &[u8], text: &[u8]) {
    put_pair(out, field, b"", key, Value::Str(text));
}

fn put_key(out: &mut Vec<u8>, prefix: &[u8], key: &[u8]) {
    if prefix.is_empty() && key.is_empty() {
        return;
    }
    put_header(out, KEY, prefix.len() + key.len());
    out.extend_from_slice(prefix);
    let start = out.len();
    out.extend_from_slice(key);
    replace_surrogates(out, start);
}

/// Appends the content of an `AnyValue`. None is a message without content.
#[inline]
pub fn put_value(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Str(text) | Value::Big(text) | Value::Odd { display: text, json: b"" } => put_text(out, STRING, text),
        Value::None => {}
        Value::Bool(flag) => put_number(out, BOOL, u64::from(flag)),
        Value::Int(number) => put_number(out, INT, number.cast_unsigned()),
        Value::Float(number) => put_fixed_64(out, DOUBLE, number.to_bits()),
        Value::Odd { json, .. } => put_json(out, json, 0),
    }
}

fn put_json(out: &mut Vec<u8>, json: &[u8], depth: usize) {
    match json {
        [b'"', ..] => put_text(out, STRING, &text_of_string(json)),
        [b'{' | b'[', ..] if depth == MOST_DEPTH => put_text(out, STRING, json),
        [b'{', ..] => put_nested(out, MAP, |out| put_members(out, json, depth + 1)),
        [b'[', ..] => put_nested(out, ARRAY, |out| put_items(out, json, depth + 1)),
        b"true" | b"false" => put_number(out, BOOL, u64::from(json == b"true")),
        [b'-' | b'0'..=b'9', ..] => put_digits(out, json),
        _ => {}
    }
}

fn put_members(out: &mut Vec<u8>, json: &[u8], depth: usize) {
    for (key, value) in members(json) {
        put_nested(out, VALUES, |out| {
            put_key(out, b"", &text_of_string(key));
            put_nested(out, VALUE, |out| put_json(out, value, depth));
        });
    }
}

fn put_items(out: &mut Vec<u8>, json: &[u8], depth: usize) {
    for (_, value) in members(json) {
        put_nested(out, VALUES, |out| put_json(out, value, depth));
    }
}

/// Appends a number. An integer beyond 64 bits is text.
fn put_digits(out: &mut Vec<u8>, json: &[u8]) {
    let digits = std::str::from_utf8(json).unwrap_or_default();
    if digits.contains(['.', 'e', 'E'])
        && let Ok(number) = digits.parse::<f64>()
    {
        put_fixed_64(out, DOUBLE, number.to_bits());
    } else if let Ok(number) = digits.parse::<i64>() {
        put_number(out, INT, number.cast_unsigned());
    } else {
        put_bytes(out, STRING, json);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: &str) -> Vec<u8> {
        let mut out = Vec::new();
        put_value(&mut out, Value::Odd { display: b"", json: json.as_bytes() });
        out
    }

    #[test]
    fn values_keep_their_types() {
        let cases: [(&str, &[u8]); 8] = [
            (r#""a\n""#, b"\x0a\x02a\n"),
            ("1", b"\x18\x01"),
            ("-1", b"\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
            ("true", b"\x10\x01"),
            ("null", b""),
            ("1.0", b"\x21\0\0\0\0\0\0\xf0\x3f"),
            ("[1, []]", b"\x2a\x08\x0a\x02\x18\x01\x0a\x02\x2a\0"),
            (r#"{"a": 1}"#, b"\x32\x09\x0a\x07\x0a\x01a\x12\x02\x18\x01"),
        ];
        for (json, expected) in cases {
            assert_eq!(value(json), expected, "{json}");
        }
    }

    #[test]
    fn values_nested_too_deeply_are_texts() {
        let deep = "[".repeat(100) + &"]".repeat(100);
        let out = value(&deep);

        assert!(memchr::memmem::find(&out, b"[[[[").is_some());
    }
}
