//! Counts per sink and callback: the outcomes of the records it was offered.

pub mod levels;

use std::sync::atomic::{AtomicU64, Ordering, fence};

use crate::stats::levels::{COUNTED, LevelCounts};
use crate::sync::CachePadded;

/// The reason why a record that a sink or callback wanted did not reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Its queue was full.
    Overflow,
    /// It was removed, or the process ended, before the record came.
    Closed,
    /// It was logged from within the sink or callback itself.
    Reentrant,
    /// The destination it writes to, or the function it calls, failed.
    SinkError,
    /// The process ended first.
    ExitTimeout,
    /// It is not in the sample of the sink.
    Sampled,
    /// Its call site had reached the sink's limit.
    Limited,
}

impl Loss {
    pub const ALL: [Self; 7] = [
        Self::Overflow,
        Self::Closed,
        Self::Reentrant,
        Self::SinkError,
        Self::ExitTimeout,
        Self::Sampled,
        Self::Limited,
    ];

    /// The key in `stats()`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overflow => "overflow",
            Self::Closed => "closed",
            Self::Reentrant => "reentrant",
            Self::SinkError => "sink_error",
            Self::ExitTimeout => "exit_timeout",
            Self::Sampled => "sampled",
            Self::Limited => "limited",
        }
    }
}

/// The counts of one sink. Every record offered to the sink is counted once, under one outcome.
#[derive(Debug, Default)]
pub struct SinkCounts {
    written: AtomicU64,
    filtered: AtomicU64,
    dropped: [AtomicU64; Loss::ALL.len()],
    /// Records of dead processes that were written, those that could not be read, and those that the sink does not
    /// take. They are no records of this process.
    recovered: [AtomicU64; 3],
    /// Records that did not fit, and that the sink has not been told of yet.
    untold: AtomicU64,
    /// The records that the sink was handed, by level.
    levels: LevelCounts,
    /// Nanoseconds spent in writes to the file.
    write_ns: AtomicU64,
    /// Records offered to the sink, except for those that its pipeline counts for all its files at once. Callers write
    /// this counter; mostly other threads write the rest.
    accepted: CachePadded<AtomicU64>,
    /// The pipeline's record count when the pipeline began to feed this sink.
    since: Since,
}

#[derive(Debug)]
struct Since(AtomicU64);

impl Since {
    /// The sink gets nothing from a pipeline.
    const NEVER: u64 = u64::MAX;
}

impl Default for Since {
    fn default() -> Self {
        Self(AtomicU64::new(Self::NEVER))
    }
}

/// The outcomes of the records offered to a sink or callback, at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub accepted: u64,
    pub written: u64,
    pub filtered: u64,
    /// In the order of `Loss::ALL`.
    pub dropped: [u64; Loss::ALL.len()],
    /// Records that the sink was handed, by the place of their level.
    pub levels: [u64; COUNTED],
    /// Nanoseconds spent in writes; 0 for sinks that are functions.
    pub write_ns: u64,
    /// Bytes of the queue that are in use.
    pub queue_bytes: u64,
}

impl Tally {
    /// Records that are still pending.
    pub fn pending(&self) -> u64 {
        self.accepted.saturating_sub(self.written + self.filtered + self.dropped.iter().sum::<u64>())
    }
}

impl SinkCounts {
    /// Makes the counts of a forked child. The child's pipelines are new, and give the sink everything.
    pub fn after_fork(parent: &Self) -> Self {
        let is_fed = parent.since.0.load(Ordering::Relaxed) != Since::NEVER;
        let since = if is_fed { Since(AtomicU64::new(0)) } else { Since::default() };
        Self { since, ..Self::default() }
    }

    /// Counts records offered to the sink, whatever the outcome. Records that its pipeline counts are not counted here.
    pub fn add_accepted(&self, count: u64) {
        self.accepted.0.fetch_add(count, Ordering::Relaxed);
    }

    pub fn add_written(&self, count: u64) {
        self.written.fetch_add(count, Ordering::Relaxed);
    }

    /// Counts unwanted records: below the sink's level, filtered out, or switched off.
    pub fn add_filtered(&self, count: u64) {
        self.filtered.fetch_add(count, Ordering::Relaxed);
    }

    /// Counts records that were wanted, and that the sink did not get.
    pub fn add_dropped(&self, loss: Loss, count: u64) {
        self.dropped[loss as usize].fetch_add(count, Ordering::Relaxed);
        if loss == Loss::Overflow {
            self.untold.fetch_add(count, Ordering::Relaxed);
        }
    }

    /// Counts nanoseconds spent in writes.
    pub fn add_write_ns(&self, count: u64) {
        self.write_ns.fetch_add(count, Ordering::Relaxed);
    }

    /// The records that the sink was handed, by level.
    pub fn levels(&self) -> &LevelCounts {
        &self.levels
    }

    /// Counts a record that was offered and lost at once.
    pub fn add_lost(&self, loss: Loss) {
        self.add_accepted(1);
        self.add_dropped(loss, 1);
    }

    /// Counts records of a dead process.
    pub fn add_recovered(&self, counts: [u64; 3]) {
        for (count, more) in self.recovered.iter().zip(counts) {
            count.fetch_add(more, Ordering::Relaxed);
        }
    }

    /// The records of dead processes that were written, those that were skipped, and those that were left out.
    pub fn recovered(&self) -> [u64; 3] {
        std::array::from_fn(|at| self.recovered[at].load(Ordering::Relaxed))
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

    /// Starts or stops counting the pipeline's records as offered. On a change, `given` tells the pipeline's record
    /// count.
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

    /// All counts. `given` tells the pipeline's record count. It is called last, so that no record is counted as
    /// finished before it is counted as accepted.
    pub fn tally(&self, given: impl FnOnce() -> u64) -> Tally {
        let (written, filtered) = (self.written(), self.filtered());
        let dropped = Loss::ALL.map(|loss| self.dropped(loss));
        fence(Ordering::Acquire);
        let accepted = self.accepted.0.load(Ordering::Relaxed) + self.offered(given());
        let (levels, write_ns) = (self.levels.read(), self.write_ns.load(Ordering::Relaxed));
        Tally { accepted, written, filtered, dropped, levels, write_ns, queue_bytes: 0 }
    }

    /// Takes the number of lost records that the sink has not been told of yet.
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
        assert_eq!(tally.dropped, [1, 0, 0, 0, 0, 0, 0]);
        assert_eq!((counts.take_untold(), counts.take_untold()), (1, 0));
    }

    #[test]
    fn child_begins_with_nothing() {
        let parent = SinkCounts::default();
        parent.add_lost(Loss::Closed);
        parent.follow(true, || 10);

        let counts = SinkCounts::after_fork(&parent);

        assert_eq!(counts.tally(|| 0), Tally::default());
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
