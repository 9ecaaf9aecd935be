//! Pacing: how much of the interpreter a lane's thread takes.
//!
//! A thread works in slices and lets go of the interpreter between them. Where nobody else wants it, it goes right on. Where
//! somebody does, which shows in how long it takes to get it back, all lanes together take a small share of the time, and what one
//! took at once, since a callback cannot be cut in the middle, it makes up for by a longer pause.

use crate::lane::live;
use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use crate::process::per_process::PerProcess;
use crate::process::thread_time;
use crate::process::thread_time::ThreadId;
use crate::sync::Mutex;

/// Processor time of a slice while somebody else wants the interpreter.
const SHORT_SLICE: Duration = Duration::from_micros(500);

/// And while nobody does. Whoever wants it then waits that long.
const LONG_SLICE: Duration = Duration::from_millis(1);

/// Without a pause a thread would win the interpreter back before whoever waits for it has woken up.
pub const BREATH: Duration = Duration::from_micros(50);

/// Coming back takes longer than this only if somebody else holds the interpreter.
const CONTENDED: Duration = Duration::from_millis(1);

/// What one lane found holds for all of them for so long: one that comes back at the right moment finds the interpreter free though
/// somebody else wants it.
const MEMORY: Duration = Duration::from_millis(50);

/// What all lanes together take: one part in so many.
const SHARE: u32 = 16;

/// The threads that lanes run on.
static THREADS: PerProcess<Mutex<Vec<ThreadId>>> = PerProcess::new();

/// When a lane found the interpreter in use last, in `ticks`.
static LAST_CONTENDED: AtomicI64 = AtomicI64::new(i64::MIN / 2);

thread_local! {
    static IS_KNOWN: Cell<bool> = const { Cell::new(false) };
}

/// The pace of one lane; for the thread that empties it.
#[derive(Debug)]
pub struct Pace {
    slice: Option<Slice>,
    is_contended: bool,
    not_before: Instant,
    /// What the last slice took while nobody else was known to want the interpreter.
    unpaid: Duration,
    /// The thread of the last slice, and its processor time then: waiting and coming back cost some too.
    ended: Option<(ThreadId, Duration)>,
}

#[derive(Debug)]
struct Slice {
    /// When its processor time is looked at.
    look: Instant,
    /// That of the thread when it began.
    began: Duration,
    /// And since when it counts.
    since: Duration,
}

/// The way back to the interpreter.
pub struct Return {
    began: Instant,
    others: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { slice: None, is_contended: false, not_before: Instant::now(), unpaid: Duration::ZERO, ended: None }
    }
}

impl Pace {
    /// Whether the slice goes on; begins one if there is none.
    pub fn goes_on(&mut self) -> bool {
        let length = if self.is_contended { SHORT_SLICE } else { LONG_SLICE };
        let now = Instant::now();
        match &mut self.slice {
            // Somebody came while a callback took long.
            None if self.is_contended && self.unpaid > 2 * LONG_SLICE => {
                let unpaid = std::mem::take(&mut self.unpaid);
                self.pause_for(unpaid);
                false
            }
            None => {
                make_known();
                let began = thread_time::own();
                let ended = self.ended.filter(|(thread, _)| *thread == ThreadId::current());
                self.slice = Some(Slice { look: now + length, began, since: ended.map_or(began, |(_, time)| time) });
                true
            }
            Some(slice) if now < slice.look => true,
            // Time in which the callback waited for something does not count.
            Some(slice) => {
                let left = (slice.began + length).saturating_sub(thread_time::own());
                slice.look = now + left;
                !left.is_zero()
            }
        }
    }

    /// Ends the slice: says when the next one may begin.
    pub fn end(&mut self) {
        let Some(slice) = self.slice.take() else { return };
        let time = thread_time::own();
        let spent = time.saturating_sub(slice.since);
        self.ended = Some((ThreadId::current(), time));
        if self.is_contended {
            self.pause_for(spent);
        } else {
            self.not_before = Instant::now() + BREATH;
            self.unpaid = spent;
        }
    }

    fn pause_for(&mut self, spent: Duration) {
        self.unpaid = Duration::ZERO;
        self.not_before = Instant::now() + (spent * (SHARE * live::busy() - 1)).max(BREATH);
    }

    /// When the next slice may begin.
    pub fn not_before(&self) -> Instant {
        self.not_before
    }

    /// The thread is back: takes note of whether somebody else wanted the interpreter.
    pub fn came_back(&mut self, way: &Return) {
        let took = way.began.elapsed();
        // While other lanes had it, it was not wanted by anybody who is to be spared.
        let by_lanes = || of_other_lanes().saturating_sub(way.others);
        if took >= CONTENDED && took.saturating_sub(by_lanes()) >= CONTENDED {
            LAST_CONTENDED.store(ticks(), Ordering::Relaxed);
            self.is_contended = true;
        } else {
            self.is_contended = ticks() - LAST_CONTENDED.load(Ordering::Relaxed) < MEMORY.as_micros() as i64;
        }
    }
}

/// Microseconds since some moment of the past.
fn ticks() -> i64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_micros() as i64
}

impl Return {
    pub fn begin() -> Self {
        Self { others: of_other_lanes(), began: Instant::now() }
    }
}

/// The processor time that the other threads of lanes have used.
fn of_other_lanes() -> Duration {
    let me = ThreadId::current();
    let Some(threads) = THREADS.existing() else { return Duration::ZERO };
    let threads = threads.lock();
    threads.iter().filter(|thread| **thread != me).map(|thread| thread_time::of(*thread)).sum()
}

fn make_known() {
    if !IS_KNOWN.replace(true) {
        THREADS.get().lock().push(ThreadId::current());
    }
}

/// The thread ends, or runs no lane any more.
pub fn forget_thread() {
    if IS_KNOWN.replace(false)
        && let Some(threads) = THREADS.existing()
    {
        let me = ThreadId::current();
        threads.lock().retain(|thread| *thread != me);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(time: Duration) {
        let until = thread_time::own() + time;
        while thread_time::own() < until {}
    }

    #[test]
    fn a_slice_ends_when_its_time_is_used() {
        let mut pace = Pace::default();

        assert!(pace.goes_on());
        work(2 * LONG_SLICE);
        assert!(!pace.goes_on());
    }

    #[test]
    fn waiting_does_not_use_a_slice() {
        let mut pace = Pace::default();

        assert!(pace.goes_on());
        std::thread::sleep(3 * LONG_SLICE);
        assert!(pace.goes_on());
    }

    #[test]
    fn what_was_taken_before_others_were_noticed_is_made_up_for_too() {
        let mut pace = Pace::default();
        pace.goes_on();
        work(4 * LONG_SLICE);
        pace.end();

        pace.is_contended = true;

        assert!(!pace.goes_on());
        assert!(pace.not_before() >= Instant::now() + LONG_SLICE * SHARE);
    }

    #[test]
    fn what_was_taken_from_others_is_made_up_for() {
        let mut pace = Pace { is_contended: true, ..Pace::default() };
        pace.goes_on();
        work(2 * SHORT_SLICE);

        pace.end();

        assert!(pace.not_before() >= Instant::now() + SHORT_SLICE * SHARE);
    }
}
