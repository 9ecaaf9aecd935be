//! Records that a lane's thread takes in batches, whose outcome is known later.

use std::time::{Duration, Instant};

use crate::config::queue::Overflow;
use crate::lane::patience::Patience;
use crate::lane::queue::{Consumer, Lane, LaneState, Outcome, ThreadState};

/// Time between two looks at the backlog while a batch fills up.
const LOOK: Duration = Duration::from_millis(10);

impl Lane {
    /// Waits until a batch of this many records or bytes is there, or for `linger`. Does not wait if another thread
    /// waits for the lane, or if the lane is to be emptied for the last time.
    pub fn wait_for_batch(&self, most_records: u64, most_bytes: usize, linger: Duration) {
        let Some(deadline) = Instant::now().checked_add(linger) else { return };
        let mut state = self.state.lock();
        while state.backlog.records() > 0 && !state.is_hurried() && !state.backlog.has_batch(most_records, most_bytes) {
            let now = Instant::now();
            if now >= deadline {
                break;
            }
            state.thread = ThreadState::Polling;
            self.work.wait_until(&mut state, deadline.min(now + LOOK));
            state.thread = ThreadState::Working;
        }
    }

    /// Puts the record that was taken last among those of unfinished batches. Returns how many records this is.
    pub fn hold(&self) -> u64 {
        let mut state = self.state.lock();
        let Some(hand) = state.hand.take() else { return 0 };
        let count = u64::from(!hand.is_notice);
        if !hand.is_notice {
            self.counts.levels().add(hand.level);
        }
        state.held += count;
        count
    }

    /// Lets callers go on that wait for room.
    pub fn tell_room(&self) {
        if self.options.overflow == Overflow::Block {
            self.progress.notify_all();
        }
    }

    /// Counts the outcome of records of batches. Records that were given up in the meantime are counted already.
    /// Returns how many were counted now.
    pub fn settle(&self, count: u64, outcome: Outcome) -> u64 {
        let mut state = self.state.lock();
        let count = count.min(state.held);
        state.held -= count;
        match outcome {
            Outcome::Written => self.counts.add_written(count),
            Outcome::Filtered => {
                state.filtered += count;
                self.counts.add_filtered(count);
            }
            Outcome::Lost(loss) => self.counts.add_dropped(loss, count),
        }
        drop(state);
        self.progress.notify_all();
        count
    }
}

impl LaneState {
    /// Whether records are not to wait for others.
    fn is_hurried(&self) -> bool {
        self.waiters > 0
            || self.is_closed
            || self.patience != Patience::None
            || matches!(self.consumer, Consumer::Callers { .. })
    }
}
