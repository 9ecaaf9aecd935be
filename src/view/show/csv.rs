//! Entries as CSV (RFC 4180): a line with the names of the columns, then one for each entry.

use std::borrow::Cow;

use super::escaped::lossy;
use super::options::{Clock, Options};
use crate::format::escape::{Multiline, put_text};
use crate::view::entry::Entry;
use crate::view::roles::{Role, role_of};
use crate::view::value::Value;

/// The columns if none are chosen.
const COLUMNS: [&str; 4] = ["timestamp", "level", "name", "message"];

pub(super) fn put_head(options: &Options, out: &mut Vec<u8>) {
    for (index, name) in columns(options).enumerate() {
        put_cell(name.as_bytes(), options, index, out);
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
        put_cell(&cell, options, index, out);
    }
    out.extend_from_slice(b"\r\n");
}

/// Appends a cell. Nothing that a file holds reaches a terminal as a command to it.
fn put_cell(text: &[u8], options: &Options, index: usize, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
    let mut text = lossy(text);
    if options.is_terminal {
        let mut harmless = Vec::new();
        put_text(&mut harmless, &text, Multiline::Lines);
        text = Cow::Owned(harmless);
    }
    if !text.iter().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        return out.extend_from_slice(&text);
    }
    out.push(b'"');
    for byte in text.iter() {
        out.extend(std::iter::repeat_n(*byte, if *byte == b'"' { 2 } else { 1 }));
    }
    out.push(b'"');
}
