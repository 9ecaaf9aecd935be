//! A lane: the bounded queue of one callback or one background Python sink.
//!
//! Callers enqueue records. One thread takes them, one at a time, in order. Each record follows the snapshot it was
//! accepted under. Memory is in proportion to the backlog. One lock covers everything and is held for a copy at most,
//! so the counts agree with each other at any moment.
//!
//! A lane belongs to one process. A forked child leaves the parent's lane alone and makes its own, which is empty.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::config::queue::{Overflow, QueueOptions};
use crate::lane::chunks::{Backlog, Load, Spent};
use crate::lane::order::{self, Nudged};
use crate::lane::patience::Patience;
use crate::level::ERROR;
use crate::process::exiting;
use crate::process::per_process::ProcessMark;
use crate::queue::polling::Polling;
use crate::queue::relay;
use crate::record::encoded::header_of;
use crate::report::{Told, Trouble};
use crate::stats::{Loss, SinkCounts};
use crate::sync::{Condvar, Mutex, MutexGuard};

pub(crate) use crate::lane::chunks::length_with;

/// Time between polls while there is traffic.
pub(super) const TICK: Duration = Duration::from_millis(1);

/// Time between two notices of dropped records, while the lane is never half empty.
pub(super) const NOTICE_INTERVAL: Duration = Duration::from_secs(1);

pub struct Lane {
    process: ProcessMark,
    pub(super) options: QueueOptions,
    pub(super) state: Mutex<LaneState>,
    /// Wakes the thread that takes records.
    pub(super) work: Arc<Condvar>,
    /// Wakes threads that wait until records are handled, or for room.
    pub(super) progress: Condvar,
    pub(super) counts: SinkCounts,
    pub(super) trouble: Mutex<Trouble>,
    pub(super) last: Last,
    /// A callback's rank in the order in which callbacks get records.
    pub(super) rank: Option<u64>,
}

/// How records are treated that come after the end of the process has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Last {
    /// They are dropped.
    Dropped,
    /// Callers handle them.
    Inline,
}

#[derive(Default)]
pub(super) struct LaneState {
    pub(super) backlog: Backlog,
    /// Records taken in.
    pub(super) enqueued: u64,
    /// Records offered, taken in or not; excludes those that callers filtered.
    pub(super) offered: u64,
    /// Records taken in and filtered later.
    pub(super) filtered: u64,
    /// The item that the thread is handling.
    pub(super) hand: Option<Hand>,
    /// Records of batches whose outcome is not known yet.
    pub(super) held: u64,
    /// Records dropped since the last notice, to be reported before the next record that is taken in.
    pub(super) gap: u64,
    pub(super) noticed: Option<Instant>,
    /// Takes no more records.
    pub(super) is_closed: bool,
    /// The number of records that were left when a thread began to report and drop them.
    pub(super) told_rest: Option<u64>,
    /// A caller waited in vain; callers do not wait until there is room again.
    pub(super) is_stuck: bool,
    pub(super) consumer: Consumer,
    pub(super) thread: ThreadState,
    pub(super) polling: Polling,
    /// When the thread last found records.
    pub(super) last_records: Option<Instant>,
    /// Whether it waits for its turn, or has it.
    pub(super) is_entered: bool,
    /// The average time for one of its records, for the order.
    pub(super) average: Duration,
    /// How the thread was woken.
    pub(super) led: Led,
    /// Threads that wait for it to be emptied; it makes no pauses while there are any.
    pub(super) waiters: u32,
    pub(super) patience: Patience,
    /// How long callers have waited beyond short waits.
    pub(super) overtime: Duration,
}

/// The consumer of a lane.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Consumer {
    /// There is none; the first record's caller arranges for one.
    #[default]
    Nobody,
    /// A thread runs, or is about to.
    Thread,
    /// No thread can be made, so callers empty it. The flag tells whether one of them is doing so.
    Callers { is_at_it: bool },
}

/// The state of the thread.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum ThreadState {
    #[default]
    Working,
    /// It polls again by itself.
    Polling,
    /// The next record is to wake it.
    Parked,
}

