//! Fields that have a place of their own in a shape: ids of traces and spans, labels, and requests.

use crate::format::escape::put_json_string;
use crate::format::shape::walk::{is_object, members};
use crate::format::text::put_int;
use crate::record::encoded::Value;

/// A field that a shape shows in its own place, if the value fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Special {
    /// The names of the field, the usual one first.
    pub names: &'static [&'static str],
    pub form: Form,
}

/// The values that fit, and how they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// A text or number, as text.
    Id,
    /// A trace in Cloud Logging: this text and its id.
    Trace(Box<[u8]>),
    /// This many hexadecimal digits.
    Hex(usize),
    /// The last 16 hexadecimal digits as a decimal number, in a text.
    Decimal,
    /// Whether the flags of a trace say that it is sampled.
    Sampled,
    /// The flags of a trace as a number.
    Flags,
    Object,
    /// An object whose members become members of the object around it, as texts.
    Labels,
}

impl Form {
    pub fn accepts(&self, value: Value<'_>) -> bool {
        match self {
            Self::Id => matches!(value, Value::Int(_)) || !text_of(value).is_empty(),
            Self::Trace(_) => !text_of(value).is_empty(),
            Self::Hex(digits) => text_of(value).len() == *digits && is_hex(text_of(value)),
            Self::Decimal => matches!(value, Value::Int(0..)) || is_decimal(text_of(value)) || decimal(value).is_some(),
            Self::Sampled | Self::Flags => flags(value).is_some(),
            Self::Object | Self::Labels => matches!(value, Value::Odd { json, .. } if is_object(json)),
        }
    }

    /// Appends a value that fits.
    pub fn put(&self, out: &mut Vec<u8>, value: Value<'_>) {
        let text = text_of(value);
        match (self, value) {
            (Self::Id | Self::Decimal, Value::Int(number)) => put_quoted(out, number),
            (Self::Trace(prefix), _) if !text.starts_with(b"projects/") => {
                put_json_string(out, &[&**prefix, text].concat());
            }
            (Self::Decimal, _) => match decimal(value) {
                Some(number) => out.extend_from_slice(format!("\"{number}\"").as_bytes()),
                None => put_json_string(out, text),
            },
            (Self::Sampled, _) => {
                let is_sampled = flags(value).is_some_and(|flags| flags & 1 == 1);
                out.extend_from_slice(if is_sampled { b"true" } else { b"false" });
            }
            (Self::Flags, _) => put_int(out, flags(value).unwrap_or_default()),
            (Self::Object, Value::Odd { json, .. }) => out.extend_from_slice(json),
            _ => put_json_string(out, text),
        }
    }
}

/// Appends the members of an object, with their values as texts. `separate` appends the separator of each.
pub(super) fn put_labels(out: &mut Vec<u8>, value: Value<'_>, mut separate: impl FnMut(&mut Vec<u8>)) {
    let Value::Odd { json, .. } = value else { return };
    for (key, value) in members(json) {
        separate(out);
        out.extend_from_slice(key);
        out.extend_from_slice(b": ");
        if value.first() == Some(&b'"') { out.extend_from_slice(value) } else { put_json_string(out, value) }
    }
}

fn put_quoted(out: &mut Vec<u8>, number: i64) {
    out.push(b'"');
    put_int(out, number);
    out.push(b'"');
}

fn text_of(value: Value<'_>) -> &[u8] {
    match value {
        Value::Str(text) | Value::Big(text) => text,
        _ => b"",
    }
}

fn is_hex(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_hexdigit)
}

fn is_decimal(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

fn hex(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok().filter(|_| is_hex(text)).and_then(|text| u64::from_str_radix(text, 16).ok())
}

/// An id of 32 or 16 hexadecimal digits as Datadog counts: the lower 64 bits.
fn decimal(value: Value<'_>) -> Option<u64> {
    let text = text_of(value);
    (matches!(text.len(), 16 | 32) && is_hex(text)).then(|| hex(&text[text.len() - 16..])).flatten()
}

/// The flags of a trace: a number, or two hexadecimal digits.
fn flags(value: Value<'_>) -> Option<i64> {
    match value {
        Value::Bool(flag) => Some(i64::from(flag)),
        Value::Int(number @ 0..=255) => Some(number),
        Value::Str(text) if text.len() <= 2 => hex(text).map(|flags| flags as i64),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: Value<'_> = Value::Str(b"4bf92f3577b34da6a3ce929d0e0e4736");

    fn put(form: &Form, value: Value<'_>) -> Option<String> {
        let mut out = Vec::new();
        form.accepts(value).then(|| form.put(&mut out, value))?;
        String::from_utf8(out).ok()
    }

    #[test]
    fn values_that_fit_are_written() {
        let cases = [
            (Form::Id, TRACE, Some("\"4bf92f3577b34da6a3ce929d0e0e4736\"")),
            (Form::Id, Value::Int(7), Some("\"7\"")),
            (Form::Id, Value::None, None),
            (Form::Hex(32), TRACE, Some("\"4bf92f3577b34da6a3ce929d0e0e4736\"")),
            (Form::Hex(16), TRACE, None),
            (Form::Decimal, TRACE, Some("\"11803532876627986230\"")),
            (Form::Decimal, Value::Str(b"00f067aa0ba902b7"), Some("\"67667974448284343\"")),
            (Form::Decimal, Value::Str(b"123"), Some("\"123\"")),
            (Form::Decimal, Value::Str(b"here"), None),
            (Form::Sampled, Value::Str(b"01"), Some("true")),
            (Form::Sampled, Value::Int(2), Some("false")),
            (Form::Flags, Value::Str(b"0a"), Some("10")),
            (Form::Flags, Value::Int(256), None),
            (Form::Object, Value::Odd { display: b"", json: b"{\"a\": 1}" }, Some("{\"a\": 1}")),
            (Form::Object, Value::Odd { display: b"", json: b"[1]" }, None),
            (
                Form::Trace((*b"projects/p/traces/").into()),
                TRACE,
                Some("\"projects/p/traces/4bf92f3577b34da6a3ce929d0e0e4736\""),
            ),
            (
                Form::Trace((*b"projects/p/traces/").into()),
                Value::Str(b"projects/q/traces/1"),
                Some("\"projects/q/traces/1\""),
            ),
        ];
        for (form, value, expected) in cases {
            assert_eq!(put(&form, value).as_deref(), expected, "{form:?} {value:?}");
        }
    }
}
