//! Entries as lines for people: time, level, logger, message and fields.

use std::borrow::Cow;

use super::exception::put_exception;
use super::{Options, Show};
use crate::format::escape::{Multiline, put_text};
use crate::format::text::{put_key, put_named_value};
use crate::record::encoded::Value as Shown;
use crate::view::entry::{Entry, Severity, Value};
use crate::view::roles::Role;
use crate::view::severity::name_of;

const END: &[u8] = b"\x1b[0m";
const DIM: &[u8] = b"\x1b[2m";

/// The width of levels: that of the longest usual name.
const WIDTH: usize = 8;

impl Show {
    pub(super) fn put_as_text(&mut self, entry: &Entry<'_>, is_wanted: bool, out: &mut Vec<u8>) {
        let is_colored = self.options.colors.is_some();
        if !is_wanted && is_colored {
            out.extend_from_slice(DIM);
        }
        if let Some(time) = entry.time {
            self.put_styled_time(time, is_colored && is_wanted, out);
        }
        if let Some(severity) = entry.severity {
            self.put_level(severity, is_wanted, out);
        }
        if let Some(name) = entry.part(Role::Name).filter(|_| self.options.fields.is_none()) {
            put_escaped(&name.text(), out);
            out.extend_from_slice(b" | ");
        }
        if let Some(message) = entry.part(Role::Message) {
            put_escaped(&self.options.folded(&message.text()), out);
        } else if entry.parts.is_empty() {
            put_escaped(&self.options.folded(entry.line), out);
        }
        for (key, value) in self.options.chosen(entry) {
            self.put_field(key, value, is_colored && is_wanted, out);
        }
        if !is_wanted && is_colored {
            out.extend_from_slice(END);
        }
        out.push(b'\n');
        if self.options.fields.is_none() {
            put_exception(entry, out);
        }
    }

    fn put_styled_time(&mut self, time: i64, is_dim: bool, out: &mut Vec<u8>) {
        if is_dim {
            out.extend_from_slice(DIM);
        }
        self.put_time(time, out);
        if is_dim {
            out.extend_from_slice(END);
        }
        out.extend_from_slice(b" | ");
    }

    fn put_level(&self, severity: Severity<'_>, is_wanted: bool, out: &mut Vec<u8>) {
        let style = self.style_of(severity).filter(|_| is_wanted).unwrap_or_default();
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

    fn style_of(&self, severity: Severity<'_>) -> Option<String> {
        let levels = self.options.colors.as_ref()?;
        let id = levels.id_of(name_of(severity.no?))?;
        levels.get(id).map(|level| level.style.open().to_owned())
    }

    fn put_field(&self, key: &[u8], value: Value<'_>, is_colored: bool, out: &mut Vec<u8>) {
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
        let text = self.options.folded(&text);
        let is_text = matches!(value, Value::Text(_)) || matches!(value, Value::Json(json) if json.starts_with(b"\""));
        if is_text {
            put_named_value(out, Shown::Str(&lossy(&text)), Multiline::Escape);
        } else {
            put_escaped(&text, out);
        }
    }
}

impl Options {
    /// The text, cut where it is longer than values may be.
    fn folded<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        if self.longest == 0 || text.len() <= self.longest {
            return Cow::Borrowed(text);
        }
        let shown = lossy(&text[..self.longest]).into_owned();
        let left = text.len() - self.longest;
        Cow::Owned([&shown[..], format!("… ({left} more)").as_bytes()].concat())
    }
}

pub(super) fn put_escaped(text: &[u8], out: &mut Vec<u8>) {
    put_text(out, &lossy(text), Multiline::Escape);
}

/// The text with bytes that are no UTF-8 replaced.
pub(super) fn lossy(text: &[u8]) -> Cow<'_, [u8]> {
    match String::from_utf8_lossy(text) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(replaced) => Cow::Owned(replaced.into_bytes()),
    }
}
