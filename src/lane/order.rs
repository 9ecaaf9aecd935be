//! The order of callbacks: each gets a record once the callbacks registered before it have handled it, unless one of
//! them is slow.
//!
//! A lane enters with the number of the record it has to handle next, and leaves when it has none. It may begin a
//! record when no lane before it has the same or an older one. The others do not wait for a lane that takes long: a
//! timer lets them go on.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::exiting;
use crate::process::per_process::PerProcess;
use crate::queue::relay;
use crate::sync::{Condvar, Mutex, MutexGuard, count_attached};

/// The others stop waiting for a lane whose record takes longer.
pub(super) const LONGEST_TURN: Duration = Duration::from_millis(50);

/// How long the others wait for a lane that has not begun: its thread needs the interpreter, or makes way for the
/// program.
const LONGEST_START: Duration = Duration::from_secs(1);

/// The others do not wait at all for a lane whose records take longer on average.
const SLOW: Duration = Duration::from_millis(2);

static ORDER: PerProcess<Order> = PerProcess::new();

static NEXT_NUMBER: AtomicU64 = AtomicU64::new(0);
static NEXT_RANK: AtomicU64 = AtomicU64::new(0);

/// The number of a new record, higher than those of all earlier records.
#[inline]
pub fn next_number() -> u64 {
    count_attached(&NEXT_NUMBER)
}

/// The rank of a new lane, after all earlier lanes.
pub(super) fn next_rank() -> u64 {
    NEXT_RANK.fetch_add(1, Ordering::Relaxed)
}

#[derive(Default)]
struct Order {
    turns: Mutex<Turns>,
    /// Wakes the timer.
    entered: Arc<Condvar>,
}

/// The lanes that have records to handle, by their ranks.
#[derive(Default)]
struct Turns {
    lanes: BTreeMap<u64, Entry>,
    timer: Timer,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Timer {
    #[default]
    Missing,
    Running,
    Parked,
}

struct Entry {
    lane: Weak<dyn Nudged>,
    /// The record that it handles, or is to handle next.
    number: u64,
    /// Whether it has begun that record.
    is_begun: bool,
    /// When it began that record, or the record became its next.
    since: Instant,
    /// The average time for one of its records.
    average: Duration,
    /// Whether to wake it when its turn comes.
    is_waiting: bool,
}

/// A lane as seen by the order.
pub trait Nudged: Send + Sync + 'static {
    /// Whether this process made it, and not a parent.
    fn is_own(&self) -> bool;

    /// Tells the lane that its turn has come.
    fn nudge(&self);
}

/// When a lane may begin its next record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Now,
    /// When it is woken, or at this time at the latest.
    After(Instant),
}

impl Entry {
    /// How long others wait for it.
    fn until(&self) -> Instant {
        let longest = if self.is_begun { LONGEST_TURN } else { LONGEST_START };
        if self.average > SLOW { self.since } else { self.since + longest }
    }
}

impl Turns {
    fn turn(&self, rank: u64, number: u64, now: Instant) -> Turn {
        let mut before = self.lanes.range(..rank).map(|(_, entry)| entry);
        // The first one is enough: the lane asks again after waiting for it.
        before
            .find(|entry| entry.number <= number && entry.until() > now)
            .map_or(Turn::Now, |entry| Turn::After(entry.until()))
    }

    /// Takes the first waiting lane that may begin now; it no longer counts as waiting.
    fn next(&mut self, now: Instant) -> Option<Arc<dyn Nudged>> {
        let mut oldest = u64::MAX;
        for entry in self.lanes.values_mut() {
            if entry.is_waiting && entry.number < oldest {
                entry.is_waiting = false;
                return entry.lane.upgrade();
            }
            if entry.until() > now {
                oldest = oldest.min(entry.number);
            }
        }
        None
    }
}

fn weak(lane: &Arc<impl Nudged>) -> Weak<dyn Nudged> {
    let lane: Arc<dyn Nudged> = Arc::clone(lane) as Arc<dyn Nudged>;
    Arc::downgrade(&lane)
}

/// Enters a lane that was idle and now has this record to handle. True when its thread is to be woken now, false when
/// the lane before it will wake it.
pub fn enter(lane: &Arc<impl Nudged>, rank: u64, number: u64, average: Duration) -> bool {
    let order = ORDER.get();
    let mut turns = order.turns.lock();
    let now = Instant::now();
    let is_next = turns.turn(rank, number, now) == Turn::Now;
    let entry = Entry { lane: weak(lane), number, is_begun: false, since: now, average, is_waiting: !is_next };
    turns.lanes.insert(rank, entry);
    if !is_next {
        start_timer(order, &mut turns);
    }
    is_next
}

/// Whether a lane may begin this record; otherwise it waits.
pub fn turn(rank: u64, number: u64) -> Turn {
    let Some(order) = ORDER.existing() else { return Turn::Now };
    let mut turns = order.turns.lock();
    let turn = turns.turn(rank, number, Instant::now());
    if let Some(entry) = turns.lanes.get_mut(&rank) {
        entry.is_waiting = turn != Turn::Now;
    }
    turn
}

