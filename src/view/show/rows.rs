//! Entries as rows of a table, for databases: JSON objects that all have the same members.

use std::borrow::Cow;

use super::escaped::lossy;
use super::json::put_value;
use super::options::{Clock, Options};
use crate::expression::datum::Datum;
use crate::format::escape::put_json_string;
use crate::view::entry::{Entry, Severity};
use crate::view::place::put_place;
use crate::view::roles::Role;
use crate::view::value::Value;

pub(super) fn put(options: &Options, clock: &mut Clock, entry: &Entry<'_>, out: &mut Vec<u8>) {
    let text = |role| entry.part(role).map(Value::text);
    out.extend_from_slice(b"{\"time\": ");
    match entry.time {
        Some(time) => {
            out.push(b'"');
            clock.put(time, out);
            out.push(b'"');
        }
        None => out.extend_from_slice(b"null"),
    }
    put_text("level", entry.severity.map(Severity::common_name), out);
    out.extend_from_slice(b", \"severity\": ");
    let no = entry.severity.and_then(|level| level.no);
    out.extend_from_slice(no.map_or_else(|| "null".to_owned(), |no| no.to_string()).as_bytes());
    put_text("logger", text(Role::Name).as_deref(), out);
    let mut place = Vec::new();
    put_text("site", put_place(entry, &mut place).then_some(&place), out);
    let line = Some(entry.line).filter(|_| entry.parts.is_empty());
    put_text("message", text(Role::Message).as_deref().or(line), out);
    let rest = Some(entry.rest).filter(|rest| !rest.is_empty());
    put_text("exception", text(Role::Exception).as_deref().or(rest), out);
    match &options.fields {
        Some(names) => names.iter().for_each(|name| put_field(name, entry, out)),
        None => put_text("fields", all_fields(entry).as_deref(), out),
    }
    out.extend_from_slice(b"}\n");
}

fn put_key(name: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b", ");
    put_json_string(out, name.as_bytes());
    out.extend_from_slice(b": ");
}

fn put_text(name: &str, text: Option<&[u8]>, out: &mut Vec<u8>) {
    put_key(name, out);
    match text {
        Some(text) => put_json_string(out, &lossy(text)),
        None => out.extend_from_slice(b"null"),
    }
}

/// A field as a column of its own: a number, a truth, or a text, which objects and lists become.
fn put_field(name: &str, entry: &Entry<'_>, out: &mut Vec<u8>) {
    let Some(value) = entry.found(name.as_bytes()) else { return put_text(name, None, out) };
    let plain: Cow<'_, [u8]> = match value.datum() {
        Datum::None => return put_text(name, None, out),
        Datum::Bool(truth) => Cow::Borrowed(if truth { b"true" } else { b"false" }),
        Datum::Int(_) => value.text(),
        Datum::Float(number) if number.is_finite() => value.text(),
        _ => return put_text(name, Some(&value.text()), out),
    };
    put_key(name, out);
    out.extend_from_slice(&plain);
}

/// The fields, and parts that have no column, as the text of one object; None if there are none.
fn all_fields(entry: &Entry<'_>) -> Option<Vec<u8>> {
    let mut object = Vec::new();
    let is_rest = |role| matches!(role, Role::Field | Role::Function | Role::Process | Role::Thread);
    for part in entry.parts.iter().filter(|part| is_rest(part.role)) {
        object.extend_from_slice(if object.is_empty() { b"{" } else { b", " });
        put_json_string(&mut object, &lossy(part.key));
        object.extend_from_slice(b": ");
        put_value(part.value, &mut object);
    }
    (!object.is_empty()).then(|| [object, b"}".to_vec()].concat())
}
