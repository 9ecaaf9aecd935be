//! Where the digits of a time stand in its output, to see whether it can be read back beside other numbers.

use crate::format::time::pattern::TimePattern;
use crate::format::time::reading::most_digits;
use crate::format::time::strftime::Piece;

/// The digits of a part of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digits {
    /// There are none in some place, so that numbers before and after it are apart.
    None,
    /// Only digits, always as many.
    Fixed,
    /// A number of any length.
    Open,
}

impl Digits {
    pub fn of_text(text: &[u8]) -> Self {
        if text.iter().all(u8::is_ascii_digit) { Self::Fixed } else { Self::None }
    }
}

impl TimePattern {
    /// Whether a number of any length stands right before another digit, so that nobody can tell where it ends.
    pub fn has_open_numbers(&self) -> bool {
        self.pieces().windows(2).any(|pair| is_open(&pair[0]) && begins_with_digit(&pair[1]))
    }

    /// Which digits the output has, in order.
    pub fn digits(&self) -> impl Iterator<Item = Digits> {
        self.pieces().iter().map(|piece| match piece {
            Piece::Text(text) => Digits::of_text(text.as_bytes()),
            _ if is_open(piece) => Digits::Open,
            Piece::Number { .. } | Piece::Fraction(_) => Digits::Fixed,
            _ => Digits::None,
        })
    }
}

fn is_open(piece: &Piece) -> bool {
    match piece {
        Piece::UnixMicros => true,
        Piece::Number { field, width, .. } => *width < most_digits(*field),
        _ => false,
    }
}

fn begins_with_digit(piece: &Piece) -> bool {
    match piece {
        Piece::Text(text) => text.starts_with(|first: char| first.is_ascii_digit()),
        Piece::Number { .. } | Piece::Fraction(_) | Piece::UnixMicros => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> TimePattern {
        TimePattern::parse("archive", text).expect("a pattern")
    }

    #[test]
    fn numbers_of_any_length_are_open() {
        let cases = [
            ("YYYY-M", vec![Digits::Fixed, Digits::None, Digits::Open]),
            ("YYX", vec![Digits::Fixed, Digits::Open]),
            ("[2]x", vec![Digits::Fixed, Digits::Open]),
            ("SSS[2a]", vec![Digits::Fixed, Digits::None]),
        ];

        for (text, digits) in cases {
            assert_eq!(pattern(text).digits().collect::<Vec<_>>(), digits, "{text}");
        }
    }

    #[test]
    fn an_open_number_before_a_digit_has_no_end() {
        for (text, is_open) in [("YYYYMD", true), ("XSS", true), ("M[1]", true), ("YYYY-M-D", false), ("MMDD", false)] {
            assert_eq!(pattern(text).has_open_numbers(), is_open, "{text}");
        }
    }
}
