//! The writer thread of a background pipeline.
//!
//! Looks at the queue about every millisecond while records come often, or as often as it was told to, since waking a thread costs a
//! caller more than the whole call. Where they come seldom it parks after each (`queue/looks.rs`): the next one wakes it, and so do records
//! from ERROR up at any time. Of several writers a caller wakes one (`queue/relay.rs`). It never touches Python.

use crate::process::exiting::is_exiting;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::thread::{MembarrierCommand, membarrier};

use crate::queue::looks::Looks;
use crate::queue::seat::Seat;
use crate::report;
use crate::sync::Mutex;

/// Between looks while there is traffic.
const TICK: Duration = Duration::from_millis(1);

/// Parked, it still looks this often: for files whose time is over, and as a second belt.
const LONG: Duration = Duration::from_secs(1);

/// Between attempts while a file cannot be written.
const RETRY: Duration = Duration::from_millis(20);

/// The callers' side of the writer thread.
pub struct Writer {
    /// True before the thread exists: the first record then starts it.
    is_parked: AtomicBool,
    thread: Mutex<Presence>,
    seat: Seat,
    /// Between looks while there is traffic.
    interval: Duration,
}

/// A queue that a writer thread empties.
pub trait Pumped: Send + Sync + 'static {
    /// The callers' side of the thread.
    fn writer(&self) -> &Writer;

    /// The thread's first work.
    fn prepare(&self);

    /// Writes what there is; whether there was something, and whether all of it is written.
    fn pump_background(&self) -> (bool, bool);

    /// Looks after files that have nothing to write.
    fn tick(&self) -> bool;

    /// Whether callers are faster than the thread.
    fn is_behind(&self) -> bool;

    fn is_idle(&self) -> bool;

    /// Whether somebody asked for something.
    fn has_requests(&self) -> bool;

    /// Whether the thread is to end once nothing waits.
    fn is_closing(&self) -> bool;
}

/// Whether there is a thread.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    /// The first record starts it.
    Expected,
    Present,
    /// It ended with its logger; whoever wants more has to see to it.
    Gone,
}

impl Writer {
    /// One that has records wait for `interval` at most; None is as short as that costs little.
    pub fn new(interval: Option<Duration>) -> Self {
        Self {
            is_parked: AtomicBool::new(true),
            thread: Mutex::new(Presence::Expected),
            seat: Seat::default(),
            interval: interval.map_or(TICK, |interval| interval.max(TICK)),
        }
    }

    #[inline]
    pub fn is_parked(&self) -> bool {
        self.is_parked.load(Ordering::Relaxed)
    }

    /// Wakes the thread, or starts it. False when there is none and none can be made.
    pub fn wake(&self, pipeline: &Arc<impl Pumped>) -> bool {
        self.rouse(pipeline, Seat::wake)
    }

    /// As `wake`, for one of many callers: the thread may be woken by that of another queue.
    pub fn call(&self, pipeline: &Arc<impl Pumped>) -> bool {
        self.rouse(pipeline, Seat::call)
    }

    fn rouse(&self, pipeline: &Arc<impl Pumped>, rouse: impl Fn(&Seat)) -> bool {
        self.is_parked.store(false, Ordering::Relaxed);
        let mut thread = self.thread.lock();
        match *thread {
            Presence::Present => {
                drop(thread);
                rouse(&self.seat);
                return true;
            }
            Presence::Expected if !is_exiting() => {}
            Presence::Expected | Presence::Gone => return false,
        }
        let pipeline = Arc::clone(pipeline);
        match thread::Builder::new().name("logly-writer".to_owned()).spawn(move || run(&pipeline)) {
            Ok(_) => {
                *thread = Presence::Present;
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
    pipeline.prepare();
    // Where the kernel has none, or a filter of system calls refuses it, a pause has to do.
    let _ = membarrier(MembarrierCommand::RegisterPrivateExpedited);
    let interval = pipeline.writer().interval;
    let mut looks = Looks::default();
    let mut last_records = Instant::now();
    let mut next_tick = Instant::now() + LONG;
    let seat = &pipeline.writer().seat;
    // Whether the thread of another queue woke this one.
    let mut is_led = false;
    loop {
        // Asked first: what was pushed before it was closed is then seen to.
        let is_closing = pipeline.is_closing();
        // A panic is a bug, and costs the batch it happened in; it must not cost every record after it.
        let pumped = catch_unwind(AssertUnwindSafe(|| pipeline.pump_background()));
        let (was_busy, is_written) = pumped.unwrap_or_else(|_| {
            report::tell_once("writer panic", "the writer failed and dropped records; this is a bug in logly");
            (true, true)
        });
        if is_closing && pipeline.is_idle() {
            return end(pipeline);
        }
        // Some of its files may have nothing to do, and their time be over.
        if Instant::now() >= next_tick {
            pipeline.tick();
            next_tick = Instant::now() + LONG;
        }
        if was_busy {
            let intervals = last_records.elapsed().as_nanos() / interval.as_nanos();
            looks.found(u32::try_from(intervals).unwrap_or(u32::MAX));
            last_records = Instant::now();
        }
        if !is_written {
            is_led = seat.wait(RETRY);
        } else if pipeline.is_behind() {
            // Producers were faster.
        } else if !looks.is_to_park(is_led) {
            is_led = seat.wait(interval);
        } else {
            is_led = park(pipeline);
        }
    }
}

/// The thread's last. The end of the process may have asked for something since the last look; who asks later finds no thread.
fn end(pipeline: &Arc<impl Pumped>) {
    *pipeline.writer().thread.lock() = Presence::Gone;
    pipeline.pump_background();
}

/// Parks until woken; true when the thread of another queue did that.
///
/// A producer reads the flag without a fence, so this thread has one put into all of them after setting it, or lets one more tick
/// pass, and looks at the queue again: by then whatever a producer pushed while it still saw the old flag is visible here. So is what
/// somebody asked for whose wake came before the flag was set, and was overwritten by it.
fn park(pipeline: &Arc<impl Pumped>) -> bool {
    let Writer { is_parked: flag, seat, .. } = pipeline.writer();
    let mut is_led = false;
    flag.store(true, Ordering::SeqCst);
    if membarrier(MembarrierCommand::PrivateExpedited).is_err() {
        seat.wait(TICK);
    }
    while flag.load(Ordering::SeqCst) && pipeline.is_idle() && !pipeline.has_requests() && !pipeline.is_closing() {
        is_led = seat.wait(LONG);
        // What it was woken for is the caller's to do, who remembers that records came.
        if flag.load(Ordering::SeqCst) {
            pipeline.tick();
        }
    }
    flag.store(false, Ordering::SeqCst);
    is_led
}
