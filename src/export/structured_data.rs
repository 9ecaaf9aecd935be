//! Structured data of RFC 5424: the parts of a record and its fields, as elements of names and values.
//!
//! An element is written up to a limit. The value that would go beyond it is cut with a mark, and later ones are left
//! out.

use crate::export::parts::{CUT, Parts, boundary, put_value};
use crate::format::escape::Multiline;
use crate::format::shape::failure::Failure;
use crate::record::decoded::Record;
use crate::record::encoded::Value;

/// The element with the record's own parts. The number is the one that RFC 5612 keeps for documentation, which
/// programs without a number of their own use.
const OWN: &[u8] = b"logly@32473";

/// The element with the fields.
const FIELDS: &[u8] = b"fields@32473";

/// The most bytes of a name.
const MOST_NAME: usize = 32;

/// Appends the structured data; nothing goes beyond `end`. False if something was cut or left out.
pub(super) fn put(out: &mut Vec<u8>, parts: &Parts<'_, '_>, end: usize) -> bool {
    let start = out.len();
    let own = put_own(&mut Element::new(out, OWN, parts.multiline, end), parts);
    let fields = put_fields(&mut Element::new(out, FIELDS, parts.multiline, end), parts);
    if out.len() == start {
        out.push(b'-');
    }
    own && fields
}

/// The encoded values of a record's place, as they stand within an element.
pub(super) fn place(record: &Record<'_>, multiline: Multiline) -> Vec<u8> {
    let mut out = Vec::new();
    let mut element = Element { is_open: true, ..Element::new(&mut out, OWN, multiline, usize::MAX) };
    put_place(&mut element, record);
    out
}

fn put_place(element: &mut Element<'_>, record: &Record<'_>) {
    element.text(b"logger", record.name());
    element.text(b"function", record.location.function);
    element.text(b"file", record.location.path);
    if record.location.line > 0 {
        element.put(b"line", Value::Int(record.location.line.into()));
    }
}

fn put_own(element: &mut Element<'_>, parts: &Parts<'_, '_>) -> bool {
    let record = parts.record;
    let level = record.level_name(parts.context.levels);
    element.text(b"level", level.as_bytes());
    match parts.place {
        Some(place) if element.is_open && element.end == usize::MAX => element.out.extend_from_slice(place),
        _ => put_place(element, record),
    }
    element.text(b"thread", parts.thread_name);
    if record.exception.is_some() {
        element.text(b"exception", &parts.failure(Failure::FullType));
    }
    element.finish()
}

fn put_fields(element: &mut Element<'_>, parts: &Parts<'_, '_>) -> bool {
    for field in &parts.record.fields {
        element.put(field.key, field.value);
    }
    element.finish()
}

/// One element. It is opened by its first value, so that it is never empty.
struct Element<'o> {
    out: &'o mut Vec<u8>,
    id: &'static [u8],
    multiline: Multiline,
    end: usize,
    is_open: bool,
    is_whole: bool,
}

impl<'o> Element<'o> {
    fn new(out: &'o mut Vec<u8>, id: &'static [u8], multiline: Multiline, end: usize) -> Self {
        Self { out, id, multiline, end, is_open: false, is_whole: true }
    }

    fn text(&mut self, name: &[u8], text: &[u8]) {
        if !text.is_empty() {
            self.put(name, Value::Str(text));
        }
    }

    #[inline]
    fn put(&mut self, name: &[u8], value: Value<'_>) {
        if !self.is_whole {
            return;
        }
        let mark = self.out.len();
        if !self.is_open {
            self.out.push(b'[');
            self.out.extend_from_slice(self.id);
        }
        self.out.push(b' ');
        put_name(self.out, name, MOST_NAME);
        self.out.extend_from_slice(b"=\"");
        let start = self.out.len();
        put_value(self.out, value, self.multiline);
        escape(self.out, start);
        if self.out.len() + 2 > self.end && !self.cut(mark, start) {
            return;
        }
        self.is_open = true;
        self.out.push(b'"');
    }

