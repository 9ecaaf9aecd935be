//! Values in the JSON mapping of OpenTelemetry's `AnyValue`: each says its type, and integers are text.

use crate::format::escape::{put_json, put_json_string};
use crate::format::shape::walk::{is_object, members};
use crate::format::text::{put_float, put_int};
use crate::record::encoded::Value;

/// The deepest nesting that keeps its structure; readers of protobuf refuse more than 100 levels, and each one here is
/// up to three of theirs. Deeper containers are JSON in a text.
const MOST_DEPTH: usize = 25;

pub fn put_value(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Str(text) | Value::Big(text) | Value::Odd { display: text, json: b"" } => put_string(out, text),
        Value::None => out.extend_from_slice(b"{}"),
        Value::Bool(flag) => put(out, "boolValue", |out| {
            out.extend_from_slice(if flag { b"true" } else { b"false" });
        }),
        Value::Int(number) => put(out, "intValue", |out| {
            out.push(b'"');
            put_int(out, number);
            out.push(b'"');
        }),
        Value::Float(number) if number.is_finite() => put(out, "doubleValue", |out| put_float(out, number)),
        Value::Float(number) => put(out, "doubleValue", |out| out.extend_from_slice(special(number))),
        Value::Odd { json, .. } => put_json_value(out, json),
    }
}

pub(super) fn put_string(out: &mut Vec<u8>, text: &[u8]) {
    put(out, "stringValue", |out| put_json_string(out, text));
}

/// Appends a value that is given as JSON.
pub(super) fn put_json_value(out: &mut Vec<u8>, json: &[u8]) {
    put_at(out, json, 0);
}

/// A number as the JSON mapping of protobuf writes it.
fn special(number: f64) -> &'static [u8] {
    if number.is_nan() {
        b"\"NaN\""
    } else if number > 0.0 {
        b"\"Infinity\""
    } else {
        b"\"-Infinity\""
    }
}

fn put(out: &mut Vec<u8>, kind: &str, value: impl FnOnce(&mut Vec<u8>)) {
    out.extend_from_slice(b"{\"");
    out.extend_from_slice(kind.as_bytes());
    out.extend_from_slice(b"\": ");
    value(out);
    out.push(b'}');
}

fn put_at(out: &mut Vec<u8>, json: &[u8], depth: usize) {
    match json {
        [b'"', ..] => put(out, "stringValue", |out| out.extend_from_slice(json)),
        [b'{' | b'[', ..] if depth == MOST_DEPTH => put_string(out, json),
        [b'{', ..] => put(out, "kvlistValue", |out| put_list(out, json, depth + 1)),
        [b'[', ..] => put(out, "arrayValue", |out| put_list(out, json, depth + 1)),
        b"true" | b"false" => put(out, "boolValue", |out| out.extend_from_slice(json)),
        [b'-' | b'0'..=b'9', ..] => put_number(out, json),
        _ => out.extend_from_slice(b"{}"),
    }
}

fn put_list(out: &mut Vec<u8>, json: &[u8], depth: usize) {
    out.extend_from_slice(b"{\"values\": [");
    for (index, (key, value)) in members(json).enumerate() {
        if index > 0 {
            out.extend_from_slice(b", ");
        }
        if is_object(json) {
            out.extend_from_slice(b"{\"key\": ");
            out.extend_from_slice(key);
            out.extend_from_slice(b", \"value\": ");
            put_at(out, value, depth);
            out.push(b'}');
        } else {
            put_at(out, value, depth);
        }
    }
    out.extend_from_slice(b"]}");
}

/// Appends a number. An integer beyond 64 bits is text.
fn put_number(out: &mut Vec<u8>, json: &[u8]) {
    let digits = std::str::from_utf8(json).unwrap_or_default();
    if digits.contains(['.', 'e', 'E']) {
        put(out, "doubleValue", |out| out.extend_from_slice(json));
    } else {
        let kind = if digits.parse::<i64>().is_ok() { "intValue" } else { "stringValue" };
        put(out, kind, |out| {
            out.push(b'"');
            put_json(out, json);
            out.push(b'"');
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: &str) -> String {
        let mut out = Vec::new();
        put_json_value(&mut out, json.as_bytes());
        String::from_utf8(out).expect("utf-8")
    }

    #[test]
    fn values_say_their_types() {
        let cases = [
            (r#""a""#, r#"{"stringValue": "a"}"#),
            ("1", r#"{"intValue": "1"}"#),
            ("-1.5", r#"{"doubleValue": -1.5}"#),
            ("true", r#"{"boolValue": true}"#),
            ("null", "{}"),
            ("99999999999999999999", r#"{"stringValue": "99999999999999999999"}"#),
            ("[1, []]", r#"{"arrayValue": {"values": [{"intValue": "1"}, {"arrayValue": {"values": []}}]}}"#),
            (r#"{"a": 1}"#, r#"{"kvlistValue": {"values": [{"key": "a", "value": {"intValue": "1"}}]}}"#),
        ];
        for (json, expected) in cases {
            assert_eq!(value(json), expected);
        }
    }

    #[test]
    fn what_is_too_deep_is_a_text() {
        let deep = "[".repeat(100) + &"]".repeat(100);
        assert!(value(&deep).contains(r#"{"stringValue": "[["#));
    }
}
