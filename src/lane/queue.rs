//! A lane: the bounded queue of one callback or one background Python sink.
//!
//! Callers push records; one thread takes them, one at a time, in order. Each record follows the snapshot it was accepted under.
//! Memory is in proportion to the backlog. Everything is under one lock, held for a copy at most, so that the counts agree with
//! each other at any moment.
//!
//! A lane belongs to one process. A forked child leaves the parent's alone and makes its own, which is empty.

use crate::lane::chunks::Load;
pub(crate) use crate::lane::chunks::length_with;
use crate::process::exiting;
use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::config::queue::{Overflow, QueueOptions};
use crate::lane::chunks::{Backlog, Spent};
use crate::lane::order::{self, Nudged};
use crate::lane::patience::Patience;
use crate::level::ERROR;
use crate::process::fork;
use crate::queue::looks::Looks;
use crate::queue::relay;
use crate::record::encoded::header_of;
use crate::report::{Told, Trouble};
use crate::stats::{Loss, SinkCounts};
use crate::sync::{Condvar, Mutex, MutexGuard};

/// Between looks while there is traffic.
pub(super) const TICK: Duration = Duration::from_millis(1);

/// Between two notices of records that were dropped, while the lane is never half empty.
pub(super) const NOTICE_INTERVAL: Duration = Duration::from_secs(1);

pub struct Lane {
    pub(super) generation: u32,
    pub(super) options: QueueOptions,
    pub(super) state: Mutex<State>,
    /// For the thread that takes records.
    pub(super) work: Arc<Condvar>,
    /// For those who wait until records are handled, or for room.
    pub(super) progress: Condvar,
    pub(super) counts: SinkCounts,
    pub(super) trouble: Mutex<Trouble>,
    pub(super) last: Last,
    /// That of a callback, in the order of which they get records.
    pub(super) place: Option<u64>,
}

/// What becomes of records that come after the end of the process has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Last {
    /// They are dropped.
    Dropped,
    /// Callers handle them.
    Inline,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) backlog: Backlog,
    /// Records that were taken in.
    pub(super) pushed: u64,
    /// Records that came for it, taken in or not; without those that callers filtered.
    pub(super) offered: u64,
    /// Of those taken in, what was filtered then.
    pub(super) filtered: u64,
    /// What the thread is busy with.
    pub(super) hand: Option<Hand>,
    /// Records dropped since the last notice, to be told before the next record that is taken in.
    pub(super) gap: u64,
    pub(super) noticed: Option<Instant>,
    /// Takes nothing any more.
    pub(super) is_closed: bool,
    /// A caller waited in vain; until there is room again nobody waits.
    pub(super) is_stuck: bool,
    pub(super) consumer: Consumer,
    pub(super) watch: Watch,
    pub(super) looks: Looks,
    /// When the thread was given something to do last.
    pub(super) last_records: Option<Instant>,
    /// Whether it waits for its turn, or has it.
    pub(super) is_entered: bool,
    /// What records take it, for the order.
    pub(super) average: Duration,
    /// Who woke the thread.
    pub(super) led: Led,
    /// Threads that wait for it to be emptied: it makes no pauses then.
    pub(super) waiters: u32,
    pub(super) patience: Patience,
}

/// Who empties a lane.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Consumer {
    /// The first record finds somebody.
    #[default]
    Nobody,
    /// It runs, or is about to.
    Thread,
    /// No thread can be made. Whether one of them is at it.
    Callers { is_at_it: bool },
}

/// What the thread does.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Watch {
    #[default]
    Working,
    /// It looks again by itself.
    Looking,
    /// It is to be woken by the next record.
    Parked,
}

/// Who woke the thread of a lane.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Led {
    /// A caller, or the time: it looks for more, as that spares callers waking it again.
    #[default]
    ByCaller,
    /// The thread of another queue, which costs no caller anything.
    ByThread,
    /// The lane before it, as it will again.
    InTurn,
}

/// A lane whose turn has come; its thread is woken when this is dropped, which has to be soon and without the lock of any lane.
#[derive(Default)]
pub struct Nudge(pub(super) Option<Arc<dyn Nudged>>);

/// A record, or a notice, that was taken and is not settled.
pub(super) struct Hand {
    /// How many records were pushed up to it.
    pub(super) position: u64,
    pub(super) is_notice: bool,
}

/// What came of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// It is taken in, or was dropped and counted.
    Done,
    /// The same, and the caller is to make way for the lane's thread.
    Pressed,
    /// The same, and the caller is to wait for the record.
    Awaited,
    /// The same, and nobody empties the lane: the caller is to see that somebody does.
    Unattended,
    /// The same, and the caller is to empty it.
    Inline,
    /// There is no room; the caller is to wait.
    Full,
    /// The lane takes nothing any more, which is not counted.
    Closed,
}