    /// Cuts the value that begins at `start`, or removes it from `mark` on. Whether something is left of it.
    #[cold]
    fn cut(&mut self, mark: usize, start: usize) -> bool {
        self.is_whole = false;
        let most = self.end.saturating_sub(start + CUT.len() + 2);
        if most == 0 {
            self.out.truncate(mark);
            return false;
        }
        let value = &self.out[start..];
        let mut at = boundary(value, most);
        // A backslash belongs to the character after it.
        let backslashes = value[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
        at -= backslashes % 2;
        self.out.truncate(start + at);
        self.out.extend_from_slice(CUT);
        true
    }

    fn finish(&mut self) -> bool {
        if self.is_open {
            self.out.push(b']');
        }
        self.is_whole
    }
}

/// Appends a name of at most `most` printable characters of ASCII, as RFC 5424 has them. Others become `_`.
pub(super) fn put_name(out: &mut Vec<u8>, name: &[u8], most: usize) {
    let start = out.len();
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'=' | b']' | b'"');
    if name.len() <= most && name.iter().all(|byte| is_allowed(*byte)) {
        out.extend_from_slice(name);
    } else {
        let shown = String::from_utf8_lossy(name);
        out.extend(shown.chars().take(most).map(|c| if c.is_ascii() && is_allowed(c as u8) { c as u8 } else { b'_' }));
    }
    if out.len() == start {
        out.push(b'_');
    }
}

/// Puts a backslash before the characters of a value that need one.
#[inline]
fn escape(out: &mut Vec<u8>, start: usize) {
    if memchr::memchr3(b'"', b'\\', b']', &out[start..]).is_some() {
        escape_all(out, start);
    }
}

#[cold]
fn escape_all(out: &mut Vec<u8>, start: usize) {
    let value = out.split_off(start);
    let mut done = 0;
    for at in memchr::memchr3_iter(b'"', b'\\', b']', &value) {
        out.extend_from_slice(&value[done..at]);
        out.push(b'\\');
        done = at;
    }
    out.extend_from_slice(&value[done..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(end: usize, pairs: &[(&str, &str)]) -> (String, bool) {
        let mut out = Vec::new();
        let mut element = Element::new(&mut out, b"a@1", Multiline::Raw, end);
        for (name, value) in pairs {
            element.put(name.as_bytes(), Value::Str(value.as_bytes()));
        }
        let is_whole = element.finish();
        (String::from_utf8(out).expect("utf-8"), is_whole)
    }

    #[test]
    fn values_are_escaped_and_names_are_restricted() {
        let pairs = [("a", r#"x"]\"#), ("é b=]\"", ""), ("", "\n")];

        assert_eq!(element(usize::MAX, &pairs), (r#"[a@1 a="x\"\]\\" __b___="" _=""#.to_owned() + "\n\"]", true));
        assert_eq!(element(usize::MAX, &[]), (String::new(), true));
    }

    #[test]
    fn long_names_are_cut() {
        let mut out = Vec::new();
        put_name(&mut out, "n".repeat(40).as_bytes(), MOST_NAME);

        assert_eq!(out, "n".repeat(32).as_bytes());
    }

    #[test]
    fn elements_end_before_the_limit() {
        let pairs = [("a", r#"é"\é"\é"\é"\é"\é"\"#), ("b", "12345"), ("c", "")];
        for end in 0..70 {
            let (text, is_whole) = element(end, &pairs);

            assert!(text.len() <= end, "{text} {end}");
            assert_eq!(is_whole, text.ends_with(" c=\"\"]"), "{text} {end}");
            assert!(text.is_empty() || text.ends_with("\"]"), "{text} {end}");
            let value = text.trim_end_matches("\"]").trim_end_matches("...<cut>");
            let backslashes = value.chars().rev().take_while(|c| *c == '\\').count();
            assert!(backslashes % 2 == 0, "{text} {end}");
        }
    }
}
