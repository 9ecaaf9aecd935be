//! Counts per sink and callback: what became of the records it was offered.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};

use crate::sync::Apart;

/// Why a record that a sink or callback wanted did not reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Its queue was full.
    Overflow,
    /// It was removed, or the process ended, before the record came.
    Closed,
    /// It was logged from within the sink or callback itself.
    Reentrant,
    /// What it writes to, or calls, failed.
    SinkError,
    /// The process ended first.
    ExitTimeout,
}

impl Loss {
    pub const ALL: [Self; 5] = [Self::Overflow, Self::Closed, Self::Reentrant, Self::SinkError, Self::ExitTimeout];

    /// The key in `stats()`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overflow => "overflow",
            Self::Closed => "closed",
            Self::Reentrant => "reentrant",
            Self::SinkError => "sink_error",
            Self::ExitTimeout => "exit_timeout",
        }
    }
}

/// Every record offered to a sink is counted once, as one of these.
#[derive(Debug, Default)]
pub struct SinkCounts {
    /// The generation of the process they are of.
    generation: AtomicU32,
    written: AtomicU64,
    filtered: AtomicU64,
    dropped: [AtomicU64; Loss::ALL.len()],
    /// Records that found no room and of which the sink has not been told.
    untold: AtomicU64,
    /// Records it was offered, but for those that its pipeline counts for all its files at once. Written by callers, the rest
    /// mostly by other threads.
    accepted: Apart<AtomicU64>,
    /// What the pipeline had been given when the sink began to get the same.
    since: Since,
}

#[derive(Debug)]
struct Since(AtomicU64);

impl Since {
    /// It gets nothing from a pipeline.
    const NEVER: u64 = u64::MAX;
}

impl Default for Since {
    fn default() -> Self {
        Self(AtomicU64::new(Self::NEVER))
    }
}

/// What became of the records a sink or callback was offered, at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub accepted: u64,
    pub written: u64,
    pub filtered: u64,
    /// In the order of `Loss::ALL`.
    pub dropped: [u64; Loss::ALL.len()],
}

impl Tally {
    /// Records that are still on their way.
    pub fn pending(&self) -> u64 {
        self.accepted.saturating_sub(self.written + self.filtered + self.dropped.iter().sum::<u64>())
    }
}

impl SinkCounts {
    /// The counts of this process: a forked child begins with none of its parent's.
    #[inline]
    pub fn of(&self, generation: u32) -> &Self {
        let known = self.generation.load(Ordering::Relaxed);
        if known != generation
            && self.generation.compare_exchange(known, generation, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            let all = [&self.written, &self.filtered, &self.untold, &self.accepted.0].into_iter().chain(&self.dropped);
            all.for_each(|count| count.store(0, Ordering::Relaxed));
            // Its pipeline is new, and gives it everything.
            if self.since.0.load(Ordering::Relaxed) != Since::NEVER {
                self.since.0.store(0, Ordering::Relaxed);
            }
        }
        self
    }

    /// Offered to it, whatever becomes of it; what its pipeline counts is not counted here.
    pub fn add_accepted(&self, count: u64) {
        self.accepted.0.fetch_add(count, Ordering::Relaxed);
    }

    pub fn add_written(&self, count: u64) {
        self.written.fetch_add(count, Ordering::Relaxed);
    }

    /// Not wanted: below its level, filtered out, or switched off.
    pub fn add_filtered(&self, count: u64) {
        self.filtered.fetch_add(count, Ordering::Relaxed);
    }

    /// Wanted and lost, which is told on standard error.
    pub fn add_dropped(&self, loss: Loss, count: u64) {
        self.dropped[loss as usize].fetch_add(count, Ordering::Relaxed);
        if loss == Loss::Overflow {
            self.untold.fetch_add(count, Ordering::Relaxed);
        }
    }

    /// Offered to it, and lost at once.
    pub fn add_lost(&self, loss: Loss) {
        self.add_accepted(1);
        self.add_dropped(loss, 1);
    }

    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    pub fn filtered(&self) -> u64 {
        self.filtered.load(Ordering::Relaxed)
    }

    pub fn dropped(&self, loss: Loss) -> u64 {
        self.dropped[loss as usize].load(Ordering::Relaxed)
    }

    /// From here on it is offered what its pipeline is given, or no longer; where that is new, `given` tells how many those were.
    pub fn follow(&self, is_offered: bool, given: impl FnOnce() -> u64) {
        let is_offered_yet = self.since.0.load(Ordering::Relaxed) != Since::NEVER;
        if is_offered && !is_offered_yet {
            self.since.0.store(given(), Ordering::Relaxed);
        } else if !is_offered && is_offered_yet {
            self.add_accepted(self.offered(given()));
            self.since.0.store(Since::NEVER, Ordering::Relaxed);
        }
    }

    fn offered(&self, given: u64) -> u64 {
        given.saturating_sub(self.since.0.load(Ordering::Relaxed))
    }

    /// All counts; its pipeline says how many records it was `given`. That is asked last, so that no record is counted as
    /// finished that is not counted as accepted.
    pub fn tally(&self, given: impl FnOnce() -> u64) -> Tally {
        let (written, filtered) = (self.written(), self.filtered());
        let dropped = Loss::ALL.map(|loss| self.dropped(loss));
        fence(Ordering::Acquire);
        let accepted = self.accepted.0.load(Ordering::Relaxed) + self.offered(given());
        Tally { accepted, written, filtered, dropped }
    }

    /// How many records the sink is to be told it did not get, since it was told last.
    pub fn take_untold(&self) -> u64 {
        self.untold.swap(0, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finished_is_pending() {
        let counts = SinkCounts::default();
        counts.add_accepted(5);
        counts.add_written(1);
        counts.add_filtered(1);
        counts.add_lost(Loss::Overflow);

        counts.follow(true, || 10);

        let tally = counts.tally(|| 12);

        assert_eq!((tally.accepted, tally.pending()), (8, 5));
        assert_eq!(tally.dropped, [1, 0, 0, 0, 0]);
        assert_eq!((counts.take_untold(), counts.take_untold()), (1, 0));
    }

    #[test]
    fn another_process_begins_with_nothing() {
        let counts = SinkCounts::default();
        counts.of(0).add_lost(Loss::Closed);
        counts.follow(true, || 10);

        assert_eq!(counts.of(1).tally(|| 0), Tally::default());
        assert_eq!(counts.tally(|| 3).accepted, 3);
    }

    #[test]
    fn a_file_is_offered_what_its_pipeline_gets_while_it_is_shown() {
        let counts = SinkCounts::default();

        counts.follow(true, || 10);
        counts.follow(true, || 14);
        assert_eq!(counts.tally(|| 14).accepted, 4);
        counts.follow(false, || 15);
        counts.follow(true, || 30);

        assert_eq!(counts.tally(|| 31).accepted, 6);
    }
}
