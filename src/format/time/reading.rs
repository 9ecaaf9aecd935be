//! Times read back from the output of numeric patterns, for file names.
//!
//! Reading is lenient if a pattern is redundant: a quarter next to a month is ignored. A caller that needs the exact
//! text renders the result and compares.

use jiff::civil::{Date, DateTime, ISOWeekDate, Weekday};

use crate::format::time::pattern::TimePattern;
use crate::format::time::strftime::{Field, Piece};

/// The precision of a time, coarsest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    Year,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
}

/// The values found so far. Several patterns may each read a part of one time.
#[derive(Clone, Copy, Debug, Default)]
pub struct TimeReading {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    iso_year: Option<i64>,
    iso_week: Option<i64>,
    hour: Option<i64>,
    minute: Option<i64>,
    second: Option<i64>,
    nanos: Option<i64>,
    unix_micros: Option<i64>,
    is_utc: Option<bool>,
}

/// A complete time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeRead {
    pub civil: DateTime,
    pub precision: Precision,
    /// Whether the time is in UTC; otherwise it is local.
    pub is_utc: bool,
}

impl TimePattern {
    /// Reads the output of this pattern from the start of `text` and returns its length in bytes.
    pub fn read(&self, text: &[u8], reading: &mut TimeReading) -> Option<usize> {
        let mut rest = text;
        for piece in self.pieces() {
            rest = reading.take(piece, rest)?;
        }
        let is_utc = self.is_of_utc();
        (*reading.is_utc.get_or_insert(is_utc) == is_utc).then_some(text.len() - rest.len())
    }

    /// Whether the output is independent of the local zone.
    pub fn is_of_utc(&self) -> bool {
        let is_unix =
            |piece: &Piece| matches!(piece, Piece::UnixMicros | Piece::Number { field: Field::UnixSecond, .. });
        self.is_utc() || self.pieces().iter().any(is_unix)
    }
}

impl TimeReading {
    /// The time, if the values determine one: they need a year, and no value may lack the next coarser one.
    pub fn time(&self) -> Option<TimeRead> {
        let is_utc = self.is_utc.unwrap_or_default();
        if let Some(micros) = self.unix_micros {
            let instant = jiff::Timestamp::from_microsecond(micros).ok()?;
            let civil = jiff::tz::Offset::UTC.to_datetime(instant);
            return Some(TimeRead { civil, precision: Precision::Second, is_utc });
        }
        let (date, precision) = self.date()?;
        let mut time = TimeRead { civil: date.at(0, 0, 0, 0), precision, is_utc };
        let finer = [
            (self.hour, Precision::Hour, Precision::Day),
            (self.minute, Precision::Minute, Precision::Hour),
            (self.second, Precision::Second, Precision::Minute),
            (self.nanos, Precision::Second, Precision::Second),
        ];
        for (value, precision, coarser) in finer {
            let Some(value) = value else { continue };
            if time.precision != coarser {
                return None;
            }
            let with = time.civil.with();
            let with = match (precision, coarser) {
                (Precision::Hour, _) => with.hour(i8::try_from(value).ok()?),
                (Precision::Minute, _) => with.minute(i8::try_from(value).ok()?),
                (_, Precision::Minute) => with.second(i8::try_from(value).ok()?),
                _ => with.subsec_nanosecond(i32::try_from(value).ok()?),
            };
            time = TimeRead { civil: with.build().ok()?, precision, is_utc };
        }
        Some(time)
    }

    fn date(&self) -> Option<(Date, Precision)> {
        let small = |value: i64| i8::try_from(value).ok();
        if let (None, Some(year), Some(week)) = (self.year, self.iso_year, self.iso_week) {
            let monday = ISOWeekDate::new(i16::try_from(year).ok()?, small(week)?, Weekday::Monday).ok()?;
            return Some((monday.date(), Precision::Week));
        }
        let year = i16::try_from(self.year?).ok()?;
        let new_year = Date::new(year, 1, 1).ok()?;
        match (self.month, self.day, self.day_of_year) {
            (Some(month), Some(day), _) => Some((Date::new(year, small(month)?, small(day)?).ok()?, Precision::Day)),
            (_, None, Some(day)) => {
                Some((new_year.with().day_of_year(i16::try_from(day).ok()?).build().ok()?, Precision::Day))
            }
            (Some(month), None, None) => Some((Date::new(year, small(month)?, 1).ok()?, Precision::Month)),
            (None, None, None) => Some((new_year, Precision::Year)),
            (None, Some(_), _) => None,
        }
    }