/// How the thread of a lane was woken.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Led {
    /// By a caller, or by the time: it polls for more, which saves callers from waking it again.
    #[default]
    ByCaller,
    /// By the thread of another queue, which costs no caller anything.
    ByThread,
    /// By the lane before it, as will happen again.
    InTurn,
}

/// A lane whose turn has come. Dropping this wakes its thread; drop it soon, and without holding any lane's lock.
#[derive(Default)]
pub struct Nudge(pub(super) Option<Arc<dyn Nudged>>);

/// A record or notice that was taken and is not finished.
pub(super) struct Hand {
    /// How many records were enqueued up to it.
    pub(super) position: u64,
    pub(super) is_notice: bool,
    /// The id of the record's level.
    pub(super) level: u16,
}

/// The result of `enqueue`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnqueueResult {
    /// The record was taken in, or dropped and counted.
    Done,
    /// Like `Done`, and the caller is to make way for the lane's thread.
    Pressed,
    /// Like `Done`, and the caller is to wait for the record.
    Awaited,
    /// Like `Done`, and the lane has no consumer: the caller is to arrange for one.
    Unattended,
    /// Like `Done`, and the caller is to empty the lane.
    Inline,
    /// There is no room; the caller is to wait.
    Full,
    /// The lane takes no more records; this one is not counted.
    Closed,
}

/// The outcome of the record that was taken last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Written,
    Filtered,
    Lost(Loss),
}

impl Lane {
    pub fn new(options: QueueOptions, last: Last, is_ordered: bool) -> Arc<Self> {
        // No thread would empty a lane that is made at the end of the process.
        let mut state = LaneState { patience: Patience::of(exiting::is_abrupt()), ..LaneState::default() };
        if exiting::is_exiting() {
            state.is_closed = last == Last::Dropped;
            state.consumer = Consumer::Callers { is_at_it: false };
        }
        Arc::new(Self {
            process: ProcessMark::current(),
            options,
            state: Mutex::new(state),
            work: Arc::default(),
            progress: Condvar::new(),
            counts: SinkCounts::default(),
            trouble: Mutex::new(Trouble::seldom()),
            last,
            rank: is_ordered.then(order::next_rank),
        })
    }

    /// Whether it belongs to this process; an inherited lane is never locked.
    pub fn is_own(&self) -> bool {
        self.process.is_current()
    }

    pub fn options(&self) -> &QueueOptions {
        &self.options
    }

    pub fn counts(&self) -> &SinkCounts {
        &self.counts
    }

    /// Counts a failure of the called function. Returns it if it is to be reported.
    pub fn failed(&self) -> Option<Told> {
        self.trouble.lock().failed()
    }

    /// Enqueues one record, with its load if it has one. The load stays with the caller unless the record is taken in.
    #[inline]
    pub fn enqueue(
        self: &Arc<Self>,
        record: &[u8],
        number: u64,
        snapshot: &Arc<impl Any + Send + Sync>,
        load: &mut Option<Load>,
    ) -> EnqueueResult {
        // Dropped after the lock is released.
        let mut spent = None;
        let mut state = self.state.lock();
        if state.is_closed {
            return EnqueueResult::Closed;
        }
        let length = length_with(record, load.as_ref());
        if !state.backlog.has_room(length, &self.options) && !self.make_room(&mut state, length, &mut spent) {
            return self.refuse(state);
        }
        if state.gap > 0 {
            self.begin_after_gap(&mut state);
        }
        state.backlog.push(record, number, snapshot, load.take());
        state.enqueued += 1;
        state.offered += 1;
        state.is_stuck = false;
        let result = state.enqueue_result();
        let is_next = self.enter(&mut state, number);
        // A thread that polls every millisecond by itself is not woken: waking it costs more than the call.
        let is_woken = is_next
            && match state.thread {
                ThreadState::Working => false,
                ThreadState::Polling => header_of(record).level.no >= ERROR.no,
                ThreadState::Parked => true,
            };
        if is_woken {
            state.thread = ThreadState::Working;
            let is_direct = relay::call(&self.work);
            state.led = if is_direct { Led::ByCaller } else { Led::ByThread };
            drop(state);
            if is_direct {
                self.work.notify_all();
            }
        }
        result
    }

