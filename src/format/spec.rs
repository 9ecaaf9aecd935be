//! Plain values as Python's `format` and `%` show them, digit by digit. Other values are left to Python.

use std::io::Write;

use crate::format::text::{put_float, put_int, put_unescaped};
use crate::message::spec::{Align, Spec};
use crate::record::encoded::Value;

/// The number of decimals if a spec has none.
const USUAL: usize = 6;

/// Appends a value as the spec says. Appends nothing and returns false where Python has to do it, or to refuse it.
#[inline]
pub fn put_formatted(out: &mut Vec<u8>, value: Value<'_>, spec: &Spec) -> bool {
    if spec.is_str() && !matches!(value, Value::Odd { .. }) {
        put_unescaped(out, value);
        return true;
    }
    put_by_parts(out, value, spec)
}

fn put_by_parts(out: &mut Vec<u8>, value: Value<'_>, spec: &Spec) -> bool {
    let start = out.len();
    let is_done = match value {
        Value::Str(text) => put_text(out, text, spec),
        Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) if spec.is_shown => {
            put_unescaped(out, value);
            // These texts are ASCII.
            let most = spec.precision.unwrap_or(usize::MAX);
            out.truncate(start + most.min(out.len() - start));
            let length = out.len() - start;
            pad(out, (start, start), length, spec, Align::Right);
            true
        }
        Value::Bool(flag) => put_number(out, Number::Int(i64::from(flag)), spec),
        Value::Int(number) => put_number(out, Number::Int(number), spec),
        Value::Float(number) => put_number(out, Number::Float(number), spec),
        Value::None | Value::Big(_) | Value::Odd { .. } => false,
    };
    if !is_done {
        out.truncate(start);
    }
    is_done
}

fn put_text(out: &mut Vec<u8>, text: &[u8], spec: &Spec) -> bool {
    let is_for_text = spec.kind.is_none_or(|kind| kind == b's') && spec.grouping.is_none() && spec.sign.is_none();
    let (true, Ok(text)) = (is_for_text && spec.align != Some(Align::Inside), std::str::from_utf8(text)) else {
        return false;
    };
    let start = out.len();
    let end = spec.precision.and_then(|most| text.char_indices().nth(most)).map_or(text.len(), |(at, _)| at);
    out.extend_from_slice(&text.as_bytes()[..end]);
    if spec.width > 0 {
        let length = text[..end].chars().count();
        pad(out, (start, start), length, spec, Align::Left);
    }
    true
}

/// Fills up a text to the width. It begins at `start`, the first of the two places, and its digits at the other.
fn pad(out: &mut Vec<u8>, (start, digits): (usize, usize), length: usize, spec: &Spec, usual: Align) {
    let missing = spec.width.saturating_sub(length);
    let (at, before) = match spec.align.unwrap_or(usual) {
        Align::Left => (start, 0),
        Align::Right => (start, missing),
        Align::Center => (start, missing / 2),
        Align::Inside => (digits, missing),
    };
    let mut bytes = [0; 4];
    let fill = spec.fill.encode_utf8(&mut bytes).as_bytes();
    out.splice(at..at, fill.repeat(before));
    out.extend(fill.repeat(missing - before));
}

#[derive(Clone, Copy)]
enum Number {
    Int(i64),
    Float(f64),
}

/// Appends the sign, the digits and what fills them up.
fn put_number(out: &mut Vec<u8>, number: Number, spec: &Spec) -> bool {
    let is_negative = match number {
        Number::Int(number) => number < 0,
        Number::Float(number) if number.is_finite() => number.is_sign_negative(),
        Number::Float(_) => return false,
    };
    let start = out.len();
    match (is_negative, spec.sign) {
        (true, _) => out.push(b'-'),
        (false, Some(sign @ (b'+' | b' '))) => out.push(sign),
        (false, _) => {}
    }
    if let (true, Some(kind)) = (spec.has_prefix, spec.kind) {
        out.extend_from_slice(&[b'0', kind]);
    }
    let digits = out.len();
    let is_done = match (number, spec.kind) {
        (Number::Int(number), None | Some(b'd' | b'x' | b'X' | b'o' | b'b')) => {
            spec.precision.is_none() && put_integer(out, number.unsigned_abs(), spec.kind)
        }
        (Number::Int(number), Some(kind)) => put_real(out, nearest(number.unsigned_abs()), Some(kind), spec.precision),
        (Number::Float(number), kind) => put_real(out, number.abs(), kind, spec.precision),
    };
    if let (true, Some(separator)) = (is_done, spec.grouping) {
        group(out, digits, separator, if matches!(spec.kind, Some(b'x' | b'X' | b'o' | b'b')) { 4 } else { 3 });
    }
    let length = out.len() - start;
    pad(out, (start, digits), length, spec, Align::Right);
    is_done
}