/// What became of the record that was taken last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Written,
    Filtered,
    Lost(Loss),
}

impl Lane {
    pub fn new(options: QueueOptions, last: Last, is_ordered: bool) -> Arc<Self> {
        // Made at the end of the process, no thread would empty it any more.
        let mut state = State { patience: Patience::of(exiting::is_abrupt()), ..State::default() };
        if exiting::is_exiting() {
            state.is_closed = last == Last::Dropped;
            state.consumer = Consumer::Callers { is_at_it: false };
        }
        Arc::new(Self {
            generation: fork::generation(),
            options,
            state: Mutex::new(state),
            work: Arc::default(),
            progress: Condvar::new(),
            counts: SinkCounts::default(),
            trouble: Mutex::new(Trouble::seldom()),
            last,
            place: is_ordered.then(order::next_place),
        })
    }

    /// Whether it is this process's; one that was inherited is never locked.
    pub fn is_own(&self) -> bool {
        self.generation == fork::generation()
    }

    pub fn options(&self) -> &QueueOptions {
        &self.options
    }

    pub fn counts(&self) -> &SinkCounts {
        &self.counts
    }

    /// Counts a failure of the called function. Returns it if it is to be told.
    pub fn failed(&self) -> Option<Told> {
        self.trouble.lock().failed()
    }

    /// Hands over one record, and its load where it has one, which is left with the caller unless the record is taken in.
    #[inline]
    pub fn push(
        self: &Arc<Self>,
        record: &[u8],
        number: u64,
        snapshot: &Arc<impl Any + Send + Sync>,
        load: &mut Option<Load>,
    ) -> Pushed {
        // Dropped after the lock.
        let mut spent = None;
        let mut state = self.state.lock();
        if state.is_closed {
            return Pushed::Closed;
        }
        let length = length_with(record, load.as_ref());
        if !state.backlog.has_room(length, &self.options) && !self.make_room(&mut state, length, &mut spent) {
            return self.refuse(state);
        }
        if state.gap > 0 {
            self.begin_after_gap(&mut state);
        }
        state.backlog.push(record, number, snapshot, load.take());
        state.pushed += 1;
        state.offered += 1;
        state.is_stuck = false;
        let pushed = state.pushed_as();
        let is_next = self.enter(&mut state, number);
        // Whoever looks for itself every millisecond is not woken: that costs more than the call.
        let is_woken = is_next
            && match state.watch {
                Watch::Working => false,
                Watch::Looking => header_of(record).level.no >= ERROR.no,
                Watch::Parked => true,
            };
        if is_woken {
            state.watch = Watch::Working;
            let is_direct = relay::call(&self.work);
            state.led = if is_direct { Led::ByCaller } else { Led::ByThread };
            drop(state);
            if is_direct {
                self.work.notify_all();
            }
        }
        pushed
    }

    /// Takes its place in the order, if it has one. False when the lane before it is to wake it.
    #[inline]
    pub(super) fn enter(self: &Arc<Self>, state: &mut State, number: u64) -> bool {
        match self.place {
            Some(place) if state.consumer == Consumer::Thread && !state.is_entered => {
                state.is_entered = true;
                order::enter(self, place, number, state.average)
            }
            _ => true,
        }
    }

    /// Goes on in the order with the record that is next, or leaves it. What is returned is dropped without this one's lock.
    pub(super) fn advance(&self, state: &mut State) -> Nudge {
        let Some(place) = self.place.filter(|_| state.is_entered) else { return Nudge::default() };
        let next = state.backlog.number();
        let (average, lane) = order::advance(place, next);
        state.is_entered = next.is_some();
        state.average = average;
        Nudge(lane)
    }

