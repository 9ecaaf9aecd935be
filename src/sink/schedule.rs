//! Periods of time between rotations.

use jiff::tz::TimeZone;

use crate::config::rotation::{Precision, Schedule};

/// From the boundary a file began at to the next one, in nanoseconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The last boundary at or before; `i64::MIN` without schedules.
    pub start_ns: i64,
    /// The first boundary after; `i64::MAX` without schedules.
    pub end_ns: i64,
}

/// The period that an instant lies in.
pub fn period(_schedules: &[Schedule], _zone: &TimeZone, _at_ns: i64) -> Period {
    todo!()
}

/// How exactly the finest schedule's periods are named.
pub fn precision(_schedules: &[Schedule]) -> Precision {
    todo!()
}
