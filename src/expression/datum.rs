//! A value in an expression: its truth, equality and order, as in Python.
//!
//! Missing values are None. Values of unlike types are unequal and have no order. Booleans are numbers.

use std::borrow::Cow;
use std::cmp::Ordering;

use memchr::memmem;

/// A value of a record, a constant or a result. Texts are UTF-8 and may contain lone surrogates (as WTF-8).
#[derive(Clone, Debug)]
pub enum Datum<'a> {
    None,
    Bool(bool),
    Int(i64),
    /// An integer beyond 64 bits, in decimal.
    Big(Cow<'a, [u8]>),
    Float(f64),
    Text(Cow<'a, [u8]>),
    List(Vec<Datum<'a>>),
    Map(Vec<(Cow<'a, [u8]>, Datum<'a>)>),
}

#[derive(Clone, Copy)]
enum Number<'d> {
    Int(i64),
    Big(&'d [u8]),
    Float(f64),
}

impl<'a> Datum<'a> {
    pub fn text(text: impl Into<Cow<'a, [u8]>>) -> Self {
        Self::Text(text.into())
    }

    pub fn is_true(&self) -> bool {
        match self {
            Self::None => false,
            Self::Bool(value) => *value,
            Self::Int(number) => *number != 0,
            Self::Float(number) => *number != 0.0,
            Self::Big(_) => true,
            Self::Text(text) => !text.is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Map(members) => !members.is_empty(),
        }
    }

    pub fn equals(&self, other: &Datum<'_>) -> bool {
        match (self, other) {
            (Self::None, Datum::None) => true,
            (Self::Text(one), Datum::Text(other)) => one == other,
            (Self::List(one), Datum::List(other)) => are_equal(one, other),
            (Self::Map(one), Datum::Map(other)) => have_equal_members(one, other),
            _ => self.order(other) == Some(Ordering::Equal),
        }
    }

    /// The order of two numbers or two texts; None for other values.
    pub fn order(&self, other: &Datum<'_>) -> Option<Ordering> {
        if let (Self::Text(one), Datum::Text(other)) = (self, other) {
            return Some(one.cmp(other));
        }
        order_of_numbers(self.number()?, other.number()?)
    }

    /// Whether it contains an item, a key, or a part of a text.
    pub fn contains(&self, wanted: &Datum<'_>) -> bool {
        match (self, wanted) {
            (Self::Text(text), Datum::Text(part)) => memmem::find(text, part).is_some(),
            (Self::List(items), wanted) => items.iter().any(|item| item.equals(wanted)),
            (Self::Map(members), Datum::Text(key)) => members.iter().any(|(known, _)| known == key),
            _ => false,
        }
    }

    pub fn starts_with(&self, start: &Datum<'_>) -> bool {
        matches!((self, start), (Self::Text(text), Datum::Text(start)) if text.starts_with(start))
    }

    pub fn ends_with(&self, end: &Datum<'_>) -> bool {
        matches!((self, end), (Self::Text(text), Datum::Text(end)) if text.ends_with(end))
    }

    /// A member of a mapping, by its key.
    pub(super) fn into_member(self, key: &[u8]) -> Option<Self> {
        let Self::Map(members) = self else { return None };
        members.into_iter().rev().find(|(known, _)| **known == *key).map(|(_, value)| value)
    }

    /// Like `into_member`, but borrowed.
    pub fn member(&self, key: &[u8]) -> Option<&Self> {
        let Self::Map(members) = self else { return None };
        members.iter().rev().find(|(known, _)| **known == *key).map(|(_, value)| value)
    }

    fn number(&self) -> Option<Number<'_>> {
        Some(match self {
            Self::Bool(value) => Number::Int(i64::from(*value)),
            Self::Int(number) => Number::Int(*number),
            Self::Big(digits) => Number::Big(digits),
            Self::Float(number) => Number::Float(*number),
            _ => return None,
        })
    }
}

fn are_equal(one: &[Datum<'_>], other: &[Datum<'_>]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.equals(other))
}