    /// Drops the oldest records for a new one; false when there is to be no room for it.
    #[cold]
    pub(super) fn make_room(&self, state: &mut State, length: usize, spent: &mut Option<Box<Spent>>) -> bool {
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
    pub(super) fn refuse(&self, mut state: MutexGuard<'_, State>) -> Pushed {
        let waits = self.options.overflow == Overflow::Block && !state.is_stuck && state.consumer == Consumer::Thread;
        if waits {
            return Pushed::Full;
        }
        self.drop_new(&mut state);
        state.pushed_as()
    }

    pub(super) fn drop_new(&self, state: &mut State) {
        state.offered += 1;
        state.gap += 1;
        self.counts.add_dropped(Loss::Overflow, 1);
    }

    /// Has the next record be preceded by the notice of those dropped before it, unless there was one just now.
    #[cold]
    pub(super) fn begin_after_gap(&self, state: &mut State) {
        let is_half_empty = state.backlog.is_half_empty(&self.options);
        if is_half_empty || state.noticed.is_none_or(|noticed| noticed.elapsed() >= NOTICE_INTERVAL) {
            state.noticed = Some(Instant::now());
            state.backlog.begin_after_gap(std::mem::take(&mut state.gap));
        }
    }

    /// Waits, at most until `until`, for room. False when the record is to be dropped: the lane was closed, or another caller
    /// waited in vain.
    pub fn wait_for_room(&self, length: usize, until: Instant) -> bool {
        let mut state = self.state.lock();
        while !state.is_closed && !state.is_stuck && !state.backlog.has_room(length, &self.options) {
            if self.progress.wait_until(&mut state, until).timed_out() {
                break;
            }
        }
        !state.is_closed && !state.is_stuck
    }

    /// Drops a record that was waited with in vain. When that was for the whole time, nobody waits from here on until there is room.
    pub fn give_up(&self, is_stuck: bool) {
        let mut state = self.state.lock();
        state.is_stuck |= is_stuck;
        self.drop_new(&mut state);
        drop(state);
        self.progress.notify_all();
    }

    /// Counts a record that it is not given: logged from within a callback, or too late.
    pub fn count_lost(&self, loss: Loss) {
        let mut state = self.state.lock();
        state.offered += 1;
        self.counts.add_dropped(loss, 1);
    }

    /// The number of the last record taken in: what `wait_handled` waits for.
    pub fn pushed(&self) -> u64 {
        self.state.lock().pushed
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

    /// Takes nothing any more; what it has is still handled, then its thread ends. False when it was closed already.
    pub fn close(&self) -> bool {
        let was_open = !std::mem::replace(&mut self.state.lock().is_closed, true);
        self.work.notify_all();
        self.progress.notify_all();
        was_open
    }

    /// The process ends, and with it the lane's thread: callers do its work from here on, if they are to.
    pub fn outlive_thread(&self) {
        if self.last == Last::Inline {
            let mut state = self.state.lock();
            state.is_closed = false;
            state.consumer = Consumer::Callers { is_at_it: false };
            drop(state);
            self.work.notify_all();
        }
    }

    /// Gives up what is left, and what is being handled; returns how many records those are.
    pub fn abandon(&self, loss: Loss) -> u64 {
        let mut state = self.state.lock();
        let left = std::mem::take(&mut state.backlog);
        state.is_closed = true;
        let in_hand = state.hand.take().is_some_and(|hand| !hand.is_notice);
        let records = left.records() + u64::from(in_hand);
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
        state.watch = Watch::Working;
        drop(state);
        self.work.notify_all();
    }
}

impl Drop for Lane {
    /// What waits for it is not to wait any longer.
    fn drop(&mut self) {
        if self.is_own()
            && let Some(place) = self.place
        {
            drop(Nudge(order::advance(place, None).1));
        }
    }
}

impl Drop for Nudge {
    fn drop(&mut self) {
        // One of the parent's may be locked for ever.
        if let Some(lane) = self.0.as_ref().filter(|lane| lane.is_own()) {
            lane.nudge();
        }
    }
}

impl State {
    /// The thread was found something to do.
    pub(super) fn note_records(&mut self, now: Instant, interval: Duration) {
        let intervals = self.last_records.map_or(u128::MAX, |last| (now - last).as_nanos() / interval.as_nanos());
        self.looks.found(u32::try_from(intervals).unwrap_or(u32::MAX));
        self.last_records = Some(now);
    }

    pub(super) fn pushed_as(&mut self) -> Pushed {
        match self.consumer {
            Consumer::Thread => match self.patience {
                Patience::None => Pushed::Done,
                Patience::MakeWay => Pushed::Pressed,
                Patience::Wait => Pushed::Awaited,
            },
            Consumer::Nobody => {
                self.consumer = Consumer::Thread;
                Pushed::Unattended
            }
            Consumer::Callers { .. } => Pushed::Inline,
        }
    }

    /// Takes what was dropped after all that is left, to be told though no record follows.
    pub(super) fn untold(&mut self) -> u64 {
        std::mem::take(&mut self.gap) + self.backlog.take_gap()
    }

    /// Whether the first `ticket` records are handled, or were dropped: records leave in order.
    pub(super) fn is_handled(&self, ticket: u64) -> bool {
        match &self.hand {
            Some(hand) => hand.position > ticket,
            None => self.pushed - self.backlog.records() >= ticket,
        }
    }
}

#[cfg(test)]
mod tests;
