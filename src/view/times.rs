//! Times as logs write them, in nanoseconds since 1970.
//!
//! Dates have the order year, month, day. A time without an offset is local. Numbers are seconds, or smaller units if
//! they are too large for seconds.

use jiff::civil;
use jiff::tz::TimeZone;

const NS: i64 = 1_000_000_000;

/// The seconds of the year 2286; a larger number counts milliseconds, or less.
const MOST_SECONDS: i64 = 10_000_000_000;

/// Reads times, and remembers the offset of the last hour.
pub struct Times {
    zone: TimeZone,
    /// A local hour, as year, month, day and hour, and the seconds since 1970 at its start.
    hour: (i64, i64, i64, i64),
    starts_at: i64,
}

impl Times {
    pub fn new(zone: TimeZone) -> Self {
        Self { zone, hour: (0, 0, 0, 0), starts_at: 0 }
    }

    /// Reads the time at the start of a text. Returns it with its length.
    pub fn read(&mut self, text: &[u8]) -> Option<(i64, usize)> {
        let mut cursor = Cursor { text, at: 0 };
        let (year, month, day) = cursor.date()?;
        cursor.one_of(b"T _:")?;
        let (hour, minute) = (cursor.number(2)?, cursor.after(b':', 2)?);
        let (second, nanos) = cursor.seconds()?;
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let within = minute * 60 + second;
        let seconds = match cursor.offset() {
            Some(offset) => days(year, month, day) * 86_400 + hour * 3600 + within - offset,
            None => self.hour_start((year, month, day, hour), minute)? + within,
        };
        Some((seconds.checked_mul(NS)?.checked_add(nanos)?, cursor.at))
    }

    /// Reads a text that is a time and nothing else.
    pub fn read_whole(&mut self, text: &[u8]) -> Option<i64> {
        let text = text.trim_ascii();
        let time = self.read(text).filter(|(_, length)| *length == text.len()).map(|(time, _)| time);
        time.or_else(|| number(text))
    }

    fn hour_start(&mut self, hour: (i64, i64, i64, i64), minute: i64) -> Option<i64> {
        if self.hour != hour {
            let (year, month, day, of_day) = hour;
            let part = |number: i64| i8::try_from(number).ok();
            let civil = civil::DateTime::new(
                i16::try_from(year).ok()?,
                part(month)?,
                part(day)?,
                part(of_day)?,
                part(minute)?,
                0,
                0,
            );
            let zoned = civil.ok()?.to_zoned(self.zone.clone()).ok()?;
            self.starts_at = zoned.timestamp().as_second() - minute * 60;
            self.hour = hour;
        }
        Some(self.starts_at)
    }
}

/// Reads a number of seconds, milliseconds, microseconds or nanoseconds since 1970.
pub fn number(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let Ok(number) = whole.parse::<i64>() else {
        // Such as 1.7e9, which is not exact anyway.
        let value: f64 = text.parse().ok()?;
        return (value as i64).checked_mul(unit_of(value as i64));
    };
    let unit = unit_of(number);
    let digits = fraction.bytes().map(|digit| digit.is_ascii_digit().then(|| i64::from(digit - b'0')));
    let mut parts = 0;
    let mut place = unit / 10;
    for digit in digits {
        parts += digit? * place;
        place /= 10;
    }
    number.checked_mul(unit)?.checked_add(parts)
}

/// The nanoseconds of the unit that a number of this size has.
fn unit_of(value: i64) -> i64 {
    match value {
        _ if value < MOST_SECONDS => NS,
        _ if value < MOST_SECONDS * 1_000 => 1_000_000,
        _ if value < MOST_SECONDS * 1_000_000 => 1_000,
        _ => 1,
    }
}

/// The days from 1970 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March have their leap day at the end.
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
}