fn have_equal_members(one: &[(Cow<'_, [u8]>, Datum<'_>)], other: &[(Cow<'_, [u8]>, Datum<'_>)]) -> bool {
    let is_in_other = |(key, value): &(Cow<'_, [u8]>, Datum<'_>)| {
        other.iter().find(|(known, _)| known == key).is_some_and(|(_, known)| value.equals(known))
    };
    one.len() == other.len() && one.iter().all(is_in_other)
}

fn order_of_numbers(one: Number<'_>, other: Number<'_>) -> Option<Ordering> {
    match (one, other) {
        (Number::Int(one), Number::Int(other)) => Some(one.cmp(&other)),
        (Number::Float(one), Number::Float(other)) => one.partial_cmp(&other),
        (Number::Int(one), Number::Float(other)) => order_of_int(one, other),
        (Number::Float(_), Number::Int(_) | Number::Big(_)) | (Number::Int(_), Number::Big(_)) => {
            order_of_numbers(other, one).map(Ordering::reverse)
        }
        (Number::Big(one), Number::Int(_)) => Some(if one[0] == b'-' { Ordering::Less } else { Ordering::Greater }),
        (Number::Big(one), Number::Big(other)) => Some(order_of_digits(one, other)),
        (Number::Big(one), Number::Float(other)) => order_of_big(one, other),
    }
}

/// Compares exactly: a float has fewer digits than an integer may have.
fn order_of_int(one: i64, other: f64) -> Option<Ordering> {
    #[expect(clippy::cast_precision_loss, reason = "if the rounded number is equal, the exact ones are compared")]
    match (one as f64).partial_cmp(&other)? {
        Ordering::Equal => Some(i128::from(one).cmp(&(other as i128))),
        unequal => Some(unequal),
    }
}

fn order_of_big(one: &[u8], other: f64) -> Option<Ordering> {
    if !other.is_finite() {
        return 0.0.partial_cmp(&other);
    }
    // Without a fraction, as a big integer is larger than any float that has one.
    Some(order_of_digits(one, format!("{:.0}", other.trunc()).as_bytes()))
}

/// Compares two integers in decimal, without leading zeros.
fn order_of_digits(one: &[u8], other: &[u8]) -> Ordering {
    let magnitude = |one: &[u8], other: &[u8]| one.len().cmp(&other.len()).then_with(|| one.cmp(other));
    match (one.strip_prefix(b"-"), other.strip_prefix(b"-")) {
        (None, None) => magnitude(one, other),
        (Some(one), Some(other)) => magnitude(other, one),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn big(digits: &str) -> Datum<'_> {
        Datum::Big(digits.as_bytes().into())
    }

    #[test]
    fn numbers_compare_exactly() {
        let huge = 9_007_199_254_740_993;

        assert!(!Datum::Int(huge).equals(&Datum::Float(9_007_199_254_740_992.0)));
        assert_eq!(Datum::Int(huge).order(&Datum::Float(9_007_199_254_740_992.0)), Some(Ordering::Greater));
        assert!(Datum::Bool(true).equals(&Datum::Float(1.0)));
        assert_eq!(Datum::Float(f64::NAN).order(&Datum::Int(0)), None);
        assert_eq!(Datum::Float(0.5).order(&Datum::Int(0)), Some(Ordering::Greater));
    }

    #[test]
    fn integers_beyond_64_bits_compare_by_their_digits() {
        let (one, other) = (big("18446744073709551616"), big("-18446744073709551616"));

        assert_eq!(one.order(&Datum::Int(i64::MAX)), Some(Ordering::Greater));
        assert_eq!(Datum::Int(0).order(&other), Some(Ordering::Greater));
        assert!(one.equals(&Datum::Float(18_446_744_073_709_551_616.0)));
        assert_eq!(one.order(&Datum::Float(f64::INFINITY)), Some(Ordering::Less));
        assert_eq!(other.order(&big("-18446744073709551617")), Some(Ordering::Greater));
    }

    #[test]
    fn unlike_types_are_unequal_and_have_no_order() {
        let text = Datum::text(b"1".as_slice());

        assert!(!text.equals(&Datum::Int(1)));
        assert_eq!(text.order(&Datum::Int(1)), None);
        assert_eq!(Datum::None.order(&Datum::None), None);
        assert!(Datum::None.equals(&Datum::None));
    }
}
