//! One record as an entry of the journal, in the native protocol of `systemd-journald`.
//!
//! A field is its name, `=` and its value. If the value has a line break, the field is its name, a line break, the length
//! of the value in eight bytes, the lowest first, and the value.

use crate::export::parts::{Parts, put_value};
use crate::format::escape::Multiline;
use crate::format::shape::failure::Failure;
use crate::format::text::put_int;
use crate::format::time::pattern::{TimeCache, TimePattern};
use crate::record::decoded::Record;
use crate::record::encoded::Value;

/// The longest name that the journal takes.
const MOST_NAME: usize = 64;

/// The journal drops an entry of more than 1024 fields, and adds some of its own.
const MOST_FIELDS: usize = 900;

/// The prefix of a field whose name an entry has already.
const MOVED: &[u8] = b"FIELD_";

/// The names of the entry's own fields.
const OWN: [&[u8]; 16] = [
    b"MESSAGE",
    b"PRIORITY",
    b"SYSLOG_IDENTIFIER",
    b"SYSLOG_FACILITY",
    b"SYSLOG_PID",
    b"SYSLOG_TIMESTAMP",
    b"SYSLOG_RAW",
    b"TIMESTAMP",
    b"LEVEL",
    b"LOGGER",
    b"CODE_FILE",
    b"CODE_LINE",
    b"CODE_FUNC",
    b"THREAD_ID",
    b"THREAD_NAME",
    b"EXCEPTION_TYPE",
];

pub struct Journal {
    pub app_name: Box<[u8]>,
    /// From 0 to 23, if one was given.
    pub facility: Option<u8>,
    /// The form of times: in UTC, to the microsecond.
    time: TimePattern,
}

impl Journal {
    pub fn new(app_name: Box<[u8]>, facility: Option<u8>) -> Self {
        Self { app_name, facility, time: TimePattern::micros_utc() }
    }

    /// Appends the entry of a record. False if fields were left out.
    pub(super) fn put(&self, out: &mut Vec<u8>, parts: &Parts<'_, '_>, time: &mut TimeCache) -> bool {
        let record = parts.record;
        put_field(out, b"MESSAGE", |out| out.extend_from_slice(parts.message));
        put_number(out, b"PRIORITY", parts.severity().into());
        put_field(out, b"SYSLOG_IDENTIFIER", |out| out.extend_from_slice(&self.app_name));
        if let Some(facility) = self.facility {
            put_number(out, b"SYSLOG_FACILITY", facility.into());
        }
        put_field(out, b"TIMESTAMP", |out| time.render(&self.time, record.header.time_ns, parts.context.zone, out));
        put_own(out, parts);
        for field in record.fields.iter().take(MOST_FIELDS) {
            put_name(out, field.key);
            finish_field(out, |out| put_value(out, field.value, parts.multiline));
        }
        record.fields.len() <= MOST_FIELDS
    }
}

/// The encoded fields that all records of a place have.
pub(super) fn place(record: &Record<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    put_place(&mut out, record);
    out
}

fn put_place(out: &mut Vec<u8>, record: &Record<'_>) {
    let location = &record.location;
    put_text(out, b"LOGGER", record.name());
    put_text(out, b"CODE_FILE", location.path);
    if location.line > 0 {
        put_number(out, b"CODE_LINE", location.line.into());
    }
    put_text(out, b"CODE_FUNC", location.function);
}

/// Appends the parts of the record.
fn put_own(out: &mut Vec<u8>, parts: &Parts<'_, '_>) {
    let record = parts.record;
    let process = record.process(parts.context.process);
    if process != parts.context.process {
        put_number(out, b"SYSLOG_PID", process.into());
    }
    put_text(out, b"LEVEL", record.level_name(parts.context.levels).as_bytes());
    match parts.place {
        Some(place) => out.extend_from_slice(place),
        None => put_place(out, record),
    }
    if record.header.thread > 0 {
        put_number(out, b"THREAD_ID", record.header.thread.cast_signed());
    }
    put_text(out, b"THREAD_NAME", parts.thread_name);
    if record.exception.is_some() {
        put_text(out, b"EXCEPTION_TYPE", &parts.failure(Failure::FullType));
    }
}

fn put_text(out: &mut Vec<u8>, name: &[u8], text: &[u8]) {
    if !text.is_empty() {
        put_field(out, name, |out| put_value(out, Value::Str(text), Multiline::Raw));
    }
}

fn put_number(out: &mut Vec<u8>, name: &[u8], number: i64) {
    put_field(out, name, |out| put_int(out, number));
}

#[inline]
fn put_field(out: &mut Vec<u8>, name: &[u8], value: impl FnOnce(&mut Vec<u8>)) {
    out.extend_from_slice(name);
    finish_field(out, value);
}

/// Appends the value after a name.
#[inline]
fn finish_field(out: &mut Vec<u8>, value: impl FnOnce(&mut Vec<u8>)) {
    let mark = out.len();
    out.push(b'=');
    value(out);
    if memchr::memchr(b'\n', &out[mark..]).is_some() {
        count_value(out, mark);
    }
    out.push(b'\n');
}

/// Puts the length of a value before it. `mark` is the place of its `=`.
#[cold]
fn count_value(out: &mut Vec<u8>, mark: usize) {
    let length = (out.len() - mark - 1) as u64;
    out[mark] = b'\n';
    out.splice(mark + 1..=mark, length.to_le_bytes());
}

/// Appends a valid name: capital letters, digits and underscores, without an underscore or digit at the start.
#[inline]
fn put_name(out: &mut Vec<u8>, name: &[u8]) {
    let start = out.len();
    for byte in name {
        match byte.to_ascii_uppercase() {
            byte @ (b'A'..=b'Z' | b'0'..=b'9') => out.push(byte),
            // One for each character, however many bytes it has.
            byte if byte & 0xc0 != 0x80 && out.len() > start => out.push(b'_'),
            _ => {}
        }
    }
    let made = &out[start..];
    if !made.first().is_some_and(u8::is_ascii_uppercase) || OWN.contains(&made) {
        out.splice(start..start, MOVED.iter().copied());
    }
    out.truncate(start + MOST_NAME);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_valid() {
        let cases = [
            ("user", "USER"),
            ("user.id", "USER_ID"),
            ("_private", "PRIVATE"),
            ("1st", "FIELD_1ST"),
            ("message", "FIELD_MESSAGE"),
            ("__Code-File", "FIELD_CODE_FILE"),
            ("", "FIELD_"),
            ("é", "FIELD_"),
            ("aé€b", "A__B"),
        ];
        for (name, expected) in cases {
            let mut out = Vec::new();
            put_name(&mut out, name.as_bytes());
            assert_eq!(String::from_utf8_lossy(&out), expected);
        }
        let mut out = Vec::new();
        put_name(&mut out, "1".repeat(100).as_bytes());
        assert_eq!(out.len(), MOST_NAME);
    }

    #[test]
    fn values_with_line_breaks_have_a_length() {
        let mut out = Vec::new();
        put_field(&mut out, b"A", |out| out.extend_from_slice(b"x=y"));
        put_field(&mut out, b"B", |out| out.extend_from_slice(b"x\ny"));
        put_field(&mut out, b"C", |_| ());

        assert_eq!(out, b"A=x=y\nB\n\x03\0\0\0\0\0\0\0x\ny\nC=\n");
    }
}
