//! Readings of the system's clocks.

use rustix::time::{ClockId, clock_gettime};

/// The kernel's last tick, which costs less to read than its clock.
#[cfg(target_os = "linux")]
const COARSE: ClockId = ClockId::MonotonicCoarse;
#[cfg(not(target_os = "linux"))]
const COARSE: ClockId = ClockId::Monotonic;

/// Nanoseconds since the Unix epoch.
#[inline]
pub fn realtime_ns() -> i64 {
    // Reads the kernel's clock directly, because `SystemTime` adds a checked subtraction to every call.
    let now = clock_gettime(ClockId::Realtime);
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}

/// Seconds of a clock that is never set, from an arbitrary start. The cost is negligible.
#[inline]
pub fn coarse_seconds() -> i64 {
    clock_gettime(COARSE).tv_sec
}

/// Milliseconds of the same clock, which may advance by several at a time.
#[inline]
pub fn coarse_milliseconds() -> i64 {
    let now = clock_gettime(COARSE);
    now.tv_sec * 1000 + now.tv_nsec / 1_000_000
}

/// Milliseconds of a clock that is never set. Signal handlers may call it.
pub fn milliseconds() -> i64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec * 1000 + now.tv_nsec / 1_000_000
}
