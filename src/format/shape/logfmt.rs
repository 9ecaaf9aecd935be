//! The values of logfmt: bare where they can be, otherwise in quotes with the escapes of JSON, as go-logfmt writes
//! them.

use crate::format::escape::put_json_string;
use crate::format::plain::is_bare;
use crate::format::text::{put_float, put_int};
use crate::record::encoded::Value;

/// Appends a text.
pub fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    if !text.is_empty() && is_bare(text) { out.extend_from_slice(text) } else { put_json_string(out, text) }
}

/// Appends a value. A container is its JSON, as text.
pub fn put_value(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Str(text) | Value::Odd { display: text, json: b"" } => put_text(out, text),
        Value::None => out.extend_from_slice(b"null"),
        Value::Bool(flag) => out.extend_from_slice(if flag { b"true" } else { b"false" }),
        Value::Int(number) => put_int(out, number),
        Value::Float(number) => put_float(out, number),
        Value::Big(digits) => out.extend_from_slice(digits),
        Value::Odd { json, .. } => put_json(out, json),
    }
}

/// Appends JSON: a string loses quotes that it does not need, anything else is a text.
pub fn put_json(out: &mut Vec<u8>, json: &[u8]) {
    match json {
        [b'"', inner @ .., b'"'] if inner.is_empty() || !is_bare(inner) || inner.contains(&b'\\') => {
            out.extend_from_slice(json);
        }
        [b'"', inner @ .., b'"'] => out.extend_from_slice(inner),
        _ => put_text(out, json),
    }
}

/// Appends a key. Characters that would end it are replaced.
pub fn put_key(out: &mut Vec<u8>, key: &[u8]) {
    if is_bare(key) && !key.is_empty() {
        return out.extend_from_slice(key);
    }
    let is_kept = |byte: u8| byte > b' ' && !matches!(byte, b'"' | b'=' | 0x7f);
    let text = String::from_utf8_lossy(key);
    for c in text.chars() {
        let is_kept = !c.is_ascii() || is_kept(c as u8);
        let c = if is_kept && !crate::error::is_unseen(c) { c } else { '_' };
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    if key.is_empty() {
        out.push(b'_');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(value: Value<'_>) -> String {
        let mut out = Vec::new();
        put_value(&mut out, value);
        String::from_utf8(out).expect("utf-8")
    }

    #[test]
    fn values_are_bare_where_they_can_be() {
        let odd = |json: &'static str| Value::Odd { display: b"", json: json.as_bytes() };
        let cases = [
            (Value::Str(b"ada"), "ada"),
            (Value::Str(b""), "\"\""),
            (Value::Str(b"a b"), "\"a b\""),
            (Value::Str(b"a=b"), "\"a=b\""),
            (Value::Str(b"a\nb\"\\"), r#""a\nb\"\\""#),
            (Value::Str(b"C:\\x"), r"C:\x"),
            (Value::None, "null"),
            (Value::Bool(true), "true"),
            (Value::Float(0.5), "0.5"),
            (odd("\"9.90\""), "9.90"),
            (odd("\"a b\""), "\"a b\""),
            (odd(r#""a\\b""#), r#""a\\b""#),
            (odd(r#"{"a": 1}"#), r#""{\"a\": 1}""#),
            (odd("[1]"), "[1]"),
        ];
        for (given, expected) in cases {
            assert_eq!(value(given), expected, "{given:?}");
        }
    }

    #[test]
    fn keys_have_nothing_that_ends_them() {
        let mut out = Vec::new();
        for key in ["a.b", "a b", "é=\"", "\u{202e}x", ""] {
            put_key(&mut out, key.as_bytes());
            out.push(b' ');
        }
        assert_eq!(String::from_utf8(out).expect("utf-8"), "a.b a_b é__ _x _ ");
    }
}
