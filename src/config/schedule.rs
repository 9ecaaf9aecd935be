//! The times at which a file is rotated, as given by `rotation=`.

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;

/// Recurring instants, by the local clock.
#[derive(Clone, Debug, PartialEq)]
pub enum Schedule {
    /// Each time the local clock's seconds since Monday, 1969-12-29 00:00, are a multiple of this.
    Seconds(u32),
    /// The first of each month whose distance from January of year 0, in months, is a multiple of this. A year is
    /// twelve.
    Months(u32),
    /// Each time this many seconds have passed on the local clock since the file was made. The time of the file is 0
    /// until it is known.
    Since { every: u32, made_ns: i64 },
    /// Every day, or on one weekday, at a time. The zone is None for a time without a zone of its own.
    At { weekday: Option<Weekday>, time: Time, zone: Option<TimeZone> },
}
