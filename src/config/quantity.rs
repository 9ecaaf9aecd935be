//! Numbers with units, for sizes and durations: `10 MB`, `1.5 hours`.

/// The length limit of a specification, in characters.
pub const LONGEST: usize = 200;

/// The number of digits after the point that count.
const MOST_PLACES: usize = 15;

/// A decimal number as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// All digits as one number. It saturates if the number is too large.
    digits: u128,
    /// The number of digits after the point.
    places: u32,
    /// Whether further digits were cut off.
    is_cut: bool,
}

impl Decimal {
    fn new(whole: &str, fraction: &str) -> Self {
        let fraction = fraction.trim_end_matches('0');
        let kept = &fraction[..fraction.len().min(MOST_PLACES)];
        let digits = whole
            .bytes()
            .chain(kept.bytes())
            .fold(0_u128, |number, digit| number.saturating_mul(10).saturating_add(u128::from(digit - b'0')));
        Self { digits, places: kept.len() as u32, is_cut: kept.len() < fraction.len() }
    }

    /// Multiplies by `unit` and rounds down. Also returns whether the product was a whole number.
    ///
    /// A number too large for this calculation gives a result that is too large for every use.
    pub fn times(self, unit: u64) -> (u128, bool) {
        let product = self.digits.saturating_mul(u128::from(unit));
        let divisor = 10_u128.pow(self.places);
        (product / divisor, product.is_multiple_of(divisor) && !self.is_cut)
    }
}

/// Splits `text` into the number at its start, the letters after it, and the rest. None if either is missing.
pub fn split(text: &str) -> Option<(Decimal, &str, &str)> {
    let (whole, rest) = leading(text, |byte| byte.is_ascii_digit());
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => Some(leading(rest, |byte| byte.is_ascii_digit())).filter(|(digits, _)| !digits.is_empty())?,
        None => ("", rest),
    };
    let (unit, rest) = leading(rest.trim_start(), |byte| byte.is_ascii_alphabetic());
    if whole.is_empty() || unit.is_empty() {
        return None;
    }
    Some((Decimal::new(whole, fraction), unit, rest))
}

/// Splits at the first byte that is not of the kind. The kinds are ASCII.
fn leading(text: &str, is_of_kind: impl Fn(u8) -> bool) -> (&str, &str) {
    text.split_at(text.bytes().position(|byte| !is_of_kind(byte)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_unit_and_rest_are_told_apart() {
        let (number, unit, rest) = split("1.50 hours 3 min").expect("a quantity");

        assert_eq!((number.times(3600), unit, rest), ((5400, true), "hours", " 3 min"));
    }

    #[test]
    fn what_is_no_number_with_a_unit_is_none() {
        for text in ["", "MB", "10", "-1 MB", "+1 MB", "1. MB", ".5 MB", "1.5.5 MB", "1e3 MB", "10 %", "٣ MB"] {
            let whole = split(text).filter(|(_, _, rest)| rest.is_empty());

            assert!(whole.is_none_or(|(_, unit, _)| unit == "e"), "{text}");
        }
    }

    #[test]
    fn numbers_of_any_length_are_read_without_overflow() {
        let long = "9".repeat(150);

        assert!(split(&format!("{long} B")).expect("a quantity").0.times(1).0 > u128::from(u64::MAX));
        assert_eq!(split(&format!("0.{long} B")).expect("a quantity").0.times(1000), (999, false));
        assert_eq!(split(&format!("1.{} B", "0".repeat(150))).expect("a quantity").0.times(1), (1, true));
    }
}
