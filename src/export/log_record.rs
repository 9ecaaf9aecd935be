//! One record as `LogRecord` of OpenTelemetry, with the attributes of its semantic conventions.
//!
//! A field whose name the record's own attributes have is named `fields.NAME`, as in the JSON shape of OpenTelemetry.

use std::borrow::Cow;

use crate::export::any_value::{put_pair, put_text_pair};
use crate::export::known::{FUNCTION, Known, LINE, PATH, THREAD_ID, THREAD_NAME};
use crate::export::protobuf::{
    put_bytes, put_fixed_32, put_fixed_64, put_nested, put_number, put_text, replace_surrogates,
};
use crate::format::shape::failure::Failure;
use crate::format::shape::severity;
use crate::format::shape::special::Form;
use crate::format::text::put_unescaped;
use crate::level::Levels;
use crate::record::decoded::Record;
use crate::record::encoded::Value;
use crate::redaction::json::text_of_string;

/// Fields of `LogRecord`.
const TIME: u8 = 1;
const SEVERITY_NUMBER: u8 = 2;
const SEVERITY_TEXT: u8 = 3;
const BODY: u8 = 5;
const ATTRIBUTES: u8 = 6;
const FLAGS: u8 = 8;
const TRACE_ID: u8 = 9;
const SPAN_ID: u8 = 10;
const OBSERVED_TIME: u8 = 11;
const EVENT_NAME: u8 = 12;

/// The field of `AnyValue` that holds a text.
const STRING: u8 = 1;

/// The prefix of a field whose name the record's own attributes have.
const MOVED: &[u8] = b"fields.";

/// The record's own attributes.
const OWN: [&[u8]; 9] =
    [FUNCTION, PATH, LINE, THREAD_ID, THREAD_NAME, PROCESS, EXCEPTION_TYPE, EXCEPTION_MESSAGE, EXCEPTION_TEXT];

const PROCESS: &[u8] = b"process.pid";
const EXCEPTION_TYPE: &[u8] = b"exception.type";
const EXCEPTION_MESSAGE: &[u8] = b"exception.message";
const EXCEPTION_TEXT: &[u8] = b"exception.stacktrace";

/// The fields that have a place of their own in the record, if their values fit.
#[derive(Default)]
struct Special<'a> {
    trace_id: Option<&'a [u8]>,
    span_id: Option<&'a [u8]>,
    flags: Option<Value<'a>>,
    event_name: Option<&'a [u8]>,
}

impl<'a> Special<'a> {
    /// Notes the field if it has a place of its own.
    #[inline]
    fn take(&mut self, key: &[u8], value: Value<'a>) -> bool {
        if !matches!(key, b"trace_id" | b"span_id" | b"trace_flags" | b"event_name" | b"event.name") {
            return false;
        }
        match (key, value) {
            (b"trace_id", Value::Str(id)) if is_id(value, 32) => self.trace_id = Some(id),
            (b"span_id", Value::Str(id)) if is_id(value, 16) => self.span_id = Some(id),
            (b"trace_flags", _) if Form::Flags.accepts(value) => self.flags = Some(value),
            (b"event_name" | b"event.name", Value::Str(name)) if self.event_name.is_none() && !name.is_empty() => {
                self.event_name = Some(name);
            }
            _ => return false,
        }
        true
    }
}

/// Whether a value is an id of so many hexadecimal digits. OpenTelemetry calls an id of zeros invalid.
fn is_id(value: Value<'_>, digits: usize) -> bool {
    Form::Hex(digits).accepts(value) && matches!(value, Value::Str(id) if id.iter().any(|digit| *digit != b'0'))
}

