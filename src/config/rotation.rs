//! When a file is rotated, as given by `add(rotation=, size_limit=)`.

use crate::config::quantity::LONGEST;
use crate::config::schedule::Schedule;
use crate::config::{daytime, interval, size};
use crate::error::{Error, Result, nearest, quoted};

/// The conditions for one file. It is rotated when any of them is met.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rotation {
    /// The size limit of a file, in bytes. A record that would not fit goes to the next file.
    pub size: Option<u64>,
    pub schedules: Vec<Schedule>,
    /// Whether functions of the program decide as well.
    pub by_function: bool,
}

/// Error text for the values of `rotation` as a text.
const EXPECTED: &str =
    "a size such as \"10 MB\", an interval such as \"1 day\", a time of day such as \"18:30\", a weekday or \"never\"";

/// One condition that rotates a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    Never,
    Size(u64),
    Schedule(Schedule),
}

impl Condition {
    /// Reads a `rotation` given as a text.
    pub fn parse(argument: &str, text: &str) -> Result<Self> {
        let refused = |expected: &str, hint: &str| Error::value(argument, expected, quoted(text) + hint);
        if text.len() > LONGEST {
            return Err(refused(EXPECTED, ""));
        }
        let lowered = text.trim().to_ascii_lowercase();
        match read(&lowered) {
            Some(Ok(condition)) => Ok(condition),
            Some(Err(allowed)) => Err(refused(allowed, "")),
            None => Err(refused(EXPECTED, &hint(&lowered))),
        }
    }
}

fn read(text: &str) -> Option<std::result::Result<Condition, &'static str>> {
    if text == "never" {
        return Some(Ok(Condition::Never));
    }
    let size = size::parse(text).map(|size| size.map(Condition::Size));
    size.or_else(|| {
        let schedule = interval::named(text).map(Ok).or_else(|| daytime::parse(text)).or_else(|| interval::parse(text));
        schedule.map(|schedule| schedule.map(Condition::Schedule))
    })
}

/// A suggestion of the name or unit that was probably meant, if there is one.
fn hint(text: &str) -> String {
    let is_word = text.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_word {
        let names = interval::NAMES.iter().map(|(name, _)| *name);
        return nearest(text, names.chain(daytime::WEEKDAYS.iter().map(|(name, _)| *name)).chain(["never"]));
    }
    let unit = text.trim_start_matches(|letter: char| !letter.is_ascii_alphabetic());
    let is_one_unit = text.starts_with(|letter: char| letter.is_ascii_digit()) && !unit.contains(' ');
    match unit {
        _ if !is_one_unit => String::new(),
        "m" => " (minutes, months or megabytes?)".to_owned(),
        _ => nearest(unit, interval::UNITS),
    }
}

impl Rotation {
    /// Adds a condition. The smallest of several sizes applies.
    pub fn add(&mut self, condition: Condition) {
        match condition {
            Condition::Never => {}
            Condition::Size(bytes) => self.size = Some(self.size.map_or(bytes, |size| size.min(bytes))),
            Condition::Schedule(schedule) if self.schedules.contains(&schedule) => {}
            Condition::Schedule(schedule) => self.schedules.push(schedule),
        }
    }

    /// Whether files are never rotated.
    pub fn is_never(&self) -> bool {
        self.size.is_none() && self.schedules.is_empty() && !self.by_function
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Time, Weekday};
    use proptest::prelude::*;

    use super::*;

    fn refusal(text: &str) -> String {
        Condition::parse("rotation", text).expect_err("not allowed").to_string()
    }

    #[test]
    fn every_kind_of_condition_is_read() {
        let schedule = |schedule| Condition::Schedule(schedule);
        let at = |weekday, hour| schedule(Schedule::At { weekday, time: Time::constant(hour, 0, 0, 0), zone: None });
        let cases = [
            ("10 MB", Condition::Size(10_000_000)),
            ("Daily", schedule(Schedule::Seconds(86_400))),
            ("monthly", schedule(Schedule::Months(1))),
            ("2 Hours 30 Minutes", schedule(Schedule::Seconds(9000))),
            ("6 PM", at(None, 18)),
            ("Monday at 12:00", at(Some(Weekday::Monday), 12)),
            (" never ", Condition::Never),
        ];
        for (text, condition) in cases {
            assert_eq!(Condition::parse("rotation", text).expect("allowed"), condition, "{text}");
        }
    }

    #[test]
    fn refusals_say_what_is_allowed_and_what_was_meant() {
        let any = format!("rotation: expected {EXPECTED}, got ");

        assert_eq!(refusal("10 parsecs"), format!("{any}\"10 parsecs\""));
        assert_eq!(refusal("dayly"), format!("{any}\"dayly\" (did you mean \"daily\"?)"));
        assert_eq!(refusal("mon"), format!("{any}\"mon\" (did you mean \"monday\"?)"));
        assert_eq!(refusal("5 minits"), format!("{any}\"5 minits\" (did you mean \"minutes\"?)"));
        assert_eq!(refusal("5 m"), format!("{any}\"5 m\" (minutes, months or megabytes?)"));
        assert_eq!(refusal("0 MB"), "rotation: expected a size from 1 byte to 8 EiB, got \"0 MB\"");
        assert_eq!(refusal(&"9".repeat(10_000)), format!("{any}\"{}...\"", "9".repeat(80)));
    }

    #[test]
    fn the_smallest_size_and_every_schedule_count() {
        let mut rotation = Rotation::default();
        for text in ["2 kB", "daily", "1 kB", "never", "3 kB", "daily", "hourly"] {
            rotation.add(Condition::parse("rotation", text).expect("allowed"));
        }

        assert_eq!(rotation.size, Some(1000));
        assert_eq!(rotation.schedules, [Schedule::Seconds(86_400), Schedule::Seconds(3600)]);
        assert!(!rotation.is_never() && Rotation::default().is_never());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(?s).{0,300}|[0-9a-z :.,-]{0,220}") {
            let _ = Condition::parse("rotation", &text);
        }
    }
}
