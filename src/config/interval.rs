//! Durations such as `"2 hours 30 minutes"`, `"1.5 h"` and `"7 days"`, and named intervals such as `"daily"`.

use std::time::Duration;

use crate::config::quantity;
use crate::config::schedule::Schedule;

pub const DAY: u32 = 86_400;

/// Error text for an interval between rotations that is out of bounds.
pub const ALLOWED: &str = "an interval of whole seconds, from 1 second to 100 years";
/// Error text for an age that is out of bounds.
pub const ALLOWED_AGE: &str = "an age above 0, up to 1000 years";

/// A hundred years in months and in seconds.
const MOST_MONTHS: u128 = 1200;
const MOST_SECONDS: u128 = 36_525 * DAY as u128;

pub const NAMES: [(&str, Schedule); 6] = [
    ("minutely", Schedule::Seconds(60)),
    ("hourly", Schedule::Seconds(3600)),
    ("daily", Schedule::Seconds(DAY)),
    ("weekly", Schedule::Seconds(7 * DAY)),
    ("monthly", Schedule::Months(1)),
    ("yearly", Schedule::Months(12)),
];

/// The names of units, spelled out as errors suggest them.
pub(super) const UNITS: [&str; 7] = ["seconds", "minutes", "hours", "days", "weeks", "months", "years"];

/// A sum of units. Months have no fixed length, so they are kept separately.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Span {
    months: u128,
    seconds: u128,
    /// Whether no fraction was cut off.
    is_whole: bool,
}

impl Span {
    /// The total length in seconds. A month has 30 days and a year 365.
    fn seconds_in_all(&self) -> u128 {
        let days = (self.months / 12).saturating_mul(365).saturating_add(self.months % 12 * 30);
        days.saturating_mul(u128::from(DAY)).saturating_add(self.seconds)
    }
}

enum Unit {
    Seconds(u64),
    Months(u64),
}

/// The interval called `text`.
pub fn named(text: &str) -> Option<Schedule> {
    NAMES.iter().find(|(name, _)| *name == text).map(|(_, schedule)| schedule.clone())
}

/// Reads the interval between rotations. Returns None if the text does not have that form. An error tells the allowed
/// values.
///
/// Months alone are calendar months. Combined with smaller units, they have the same length as in an age.
pub fn parse(text: &str) -> Option<Result<Schedule, &'static str>> {
    let span = span(text)?;
    Some(match span {
        Span { is_whole: false, .. } => Err(ALLOWED),
        Span { months: 0, seconds, .. } => seconds_schedule(seconds),
        Span { months: 1..=MOST_MONTHS, seconds: 0, .. } => Ok(Schedule::Months(span.months as u32)),
        Span { seconds: 0, .. } => Err(ALLOWED),
        _ => seconds_schedule(span.seconds_in_all()),
    })
}

/// An interval of this many seconds.
pub fn seconds_schedule(seconds: u128) -> Result<Schedule, &'static str> {
    match seconds {
        1..=MOST_SECONDS => Ok(Schedule::Seconds(seconds as u32)),
        _ => Err(ALLOWED),
    }
}

/// Reads an age: a month has 30 days and a year 365.
pub(super) fn parse_age(text: &str) -> Option<Result<Duration, &'static str>> {
    let span = span(text)?;
    let seconds = span.seconds_in_all();
    Some(u64::try_from(seconds).ok().map(Duration::from_secs).and_then(checked_age).ok_or(ALLOWED_AGE))
}

/// Returns the age if it is within bounds.
pub fn checked_age(age: Duration) -> Option<Duration> {
    let most = Duration::from_secs(1000 * 366 * u64::from(DAY));
    (!age.is_zero() && age <= most).then_some(age)
}

