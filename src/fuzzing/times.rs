//! Patterns of times: a time of the cache is the time of a new cache, and a time that is written is read back.

use jiff::tz::TimeZone;

use super::input::Input;
use crate::format::time::pattern::{TimeCache, TimePattern};
use crate::format::time::reading::TimeReading;

const ZONES: [&str; 5] = ["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe"];

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let zone = TimeZone::get(input.one_of(&ZONES)).unwrap_or(TimeZone::UTC);
    let Ok(pattern) = TimePattern::parse("time", input.text()) else { return };
    let mut cache = TimeCache::new();
    let mut at_ns = input.i64();
    for _ in 0..6 {
        let (mut fresh, mut again) = (Vec::new(), Vec::new());
        TimeCache::new().render(&pattern, at_ns, &zone, &mut fresh);
        cache.render(&pattern, at_ns, &zone, &mut again);
        let shown = std::str::from_utf8(&fresh).expect("a time is UTF-8");
        assert_eq!(String::from_utf8_lossy(&again), shown, "{:?} at {at_ns}", pattern.source());
        let mut reading = TimeReading::default();
        if let Some(length) = pattern.read(&fresh, &mut reading) {
            assert!(length <= fresh.len());
            let _ = reading.time();
        }
        at_ns = at_ns.wrapping_add(if input.flag() { input.i64() } else { i64::from(input.byte()) * 7_654_321 });
    }
}
