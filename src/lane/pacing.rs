//! Pacing: how much of the interpreter a lane's thread takes.
//!
//! A thread works in slices and releases the interpreter between them. It goes right on if no other thread wants the
//! interpreter. A long wait to get it back shows that another thread does. Then all lanes together take a small share
//! of the time. A callback cannot be interrupted, so a lane makes up for a long one by a longer pause.

use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use crate::lane::live;
use crate::process::per_process::PerProcess;
use crate::sync::Mutex;
use crate::sys::thread;
use crate::sys::thread::ThreadId;

/// Processor time of a slice while another thread wants the interpreter.
const SHORT_SLICE: Duration = Duration::from_micros(500);

/// Processor time of a slice while no other thread wants it. A thread that begins to want it waits this long.
const LONG_SLICE: Duration = Duration::from_millis(1);

/// Without a pause, the lane's thread would take the interpreter back before a waiting thread has woken up.
pub const BREATH: Duration = Duration::from_micros(50);

/// Coming back takes longer than this only if another thread holds the interpreter.
const CONTENDED: Duration = Duration::from_millis(1);

/// Contention that one lane found holds for all lanes for this long: a lane that comes back at the right moment finds
/// the interpreter free although another thread wants it.
const MEMORY: Duration = Duration::from_millis(50);

/// All lanes together take one part in this many.
const SHARE: u32 = 16;

/// The threads that run lanes.
static THREADS: PerProcess<Mutex<Vec<ThreadId>>> = PerProcess::new();

/// When a lane last found the interpreter in use, in `ticks`.
static LAST_CONTENDED: AtomicI64 = AtomicI64::new(i64::MIN / 2);

thread_local! {
    static IS_KNOWN: Cell<bool> = const { Cell::new(false) };
}

/// The pace of one lane, kept by its thread.
#[derive(Debug)]
pub struct Pace {
    slice: Option<Slice>,
    is_contended: bool,
    not_before: Instant,
    /// Time of the last slice, if no other thread was known to want the interpreter.
    unpaid: Duration,
    /// The thread of the last slice, and its processor time then: waiting and coming back cost some too.
    ended: Option<(ThreadId, Duration)>,
}

#[derive(Debug)]
struct Slice {
    /// When to check its processor time next.
    check: Instant,
    /// The thread's processor time when it began.
    began: Duration,
    /// The thread's processor time from which the slice is charged.
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
            // Another thread began to want the interpreter during a long callback.
            None if self.is_contended && self.unpaid > 2 * LONG_SLICE => {
                let unpaid = std::mem::take(&mut self.unpaid);
                self.pause_for(unpaid);
                false
            }
            None => {
                make_known();
                let began = thread::own_time();
                let ended = self.ended.filter(|(thread, _)| *thread == ThreadId::current());
                self.slice = Some(Slice { check: now + length, began, since: ended.map_or(began, |(_, time)| time) });
                true
            }
            Some(slice) if now < slice.check => true,
            // Time that the callback spent waiting does not count.
            Some(slice) => {
                let left = (slice.began + length).saturating_sub(thread::own_time());
                slice.check = now + left;
                !left.is_zero()
            }
        }
    }

    /// Ends the slice and sets when the next one may begin.
    pub fn end(&mut self) {
        let Some(slice) = self.slice.take() else { return };
        let time = thread::own_time();
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

    /// Notes, once the thread has the interpreter back, whether another thread wanted it.
    pub fn came_back(&mut self, way: &Return) {
        let took = way.began.elapsed();
        // Time that other lanes held it does not count: pacing need not spare them.
        let by_lanes = || of_other_lanes().saturating_sub(way.others);
        if took >= CONTENDED && took.saturating_sub(by_lanes()) >= CONTENDED {
            LAST_CONTENDED.store(ticks(), Ordering::Relaxed);
            self.is_contended = true;
        } else {
            self.is_contended = ticks() - LAST_CONTENDED.load(Ordering::Relaxed) < MEMORY.as_micros() as i64;
        }
    }
}

/// Microseconds since an arbitrary moment in the past.
fn ticks() -> i64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_micros() as i64
}

impl Return {
    pub fn begin() -> Self {
        Self { others: of_other_lanes(), began: Instant::now() }
    }
}

/// The processor time that the threads of other lanes have used.
fn of_other_lanes() -> Duration {
    let me = ThreadId::current();
    let Some(threads) = THREADS.existing() else { return Duration::ZERO };
    let threads = threads.lock();
    threads.iter().filter(|thread| **thread != me).map(|thread| thread::time_of(*thread)).sum()
}

fn make_known() {
    if !IS_KNOWN.replace(true) {
        THREADS.get().lock().push(ThreadId::current());
    }
}

/// Forgets this thread, which ends or no longer runs a lane.
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
        let until = thread::own_time() + time;
        while thread::own_time() < until {}
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