/// Begins this record if it is the lane's turn.
pub fn begin(rank: u64, number: u64) -> bool {
    let Some(order) = ORDER.existing() else { return true };
    let mut turns = order.turns.lock();
    let now = Instant::now();
    let is_turn = turns.turn(rank, number, now) == Turn::Now;
    if is_turn && let Some(entry) = turns.lanes.get_mut(&rank) {
        (entry.number, entry.is_begun, entry.since) = (number, true, now);
    }
    is_turn
}

/// Notes that a lane has handled its record, and its next record if any. Returns the lane's average, and another lane
/// whose turn has come by that.
pub fn advance(rank: u64, next: Option<u64>) -> (Duration, Option<Arc<dyn Nudged>>) {
    let Some(order) = ORDER.existing() else { return (Duration::ZERO, None) };
    let mut turns = order.turns.lock();
    let now = Instant::now();
    let Some(entry) = turns.lanes.get_mut(&rank) else { return (Duration::ZERO, None) };
    if entry.is_begun {
        entry.average = averaged(entry.average, now - entry.since);
    }
    let average = entry.average;
    match next {
        Some(number) => (entry.number, entry.is_begun, entry.since) = (number, false, now),
        None => drop(turns.lanes.remove(&rank)),
    }
    // There is usually one callback.
    let next = if turns.lanes.is_empty() { None } else { turns.next(now) };
    (average, next)
}

/// Adds one record to the average. One record that the others waited for in vain makes a lane slow for some time.
fn averaged(before: Duration, took: Duration) -> Duration {
    (before * 7 + took.min(32 * SLOW)) / 8
}

/// Has the timer limit how long others wait for a slow lane.
fn start_timer(order: &Order, turns: &mut Turns) {
    match turns.timer {
        Timer::Running => return,
        Timer::Parked => {
            if relay::call(&order.entered) {
                order.entered.notify_all();
            }
        }
        Timer::Missing if exiting::is_exiting() => return,
        Timer::Missing => {
            let spawned = thread::Builder::new().name("logly-order".to_owned()).spawn(run);
            if spawned.is_err() {
                return;
            }
        }
    }
    turns.timer = Timer::Running;
}

fn run() {
    let order = ORDER.get();
    let mut turns = order.turns.lock();
    loop {
        if turns.lanes.is_empty() {
            turns.timer = Timer::Parked;
            while turns.timer == Timer::Parked {
                order.entered.wait(&mut turns);
            }
            MutexGuard::unlocked(&mut turns, relay::arrive);
        }
        order.entered.wait_for(&mut turns, LONGEST_TURN);
        while let Some(lane) = turns.next(Instant::now()) {
            MutexGuard::unlocked(&mut turns, || {
                lane.nudge();
                drop(lane);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Deaf;

    impl Nudged for Deaf {
        fn is_own(&self) -> bool {
            true
        }

        fn nudge(&self) {}
    }

    fn entry(number: u64, since: Instant, is_begun: bool) -> Entry {
        Entry { lane: Weak::<Deaf>::new(), number, is_begun, since, average: Duration::ZERO, is_waiting: false }
    }

    fn turns(entries: Vec<(u64, Entry)>) -> Turns {
        Turns { lanes: entries.into_iter().collect(), timer: Timer::Missing }
    }

    #[test]
    fn lane_waits_for_those_before_it_that_have_the_record_or_an_older_one() {
        let now = Instant::now();
        let turns = turns(vec![(1, entry(5, now, true))]);

        assert_eq!(turns.turn(2, 5, now), Turn::After(now + LONGEST_TURN));
        assert_eq!(turns.turn(2, 6, now), Turn::After(now + LONGEST_TURN));
        assert_eq!(turns.turn(2, 4, now), Turn::Now);
        assert_eq!(turns.turn(0, 5, now), Turn::Now);
    }

    #[test]
    fn lane_that_takes_long_is_not_waited_for() {
        let now = Instant::now();
        let turns = turns(vec![(1, entry(5, now, true))]);

        assert_eq!(turns.turn(2, 5, now + LONGEST_TURN), Turn::Now);
    }

    #[test]
    fn lane_that_is_slow_by_experience_is_not_waited_for() {
        let now = Instant::now();
        let slow = Entry { average: 2 * SLOW, ..entry(5, now, true) };

        assert_eq!(turns(vec![(1, slow)]).turn(2, 5, now), Turn::Now);
    }

    #[test]
    fn one_turn_that_was_too_long_makes_a_lane_slow_and_quick_ones_quick_again() {
        let slow = averaged(Duration::ZERO, LONGEST_TURN);
        let again = (0..16).fold(slow, |average, _| averaged(average, Duration::ZERO));

        assert!(slow >= SLOW);
        assert!(again < SLOW);
    }
}
