//! The times at which a file is rotated, as `rotation=` gives them.

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;

/// Instants at which the local clock shows something.
#[derive(Clone, Debug, PartialEq)]
pub enum Schedule {
    /// Whenever the seconds that the local clock shows since Monday, 1969-12-29 00:00, are a multiple.
    Seconds(u32),
    /// Whenever the first of a month comes and the months since January of year 0 are a multiple; a year is twelve.
    Months(u32),
    /// Every day, or on one weekday, at a time; in a zone of its own if the time has one.
    At { weekday: Option<Weekday>, time: Time, zone: Option<TimeZone> },
}
