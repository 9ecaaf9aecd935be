//! The consumer's side of a lane: a Python thread, or callers when no thread can be made.
//!
//! It waits for records, takes one, calls the callback or sink, and finishes the record before it takes the next.

use std::time::{Duration, Instant};

use crate::config::queue::Overflow;
use crate::lane::chunks::{Followed, Item, Load};
use crate::lane::order;
use crate::lane::order::Turn;
use crate::lane::queue::{Consumer, Hand, Lane, LaneState, Led, NOTICE_INTERVAL, Nudge, Outcome, TICK, ThreadState};
use crate::level::WARNING;
use crate::queue::relay;
use crate::record::encoded::header_of;
use crate::stats::Loss;
use crate::sync::MutexGuard;

impl Lane {
    /// Takes the next record, or the notice of dropped records. A record's bytes go to `out` and its load to `load`.
    /// The previous item must be finished. The result holds the snapshot that the item follows; a notice without one
    /// follows the previous snapshot. None when the lane is empty.
    pub fn take(&self, out: &mut Vec<u8>, load: &mut Option<Load>) -> Option<(Option<Followed>, Item)> {
        let mut guard = self.state.lock();
        let state = &mut *guard;
        if let Some((rank, number)) = self.entered(state)
            && !order::begin(rank, number)
        {
            return None;
        }
        let is_notice_due = self.options.overflow != Overflow::DropOld
            || state.backlog.is_half_empty(&self.options)
            || state.noticed.is_none_or(|noticed| noticed.elapsed() >= NOTICE_INTERVAL);
        let (snapshot, item) = match state.backlog.take(out, load, is_notice_due) {
            Some((snapshot, item)) => (Some(snapshot), item),
            None => (None, Item::of_gap(&mut state.untold())?),
        };
        let is_of_gap = matches!(item, Item::Notice(_));
        if is_of_gap {
            state.noticed = Some(Instant::now());
        }
        // It was offered like a record.
        let is_prepared = load.as_ref().is_some_and(|load| load.is_notice);
        state.offered -= u64::from(is_prepared);
        let is_notice = is_of_gap || is_prepared;
        let position = state.enqueued - state.backlog.records();
        let level = if is_of_gap { WARNING.id } else { header_of(out).level.id };
        state.hand = Some(Hand { position, is_notice, level });
        Some((snapshot, item))
    }

    /// Counts the outcome of the record that was taken. This may make it another lane's turn: dropping the returned
    /// value wakes that lane.
    pub fn finish(&self, outcome: Outcome) -> Nudge {
        let mut state = self.state.lock();
        // It was given up in the meantime, or never taken.
        let Some(hand) = state.hand.take() else { return Nudge::default() };
        if !hand.is_notice {
            if matches!(outcome, Outcome::Written | Outcome::Lost(Loss::SinkError)) {
                self.counts.levels().add(hand.level);
            }
            match outcome {
                Outcome::Written => self.counts.add_written(1),
                Outcome::Filtered => {
                    state.filtered += 1;
                    self.counts.add_filtered(1);
                }
                Outcome::Lost(loss) => self.counts.add_dropped(loss, 1),
            }
        }
        let is_awaited = state.waiters > 0 || self.options.overflow == Overflow::Block;
        let next = self.advance(&mut state);
        drop(state);
        if is_awaited {
            self.progress.notify_all();
        }
        next
    }

    /// Whether no records wait in it.
    pub fn is_empty(&self) -> bool {
        self.state.lock().backlog.records() == 0
    }

    /// For the consumer's thread: waits for a record, and until `not_before` unless another thread waits for the lane.
    /// False when the thread is to end.
    pub fn wait(&self, not_before: Instant) -> bool {
        let mut state = self.state.lock();
        loop {
            if matches!(state.consumer, Consumer::Callers { .. }) {
                return false;
            }
            let has_work = state.backlog.records() > 0 || state.gap > 0;
            if !has_work && state.is_closed {
                state.consumer = Consumer::Nobody;
                drop(state);
                self.progress.notify_all();
                return false;
            }
            let now = Instant::now();
            let is_held_back = now < not_before && state.waiters == 0 && !state.is_closed;
            if has_work && !is_held_back {
                let turn = self.entered(&state).map_or(Turn::Now, |(rank, number)| order::turn(rank, number));
                let Turn::After(until) = turn else {
                    state.note_records(now, self.interval());
                    return true;
                };
                self.work.wait_until(&mut state, until);
                continue;
            }
            state.thread = ThreadState::Polling;
            let led = std::mem::take(&mut state.led);
            if has_work {
                self.work.wait_until(&mut state, not_before);
            } else if led != Led::InTurn && !state.polling.is_to_park(led == Led::ByThread) {
                self.work.wait_for(&mut state, self.interval());
            } else {
                state.thread = ThreadState::Parked;
                self.work.wait(&mut state);
            }
            state.thread = ThreadState::Working;
            MutexGuard::unlocked(&mut state, relay::arrive);
        }
    }

    fn interval(&self) -> Duration {
        self.options.flush_interval.unwrap_or(TICK).max(TICK)
    }

    /// The rank and the next record of a lane that is in the order.
    fn entered(&self, state: &LaneState) -> Option<(u64, u64)> {
        self.rank.filter(|_| state.is_entered).zip(state.backlog.number())
    }

    /// Makes this thread, or one that it is about to make, the consumer; false when there is one already.
    pub fn attend(&self) -> bool {
        let mut state = self.state.lock();
        let next = match state.consumer {
            Consumer::Nobody => Consumer::Thread,
            Consumer::Callers { is_at_it: false } => Consumer::Callers { is_at_it: true },
            Consumer::Thread | Consumer::Callers { is_at_it: true } => return false,
        };
        state.consumer = next;
        true
    }

    /// Announces that a consumer thread is about to be made; false when the lane has a consumer already, or callers are
    /// to empty it.
    pub fn begin(&self) -> bool {
        let mut state = self.state.lock();
        let is_free = state.consumer == Consumer::Nobody;
        if is_free {
            state.consumer = Consumer::Thread;
        }
        is_free
    }

    /// Has callers empty it, since no thread can be made.
    pub fn empty_inline(&self) {
        let mut state = self.state.lock();
        state.consumer = Consumer::Callers { is_at_it: false };
        let next = self.leave(&mut state);
        drop(state);
        drop(next);
    }

    /// Whether it has records and no thread to handle them.
    pub fn lacks_thread(&self) -> bool {
        let state = self.state.lock();
        state.consumer == Consumer::Callers { is_at_it: false } && state.backlog.records() > 0
    }

    pub(super) fn leave(&self, state: &mut LaneState) -> Nudge {
        let rank = self.rank.filter(|_| std::mem::take(&mut state.is_entered));
        Nudge(rank.and_then(|rank| order::advance(rank, None).1))
    }
}
