//! JSON lines: one RFC 8259 object per record.
//!
//! Keys have a fixed order: `timestamp`, `level`, `message`, `fields`, then the others that are shown or present. A
//! field never replaces a record key, not even in the flat form. Numbers that JSON lacks (NaN, infinities) become
//! `null`.

use crate::format::escape::{put_json, put_json_string};
use crate::format::shape::kind::Kind;
use crate::format::text::{put_float, put_int, put_unescaped};
use crate::record::decoded::Record;
use crate::record::encoded::{Field, SetPart, Value};

/// The shapes of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonStyle {
    Line,
    /// Indented by two spaces, over several lines.
    Pretty,
    /// Fields are at the top level. A field with the name of a record key stays under `fields`.
    Flat,
    /// The shape of another system.
    Of(Kind),
}

/// The record's own keys, which take precedence over fields in the flat form.
const RECORD_KEYS: [&[u8]; 11] = [
    b"timestamp",
    b"level",
    b"message",
    b"fields",
    b"module",
    b"function",
    b"filename",
    b"lineno",
    b"process",
    b"thread",
    b"exception",
];

/// The values of a line that are not taken from the record directly.
pub struct JsonParts<'a> {
    pub timestamp: &'a [u8],
    pub level: &'a [u8],
    pub shown: Shown,
    pub process: u32,
}

/// Appends one object, without a line break at its end.
pub(super) fn put_record(out: &mut Vec<u8>, record: &Record<'_>, parts: &JsonParts<'_>, style: JsonStyle) {
    let start = out.len();
    out.extend_from_slice(b"{\"timestamp\": \"");
    put_json(out, parts.timestamp);
    out.extend_from_slice(b"\", \"level\": ");
    put_json_string(out, parts.level);
    out.extend_from_slice(b", \"message\": \"");
    record.message(|value| put_in_string(out, value));
    out.push(b'"');
    match style {
        JsonStyle::Flat => put_flat(out, record),
        JsonStyle::Line | JsonStyle::Pretty | JsonStyle::Of(_) => put_object(out, record.fields.iter()),
    }
    put_location(out, record, parts);
    if let Some((text, exception)) = record.exception {
        put_key(out, "exception");
        put_exception(out, text, exception);
    }
    if let Some((_, stack)) = record.stack {
        put_key(out, "stack");
        out.extend_from_slice(stack);
    }
    out.push(b'}');
    if style == JsonStyle::Pretty {
        let line = out.split_off(start);
        put_indented(out, &line);
    }
}

fn put_key(out: &mut Vec<u8>, key: &str) {
    out.extend_from_slice(b", \"");
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\": ");
}

fn put_object<'f, 'a: 'f>(out: &mut Vec<u8>, fields: impl Iterator<Item = &'f Field<'a>>) {
    out.extend_from_slice(b", \"fields\": {");
    for (index, field) in fields.enumerate() {
        if index > 0 {
            out.extend_from_slice(b", ");
        }
        put_field(out, field);
    }
    out.push(b'}');
}

fn put_field(out: &mut Vec<u8>, field: &Field<'_>) {
    put_json_string(out, field.key);
    out.extend_from_slice(b": ");
    put_value(out, field.value);
}

fn put_flat(out: &mut Vec<u8>, record: &Record<'_>) {
    let is_reserved = |field: &&Field<'_>| {
        RECORD_KEYS.contains(&field.key)
            || (record.stack.is_some() && field.key == b"stack")
            || (has_name(record) && field.key == b"name")
    };
    for field in record.fields.iter().filter(|field| !is_reserved(field)) {
        out.extend_from_slice(b", ");
        put_field(out, field);
    }
    if record.fields.iter().any(|field| is_reserved(&field)) {
        put_object(out, record.fields.iter().filter(is_reserved));
    }
}

/// Appends the text of a value inside a JSON string.
#[inline]
pub(super) fn put_in_string(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Str(text) | Value::Odd { display: text, .. } => put_json(out, text),
        other => put_unescaped(out, other),
    }
}

