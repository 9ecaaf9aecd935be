//! Sizes: `"10 MB"`, `"500KB"`, `"1 GiB"`, `"1.5 GB"`, or a number of bytes.

use crate::config::quantity;
use crate::config::quantity::LONGEST;
use crate::error::{Error, Result, quoted};

/// Error text for a size that is out of bounds.
pub const ALLOWED: &str = "a size from 1 byte to 8 EiB";

/// The prefixes of units. The position of a prefix, from 1, is the power of 1000 (`k`) or 1024 (`ki`).
const PREFIXES: &str = "kmgtpe";

/// Error text for arguments that take only a size.
pub const EXPECTED: &str = "a size such as \"10 MB\", or a number of bytes";

/// Reads an argument that takes only a size. A bare number is a number of bytes.
pub fn limit(argument: &str, text: &str) -> Result<u64> {
    if !text.is_empty() && text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let bytes = text.parse().ok().and_then(checked);
        return bytes.ok_or_else(|| Error::value(argument, ALLOWED, quoted(text)));
    }
    if let Some((number, unit)) = bare_prefix(text) {
        let expected = format!("\"{number} {unit}B\" (powers of 1000) or \"{number} {unit}iB\" (powers of 1024)");
        return Err(Error::value(argument, expected, quoted(text)));
    }
    let parsed = Some(text).filter(|text| text.len() <= LONGEST).and_then(parse).unwrap_or(Err(EXPECTED));
    parsed.map_err(|expected| Error::value(argument, expected, quoted(text)))
}

/// Splits `"5K"` into the number and the letter. The letter is ambiguous: it can mean 1000 or 1024.
fn bare_prefix(text: &str) -> Option<(&str, char)> {
    let unit = text.chars().last().filter(|unit| PREFIXES.contains(unit.to_ascii_lowercase()))?;
    let number = text[..text.len() - 1].trim();
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (is_number && text.len() <= LONGEST).then_some((number, unit.to_ascii_uppercase()))
}

/// Reads a size. Returns None if the text does not have that form. An error tells the allowed values.
///
/// `kB`, `MB`, ... are powers of 1000; `KiB`, `MiB`, ... are powers of 1024. Case is ignored, because there are no bits
/// or milli-bytes here.
pub fn parse(text: &str) -> Option<std::result::Result<u64, &'static str>> {
    let (number, unit, rest) = quantity::split(text.trim())?;
    let unit = unit_bytes(&unit.to_ascii_lowercase())?;
    if !rest.is_empty() {
        return None;
    }
    let (bytes, _) = number.times(unit);
    Some(u64::try_from(bytes).ok().and_then(checked).ok_or(ALLOWED))
}

/// Returns the number of bytes if a file may have that size.
pub fn checked(bytes: u64) -> Option<u64> {
    (1..=i64::MAX.unsigned_abs()).contains(&bytes).then_some(bytes)
}

fn unit_bytes(unit: &str) -> Option<u64> {
    if matches!(unit, "b" | "byte" | "bytes") {
        return Some(1);
    }
    let prefix = unit.strip_suffix('b')?;
    let (prefix, base) = prefix.strip_suffix('i').map_or((prefix, 1000), |prefix| (prefix, 1024_u64));
    let power = PREFIXES.find(prefix).filter(|_| prefix.len() == 1)?;
    Some(base.pow(power as u32 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_decimal_or_binary_in_any_case() {
        let cases = [
            ("10 MB", 10_000_000),
            ("500KB", 500_000),
            ("500 kb", 500_000),
            ("1 GiB", 1 << 30),
            ("1gib", 1 << 30),
            ("3 KiB", 3072),
            ("1.5 GB", 1_500_000_000),
            ("0.5 KiB", 512),
            ("2 TB", 2_000_000_000_000),
            ("1 TiB", 1 << 40),
            ("7 EiB", 7 << 60),
            ("100 B", 100),
            ("100 bytes", 100),
            ("1.9 B", 1),
            ("  1   MB  ", 1_000_000),
        ];
        for (text, bytes) in cases {
            assert_eq!(parse(text), Some(Ok(bytes)), "{text}");
        }
    }

    #[test]
    fn nothing_and_too_much_are_refused() {
        for text in ["0 B", "0 MB", "0.9 B", "8 EiB", "99999999999999999999999999999999999999999999 GB"] {
            assert_eq!(parse(text), Some(Err(ALLOWED)), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_sizes() {
        for text in
            ["", "10", "MB", "-1 MB", "10 parsecs", "10 M", "10 min", "1 MB 2", "1 MB 2 kB", "1 ib", "1 kmb", "1 kMB"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