/// Reads a sequence of numbers with units. Spaces, commas or "and" may separate them.
fn span(text: &str) -> Option<Span> {
    let mut span = Span { is_whole: true, ..Span::default() };
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (number, name, behind) = quantity::split(rest)?;
        let (sum, size) = match unit(name)? {
            Unit::Seconds(size) => (&mut span.seconds, size),
            Unit::Months(size) => (&mut span.months, size),
        };
        let (count, is_whole) = number.times(size);
        *sum = sum.saturating_add(count);
        span.is_whole &= is_whole;
        let behind = behind.trim_start();
        let behind = behind.strip_prefix(',').unwrap_or(behind).trim_start();
        rest = behind.strip_prefix("and ").unwrap_or(behind).trim_start();
    }
    (!text.trim().is_empty()).then_some(span)
}

/// The seconds of a unit. None for months and years as well, which have no fixed length.
pub(super) fn seconds_of(name: &str) -> Option<u64> {
    match unit(name)? {
        Unit::Seconds(size) => Some(size),
        Unit::Months(_) => None,
    }
}

/// `m` is not a unit: it could mean minutes, months or megabytes.
fn unit(name: &str) -> Option<Unit> {
    let day = u64::from(DAY);
    match name {
        "s" | "sec" | "secs" | "second" | "seconds" => Some(Unit::Seconds(1)),
        "min" | "mins" | "minute" | "minutes" => Some(Unit::Seconds(60)),
        "h" | "hr" | "hrs" | "hour" | "hours" => Some(Unit::Seconds(3600)),
        "d" | "day" | "days" => Some(Unit::Seconds(day)),
        "w" | "week" | "weeks" => Some(Unit::Seconds(7 * day)),
        "month" | "months" => Some(Unit::Months(1)),
        "y" | "year" | "years" => Some(Unit::Months(12)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_add_their_units_up() {
        let cases = [
            ("15 min", Schedule::Seconds(900)),
            ("2 hours 30 minutes", Schedule::Seconds(9000)),
            ("1 day, 2 h and 3 s", Schedule::Seconds(DAY + 7203)),
            ("1h30min", Schedule::Seconds(5400)),
            ("1.5 h", Schedule::Seconds(5400)),
            ("0.5 min", Schedule::Seconds(30)),
            ("1 week", Schedule::Seconds(7 * DAY)),
            ("3 months", Schedule::Months(3)),
            ("1 year 6 months", Schedule::Months(18)),
            ("0.5 years", Schedule::Months(6)),
            ("100 years", Schedule::Months(1200)),
            ("36525 days", Schedule::Seconds(36_525 * DAY)),
            ("1 month 2 weeks", Schedule::Seconds(44 * DAY)),
            ("1 year and 1 s", Schedule::Seconds(365 * DAY + 1)),
        ];
        for (text, schedule) in cases {
            assert_eq!(parse(text), Some(Ok(schedule)), "{text}");
        }
    }

    #[test]
    fn what_no_file_can_last_is_refused() {
        for text in
            ["0 s", "0 days", "0.5 s", "0.1 months", "101 years", "36526 days", "99999999999999999999999999 weeks"]
        {
            assert_eq!(parse(text), Some(Err(ALLOWED)), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_intervals() {
        for text in [
            "",
            " ",
            "1",
            "day",
            "10 parsecs",
            "5 m",
            "10 M",
            "-1 day",
            "1 day -2 hours",
            "1 day and",
            "1 day 2",
            "daily",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn ages_count_months_and_years_in_days() {
        let days = |count: u64| Some(Ok(Duration::from_secs(count * u64::from(DAY))));

        assert_eq!(parse_age("7 days"), days(7));
        assert_eq!(parse_age("1 month 2 days"), days(32));
        assert_eq!(parse_age("2 years"), days(730));
        assert_eq!(parse_age("0 days"), Some(Err(ALLOWED_AGE)));
        assert_eq!(parse_age("2000 years"), Some(Err(ALLOWED_AGE)));
        assert_eq!(parse_age("7"), None);
    }
}
