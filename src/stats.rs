//! Counts per sink and callback: what became of the records it was offered.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

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
}

impl SinkCounts {
    /// The counts of this process: a forked child begins with none of its parent's.
    #[inline]
    pub fn of(&self, generation: u32) -> &Self {
        let known = self.generation.load(Ordering::Relaxed);
        if known != generation
            && self.generation.compare_exchange(known, generation, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            let all = [&self.written, &self.filtered, &self.untold].into_iter().chain(&self.dropped);
            all.for_each(|count| count.store(0, Ordering::Relaxed));
        }
        self
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

    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    pub fn filtered(&self) -> u64 {
        self.filtered.load(Ordering::Relaxed)
    }

    pub fn dropped(&self, loss: Loss) -> u64 {
        self.dropped[loss as usize].load(Ordering::Relaxed)
    }

    pub fn all_dropped(&self) -> u64 {
        Loss::ALL.into_iter().map(|loss| self.dropped(loss)).sum()
    }

    /// How many records the sink is to be told it did not get, since it was told last.
    pub fn take_untold(&self) -> u64 {
        self.untold.swap(0, Ordering::Relaxed)
    }
}
