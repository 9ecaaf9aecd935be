//! Entries as lines for people: time, level, logger, message and fields.

use super::escaped::{lossy, put_escaped};
use super::exception::put_exception;
use super::options::{Clock, Options};
use crate::format::escape::Multiline;
use crate::format::text::{put_key, put_named_value};
use crate::record::encoded::Value as Shown;
use crate::view::entry::{Entry, Severity};
use crate::view::roles::Role;
use crate::view::severity::name_of;
use crate::view::value::Value;

const END: &[u8] = b"\x1b[0m";
const DIM: &[u8] = b"\x1b[2m";

/// The width of levels: that of the longest usual name.
const WIDTH: usize = 8;

pub(super) fn put(options: &Options, clock: &mut Clock, entry: &Entry<'_>, is_wanted: bool, out: &mut Vec<u8>) {
    let is_colored = options.colors.is_some();
    if !is_wanted && is_colored {
        out.extend_from_slice(DIM);
    }
    if let Some(time) = entry.time {
        put_styled_time(clock, time, is_colored && is_wanted, out);
    }
    if let Some(severity) = entry.severity {
        put_level(options, severity, is_wanted, out);
    }
    if let Some(name) = entry.part(Role::Name).filter(|_| options.fields.is_none()) {
        put_escaped(&name.text(), out);
        out.extend_from_slice(b" | ");
    }
    if let Some(message) = entry.part(Role::Message) {
        put_escaped(&options.folded(&message.text()), out);
    } else if entry.parts.is_empty() {
        put_escaped(&options.folded(entry.line), out);
    }
    for (key, value) in options.chosen(entry) {
        put_field(options, key, value, is_colored && is_wanted, out);
    }
    if !is_wanted && is_colored {
        out.extend_from_slice(END);
    }
    out.push(b'\n');
    if options.fields.is_none() {
        put_exception(entry, out);
    }
}

fn put_styled_time(clock: &mut Clock, time: i64, is_dim: bool, out: &mut Vec<u8>) {
    if is_dim {
        out.extend_from_slice(DIM);
    }
    clock.put(time, out);
    if is_dim {
        out.extend_from_slice(END);
    }
    out.extend_from_slice(b" | ");
}

fn put_level(options: &Options, severity: Severity<'_>, is_wanted: bool, out: &mut Vec<u8>) {
    let style = style_of(options, severity).filter(|_| is_wanted).unwrap_or_default();
    out.extend_from_slice(style.as_bytes());
    let start = out.len();
    put_escaped(severity.name, out);
    let missing = WIDTH.saturating_sub(out.len() - start);
    if !style.is_empty() {
        out.extend_from_slice(END);
    }
    out.extend(std::iter::repeat_n(b' ', missing));
    out.extend_from_slice(b" | ");
}

fn style_of(options: &Options, severity: Severity<'_>) -> Option<String> {
    let levels = options.colors.as_ref()?;
    let id = levels.id_of(name_of(severity.no?))?;
    levels.get(id).map(|level| level.style.open().to_owned())
}

fn put_field(options: &Options, key: &[u8], value: Value<'_>, is_colored: bool, out: &mut Vec<u8>) {
    out.push(b' ');
    if is_colored {
        out.extend_from_slice(DIM);
    }
    put_key(out, &lossy(key), Multiline::Escape);
    out.push(b'=');
    if is_colored {
        out.extend_from_slice(END);
    }
    let text = value.text();
    let text = options.folded(&text);
    let is_text = matches!(value, Value::Text(_)) || matches!(value, Value::Json(json) if json.starts_with(b"\""));
    if is_text {
        put_named_value(out, Shown::Str(&lossy(&text)), Multiline::Escape);
    } else {
        put_escaped(&text, out);
    }
}