    /// Reads one piece from the start of `text` and returns the rest.
    fn take<'t>(&mut self, piece: &Piece, text: &'t [u8]) -> Option<&'t [u8]> {
        match piece {
            Piece::Text(literal) => text.strip_prefix(literal.as_bytes()),
            Piece::Number { field, width, pad: b'0' } => {
                let (value, rest) = digits(text, *width, (*width).max(most_digits(*field)))?;
                self.set(*field, value)?;
                Some(rest)
            }
            Piece::Fraction(count) => {
                let (value, rest) = digits(text, *count, *count)?;
                self.nanos = Some(value * 10_i64.pow(9_u32.checked_sub(u32::try_from(*count).ok()?)?));
                Some(rest)
            }
            Piece::UnixMicros => {
                let (value, rest) = digits(text, 1, 17)?;
                self.unix_micros = Some(value);
                Some(rest)
            }
            Piece::Number { .. } | Piece::Name(_) | Piece::Offset(_) | Piece::Zone => None,
        }
    }

    fn set(&mut self, field: Field, value: i64) -> Option<()> {
        match field {
            Field::Year => self.year = Some(value),
            // The POSIX rule for two digits.
            Field::YearOfCentury => self.year = Some(value + if value < 69 { 2000 } else { 1900 }),
            Field::Month => self.month = Some(value),
            Field::Day => self.day = Some(value),
            Field::DayOfYear => self.day_of_year = Some(value),
            Field::IsoYear => self.iso_year = Some(value),
            Field::IsoWeek => self.iso_week = Some(value),
            Field::Hour => self.hour = Some(value),
            Field::Minute => self.minute = Some(value),
            Field::Second => self.second = Some(value),
            Field::UnixSecond => self.unix_micros = Some(value.checked_mul(1_000_000)?),
            // Does not tell the half of the day.
            Field::Hour12 => return None,
            // These follow from the date.
            Field::Century
            | Field::Quarter
            | Field::WeekdayFromZero
            | Field::WeekdayIso
            | Field::WeekdayFromSunday
            | Field::IsoYearOfCentury
            | Field::WeekFromSunday
            | Field::WeekFromMonday => {}
        }
        Some(())
    }
}

pub(super) fn most_digits(field: Field) -> usize {
    match field {
        Field::Year | Field::IsoYear => 4,
        Field::DayOfYear => 3,
        Field::Quarter | Field::WeekdayFromZero | Field::WeekdayIso | Field::WeekdayFromSunday => 1,
        Field::UnixSecond => 11,
        _ => 2,
    }
}

/// Splits `text` after the number at its start, which has `least` to `most` digits.
fn digits(text: &[u8], least: usize, most: usize) -> Option<(i64, &[u8])> {
    let count = text.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
    if count < least {
        return None;
    }
    let (digits, rest) = text.split_at(count);
    Some((digits.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0')), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pattern: &str, text: &str) -> Option<(String, Precision)> {
        let pattern = TimePattern::parse("archive", pattern).expect("a pattern");
        let mut reading = TimeReading::default();
        let length = pattern.read(text.as_bytes(), &mut reading)?;
        let time = reading.time().filter(|_| length == text.len())?;
        Some((time.civil.to_string(), time.precision))
    }

    #[test]
    fn digits_are_read_back_with_their_precision() {
        let cases = [
            ("YYYY", "2025", "2025-01-01T00:00:00", Precision::Year),
            ("YYYY-Q-MM", "2025-1-02", "2025-02-01T00:00:00", Precision::Month),
            ("YYYYMMDD", "20250114", "2025-01-14T00:00:00", Precision::Day),
            ("YYMMDD", "250114", "2025-01-14T00:00:00", Precision::Day),
            ("YYYY.DDDD", "2025.032", "2025-02-01T00:00:00", Precision::Day),
            ("YYYY-M-D", "2025-1-4", "2025-01-04T00:00:00", Precision::Day),
            ("%G-W%V", "2025-W03", "2025-01-13T00:00:00", Precision::Week),
            ("%Y%m%dT%H", "20250114T13", "2025-01-14T13:00:00", Precision::Hour),
            ("YYYY-MM-DD_HH-mm", "2025-01-14_13-05", "2025-01-14T13:05:00", Precision::Minute),
            ("YYYYMMDDHHmmss.SSS", "20250114130559.250", "2025-01-14T13:05:59.25", Precision::Second),
            ("X", "1736859959", "2025-01-14T13:05:59", Precision::Second),
            ("x", "1736859959250000", "2025-01-14T13:05:59.25", Precision::Second),
        ];

        for (pattern, text, civil, precision) in cases {
            assert_eq!(read(pattern, text), Some((civil.to_owned(), precision)), "{pattern}");
        }
    }

    #[test]
    fn what_is_no_time_is_not_read() {
        let cases = [
            ("YYYYMMDD", "20251301"),
            ("YYYYMMDD", "20250230"),
            ("YYYYMMDD", "2025011"),
            ("YYYYMMDD", "2025011x"),
            ("YYYY-MM-DD", "2025_01_14"),
            ("YYYY-MM-DD_HH", "2025-01-14_24"),
            ("YYYY-MM-DD_HH", "2025-01-14_"),
            ("X", "99999999999999"),
        ];

        for (pattern, text) in cases {
            assert_eq!(read(pattern, text), None, "{pattern} {text}");
        }
    }

    #[test]
    fn patterns_that_leave_gaps_say_no_time() {
        for (pattern, text) in [("HH", "13"), ("MM-DD", "01-14"), ("YYYY DD", "2025 14"), ("YYYY-MM HH", "2025-01 13")]
        {
            assert_eq!(read(pattern, text), None, "{pattern}");
        }
    }

    #[test]
    fn words_and_zones_are_not_read() {
        for (pattern, text) in [("YYYY MMM", "2025 Jan"), ("YYYY Z", "2025 +01:00"), ("YYYY-MM-DD hh", "2025-01-14 01")]
        {
            assert_eq!(read(pattern, text), None, "{pattern}");
        }
    }

    #[test]
    fn parts_of_a_time_add_up() {
        let mut reading = TimeReading::default();

        for (pattern, text) in [("YYYY", "2025"), ("MM", "02")] {
            TimePattern::parse("archive", pattern).expect("a pattern").read(text.as_bytes(), &mut reading);
        }

        let time = reading.time().expect("a month");
        assert_eq!((time.civil, time.precision), (Date::constant(2025, 2, 1).at(0, 0, 0, 0), Precision::Month));
    }
}
