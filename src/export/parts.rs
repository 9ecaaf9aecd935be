//! The parts of a record that messages of syslog and of the journal show, and their values as text.

use crate::format::context::FormatContext;
use crate::format::escape::{Multiline, put_text};
use crate::format::shape::failure::Failure;
use crate::format::shape::severity;
use crate::format::text::put_unescaped;
use crate::record::decoded::Record;
use crate::record::encoded::Value;
use crate::redaction::json::text_of_string;

/// The mark of a text that was cut.
pub(super) const CUT: &[u8] = b"...<cut>";

pub(super) struct Parts<'p, 'r> {
    pub(super) record: &'p Record<'r>,
    pub(super) context: &'p FormatContext<'p>,
    /// The finished text, without the line break at its end.
    pub(super) message: &'p [u8],
    pub(super) thread_name: &'p [u8],
    /// The parts that all records of this place have, encoded before.
    pub(super) place: Option<&'p [u8]>,
    /// The treatment of line breaks in values.
    pub(super) multiline: Multiline,
}

impl Parts<'_, '_> {
    /// The severity of syslog, from 0 to 7.
    pub(super) fn severity(&self) -> u8 {
        let levels = self.context.levels;
        severity::syslog(self.record.header.level.no, self.record.level_name(levels).as_bytes())
    }

    /// A part of the exception as text. Empty if there is no such part.
    pub(super) fn failure(&self, part: Failure) -> Vec<u8> {
        let Some((text, object)) = self.record.exception.filter(|(_, object)| part.is_in(object)) else {
            return Vec::new();
        };
        let mut json = Vec::new();
        part.put(&mut json, text, object);
        text_of_string(&json).into_owned()
    }
}

/// Appends a value as text. Containers are JSON, as are `true`, `false` and `null`.
#[inline]
pub(super) fn put_value(out: &mut Vec<u8>, value: Value<'_>, multiline: Multiline) {
    match value {
        Value::Str(text) | Value::Big(text) | Value::Odd { display: text, json: b"" } => {
            put_text(out, text, multiline);
        }
        Value::None => out.extend_from_slice(b"null"),
        Value::Bool(flag) => out.extend_from_slice(if flag { b"true" } else { b"false" }),
        Value::Int(_) | Value::Float(_) => put_unescaped(out, value),
        Value::Odd { json: json @ [b'"', ..], .. } => put_text(out, &text_of_string(json), multiline),
        Value::Odd { json, .. } => put_text(out, json, multiline),
    }
}

/// The largest length up to `most` at which a text may be cut without splitting a character.
pub(super) fn boundary(text: &[u8], most: usize) -> usize {
    let mut at = most.min(text.len());
    while at > 0 && text.get(at).is_some_and(|byte| byte & 0xc0 == 0x80) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_texts() {
        let odd = |json: &'static str| Value::Odd { display: b"shown", json: json.as_bytes() };
        let cases = [
            (Value::None, "null"),
            (Value::Bool(true), "true"),
            (Value::Int(-5), "-5"),
            (Value::Float(0.5), "0.5"),
            (Value::Str("é\n".as_bytes()), "é\\n"),
            (odd(""), "shown"),
            (odd(r#""2025-01-15""#), "2025-01-15"),
            (odd(r#"{"a": [1, null]}"#), r#"{"a": [1, null]}"#),
        ];
        for (value, expected) in cases {
            let mut out = Vec::new();
            put_value(&mut out, value, Multiline::Escape);
            assert_eq!(String::from_utf8_lossy(&out), expected);
        }
    }

    #[test]
    fn characters_are_not_split() {
        let text = "aé€".as_bytes();
        let found: Vec<usize> = (0..8).map(|most| boundary(text, most)).collect();

        assert_eq!(found, [0, 1, 1, 3, 3, 3, 6, 6]);
    }
}
