//! The clock of records and files, which is the system's unless a test froze it; and the local zone.

use std::fs::Metadata;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arc_swap::ArcSwapOption;
use jiff::tz::{TimeZone, reset_system_time_zone_cache};

use crate::sys::paths::{bytes_of, name_of};
use crate::sys::zone::CZone;
use crate::sys::{clock, metadata};

const RUNNING: i64 = i64::MIN;

/// A clock that stepped back by more than this, in nanoseconds, was wrong before. A smaller step changes nothing.
pub const SMALL_STEP: i64 = 24 * 3600 * 1_000_000_000;

/// How long the local zone is considered current.
const ZONE_SECONDS: i64 = 60;

/// In bytes. The zone files of a system have a few thousand.
const LARGEST_ZONE_FILE: u64 = 1024 * 1024;

static ZONE: ArcSwapOption<Known> = ArcSwapOption::const_empty();

struct Known {
    zone: TimeZone,
    term: ZoneTerm,
}

/// How long a zone that was read is considered current.
#[derive(Clone, Copy)]
pub struct ZoneTerm {
    /// The C library's zone when this one was read.
    c_zone: CZone,
    /// Seconds of the monotonic clock.
    until: i64,
}

impl ZoneTerm {
    /// Whether the zone must be read again. This check costs less than reading it.
    pub fn is_over(&self) -> bool {
        coarse_seconds() >= self.until || CZone::now() != self.c_zone
    }
}

static FROZEN: AtomicI64 = AtomicI64::new(RUNNING);

/// Nanoseconds since the Unix epoch.
#[inline]
pub fn now_ns() -> i64 {
    let frozen = FROZEN.load(Ordering::Relaxed);
    if frozen != RUNNING {
        return frozen;
    }
    clock::realtime_ns()
}

/// When a file was last written, in nanoseconds since the Unix epoch.
pub fn modified_ns(found: &Metadata) -> i64 {
    let (seconds, nanoseconds) = metadata::modified(found);
    seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds)
}

/// Stops the clock at an instant, or lets it run again.
pub fn freeze(at: Option<i64>) {
    FROZEN.store(at.map_or(RUNNING, |ns| ns.max(RUNNING + 1)), Ordering::Relaxed);
}

/// The instant at which the clock is frozen, if it is.
pub fn frozen() -> Option<i64> {
    Some(FROZEN.load(Ordering::Relaxed)).filter(|ns| *ns != RUNNING)
}

/// Seconds of a clock that is never set, from an arbitrary start. The cost is negligible.
pub fn coarse_seconds() -> i64 {
    clock::coarse_seconds()
}

/// Milliseconds of the same clock, which advances by several at a time.
pub fn coarse_milliseconds() -> i64 {
    clock::coarse_milliseconds()
}

/// Whether `TZ` is the path of a file that may be endless or block its reader. It then names no zone, as in C.
fn names_no_zone_file() -> bool {
    let Some(zone) = std::env::var_os("TZ") else { return false };
    let zone = bytes_of(&zone);
    let path = PathBuf::from(name_of(zone.strip_prefix(b":").unwrap_or(zone).to_vec()));
    let is_zone_file = |found: Metadata| found.is_file() && found.len() <= LARGEST_ZONE_FILE;
    path.is_absolute() && !path.metadata().is_ok_and(is_zone_file)
}

/// The local zone, from `TZ` or the system; UTC if neither gives one, as in C. It is cheap to clone.
///
/// After `time.tzset()` this is the new zone, as in `time.localtime()`. A change that the C library was not told of, or
/// that keeps its names and offset, is noticed within minutes. Reading the zone through jiff takes a lock, which a
/// child forked at that moment would inherit in its current state; therefore this is done rarely.
pub fn local_zone() -> TimeZone {
    local_zone_for_a_term().0
}

/// The local zone, and how long it is considered current.
pub fn local_zone_for_a_term() -> (TimeZone, ZoneTerm) {
    let (now, c_zone) = (coarse_seconds(), CZone::now());
    let known = ZONE.load();
    if let Some(known) = known.as_ref().filter(|known| known.term.c_zone == c_zone) {
        if now < known.term.until {
            return (known.zone.clone(), known.term);
        }
    } else {
        reset_system_time_zone_cache();
    }
    let zone = if names_no_zone_file() { TimeZone::unknown() } else { TimeZone::system() };
    let zone = if zone.is_unknown() { TimeZone::UTC } else { zone };
    let term = ZoneTerm { c_zone, until: now + ZONE_SECONDS };
    ZONE.store(Some(Arc::new(Known { zone: zone.clone(), term })));
    (zone, term)
}