/// Appends a record as one of the messages in `field`. `own` is the number of this process.
pub(super) fn put_record(
    out: &mut Vec<u8>,
    field: u8,
    record: &Record<'_>,
    levels: &Levels,
    (known, own): (&mut Known, u32),
) {
    put_nested(out, field, |out| {
        let time = u64::try_from(record.header.time_ns).unwrap_or(0);
        if time > 0 {
            put_fixed_64(out, TIME, time);
        }
        put_number(out, SEVERITY_NUMBER, severity::otel(record.header.level.no).into());
        let name = record.level_name(levels);
        if !name.is_empty() {
            put_text(out, SEVERITY_TEXT, name.as_bytes());
        }
        put_nested(out, BODY, |out| put_message(out, record));
        known.put(out, ATTRIBUTES, record, record.is_at_site);
        put_own(out, record, own);
        let special = put_fields(out, record);
        put_special(out, &special, time);
    });
}

fn put_message(out: &mut Vec<u8>, record: &Record<'_>) {
    put_nested(out, STRING, |out| {
        let start = out.len();
        record.message(|value| put_unescaped(out, value));
        replace_surrogates(out, start);
    });
}

/// Appends the attributes that few records have, and that are not fields.
fn put_own(out: &mut Vec<u8>, record: &Record<'_>, own: u32) {
    let process = record.process(own);
    if process != own {
        put_pair(out, ATTRIBUTES, b"", PROCESS, Value::Int(process.into()));
    }
    if let Some((text, object)) = record.exception {
        put_exception(out, text, object);
    }
}

#[cold]
fn put_exception(out: &mut Vec<u8>, text: &[u8], object: &[u8]) {
    for (key, part) in [(EXCEPTION_TYPE, Failure::FullType), (EXCEPTION_MESSAGE, Failure::Message)] {
        if part.is_in(object) {
            let mut json = Vec::new();
            part.put(&mut json, text, object);
            put_text_pair(out, ATTRIBUTES, key, &text_of_string(&json));
        }
    }
    put_text_pair(out, ATTRIBUTES, EXCEPTION_TEXT, text);
}

/// Appends the fields, except for those that have a place of their own.
fn put_fields<'a>(out: &mut Vec<u8>, record: &Record<'a>) -> Special<'a> {
    let mut special = Special::default();
    for field in &record.fields {
        if special.take(field.key, field.value) {
            continue;
        }
        let is_moved =
            is_own(field.key) || field.key.starts_with(MOVED) || (field.key == b"stack" && record.stack.is_some());
        put_pair(out, ATTRIBUTES, if is_moved { MOVED } else { b"" }, field.key, field.value);
    }
    if let Some((text, _)) = record.stack {
        put_text_pair(out, ATTRIBUTES, b"stack", text);
    }
    special
}

/// Whether the record itself has an attribute of this name. All such names have a dot.
#[inline]
fn is_own(key: &[u8]) -> bool {
    memchr::memchr(b'.', key).is_some() && OWN.contains(&key)
}

fn put_special(out: &mut Vec<u8>, special: &Special<'_>, time: u64) {
    let mut number = Vec::new();
    if let Some(value) = special.flags {
        Form::Flags.put(&mut number, value);
    }
    let flags = String::from_utf8_lossy(&number).parse().unwrap_or(0);
    if flags > 0 {
        put_fixed_32(out, FLAGS, flags);
    }
    for (field, id) in [(TRACE_ID, special.trace_id), (SPAN_ID, special.span_id)] {
        if let Some(digits) = id {
            put_bytes(out, field, &bytes_of(digits));
        }
    }
    if time > 0 {
        put_fixed_64(out, OBSERVED_TIME, time);
    }
    if let Some(name) = special.event_name {
        put_text(out, EVENT_NAME, name);
    }
}

/// The bytes of hexadecimal digits.
fn bytes_of(digits: &[u8]) -> Cow<'static, [u8]> {
    let value = |digit: u8| (digit as char).to_digit(16).unwrap_or(0) as u8;
    digits.chunks_exact(2).map(|pair| value(pair[0]) << 4 | value(pair[1])).collect()
}