    /// Takes its place in the order, if it has one. False when the lane before it is to wake it.
    #[inline]
    pub(super) fn enter(self: &Arc<Self>, state: &mut LaneState, number: u64) -> bool {
        match self.rank {
            Some(rank) if state.consumer == Consumer::Thread && !state.is_entered => {
                state.is_entered = true;
                order::enter(self, rank, number, state.average)
            }
            _ => true,
        }
    }

    /// Goes on to the next record in the order, or leaves the order. Drop the returned value without holding this
    /// lane's lock.
    pub(super) fn advance(&self, state: &mut LaneState) -> Nudge {
        let Some(rank) = self.rank.filter(|_| state.is_entered) else { return Nudge::default() };
        let next = state.backlog.number();
        let (average, lane) = order::advance(rank, next);
        state.is_entered = next.is_some();
        state.average = average;
        Nudge(lane)
    }

    /// Drops the oldest records for a new one; false when the new one is not to get room.
    #[cold]
    pub(super) fn make_room(&self, state: &mut LaneState, length: usize, spent: &mut Option<Box<Spent>>) -> bool {
        if self.options.overflow != Overflow::DropOld {
            return false;
        }
        let spent = spent.insert(Box::default());
        while !state.backlog.has_room(length, &self.options) && state.backlog.drop_oldest(spent) {
            self.counts.add_dropped(Loss::Overflow, 1);
        }
        true
    }

    #[cold]
    pub(super) fn refuse(&self, mut state: MutexGuard<'_, LaneState>) -> EnqueueResult {
        let waits = self.options.overflow == Overflow::Block && !state.is_stuck && state.consumer == Consumer::Thread;
        if waits {
            return EnqueueResult::Full;
        }
        self.drop_new(&mut state);
        state.enqueue_result()
    }

    pub(super) fn drop_new(&self, state: &mut LaneState) {
        state.offered += 1;
        state.gap += 1;
        self.counts.add_dropped(Loss::Overflow, 1);
    }

    /// Puts the notice of dropped records before the next record, unless there was a notice just now.
    #[cold]
    pub(super) fn begin_after_gap(&self, state: &mut LaneState) {
        let is_half_empty = state.backlog.is_half_empty(&self.options);
        if is_half_empty || state.noticed.is_none_or(|noticed| noticed.elapsed() >= NOTICE_INTERVAL) {
            state.noticed = Some(Instant::now());
            state.backlog.begin_after_gap(std::mem::take(&mut state.gap));
        }
    }

    /// Waits for room until `until` at most. False when the record is to be dropped: the lane was closed, or another
    /// caller waited in vain.
    pub fn wait_for_room(&self, length: usize, until: Instant) -> bool {
        let mut state = self.state.lock();
        while !state.is_closed && !state.is_stuck && !state.backlog.has_room(length, &self.options) {
            if self.progress.wait_until(&mut state, until).timed_out() {
                break;
            }
        }
        !state.is_closed && !state.is_stuck
    }

    /// Drops a record after waiting in vain. If the caller waited for the whole time, no caller waits until there is
    /// room again.
    pub fn give_up(&self, is_stuck: bool) {
        let mut state = self.state.lock();
        state.is_stuck |= is_stuck;
        self.drop_new(&mut state);
        drop(state);
        self.progress.notify_all();
    }

    /// Counts a record that is not enqueued: it was logged from within a callback, or too late.
    pub fn count_lost(&self, loss: Loss) {
        let mut state = self.state.lock();
        state.offered += 1;
        self.counts.add_dropped(loss, 1);
    }

    /// The number of the last record taken in, to pass to `wait_handled`.
    pub fn enqueued(&self) -> u64 {
        self.state.lock().enqueued
    }

    /// Waits until `until` for the first `ticket` records to be handled; true when they are.
    pub fn wait_handled(&self, ticket: u64, until: Instant) -> bool {
        let mut state = self.state.lock();
        state.waiters += 1;
        self.work.notify_all();
        let mut is_handled = state.is_handled(ticket);
        while !is_handled && !self.progress.wait_until(&mut state, until).timed_out() {
            is_handled = state.is_handled(ticket);
        }
        state.waiters -= 1;
        is_handled || state.is_handled(ticket)
    }

