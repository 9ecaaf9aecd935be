//! Values as text: the form of `str()`, and the ` key=value` part of a line.

use crate::format::escape::{Multiline, needs_quotes, put_quoted, put_text};
use crate::record::decoded::{REPR_MARK, Record};
use crate::record::encoded::Value;

/// Appends the result of `str(value)`, escaped.
#[inline]
pub fn put_value(out: &mut Vec<u8>, value: Value<'_>, multiline: Multiline) {
    match value {
        Value::Str(text) | Value::Odd { display: text, .. } => put_text(out, text, multiline),
        other => put_unescaped(out, other),
    }
}

/// Appends the result of `str(value)` as it is.
#[inline]
pub fn put_unescaped(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::None => out.extend_from_slice(b"None"),
        Value::Bool(true) => out.extend_from_slice(b"True"),
        Value::Bool(false) => out.extend_from_slice(b"False"),
        Value::Int(number) => put_int(out, number),
        Value::Float(number) => put_float(out, number),
        Value::Big(text) | Value::Str(text) | Value::Odd { display: text, .. } => out.extend_from_slice(text),
    }
}

/// Appends an integer in decimal.
#[inline]
pub fn put_int(out: &mut Vec<u8>, number: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Appends a float as `repr(float)` does: the shortest digits that read back, and an exponent below 1e-4 and from 1e16.
pub fn put_float(out: &mut Vec<u8>, number: f64) {
    if !number.is_finite() {
        let text: &[u8] = if number.is_nan() {
            b"nan"
        } else if number > 0.0 {
            b"inf"
        } else {
            b"-inf"
        };
        return out.extend_from_slice(text);
    }
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(number).as_bytes();
    let magnitude = number.abs();
    if magnitude != 0.0 && (1e-5..1e-4).contains(&magnitude) {
        return put_small(out, text);
    }
    match memchr::memchr(b'e', text) {
        None => out.extend_from_slice(text),
        Some(at) => put_exponent(out, &text[..at], &text[at + 1..]),
    }
}

/// Rewrites `0.0000123` as Python shows it: `1.23e-05`.
fn put_small(out: &mut Vec<u8>, text: &[u8]) {
    if text[0] == b'-' {
        out.push(b'-');
    }
    let digits: Vec<u8> = text.iter().copied().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').collect();
    out.push(digits[0]);
    if digits.len() > 1 {
        out.push(b'.');
        out.extend_from_slice(&digits[1..]);
    }
    out.extend_from_slice(b"e-05");
}

/// Python writes exponents with a sign and at least two digits.
fn put_exponent(out: &mut Vec<u8>, mantissa: &[u8], exponent: &[u8]) {
    let (sign, digits) = match exponent[0] {
        b'-' => (b'-', &exponent[1..]),
        b'+' => (b'+', &exponent[1..]),
        _ => (b'+', exponent),
    };
    out.extend_from_slice(mantissa);
    out.extend_from_slice(&[b'e', sign]);
    if digits.len() < 2 {
        out.push(b'0');
    }
    out.extend_from_slice(digits);
}

/// Appends ` key=value` for every field the message does not show.
#[inline]
pub fn put_fields(out: &mut Vec<u8>, record: &Record<'_>, multiline: Multiline) {
    for field in record.fields.iter().filter(|field| !record.is_shown(field.key)) {
        out.push(b' ');
        put_key(out, field.key, multiline);
        out.push(b'=');
        put_named_value(out, field.value, multiline);
    }
}

/// Appends the value of a field, in quotes if it could be misread.
#[inline]
pub fn put_named_value(out: &mut Vec<u8>, value: Value<'_>, multiline: Multiline) {
    match value {
        Value::Str(text) | Value::Odd { display: text, .. } if needs_quotes(text) => put_quoted(out, text, multiline),
        value => put_value(out, value, multiline),
    }
}

/// Appends a field's name, in quotes if it could be misread.
#[inline]
pub fn put_key(out: &mut Vec<u8>, key: &[u8], multiline: Multiline) {
    let is_identifier = key.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    if is_identifier && !key.is_empty() {
        out.extend_from_slice(key);
    } else if needs_quotes(key) {
        put_quoted(out, key, multiline);
    } else {
        put_text(out, key, multiline);
    }
}

/// Appends the fields as Python shows a dict: `{'user': 'ada', 'n': 1}`.
pub fn put_dict(out: &mut Vec<u8>, record: &Record<'_>, multiline: Multiline) {
    out.push(b'{');
    for (index, field) in record.fields.iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(b", ");
        }
        put_repr(out, field.key, multiline);
        out.extend_from_slice(b": ");
        match field.value {
            Value::Str(text) => put_repr(out, text, multiline),
            Value::Odd { json: [REPR_MARK, repr @ ..], .. } => put_text(out, repr, multiline),
            value => put_value(out, value, multiline),
        }
    }
    out.push(b'}');
}

fn put_repr(out: &mut Vec<u8>, text: &[u8], multiline: Multiline) {
    let quote = if text.contains(&b'\'') && !text.contains(&b'"') { b'"' } else { b'\'' };
    out.push(quote);
    if multiline == Multiline::Lines {
        put_escaped(out, text, quote);
        return out.push(quote);
    }
    for (index, part) in text.split(|byte| *byte == quote).enumerate() {
        if index > 0 {
            out.extend_from_slice(&[b'\\', quote]);
        }
        put_text(out, part, multiline);
    }
    out.push(quote);
}

/// Appends a text as it stands in Python's source, with its quote escaped.
fn put_escaped(out: &mut Vec<u8>, text: &[u8], quote: u8) {
    for part in text.split_inclusive(|byte| *byte == quote || *byte == b'\\') {
        match part.split_last() {
            Some((last, rest)) if *last == quote || *last == b'\\' => {
                put_text(out, rest, Multiline::Escape);
                out.extend_from_slice(&[b'\\', *last]);
            }
            _ => put_text(out, part, Multiline::Escape),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn float(number: f64) -> String {
        let mut out = Vec::new();
        put_float(&mut out, number);
        String::from_utf8(out).expect("utf-8")
    }

    #[test]
    fn floats_are_written_as_python_does() {
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (0.000_012_3, "1.23e-05"),
            (-0.000_099_99, "-9.999e-05"),
            (1e-7, "1e-07"),
            (2.5e-10, "2.5e-10"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (number, expected) in cases {
            assert_eq!(float(number), expected);
        }
    }
}