#[expect(clippy::cast_precision_loss, reason = "Python also takes the nearest float")]
fn nearest(number: u64) -> f64 {
    number as f64
}

fn put_integer(out: &mut Vec<u8>, number: u64, kind: Option<u8>) -> bool {
    let written = match kind {
        Some(b'x') => write!(out, "{number:x}"),
        Some(b'X') => write!(out, "{number:X}"),
        Some(b'o') => write!(out, "{number:o}"),
        Some(b'b') => write!(out, "{number:b}"),
        _ => {
            out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
            Ok(())
        }
    };
    written.is_ok()
}

/// Appends a finite float that is not negative.
fn put_real(out: &mut Vec<u8>, number: f64, kind: Option<u8>, precision: Option<usize>) -> bool {
    let places = precision.unwrap_or(USUAL);
    match kind {
        None if precision.is_none() => put_float(out, number),
        Some(b'f' | b'F') => put_fixed(out, number, places),
        Some(b'%') if (number * 100.0).is_finite() => {
            put_fixed(out, number * 100.0, places);
            out.push(b'%');
        }
        Some(kind @ (b'e' | b'E')) => put_scientific(out, number, places, kind),
        Some(kind @ (b'g' | b'G')) => put_general(out, number, places.max(1), kind),
        _ => return false,
    }
    true
}

/// Appends a number with so many decimals. An exact tie goes to the even digit.
fn put_fixed(out: &mut Vec<u8>, number: f64, decimals: usize) {
    const MOST_DECIMALS: usize = 15;
    const LEAST_LARGE: f64 = 9e15;
    if decimals > MOST_DECIMALS || number >= LEAST_LARGE {
        // Writing to memory does not fail.
        let _ = write!(out, "{number:.decimals$}");
        return;
    }
    let power = 10_u64.pow(decimals as u32);
    let scaled = scaled(number, power);
    let (whole, part) = match u64::try_from(scaled) {
        Ok(scaled) => (scaled / power, scaled % power),
        // The whole part has less than 54 bits.
        Err(_) => ((scaled / u128::from(power)) as u64, (scaled % u128::from(power)) as u64),
    };
    out.extend_from_slice(itoa::Buffer::new().format(whole).as_bytes());
    if decimals > 0 {
        out.push(b'.');
        let mut buffer = itoa::Buffer::new();
        let digits = buffer.format(part).as_bytes();
        out.resize(out.len() + decimals - digits.len(), b'0');
        out.extend_from_slice(digits);
    }
}

/// The integer nearest to `number * power`. The product is exact: both factors have less than 54 bits, and the number
/// is a fraction with a power of two.
fn scaled(number: f64, power: u64) -> u128 {
    const FRACTION_BITS: u32 = 52;
    const BIAS: i32 = 1075;
    let bits = number.to_bits();
    let stored = (bits >> FRACTION_BITS) as i32;
    let fraction = bits & ((1 << FRACTION_BITS) - 1);
    let mantissa = if stored == 0 { fraction } else { fraction | 1 << FRACTION_BITS };
    let product = u128::from(mantissa) * u128::from(power);
    let shift = BIAS - stored.max(1);
    if shift <= 0 {
        return product << -shift;
    }
    // The product has less than 104 bits, so that more shifts leave less than a half.
    if shift > 127 {
        return 0;
    }
    let whole = product >> shift;
    let rest = product & ((1 << shift) - 1);
    let half = 1_u128 << (shift - 1);
    whole + u128::from(rest > half || (rest == half && whole & 1 == 1))
}

