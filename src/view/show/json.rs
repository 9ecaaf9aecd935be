//! Entries as JSON lines of one shape, whatever they were: `timestamp`, `level`, `name`, `message`, `fields`, `exception`.

use super::escaped::lossy;
use super::options::{Clock, Options};
use crate::format::escape::put_json_string;
use crate::view::entry::Entry;
use crate::view::roles::Role;
use crate::view::value::Value;

/// The parts of an entry that are members of the object, by their names.
const MEMBERS: [(&str, Role); 6] = [
    ("name", Role::Name),
    ("message", Role::Message),
    ("function", Role::Function),
    ("file", Role::File),
    ("line", Role::Line),
    ("process", Role::Process),
];

pub(super) fn put(options: &Options, clock: &mut Clock, entry: &Entry<'_>, out: &mut Vec<u8>) {
    out.push(b'{');
    if let Some(time) = entry.time {
        out.extend_from_slice(b"\"timestamp\": \"");
        clock.put(time, out);
        out.push(b'"');
    }
    if let Some(severity) = entry.severity {
        put_key("level", out);
        put_json_string(out, &lossy(severity.name));
    }
    for (name, role) in MEMBERS {
        if let Some(value) = entry.part(role) {
            put_key(name, out);
            put_value(value, out);
        }
    }
    put_fields(options, entry, out);
    match entry.part(Role::Exception) {
        Some(value) => {
            put_key("exception", out);
            put_value(value, out);
        }
        None if !entry.rest.is_empty() => {
            put_key("exception", out);
            put_json_string(out, &lossy(entry.rest));
        }
        None => {}
    }
    out.extend_from_slice(b"}\n");
}

fn put_fields(options: &Options, entry: &Entry<'_>, out: &mut Vec<u8>) {
    let fields = options.chosen(entry);
    if fields.is_empty() {
        return;
    }
    put_key("fields", out);
    out.push(b'{');
    for (index, (key, value)) in fields.into_iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(b", ");
        }
        put_json_string(out, &lossy(key));
        out.extend_from_slice(b": ");
        put_value(value, out);
    }
    out.push(b'}');
}

fn put_key(name: &str, out: &mut Vec<u8>) {
    if out.last() != Some(&b'{') {
        out.extend_from_slice(b", ");
    }
    put_json_string(out, name.as_bytes());
    out.extend_from_slice(b": ");
}

/// JSON from several lines becomes one line, and JSON that is no UTF-8 becomes text.
pub(super) fn put_value(value: Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Json(json) if std::str::from_utf8(json).is_ok() && !json.contains(&b'\n') => out.extend_from_slice(json),
        Value::Json(json) => match serde_json::from_slice::<serde_json::Value>(json) {
            Ok(parsed) => out.extend_from_slice(parsed.to_string().as_bytes()),
            Err(_) => put_json_string(out, &lossy(&value.text())),
        },
        Value::Text(text) => match value.datum() {
            crate::expression::datum::Datum::Int(_) | crate::expression::datum::Datum::Bool(_)
                if !text.starts_with(b"T") && !text.starts_with(b"F") =>
            {
                out.extend_from_slice(text);
            }
            _ => put_json_string(out, &lossy(text)),
        },
    }
}