    /// Takes no more records. Queued records are still handled, then its thread ends. False when it was closed already.
    pub fn close(&self) -> bool {
        let was_open = !std::mem::replace(&mut self.state.lock().is_closed, true);
        self.work.notify_all();
        self.progress.notify_all();
        was_open
    }

    /// Has callers do the work of the thread, which ends with the process, if `last` is `Inline`.
    pub fn outlive_thread(&self) {
        if self.last == Last::Inline {
            let mut state = self.state.lock();
            state.is_closed = false;
            state.consumer = Consumer::Callers { is_at_it: false };
            drop(state);
            self.work.notify_all();
        }
    }

    /// How many records are not handled yet: queued ones, the one being handled, and those of unfinished batches. Only the
    /// first call says so, since one thread is to report them.
    pub fn left_untold(&self) -> u64 {
        let mut state = self.state.lock();
        if state.told_rest.is_some() {
            return 0;
        }
        let in_hand = state.hand.as_ref().is_some_and(|hand| !hand.is_notice);
        let left = state.backlog.records() + u64::from(in_hand) + state.held;
        state.told_rest = Some(left);
        left
    }

    /// Gives up the records that are left; returns how many there were.
    pub fn abandon(&self, loss: Loss) -> u64 {
        let mut state = self.state.lock();
        let left = std::mem::take(&mut state.backlog);
        state.is_closed = true;
        let in_hand = state.hand.take().is_some_and(|hand| !hand.is_notice);
        let records = left.records() + u64::from(in_hand) + std::mem::take(&mut state.held);
        state.gap = 0;
        self.counts.add_dropped(loss, records);
        let next = self.leave(&mut state);
        drop(state);
        drop(next);
        self.work.notify_all();
        self.progress.notify_all();
        records
    }
}

impl Nudged for Lane {
    fn is_own(&self) -> bool {
        Self::is_own(self)
    }

    fn nudge(&self) {
        let mut state = self.state.lock();
        state.led = Led::InTurn;
        state.thread = ThreadState::Working;
        drop(state);
        self.work.notify_all();
    }
}

impl Drop for Lane {
    /// Lets the lanes that wait for it go on.
    fn drop(&mut self) {
        if self.is_own()
            && let Some(rank) = self.rank
        {
            drop(Nudge(order::advance(rank, None).1));
        }
    }
}

impl Drop for Nudge {
    fn drop(&mut self) {
        // A lane of the parent may be locked forever.
        if let Some(lane) = self.0.as_ref().filter(|lane| lane.is_own()) {
            lane.nudge();
        }
    }
}

impl LaneState {
    /// Notes that the thread found records.
    pub(super) fn note_records(&mut self, now: Instant, interval: Duration) {
        let intervals = self.last_records.map_or(u128::MAX, |last| (now - last).as_nanos() / interval.as_nanos());
        self.polling.found(u32::try_from(intervals).unwrap_or(u32::MAX));
        self.last_records = Some(now);
    }

    pub(super) fn enqueue_result(&mut self) -> EnqueueResult {
        match self.consumer {
            Consumer::Thread => match self.patience {
                Patience::None => EnqueueResult::Done,
                Patience::MakeWay => EnqueueResult::Pressed,
                Patience::Wait => EnqueueResult::Awaited,
            },
            Consumer::Nobody => {
                self.consumer = Consumer::Thread;
                EnqueueResult::Unattended
            }
            Consumer::Callers { .. } => EnqueueResult::Inline,
        }
    }

    /// Takes the count of records dropped after the last queued one, to be reported although no record follows.
    pub(super) fn untold(&mut self) -> u64 {
        std::mem::take(&mut self.gap) + self.backlog.take_gap()
    }

    /// Whether the first `ticket` records were handled or dropped; records leave in order.
    pub(super) fn is_handled(&self, ticket: u64) -> bool {
        match &self.hand {
            Some(hand) => hand.position > ticket + self.held,
            None => self.enqueued - self.backlog.records() - self.held >= ticket && !self.owes_notice(ticket),
        }
    }

    /// Whether the thread is to tell of records that were dropped after all those that a caller waits for.
    fn owes_notice(&self, ticket: u64) -> bool {
        ticket >= self.enqueued && self.consumer == Consumer::Thread && (self.gap > 0 || self.backlog.has_gap())
    }
}

#[cfg(test)]
mod tests;
