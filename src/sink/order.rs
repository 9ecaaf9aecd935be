//! The order of archives: that in which their records were logged.
//!
//! An archive stands where what it holds ends. The time in its name begins a period (a day's archive holds what came after
//! that day's smaller ones), or is the instant it was closed, for the finest stamps.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::config::archive_name::Stamp;
use crate::config::rotation::Precision;

/// The place of an archive among those of its file; the oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    /// When what it holds ended; the same for all where names have no time.
    pub end_ns: i64,
    precision: Precision,
    civil: DateTime,
    number: u32,
}

impl Order {
    /// `end_of` gives the end of the period that an instant lies in.
    pub fn new(stamp: Option<Stamp>, number: u32, zone: &TimeZone, end_of: impl FnOnce(i64) -> i64) -> Self {
        let Some(stamp) = stamp else {
            return Self { end_ns: 0, precision: Precision::Second, civil: DateTime::default(), number };
        };
        let end_ns = if stamp.precision == Precision::Second {
            stamp.start_ns(zone)
        } else {
            // Periods need not begin with a day: that of the stamp's last instant is the one that began within it.
            let end = stamp.end_ns(zone);
            end_of(end.saturating_sub(1)).max(end)
        };
        Self { end_ns, precision: stamp.precision, civil: stamp.civil, number }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const DAY: i64 = 86_400_000_000_000;

    fn order(civil: DateTime, precision: Precision, number: u32) -> Order {
        Order::new(Some(Stamp { civil, precision }), number, &TimeZone::UTC, |at| at + 1)
    }

    #[test]
    fn a_day_ends_behind_everything_closed_within_it() {
        let day = order(date(2025, 1, 14).at(0, 0, 0, 0), Precision::Day, 1);
        let last = order(date(2025, 1, 14).at(23, 59, 59, 0), Precision::Second, 7);
        let next = order(date(2025, 1, 15).at(0, 0, 0, 0), Precision::Second, 1);

        assert!(last < day && day < next);
    }

    #[test]
    fn periods_may_begin_within_the_stamp() {
        let at_six = |at: i64| (at - DAY / 4).div_euclid(DAY) * DAY + DAY / 4 + DAY;
        let stamp = Stamp { civil: date(1970, 1, 2).at(0, 0, 0, 0), precision: Precision::Day };

        assert_eq!(Order::new(Some(stamp), 1, &TimeZone::UTC, at_six).end_ns, 2 * DAY + DAY / 4);
    }

    #[test]
    fn numbers_tell_the_order_within_a_stamp() {
        let noon = date(2025, 1, 14).at(12, 0, 0, 0);

        assert!(order(noon, Precision::Second, 2) < order(noon, Precision::Second, 10));
        assert!(Order::new(None, 2, &TimeZone::UTC, |at| at) < Order::new(None, 10, &TimeZone::UTC, |at| at));
    }
}
