//! The order of archives: the order in which their records were logged.
//!
//! An archive is placed by the end of its content. The time in its name begins a period (a day's archive holds the
//! records that came after that day's smaller archives). For the finest stamps, it is the instant the archive was
//! closed.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::config::name_template::Stamp;
use crate::format::time::reading::Precision;

/// The place of an archive among the archives of its file, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    /// When the content ended; for an adopted archive, when it was begun. The same for all archives if names have no
    /// time.
    pub end_ns: i64,
    /// False for an adopted archive, which comes before an own archive that begins at the same time.
    is_own: bool,
    precision: Precision,
    civil: DateTime,
    number: u32,
}

impl Order {
    /// `end_of` returns the end of the period that began within a stamp.
    pub fn new(stamp: Option<Stamp>, number: u32, zone: &TimeZone, end_of: impl FnOnce(Stamp) -> i64) -> Self {
        let Some(stamp) = stamp else {
            // An archive without a time comes after all adopted archives, which have a time.
            return Self {
                end_ns: i64::MAX,
                is_own: true,
                precision: Precision::Second,
                civil: DateTime::default(),
                number,
            };
        };
        let end_ns = if stamp.precision == Precision::Second { stamp.start_ns(zone) } else { end_of(stamp) };
        Self { end_ns, is_own: true, precision: stamp.precision, civil: stamp.civil, number }
    }

    /// Places an adopted archive by when it was begun. The archive that Loguru wrote there ended before logly's
    /// archives did.
    pub fn adopted(stamp: Stamp, number: u32, zone: &TimeZone) -> Self {
        Self { is_own: false, ..Self::new(Some(stamp), number, zone, |stamp| stamp.start_ns(zone)) }
    }
}

/// The newest archive, as far as it is known.
#[derive(Clone, Copy, Debug)]
pub(super) enum Newest {
    /// The folder must be listed.
    Unknown,
    Nothing,
    Known(Position),
}

/// The stamp and the number in a name, and the archive's order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    pub order: Order,
    pub stamp: Option<Stamp>,
    pub number: u32,
}

impl Newest {
    pub(super) fn is_unknown(self) -> bool {
        matches!(self, Self::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn order(civil: DateTime, precision: Precision, number: u32) -> Order {
        Order::new(Some(Stamp { civil, precision }), number, &TimeZone::UTC, |stamp| stamp.end_ns(&TimeZone::UTC))
    }

    #[test]
    fn a_day_ends_behind_everything_closed_within_it() {
        let day = order(date(2025, 1, 14).at(0, 0, 0, 0), Precision::Day, 1);
        let last = order(date(2025, 1, 14).at(23, 59, 59, 0), Precision::Second, 7);
        let next = order(date(2025, 1, 15).at(0, 0, 0, 0), Precision::Second, 1);

        assert!(last < day && day < next);
    }

    #[test]
    fn numbers_tell_the_order_within_a_stamp() {
        let noon = date(2025, 1, 14).at(12, 0, 0, 0);

        assert!(order(noon, Precision::Second, 2) < order(noon, Precision::Second, 10));
        assert!(Order::new(None, 2, &TimeZone::UTC, |_| 0) < Order::new(None, 10, &TimeZone::UTC, |_| 0));
    }
}