/// The digits of a number, with a point after the first, and its exponent.
fn scientific(number: f64, decimals: usize) -> (String, i32) {
    let text = format!("{number:.decimals$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    (mantissa.to_owned(), exponent.parse().unwrap_or_default())
}

/// Python writes exponents with a sign and at least two digits.
fn put_exponent(out: &mut Vec<u8>, exponent: i32, letter: u8) {
    out.extend_from_slice(&[letter, if exponent < 0 { b'-' } else { b'+' }]);
    if exponent.abs() < 10 {
        out.push(b'0');
    }
    put_int(out, i64::from(exponent.abs()));
}

fn put_scientific(out: &mut Vec<u8>, number: f64, decimals: usize, letter: u8) {
    let (mantissa, exponent) = scientific(number, decimals);
    out.extend_from_slice(mantissa.as_bytes());
    put_exponent(out, exponent, letter);
}

/// Appends a number with so many digits, without the zeros at its end, as `g` says.
fn put_general(out: &mut Vec<u8>, number: f64, digits: usize, kind: u8) {
    let (mantissa, exponent) = scientific(number, digits - 1);
    if (-4..digits as i32).contains(&exponent) {
        let start = out.len();
        put_fixed(out, number, (digits as i32 - 1 - exponent) as usize);
        let length = without_zeros(&out[start..]).len();
        return out.truncate(start + length);
    }
    out.extend_from_slice(without_zeros(mantissa.as_bytes()));
    put_exponent(out, exponent, if kind == b'G' { b'E' } else { b'e' });
}

/// The digits without the zeros after the point, or without a point that nothing follows.
fn without_zeros(digits: &[u8]) -> &[u8] {
    if !digits.contains(&b'.') {
        return digits;
    }
    let kept = digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
    digits[..kept].strip_suffix(b".").unwrap_or(&digits[..kept])
}

/// Separates the digits from `start` on, up to the first character that is none.
fn group(out: &mut Vec<u8>, start: usize, separator: u8, together: usize) {
    let is_digit = |byte: &u8| if together == 4 { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
    let mut at = start + out[start..].iter().take_while(|byte| is_digit(byte)).count();
    while at > start + together {
        at -= together;
        out.insert(at, separator);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn braces(spec: &str, value: Value<'_>) -> Option<String> {
        shown(&Spec::parse(spec.as_bytes())?, value)
    }

    fn percent(conversion: &str, value: Value<'_>) -> Option<String> {
        shown(&Spec::percent(conversion.as_bytes())?.0, value)
    }

    fn shown(spec: &Spec, value: Value<'_>) -> Option<String> {
        let mut out = b"|".to_vec();
        let is_done = put_formatted(&mut out, value, spec);
        assert!(is_done || out == b"|");
        is_done.then(|| String::from_utf8(out.split_off(1)).expect("utf-8"))
    }

    #[test]
    fn plain_values_are_shown_as_format_does() {
        let cases = [
            ("", Value::Bool(true), "True"),
            ("", Value::None, "None"),
            ("5", Value::Bool(true), "    1"),
            (",", Value::Int(-1_234_567), "-1,234,567"),
            ("+08d", Value::Int(42), "+0000042"),
            ("#06x", Value::Int(255), "0x00ff"),
            ("_b", Value::Int(37), "10_0101"),
            (".2f", Value::Float(2.675), "2.67"),
            (".0f", Value::Float(2.5), "2"),
            (".1f", Value::Float(-0.04), "-0.0"),
            (".3f", Value::Float(1e22), "10000000000000000000000.000"),
            (",.1f", Value::Float(1_234_567.25), "1,234,567.2"),
            ("e", Value::Int(12_345), "1.234500e+04"),
            ("g", Value::Float(0.000_01), "1e-05"),
            (".3g", Value::Float(1234.5), "1.23e+03"),
            ("g", Value::Float(100_000.0), "100000"),
            (".1%", Value::Float(0.256), "25.6%"),
            ("é^7", Value::Str("añb".as_bytes()), "ééañbéé"),
            (".2", Value::Str("añb".as_bytes()), "añ"),
        ];
        for (spec, value, expected) in cases {
            assert_eq!(braces(spec, value).as_deref(), Some(expected), "{spec}");
        }
    }

    #[test]
    fn plain_values_are_shown_as_percent_does() {
        let cases = [
            ("%s", Value::Float(1e16), "1e+16"),
            ("%5s", Value::None, " None"),
            ("%-6.2s|", Value::Bool(true), "Tr    "),
            ("%05d", Value::Int(-42), "-0042"),
            ("%-05d", Value::Int(42), "42   "),
            ("% d", Value::Int(5), " 5"),
            ("%.f", Value::Float(0.5), "0"),
            ("%x", Value::Bool(true), "1"),
        ];
        for (conversion, value, expected) in cases {
            assert_eq!(percent(conversion, value).as_deref(), Some(expected), "{conversion}");
        }
    }

    #[test]
    fn what_python_would_refuse_is_left_to_it() {
        let refused = [
            ("d", Value::Str(b"1")),
            ("s", Value::Int(1)),
            ("5", Value::None),
            ("d", Value::Float(1.0)),
            (".2", Value::Int(1)),
        ];
        for (spec, value) in refused {
            assert_eq!(braces(spec, value), None, "{spec}");
        }
        assert_eq!(percent("%d", Value::Float(1.0)), None);
        assert_eq!(braces("-", Value::Str(b"a")), None);
    }
}
