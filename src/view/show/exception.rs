//! The exception of an entry, below its line.

use super::escaped::{lossy, put_escaped};
use crate::expression::datum::Datum;
use crate::format::escape::{Multiline, put_text};
use crate::view::entry::Entry;
use crate::view::roles::Role;
use crate::view::value::Value;

/// Causes of an exception that are shown.
const MOST_CAUSES: usize = 8;

pub(super) fn put_exception(entry: &Entry<'_>, out: &mut Vec<u8>) {
    match entry.part(Role::Exception) {
        Some(Value::Json(json)) if json.starts_with(b"{") => {
            if let Some(exception) = Datum::of_json(json) {
                put_object(&exception, 0, out);
            }
        }
        Some(value) => put_lines(&value.text(), b"    ", out),
        None => {}
    }
    put_lines(entry.rest, b"", out);
}

fn put_lines(text: &[u8], indent: &[u8], out: &mut Vec<u8>) {
    for line in text.trim_ascii_end().split(|byte| *byte == b'\n').filter(|_| !text.is_empty()) {
        out.extend_from_slice(indent);
        put_text(out, &lossy(line.strip_suffix(b"\r").unwrap_or(line)), Multiline::Lines);
        out.push(b'\n');
    }
}

/// An exception as an object: its traceback if it has one as text, or its frames, then its type and message.
fn put_object(exception: &Datum<'_>, depth: usize, out: &mut Vec<u8>) {
    let cause = exception.member(b"cause").or_else(|| exception.member(b"context"));
    if let Some(cause) = cause.filter(|cause| cause.is_true() && depth < MOST_CAUSES) {
        put_object(cause, depth + 1, out);
        out.extend_from_slice(b"    which led to:\n");
    }
    for key in [b"traceback".as_slice(), b"stack"] {
        if let Some(Datum::Text(text)) = exception.member(key) {
            return put_lines(text, b"    ", out);
        }
    }
    if let Some(Datum::List(frames)) = exception.member(b"frames") {
        for frame in frames {
            put_frame(frame, out);
        }
    }
    out.extend_from_slice(b"    ");
    put_member(exception, b"type", out);
    out.extend_from_slice(b": ");
    put_member(exception, b"message", out);
    out.push(b'\n');
}

fn put_frame(frame: &Datum<'_>, out: &mut Vec<u8>) {
    for (before, key) in [("      ", "file"), (":", "line"), (" in ", "function"), (": ", "code")] {
        if frame.member(key.as_bytes()).is_some_and(Datum::is_true) {
            out.extend_from_slice(before.as_bytes());
            put_member(frame, key.as_bytes(), out);
        }
    }
    out.push(b'\n');
}

fn put_member(datum: &Datum<'_>, key: &[u8], out: &mut Vec<u8>) {
    match datum.member(key) {
        Some(Datum::Text(text)) => put_escaped(text, out),
        Some(Datum::Int(number)) => out.extend_from_slice(number.to_string().as_bytes()),
        _ => {}
    }
}
