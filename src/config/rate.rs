//! How often calls may log: once, every nth call, once in an interval such as `"5s"`, or at a rate such as `"10/min"`.

use crate::config::{interval, quantity};
use crate::error::{Error, Result};

/// Error text for the values that `every` takes.
pub(super) const ALLOWED_EVERY: &str = "a number of calls, or an interval from 1 ms to 290 years such as \"5s\"";
/// Error text for the values that `limit` takes.
pub const ALLOWED_LIMIT: &str = "a rate such as \"10/min\" or \"100/5 s\", of 1 to 10000 records";

const MILLISECOND: i64 = 1_000_000;
/// 290 years. This never overflows nanoseconds, as thousands of years would.
const LONGEST_MS: u128 = 290 * 365 * 86_400_000;
/// The limit of records whose times are remembered for a key.
const MOST_RECORDS: usize = 10_000;

/// A limit for the records of each call site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    pub most: usize,
    /// The length of a window in nanoseconds.
    pub length: i64,
    /// As it was given.
    pub text: String,
}

impl RateLimit {
    /// Reads a rate such as `"100/s"`.
    pub fn parse(argument: &str, text: &str) -> Result<Self> {
        match read_limit(text) {
            Some(Rule::Window(most, length)) => Ok(Self { most, length, text: text.trim().to_owned() }),
            _ => Err(Error::value(argument, ALLOWED_LIMIT, format!("\"{}\"", shown(text)))),
        }
    }
}

/// The calls of one key that log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    First,
    /// The first call, and then one in this many.
    EachNth(u64),
    /// The first call, and then one that is at least this many nanoseconds later.
    Interval(i64),
    /// At most this many calls within any period of this many nanoseconds.
    Window(usize, i64),
}

impl Rule {
    /// Reads the interval of `every`.
    pub fn every(text: &str) -> Result<Self> {
        let interval = nanoseconds(text.trim());
        interval
            .map(Self::Interval)
            .ok_or_else(|| Error::value("interval", ALLOWED_EVERY, format!("\"{}\"", shown(text))))
    }

    /// Reads the rate of `limit`.
    pub fn limit(text: &str) -> Result<Self> {
        read_limit(text).ok_or_else(|| Error::value("rate", ALLOWED_LIMIT, format!("\"{}\"", shown(text))))
    }
}

fn shown(text: &str) -> String {
    text.chars().take(quantity::LONGEST).collect()
}

fn read_limit(text: &str) -> Option<Rule> {
    let (count, interval) = text.split_once('/').or_else(|| text.split_once(" per "))?;
    let count = count.trim();
    let is_number = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
    let count = count.parse().ok().filter(|count| is_number && (1..=MOST_RECORDS).contains(count))?;
    let interval = interval.trim();
    let is_unit = interval.bytes().all(|byte| byte.is_ascii_alphabetic());
    let interval = if is_unit { nanoseconds(&format!("1 {interval}"))? } else { nanoseconds(interval)? };
    Some(Rule::Window(count, interval))
}

/// Reads one number with a unit, in nanoseconds.
fn nanoseconds(text: &str) -> Option<i64> {
    let (number, unit, rest) = quantity::split(text)?;
    let milliseconds = if unit == "ms" { 1 } else { interval::seconds_of(unit)? * 1000 };
    let (milliseconds, is_whole) = number.times(milliseconds);
    let is_allowed = rest.is_empty() && is_whole && (1..=LONGEST_MS).contains(&milliseconds);
    is_allowed.then(|| milliseconds as i64 * MILLISECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1000 * MILLISECOND;

    #[test]
    fn intervals_are_a_number_and_a_unit() {
        let cases = [("5s", 5 * SECOND), ("250 ms", SECOND / 4), ("1.5 min", 90 * SECOND), ("2 hours", 7200 * SECOND)];
        for (text, expected) in cases {
            assert_eq!(Rule::every(text).ok(), Some(Rule::Interval(expected)), "{text}");
        }
    }

    #[test]
    fn rates_are_a_count_and_an_interval() {
        let cases = [
            ("10/min", 10, 60 * SECOND),
            ("1/5 s", 1, 5 * SECOND),
            ("100 / 2 hours", 100, 7200 * SECOND),
            ("3 per day", 3, 86_400 * SECOND),
        ];
        for (text, count, expected) in cases {
            assert_eq!(Rule::limit(text).ok(), Some(Rule::Window(count, expected)), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "5", "s", "0 s", "0.1 ms", "5 parsecs", "-1 s", "1 month", "5 s 1 ms", "1000 years"] {
            assert!(Rule::every(text).is_err(), "{text}");
        }
        for text in ["10", "/min", "0/min", "10001/min", "1.5/min", "10/", "10/0 s", "10/min/s", "+1/s"] {
            assert!(Rule::limit(text).is_err(), "{text}");
        }
    }
}
