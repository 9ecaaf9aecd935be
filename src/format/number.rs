//! Numbers as `str.format` shows them if a spec has more than a width: `.2f`, `,`, `+d`, `.1%`, `x`.
//!
//! A value that is not a number, or not one the form applies to, is shown unchanged: no line is lost because of it.

use crate::format::text::{put_float, put_int};
use crate::record::encoded::Value;

/// The number of decimals if a spec has none.
const USUAL: usize = 6;

/// The form of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Number {
    /// `+` or a space before numbers that are not negative.
    pub sign: Option<char>,
    /// `,` or `_` between groups of digits.
    pub grouping: Option<char>,
    /// One of `KINDS`; None depends on the number.
    pub kind: Option<char>,
}

/// The supported types of `str.format`. `d` and `s` alone change nothing.
pub(super) const KINDS: &str = "fFeE%xXobd";

impl Number {
    /// Whether the form changes anything.
    pub fn is_needed(&self) -> bool {
        self.sign.is_some() || self.grouping.is_some() || self.kind.is_some_and(|kind| kind != 'd')
    }

    /// The text of a number. None for other values, or for a number the kind does not apply to.
    pub fn text(&self, value: Value<'_>, precision: Option<usize>) -> Option<String> {
        let plain = match value {
            Value::Bool(flag) => self.integer(i64::from(flag), precision)?,
            Value::Int(number) => self.integer(number, precision)?,
            Value::Float(number) => self.float(number, precision)?,
            Value::Big(digits) if matches!(self.kind, None | Some('d')) => String::from_utf8_lossy(digits).into_owned(),
            Value::Odd { display, .. } => {
                let number = std::str::from_utf8(display).ok()?.parse().ok()?;
                self.float(number, Some(precision.unwrap_or(USUAL)))?
            }
            _ => return None,
        };
        let grouped = self.grouping.map(|separator| grouped(&plain, separator, self.digits_together()));
        let text = grouped.unwrap_or(plain);
        Some(match self.sign {
            Some(sign) if !text.starts_with('-') => format!("{sign}{text}"),
            _ => text,
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "Python also converts an integer to the nearest float")]
    fn integer(&self, number: i64, precision: Option<usize>) -> Option<String> {
        let sign = if number < 0 { "-" } else { "" };
        let size = number.unsigned_abs();
        Some(match self.kind {
            None | Some('d') => {
                let mut out = Vec::new();
                put_int(&mut out, number);
                String::from_utf8(out).ok()?
            }
            Some('x') => format!("{sign}{size:x}"),
            Some('X') => format!("{sign}{size:X}"),
            Some('o') => format!("{sign}{size:o}"),
            Some('b') => format!("{sign}{size:b}"),
            Some(_) => self.float(number as f64, precision)?,
        })
    }

    fn float(&self, number: f64, precision: Option<usize>) -> Option<String> {
        let decimals = precision.unwrap_or(USUAL);
        Some(match self.kind {
            None if precision.is_none() => shortest(number)?,
            Some('f' | 'F') => fixed(number, decimals)?,
            Some('%') => fixed(number * 100.0, decimals)? + "%",
            Some('e') => scientific(number, decimals)?,
            Some('E') => scientific(number, decimals)?.to_uppercase(),
            _ => return None,
        })
    }

    fn digits_together(&self) -> usize {
        if matches!(self.kind, Some('x' | 'X' | 'o' | 'b')) { 4 } else { 3 }
    }
}

fn shortest(number: f64) -> Option<String> {
    let mut out = Vec::new();
    put_float(&mut out, number);
    String::from_utf8(out).ok()
}

fn fixed(number: f64, decimals: usize) -> Option<String> {
    if number.is_finite() { Some(format!("{number:.decimals$}")) } else { shortest(number) }
}

/// Python writes exponents with a sign and at least two digits.
fn scientific(number: f64, decimals: usize) -> Option<String> {
    if !number.is_finite() {
        return shortest(number);
    }
    let text = format!("{number:.decimals$e}");
    let (mantissa, exponent) = text.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    let sign = if exponent < 0 { '-' } else { '+' };
    Some(format!("{mantissa}e{sign}{:02}", exponent.abs()))
}

/// Groups the digits before the point.
fn grouped(text: &str, separator: char, together: usize) -> String {
    let start = usize::from(text.starts_with('-'));
    let length = text[start..].find(|c: char| !c.is_ascii_hexdigit() || c == 'e').unwrap_or(text.len() - start);
    let mut out = text[..start].to_owned();
    for (index, digit) in text[start..start + length].chars().enumerate() {
        if index > 0 && (length - index).is_multiple_of(together) {
            out.push(separator);
        }
        out.push(digit);
    }
    out + &text[start + length..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(spec: (&str, &str, &str), precision: Option<usize>, value: Value<'_>) -> Option<String> {
        let first = |text: &str| text.chars().next();
        let number = Number { sign: first(spec.0), grouping: first(spec.1), kind: first(spec.2) };
        number.text(value, precision)
    }

    #[test]
    fn numbers_are_written_as_python_does() {
        let cases = [
            (("", "", "f"), Some(2), Value::Float(2.345), "2.35"),
            (("", "", "f"), Some(0), Value::Float(2.5), "2"),
            (("", "", "f"), None, Value::Int(3), "3.000000"),
            (("", ",", "f"), Some(1), Value::Float(-1_234_567.25), "-1,234,567.2"),
            (("", "", "e"), Some(2), Value::Float(12_345.678), "1.23e+04"),
            (("", "", "E"), None, Value::Float(0.000_12), "1.200000E-04"),
            (("", "", "%"), Some(1), Value::Float(0.256), "25.6%"),
            (("+", "", "d"), None, Value::Int(5), "+5"),
            (("+", "", "d"), None, Value::Int(-5), "-5"),
            (("", ",", ""), None, Value::Int(1_234_567), "1,234,567"),
            (("", "_", ""), None, Value::Big(b"-12345678901234567890"), "-12_345_678_901_234_567_890"),
            (("", ",", ""), None, Value::Float(1234.5), "1,234.5"),
            (("", "", "x"), None, Value::Int(-255), "-ff"),
            (("", "_", "x"), None, Value::Int(0xfffff), "f_ffff"),
            (("", "", "b"), None, Value::Int(5), "101"),
            (("", "", "f"), Some(2), Value::Bool(true), "1.00"),
            (("", "", "f"), Some(2), Value::Float(f64::NAN), "nan"),
            (("", "", "f"), Some(2), Value::Odd { display: b"12.5", json: b"12.5" }, "12.50"),
        ];
        for (spec, precision, value, expected) in cases {
            assert_eq!(text(spec, precision, value).as_deref(), Some(expected), "{spec:?}");
        }
    }

    #[test]
    fn what_the_kind_is_not_for_has_no_text() {
        for value in [Value::Str(b"ada"), Value::None, Value::Odd { display: b"ada", json: b"" }] {
            assert_eq!(text(("", "", "f"), Some(2), value), None);
        }
        assert_eq!(text(("", "", "x"), None, Value::Float(1.5)), None);
        assert_eq!(text(("", "", "f"), None, Value::Big(b"123")), None);
    }
}
