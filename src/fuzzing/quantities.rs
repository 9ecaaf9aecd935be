//! Sizes, intervals, times of day, ages and rates: read alike in any case, within their bounds, and with periods that
//! hold their instants.

use jiff::tz::TimeZone;

use super::input::Input;
use crate::archive::period::period;
use crate::config::archive::{Compression, Retention};
use crate::config::rate::{RateLimit, Rule};
use crate::config::rotation::{Condition, Rotation};
use crate::config::schedule::Schedule;
use crate::config::size;

const ZONES: [&str; 5] = ["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe"];

/// From 1900 to 2100, in nanoseconds.
const TIMES: std::ops::Range<i64> = -2_208_988_800_000_000_000..4_102_444_800_000_000_000;

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let zone = TimeZone::get(input.one_of(&ZONES)).unwrap_or(TimeZone::UTC);
    let at_ns = TIMES.start + (input.u64() % TIMES.end.abs_diff(TIMES.start)) as i64;
    let mut rotation = Rotation::default();
    loop {
        let text = input.text();
        check_condition(text, &mut rotation);
        check_size(text);
        check_others(text);
        if input.is_empty() {
            break;
        }
    }
    check_period(&rotation.schedules, &zone, at_ns);
}

fn check_condition(text: &str, rotation: &mut Rotation) {
    let read = Condition::parse("rotation", text).ok();
    let loud = format!("  {} ", text.to_ascii_uppercase());
    if loud.len() <= 150 {
        assert_eq!(read, Condition::parse("rotation", &loud).ok(), "{text:?}");
    }
    if let Some(Condition::Size(bytes)) = read {
        assert!((1..=i64::MAX.unsigned_abs()).contains(&bytes));
    }
    if let Some(condition) = read {
        rotation.add(condition);
    }
}

/// Compares a whole number and its unit with plain arithmetic.
fn check_size(text: &str) {
    let bytes = size::limit("size_limit", text).ok();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit = match unit.trim_start() {
        "B" => 1,
        "kB" => 1000,
        "MB" => 1_000_000,
        "GiB" => 1 << 30,
        "" if digits == text.len() => 1,
        _ => return,
    };
    if text.len() <= 100 && digits > 0 {
        let expected = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
        assert_eq!(bytes, expected.filter(|bytes| (1..=i64::MAX.unsigned_abs()).contains(bytes)), "{text:?}");
    }
}

fn check_others(text: &str) {
    match Retention::parse("retention", "an age", text) {
        Ok(Retention::Size(bytes)) => assert!(bytes > 0),
        Ok(Retention::Age(age)) => assert!(!age.is_zero()),
        _ => {}
    }
    if let Ok(limit) = RateLimit::parse("limit", text) {
        assert!((1..=10_000).contains(&limit.most) && limit.length > 0);
        assert_eq!(RateLimit::parse("limit", &limit.text).ok(), Some(limit));
    }
    if let Ok(Rule::Interval(length)) = Rule::every(text) {
        assert!(length > 0);
    }
    if let Ok(compression) = Compression::parse("compression", text) {
        assert!(compression.suffix().is_none_or(|suffix| !suffix.is_empty()));
    }
}

fn check_period(schedules: &[Schedule], zone: &TimeZone, at_ns: i64) {
    let found = period(schedules, zone, at_ns);
    assert!(found.start_ns <= at_ns && at_ns < found.end_ns, "{schedules:?} {at_ns} {found:?}");
    if found.start_ns > i64::MIN {
        assert_eq!(period(schedules, zone, found.start_ns), found, "{schedules:?}");
    }
    if TIMES.contains(&found.end_ns) {
        assert_eq!(period(schedules, zone, found.end_ns).start_ns, found.end_ns, "{schedules:?}");
    }
}