struct Cursor<'t> {
    text: &'t [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn one_of(&mut self, wanted: &[u8]) -> Option<u8> {
        let found = self.peek().filter(|byte| wanted.contains(byte))?;
        self.at += 1;
        Some(found)
    }

    /// A number of exactly this many digits.
    fn number(&mut self, digits: usize) -> Option<i64> {
        let part = self.text.get(self.at..self.at + digits).filter(|part| part.iter().all(u8::is_ascii_digit))?;
        self.at += digits;
        Some(part.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    }

    fn after(&mut self, separator: u8, digits: usize) -> Option<i64> {
        self.one_of(&[separator])?;
        self.number(digits)
    }

    fn date(&mut self) -> Option<(i64, i64, i64)> {
        let year = self.number(4)?;
        let separator = self.one_of(b"-/.")?;
        Some((year, self.number(2)?, self.after(separator, 2)?))
    }

    /// Seconds with a fraction, if they are there. Returns them and the nanoseconds.
    fn seconds(&mut self) -> Option<(i64, i64)> {
        if self.peek() != Some(b':') {
            return Some((0, 0));
        }
        let second = self.after(b':', 2)?;
        let has_fraction =
            matches!(self.peek(), Some(b'.' | b',')) && self.text.get(self.at + 1).is_some_and(u8::is_ascii_digit);
        if !has_fraction {
            return Some((second, 0));
        }
        self.at += 1;
        let (mut nanos, mut unit) = (0, NS / 10);
        while let Some(digit) = self.peek().filter(u8::is_ascii_digit) {
            nanos += i64::from(digit - b'0') * unit;
            unit /= 10;
            self.at += 1;
        }
        Some((second, nanos))
    }

    /// The offset from UTC in seconds: `Z`, `UTC`, `+01:00`, `+0100` or ` +0100`. None, and nothing is read, if none follows.
    fn offset(&mut self) -> Option<i64> {
        let start = self.at;
        if self.one_of(b"Zz").is_some() {
            return Some(0);
        }
        if self.text[self.at..].starts_with(b" UTC") {
            self.at += 4;
            return Some(0);
        }
        self.one_of(b" ");
        let found = self.signed_offset();
        if found.is_none() {
            self.at = start;
        }
        found
    }

    fn signed_offset(&mut self) -> Option<i64> {
        let sign = if self.one_of(b"+-")? == b'-' { -1 } else { 1 };
        let hours = self.number(2)?;
        self.one_of(b":");
        let minutes = self.number(2)?;
        (hours < 24 && minutes < 60 && !self.peek().is_some_and(|next| next.is_ascii_digit()))
            .then(|| sign * (hours * 3600 + minutes * 60))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<(String, usize)> {
        let zone = TimeZone::get("Europe/Berlin").expect("a zone");
        let (time, length) = Times::new(zone).read(text.as_bytes())?;
        let time = Timestamp::from_nanosecond(i128::from(time)).expect("in range");
        Some((time.to_string(), length))
    }

    fn known(time: &str, length: usize) -> (String, usize) {
        (time.to_owned(), length)
    }

    #[test]
    fn times_have_the_forms_that_libraries_write() {
        assert_eq!(read("2025-01-15T10:30:45.123Z"), Some(known("2025-01-15T10:30:45.123Z", 24)));
        assert_eq!(read("2025-01-15 10:30:45,123 - a"), Some(known("2025-01-15T09:30:45.123Z", 23)));
        assert_eq!(read("2025-01-15 10:30:45 | INFO"), Some(known("2025-01-15T09:30:45Z", 19)));
        assert_eq!(read("2025-01-15 10:30:45 +0530] a"), Some(known("2025-01-15T05:00:45Z", 25)));
        assert_eq!(read("2025-01-15T10:30:45.123456+01:00"), Some(known("2025-01-15T09:30:45.123456Z", 32)));
        assert_eq!(read("2025/01/15 10:30:45 a"), Some(known("2025-01-15T09:30:45Z", 19)));
        assert_eq!(read("2025-01-15 10:30:45 -12 degrees"), Some(known("2025-01-15T09:30:45Z", 19)));
        assert_eq!(read("2025-01-15 10:30"), Some(known("2025-01-15T09:30:00Z", 16)));
    }

    #[test]
    fn other_texts_are_no_times() {
        for text in ["", "2025", "2025-13-01 10:00:00", "2025-01-15", "2025-01-15 25:00:00", "20250115T103045", "a"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_have_the_unit_that_fits() {
        for text in ["1736935845", "1736935845.0", "1736935845000", "1736935845000000", "1736935845000000000"] {
            assert_eq!(number(text.as_bytes()), Some(1_736_935_845 * NS), "{text}");
        }
        assert_eq!(number(b"-1"), None);
        assert_eq!(number(b"1736935845.5"), Some(1_736_935_845 * NS + NS / 2));
    }

    proptest! {
        // Offsets of the time before 1951 have seconds, which no log writes.
        #[test]
        fn times_are_those_that_were_written(seconds in -600_000_000..9_000_000_000_i64, zone in 0..4usize) {
            let zone = TimeZone::get(["UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York"][zone]).expect("a zone");
            let time = Timestamp::from_second(seconds).expect("in range");
            let zoned = time.to_zoned(zone.clone());
            let mut times = Times::new(zone);

            let with_offset = zoned.strftime("%Y-%m-%d %H:%M:%S%:z").to_string();
            prop_assert_eq!(times.read_whole(with_offset.as_bytes()).map(|time| time / NS), Some(seconds));
            let local = zoned.strftime("%Y-%m-%d %H:%M:%S").to_string();
            let again = zoned.datetime().to_zoned(zoned.time_zone().clone()).expect("in range");
            prop_assert_eq!(times.read_whole(local.as_bytes()).map(|time| time / NS), Some(again.timestamp().as_second()));
        }
    }
}
