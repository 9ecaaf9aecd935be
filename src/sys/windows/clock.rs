//! Readings of the system's clocks.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Nanoseconds since the Unix epoch.
#[inline]
pub fn realtime_ns() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_nanos()).unwrap_or(i64::MAX)
}

/// Seconds of a clock that is never set, from an arbitrary start.
pub fn coarse_seconds() -> i64 {
    milliseconds() / 1000
}

/// Milliseconds of the same clock.
pub fn coarse_milliseconds() -> i64 {
    milliseconds()
}

/// Milliseconds of the same clock.
pub fn milliseconds() -> i64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_millis() as i64
}
