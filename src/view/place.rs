//! The place in a program that an entry comes from.

use std::borrow::Cow;

use super::entry::Entry;
use super::roles::Role;
use super::value::Value;
use crate::reading::json::Members;

/// Appends file and line, or the function with its logger and line. Returns false if the entry has neither.
pub fn put_place(entry: &Entry<'_>, out: &mut Vec<u8>) -> bool {
    let part = |role| entry.part(role).map(name_in).filter(|text| !text.is_empty());
    let file = part(Role::File);
    let function = if file.is_none() { part(Role::Function) } else { None };
    if file.is_none() && function.is_none() {
        return false;
    }
    let logger = if function.is_some() { part(Role::Name) } else { None };
    let start = out.len();
    for part in [file, logger, function, part(Role::Line)].iter().flatten() {
        if out.len() > start {
            out.push(b':');
        }
        out.extend_from_slice(part);
    }
    true
}

/// The text of a value, or the name in an object, as Loguru has for files.
fn name_in(value: Value<'_>) -> Cow<'_, [u8]> {
    let Value::Json(json) = value else { return value.text() };
    let members = if json.starts_with(b"{") { Members::of(json) } else { None };
    match members.and_then(|mut members| members.find(|(key, _)| *key == b"name")) {
        Some((_, name)) => Value::Json(name).text(),
        None if json == b"null" => Cow::Borrowed(b""),
        None => value.text(),
    }
}
