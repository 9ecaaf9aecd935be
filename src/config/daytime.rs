//! Times of day and weekdays: `"00:00"`, `"6:30 PM"`, `"18:30:15"`, `"monday at 12:00"`, `"w0"`.

use jiff::civil::{Time, Weekday};

use crate::config::schedule::Schedule;

const ALLOWED: &str = "a time of day such as \"18:30\", \"18:30:15\" or \"6:30 PM\"";
const ALLOWED_WEEKDAY: &str = "a weekday from w0 (Monday) to w6";

pub const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// Reads a time, a weekday, or both; also "daily" with a time. An "at" before the time is optional. The text is in
/// lower case.
///
/// Returns None if the text has none of these forms. An error tells the allowed values.
pub fn parse(text: &str) -> Option<Result<Schedule, &'static str>> {
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let rest = rest.trim_start();
    let at = rest.strip_prefix("at ").map_or(rest, str::trim_start);
    let weekday = match weekday(first) {
        None if first == "daily" && !at.is_empty() => Ok(None),
        None => return schedule(None, time(text)?),
        Some(Ok(day)) => Ok(Some(day)),
        Some(Err(allowed)) => Err(allowed),
    };
    match weekday {
        Err(allowed) => Some(Err(allowed)),
        Ok(day) if at.is_empty() => schedule(day, Ok(Time::midnight())),
        Ok(day) => schedule(day, time(at)?),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the final expression of functions that return an Option")]
fn schedule(weekday: Option<Weekday>, time: Result<Time, &'static str>) -> Option<Result<Schedule, &'static str>> {
    Some(time.map(|time| Schedule::At { weekday, time, zone: None }))
}

fn weekday(word: &str) -> Option<Result<Weekday, &'static str>> {
    if let Some((_, day)) = WEEKDAYS.iter().find(|(name, _)| *name == word) {
        return Some(Ok(*day));
    }
    let number = word.strip_prefix('w').filter(|digits| is_number(digits))?;
    let day = number.parse::<usize>().ok().and_then(|index| WEEKDAYS.get(index));
    Some(day.map(|(_, day)| *day).ok_or(ALLOWED_WEEKDAY))
}

/// Reads `18:30`, `18:30:15`, `6:30 pm` or `6 pm`. Returns None if there is neither a colon nor "am" or "pm".
fn time(text: &str) -> Option<Result<Time, &'static str>> {
    let half = ["am", "pm"].into_iter().find(|half| text.ends_with(half));
    let clock = half.and_then(|half| text.strip_suffix(half)).unwrap_or(text).trim_end();
    let mut parts = clock.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next(), parts.next());
    let is_clock = [Some(hour), minute, second].into_iter().flatten().all(is_number) && parts.next().is_none();
    if !is_clock || (minute.is_none() && half.is_none()) {
        return None;
    }
    let minute = minute.map_or(Some(0), two_digits);
    let second = second.map_or(Some(0), two_digits);
    let hour = hour_of_day(hour, half);
    Some(clock_time(hour, minute, second).ok_or(ALLOWED))
}

fn clock_time(hour: Option<i8>, minute: Option<i8>, second: Option<i8>) -> Option<Time> {
    Time::new(hour?, minute?, second?, 0).ok()
}

fn hour_of_day(digits: &str, half: Option<&str>) -> Option<i8> {
    let hour = Some(digits).filter(|digits| digits.len() <= 2)?.parse::<i8>().ok()?;
    match half {
        None => Some(hour),
        Some(half) if (1..=12).contains(&hour) => Some(hour % 12 + if half == "pm" { 12 } else { 0 }),
        Some(_) => None,
    }
}

fn two_digits(digits: &str) -> Option<i8> {
    Some(digits).filter(|digits| digits.len() == 2)?.parse().ok()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use jiff::civil;

    use super::*;

    fn at(weekday: Option<Weekday>, hour: i8, minute: i8, second: i8) -> Option<Result<Schedule, &'static str>> {
        schedule(weekday, Ok(civil::time(hour, minute, second, 0)))
    }

    #[test]
    fn times_of_day_have_24_or_12_hours() {
        let cases = [
            ("00:00", 0, 0, 0),
            ("6:30 pm", 18, 30, 0),
            ("6:30pm", 18, 30, 0),
            ("6 pm", 18, 0, 0),
            ("12 am", 0, 0, 0),
            ("12:15 pm", 12, 15, 0),
            ("18:30:15", 18, 30, 15),
            ("6:05", 6, 5, 0),
            ("23:59:59", 23, 59, 59),
            ("daily at 02:00", 2, 0, 0),
        ];
        for (text, hour, minute, second) in cases {
            assert_eq!(parse(text), at(None, hour, minute, second), "{text}");
        }
    }

    #[test]
    fn weekdays_may_have_a_time() {
        assert_eq!(parse("monday"), at(Some(Weekday::Monday), 0, 0, 0));
        assert_eq!(parse("sunday at 12:00"), at(Some(Weekday::Sunday), 12, 0, 0));
        assert_eq!(parse("friday 6 pm"), at(Some(Weekday::Friday), 18, 0, 0));
        assert_eq!(parse("w0"), at(Some(Weekday::Monday), 0, 0, 0));
        assert_eq!(parse("w6 at 1:00"), at(Some(Weekday::Sunday), 1, 0, 0));
    }

    #[test]
    fn times_that_no_clock_shows_are_refused() {
        let texts = [
            "25:00",
            "24:00",
            "12:60",
            "12:00:60",
            "13 pm",
            "0 am",
            "6:5",
            "006:30",
            "99999999999:00",
            "monday at 25:00",
        ];
        for text in texts {
            assert_eq!(parse(text), Some(Err(ALLOWED)), "{text}");
        }
        for text in ["w7", "w99999999999999999999999", "w7 at 12:00"] {
            assert_eq!(parse(text), Some(Err(ALLOWED_WEEKDAY)), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_times() {
        for text in [
            "",
            "18",
            "daily",
            "monday at",
            "monday at noon",
            ":",
            "1:2:3:4",
            "-1:00",
            "w",
            "wx",
            "18:30 cet",
            "pm",
            "am",
        ] {
            assert!(parse(text).is_none() || text == "monday at", "{text}");
        }
    }
}
