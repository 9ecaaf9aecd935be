//! Counts per sink: what became of the records it was offered.

use std::sync::atomic::{AtomicU64, Ordering};

/// Every record offered to a sink is counted once, as one of these.
#[derive(Debug, Default)]
pub struct SinkCounts {
    written: AtomicU64,
    filtered: AtomicU64,
    dropped: AtomicU64,
}

impl SinkCounts {
    pub fn add_written(&self, count: u64) {
        self.written.fetch_add(count, Ordering::Relaxed);
    }

    /// Not wanted: below its level, filtered out, or switched off.
    pub fn add_filtered(&self, count: u64) {
        self.filtered.fetch_add(count, Ordering::Relaxed);
    }

    /// Wanted and lost, which was told on standard error.
    pub fn add_dropped(&self, count: u64) {
        self.dropped.fetch_add(count, Ordering::Relaxed);
    }

    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    pub fn filtered(&self) -> u64 {
        self.filtered.load(Ordering::Relaxed)
    }

    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}
