//! When a file is rotated, as `add(rotation=, size_limit=)` says it.

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;

pub use crate::format::time_reading::Precision;

/// The conditions of one file; it is rotated when any of them is due.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rotation {
    /// Bytes a file may have; a record that would not fit goes to the next one.
    pub size: Option<u64>,
    pub schedules: Vec<Schedule>,
}

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

impl Rotation {
    /// Whether files are never rotated.
    pub fn is_never(&self) -> bool {
        self.size.is_none() && self.schedules.is_empty()
    }
}
