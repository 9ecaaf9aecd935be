//! Entries as CSV (RFC 4180): a line with the names of the columns, then one for each entry.

use super::escaped::lossy;
use super::options::{Clock, Options};
use crate::view::entry::Entry;
use crate::view::roles::{Role, role_of};
use crate::view::value::Value;

/// The columns if none are chosen.
const COLUMNS: [&str; 4] = ["timestamp", "level", "name", "message"];

pub(super) fn put_head(options: &Options, out: &mut Vec<u8>) {
    for (index, name) in columns(options).enumerate() {
        put_cell(name.as_bytes(), index, out);
    }
    out.extend_from_slice(b"\r\n");
}

fn columns(options: &Options) -> Box<dyn Iterator<Item = &str> + '_> {
    match &options.fields {
        Some(names) => Box::new(names.iter().map(String::as_str)),
        None => Box::new(COLUMNS.into_iter()),
    }
}

pub(super) fn put(options: &Options, clock: &mut Clock, entry: &Entry<'_>, out: &mut Vec<u8>) {
    let names: Vec<String> = columns(options).map(str::to_owned).collect();
    for (index, name) in names.iter().enumerate() {
        let mut cell = Vec::new();
        match (role_of(name.as_bytes()).0, entry.time, entry.severity) {
            (Role::Time, Some(time), _) => clock.put(time, &mut cell),
            (Role::Level, _, Some(level)) => cell.extend_from_slice(level.name),
            _ => {
                cell.extend_from_slice(&entry.named(name.as_bytes()).map(Value::text).unwrap_or_default());
            }
        }
        put_cell(&cell, index, out);
    }
    out.extend_from_slice(b"\r\n");
}

fn put_cell(text: &[u8], index: usize, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
    let text = lossy(text);
    if !text.iter().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        return out.extend_from_slice(&text);
    }
    out.push(b'"');
    for byte in text.iter() {
        out.extend(std::iter::repeat_n(*byte, if *byte == b'"' { 2 } else { 1 }));
    }
    out.push(b'"');
}
