//! Times as people give them on a command line: `2h`, `yesterday`, `10:30`, `2025-01-15`, `2025-01-15 10:30:45`.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan, Zoned};

use super::times::Times;
use crate::error::{Error, Result, quoted};

/// Reads a time. A span such as `2h` is a time so long before now; a time of the day is today's.
pub fn read(argument: &str, text: &str, now_ns: i64, zone: &TimeZone) -> Result<i64> {
    let trimmed = text.trim();
    let now = Timestamp::from_nanosecond(i128::from(now_ns)).unwrap_or_default().to_zoned(zone.clone());
    let found = named(trimmed, &now)
        .or_else(|| of_day(trimmed, &now))
        .or_else(|| date(trimmed, zone))
        .or_else(|| Times::new(zone.clone()).read_whole(trimmed.as_bytes()).filter(|_| trimmed.len() > 4))
        .or_else(|| before(trimmed, &now));
    found.ok_or_else(|| {
        let expected = "a time such as \"2025-01-15 10:30\", \"10:30\", \"yesterday\" or \"2h\"";
        Error::value(argument, expected, quoted(text))
    })
}

fn nanoseconds(time: &Zoned) -> Option<i64> {
    i64::try_from(time.timestamp().as_nanosecond()).ok()
}

fn named(text: &str, now: &Zoned) -> Option<i64> {
    let days = match text {
        "now" => return nanoseconds(now),
        "today" => 0,
        "yesterday" => 1,
        _ => return None,
    };
    nanoseconds(&now.checked_sub(days.days()).ok()?.start_of_day().ok()?)
}

fn of_day(text: &str, now: &Zoned) -> Option<i64> {
    let is_time = text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'));
    let (hour, _) = text.split_once(':').filter(|_| is_time)?;
    let padded = if hour.len() == 1 { "0" } else { "" }.to_owned() + text;
    let time: Time = padded.parse().ok()?;
    nanoseconds(&now.datetime().date().to_datetime(time).to_zoned(now.time_zone().clone()).ok()?)
}

fn date(text: &str, zone: &TimeZone) -> Option<i64> {
    let date: jiff::civil::Date = Some(text).filter(|text| text.len() == 10)?.parse().ok()?;
    nanoseconds(&date.to_zoned(zone.clone()).ok()?)
}

fn before(text: &str, now: &Zoned) -> Option<i64> {
    let span: Span = text.strip_suffix(" ago").unwrap_or(text).parse().ok()?;
    nanoseconds(&now.checked_sub(span.abs()).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_at(text: &str) -> String {
        let zone = TimeZone::get("Europe/Berlin").expect("a zone");
        let now: Timestamp = "2025-01-15T10:30:45Z".parse().expect("a time");
        let read = read("since", text, now.as_nanosecond() as i64, &zone);
        read.map_or_else(
            |error| error.to_string(),
            |time| Timestamp::from_nanosecond(i128::from(time)).expect("in range").to_string(),
        )
    }

    #[test]
    fn times_are_before_now() {
        assert_eq!(read_at("now"), "2025-01-15T10:30:45Z");
        assert_eq!(read_at("2h"), "2025-01-15T08:30:45Z");
        assert_eq!(read_at("1 hour 30 minutes ago"), "2025-01-15T09:00:45Z");
        assert_eq!(read_at("3 days"), "2025-01-12T10:30:45Z");
        assert_eq!(read_at("today"), "2025-01-14T23:00:00Z");
        assert_eq!(read_at("yesterday"), "2025-01-13T23:00:00Z");
    }

    #[test]
    fn times_of_the_day_and_dates_are_local() {
        assert_eq!(read_at("3:07"), "2025-01-15T02:07:00Z");
        assert_eq!(read_at("03:07:30"), "2025-01-15T02:07:30Z");
        assert_eq!(read_at("2025-01-14"), "2025-01-13T23:00:00Z");
        assert_eq!(read_at("2025-01-14 12:00"), "2025-01-14T11:00:00Z");
        assert_eq!(read_at("2025-01-14T12:00:00Z"), "2025-01-14T12:00:00Z");
        assert_eq!(read_at("1736935845"), "2025-01-15T10:10:45Z");
    }

    #[test]
    fn anything_else_is_refused_with_examples() {
        let expected = "since: expected a time such as \"2025-01-15 10:30\", \"10:30\", \"yesterday\" or \"2h\", got ";
        for text in ["", "noon", "25:00", "2025-13-01"] {
            assert_eq!(read_at(text), format!("{expected}\"{text}\""));
        }
    }
}