/// Appends a value as JSON.
#[inline]
pub fn put_value(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Str(text) => put_json_string(out, text),
        Value::Int(number) => put_int(out, number),
        Value::Float(number) if number.is_finite() => put_float(out, number),
        Value::None | Value::Float(_) => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        // The value was captured before any sink wanted JSON.
        Value::Odd { display, json: b"" } => put_json_string(out, display),
        Value::Big(text) | Value::Odd { json: text, .. } => out.extend_from_slice(text),
    }
}

/// Appends the exception object. An exception that was logged before any sink wanted JSON has only its text.
fn put_exception(out: &mut Vec<u8>, text: &[u8], object: &[u8]) {
    if object.is_empty() {
        out.extend_from_slice(b"{\"traceback\": ");
        put_json_string(out, text);
        return out.push(b'}');
    }
    out.extend_from_slice(object);
}

/// Whether the program set the record's name, which otherwise is the module.
fn has_name(record: &Record<'_>) -> bool {
    record.set(SetPart::Name).is_some()
}

fn put_location(out: &mut Vec<u8>, record: &Record<'_>, parts: &JsonParts<'_>) {
    let shown = parts.shown;
    let texts = [
        (shown.module, "module", record.location.module),
        (shown.module && has_name(record), "name", record.name()),
        (shown.function, "function", record.location.function),
        (shown.filename, "filename", record.filename()),
    ];
    for (_, key, text) in texts.iter().filter(|(is_shown, ..)| *is_shown) {
        put_key(out, key);
        put_json_string(out, text);
    }
    let numbers = [
        (shown.line, "lineno", i64::from(record.location.line)),
        (shown.process, "process", i64::from(parts.process)),
        (shown.thread, "thread", record.header.thread as i64),
    ];
    for (_, key, number) in numbers.iter().filter(|(is_shown, ..)| *is_shown) {
        put_key(out, key);
        put_int(out, *number);
    }
}

/// Appends compact JSON as several lines. The input is produced here, so only strings and brackets matter.
pub(super) fn put_indented(out: &mut Vec<u8>, json: &[u8]) {
    let mut depth = 0;
    let mut at = 0;
    while at < json.len() {
        let byte = json[at];
        match byte {
            b'"' => {
                let end = string_end(json, at);
                out.extend_from_slice(&json[at..end]);
                at = end;
                continue;
            }
            b'{' | b'[' if matches!(json.get(at + 1), Some(b'}' | b']')) => {
                out.extend_from_slice(&json[at..at + 2]);
                at += 2;
                continue;
            }
            b'{' | b'[' => {
                depth += 1;
                out.push(byte);
                put_line_break(out, depth);
            }
            b'}' | b']' => {
                depth -= 1;
                put_line_break(out, depth);
                out.push(byte);
            }
            b',' => {
                out.push(byte);
                put_line_break(out, depth);
            }
            b':' => out.extend_from_slice(b": "),
            b' ' => {}
            _ => out.push(byte),
        }
        at += 1;
    }
}

/// The deepest level of indentation. Without a limit, the size would grow with the square of the depth.
const MOST_INDENT: usize = 32;

fn put_line_break(out: &mut Vec<u8>, depth: usize) {
    out.push(b'\n');
    out.resize(out.len() + 2 * depth.min(MOST_INDENT), b' ');
}

fn string_end(json: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while json[at] != b'"' {
        at += if json[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

/// The record keys that a line shows in addition to level, message and fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a separate key, shown or not")]
pub struct Shown {
    pub time: bool,
    pub module: bool,
    pub function: bool,
    pub filename: bool,
    pub line: bool,
    pub process: bool,
    pub thread: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indented_json_reads_the_same() {
        let compact = br#"{"a": [1, {"b": "x, {y} \" \\"}], "c": {}, "d": []}"#;
        let mut out = Vec::new();

        put_indented(&mut out, compact);

        let text = String::from_utf8(out).expect("utf-8");
        assert!(text.starts_with("{\n  \"a\": [\n    1,\n    {\n"), "{text}");
        let read: serde_json::Value = serde_json::from_str(&text).expect("valid JSON");
        assert_eq!(read, serde_json::from_slice::<serde_json::Value>(compact).expect("valid JSON"));
    }
}
