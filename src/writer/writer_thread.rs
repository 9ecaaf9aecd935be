//! The writer thread of a background pipeline.
//!
//! It polls the queue about every millisecond, or at the configured interval, while records come often, since waking a
//! thread costs a caller more than the whole call. While they come seldom it parks after each (`queue/polling.rs`). The
//! next record then wakes it; records from ERROR up wake it at any time. A caller wakes only one of several writers
//! (`queue/relay.rs`). The thread never touches Python.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::exiting::is_exiting;
use crate::queue::polling::Polling;
use crate::queue::seat::Seat;
use crate::report;
use crate::sync::Mutex;
use crate::sys::thread::{barrier, number, prepare_barrier};

/// Time between polls while there is traffic.
const TICK: Duration = Duration::from_millis(1);

/// Time between polls while parked: for files whose time is over, and as a second safeguard.
const LONG: Duration = Duration::from_secs(1);

/// Time between attempts while a file cannot be written.
const RETRY: Duration = Duration::from_millis(20);

/// The callers' side of the writer thread.
pub struct Writer {
    /// True before the thread exists: the first record then starts it.
    is_parked: AtomicBool,
    thread: Mutex<ThreadState>,
    /// The number of the thread; 0 before it runs.
    number: AtomicI32,
    seat: Seat,
    /// Time between polls while there is traffic.
    interval: Duration,
}

/// A queue that a writer thread empties.
pub trait Pumped: Send + Sync + 'static {
    /// The callers' side of the thread.
    fn writer(&self) -> &Writer;

    /// Runs first on the thread.
    fn prepare(&self);

    /// Writes the queued entries. Returns whether there were any, and whether everything is written.
    fn pump_background(&self) -> (bool, bool);

    /// Handles files that have nothing to write.
    fn tick(&self) -> bool;

    /// Whether callers are faster than the thread.
    fn is_behind(&self) -> bool;

    fn is_idle(&self) -> bool;

    /// Whether a request is still to be served.
    fn has_requests(&self) -> bool;

    /// Whether the thread is to end once its queue is empty.
    fn is_closing(&self) -> bool;

    /// Runs last on the thread.
    fn leave(&self);
}

/// The state of the writer's thread.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ThreadState {
    /// The first record starts it.
    Expected,
    Running,
    /// It ended with its logger; callers that want more have to do it themselves.
    Ended,
}

impl Writer {
    /// Makes the writer of a queue whose records wait for `interval` at most. None is the shortest interval that costs
    /// little.
    pub fn new(interval: Option<Duration>) -> Self {
        Self {
            is_parked: AtomicBool::new(true),
            thread: Mutex::new(ThreadState::Expected),
            number: AtomicI32::new(0),
            seat: Seat::default(),
            interval: interval.map_or(TICK, |interval| interval.max(TICK)),
        }
    }

    /// The number that the system gave the thread; 0 before it runs.
    pub(super) fn thread(&self) -> i32 {
        self.number.load(Ordering::Relaxed)
    }

    #[inline]
    pub(super) fn is_parked(&self) -> bool {
        self.is_parked.load(Ordering::Relaxed)
    }

    /// Wakes the thread, or starts it. False when there is none and none can be made.
    pub fn wake(&self, pipeline: &Arc<impl Pumped>) -> bool {
        self.rouse(pipeline, Seat::wake)
    }

    /// Like `wake`, for one of many callers: the thread of another queue may wake this one.
    pub fn call(&self, pipeline: &Arc<impl Pumped>) -> bool {
        self.rouse(pipeline, Seat::call)
    }

    fn rouse(&self, pipeline: &Arc<impl Pumped>, rouse: impl Fn(&Seat)) -> bool {
        self.is_parked.store(false, Ordering::Relaxed);
        let mut thread = self.thread.lock();
        match *thread {
            ThreadState::Running => {
                drop(thread);
                rouse(&self.seat);
                return true;
            }
            ThreadState::Expected if !is_exiting() => {}
            ThreadState::Expected | ThreadState::Ended => return false,
        }
        let pipeline = Arc::clone(pipeline);
        match thread::Builder::new().name("logly-writer".to_owned()).spawn(move || run(&pipeline)) {
            Ok(_) => {
                *thread = ThreadState::Running;
                true
            }
            Err(error) => {
                report::tell_once("no thread", &format!("no writer thread can be started ({error}); writing inline"));
                false
            }
        }
    }
}

fn run(pipeline: &Arc<impl Pumped>) {
    pipeline.writer().number.store(number(), Ordering::Relaxed);
    pipeline.prepare();
    prepare_barrier();
    let interval = pipeline.writer().interval;
    let mut polling = Polling::default();
    let mut last_records = Instant::now();
    let mut next_tick = Instant::now() + LONG;
    let seat = &pipeline.writer().seat;
    // Whether the thread of another queue woke this one.
    let mut is_led = false;
    loop {
        // Read first, so that entries enqueued before the close are handled.
        let is_closing = pipeline.is_closing();
        // A panic is a bug and loses the batch it happened in; it must not lose every record after it.
        let pumped = catch_unwind(AssertUnwindSafe(|| pipeline.pump_background()));
        let (was_busy, is_written) = pumped.unwrap_or_else(|_| {
            report::tell_once("writer panic", "the writer failed and dropped records; this is a bug in logly");
            (true, true)
        });
        if is_closing && pipeline.is_idle() {
            return end(pipeline);
        }
        // Files without new lines may have to be rotated by time.
        if Instant::now() >= next_tick {
            pipeline.tick();
            next_tick = Instant::now() + LONG;
        }
        if was_busy {
            let intervals = last_records.elapsed().as_nanos() / interval.as_nanos();
            polling.found(u32::try_from(intervals).unwrap_or(u32::MAX));
            last_records = Instant::now();
        }
        if !is_written {
            is_led = seat.wait(RETRY);
        } else if pipeline.is_behind() {
            // The producers were faster, so poll again at once.
        } else if !polling.is_to_park(is_led) {
            is_led = seat.wait(interval);
        } else {
            is_led = park(pipeline);
        }
    }
}

/// Ends the thread. The end of the process may have made a request since the last poll; a later request finds no
/// thread.
fn end(pipeline: &Arc<impl Pumped>) {
    *pipeline.writer().thread.lock() = ThreadState::Ended;
    pipeline.pump_background();
    pipeline.leave();
}

/// Parks until woken; true when the thread of another queue woke it.
///
/// A producer reads the flag without a fence. So after setting it, this thread has `barrier` put a fence into all
/// threads, or lets one more tick pass. Then it polls the queue again. By then, all entries that a producer enqueued
/// while it still saw the old flag are visible here. So are all requests whose wake came before the flag was set and
/// was overwritten by it.
fn park(pipeline: &Arc<impl Pumped>) -> bool {
    let Writer { is_parked: flag, seat, .. } = pipeline.writer();
    let mut is_led = false;
    flag.store(true, Ordering::SeqCst);
    if !barrier() {
        seat.wait(TICK);
    }
    while flag.load(Ordering::SeqCst) && pipeline.is_idle() && !pipeline.has_requests() && !pipeline.is_closing() {
        is_led = seat.wait(LONG);
        // A woken thread leaves the work to `run`, which notes that records came.
        if flag.load(Ordering::SeqCst) {
            pipeline.tick();
        }
    }
    flag.store(false, Ordering::SeqCst);
    is_led
}
