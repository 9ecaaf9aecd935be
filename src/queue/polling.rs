//! When a thread that empties a queue polls it again by itself, and when it is to be woken.
//!
//! A poll without records costs a wake-up of the thread. Waking the thread costs a caller several microseconds. While
//! most polls find records, polling is cheaper. While records come seldom, one wake-up for each is cheaper.

/// Polling pays if this many of the last 16 intervals brought records: about 400 records a second that come one by one.
const DENSE: u32 = 6;

/// Polls without a record after which the thread parks: while records come often, and while they come seldom.
const PATIENCE: u32 = 8;
const IMPATIENCE: u32 = 1;

/// The same while records come seldom and another thread wakes this one, which costs no caller anything.
const NO_PATIENCE: u32 = 0;

/// The polls of one thread.
#[derive(Clone, Copy, Debug, Default)]
pub struct Polling {
    /// One bit for each interval, the last one lowest: whether it brought records.
    found: u16,
    /// Polls since the last records.
    empty: u32,
}

impl Polling {
    /// Notes that a poll found records, this many whole intervals after the last one that did.
    pub fn found(&mut self, intervals: u32) {
        self.found = self.found.checked_shl(intervals).unwrap_or(0) | 1;
        self.empty = 0;
    }

    /// Whether the thread is to park after a poll that found nothing; otherwise it polls again after an interval.
    /// `is_led` says that another thread woke it.
    pub fn is_to_park(&mut self, is_led: bool) -> bool {
        self.empty += 1;
        let is_dense = self.found.count_ones() >= DENSE;
        let patience = if is_dense {
            PATIENCE
        } else if is_led {
            NO_PATIENCE
        } else {
            IMPATIENCE
        };
        self.empty > patience
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets a record come every `between` intervals; returns how often the thread woke up for the last hundred of them.
    fn wakes(between: u32, is_led: bool) -> u32 {
        let mut polling = Polling::default();
        let mut wakes = 0;
        for record in 0..200 {
            if record == 100 {
                wakes = 0;
            }
            polling.found(between);
            wakes += 1;
            for _ in 1..between.max(1) {
                if polling.is_to_park(is_led) {
                    break;
                }
                wakes += 1;
            }
        }
        wakes
    }

    #[test]
    fn seldom_records_cost_two_wakes_each() {
        assert_eq!(wakes(40, false), 200);
    }

    #[test]
    fn seldom_records_cost_one_wake_each_where_another_thread_wakes_this_one() {
        assert_eq!(wakes(40, true), 100);
    }

    #[test]
    fn thread_does_not_park_while_each_poll_finds_records() {
        assert_eq!(wakes(1, true), 100);
    }

    #[test]
    fn thread_does_not_park_between_records_that_come_often() {
        let mut polling = Polling::default();
        (0..20).for_each(|_| polling.found(2));

        assert!(!polling.is_to_park(false));
        assert!(!polling.is_to_park(false));
    }

    #[test]
    fn thread_that_others_wake_polls_as_well_while_records_come_often() {
        let mut polling = Polling::default();
        (0..20).for_each(|_| polling.found(2));

        assert!(!polling.is_to_park(true));
    }

    #[test]
    fn burst_within_one_interval_is_one_poll() {
        let mut polling = Polling::default();
        (0..100).for_each(|_| polling.found(0));

        assert!(!polling.is_to_park(false));
        assert!(polling.is_to_park(false));
    }

    #[test]
    fn thread_parks_after_a_burst() {
        let mut polling = Polling::default();
        (0..100).for_each(|_| polling.found(1));

        assert_eq!((0..100).take_while(|_| !polling.is_to_park(false)).count(), PATIENCE as usize);
    }
}
