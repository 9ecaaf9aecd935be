//! The queues that end with the process: pipelines register here, and the end of the process goes through them.
//!
//! The end of a process, in order:
//!
//! 1. CPython ends the main thread: `python/logly/_lanes/ending.py` has callbacks called while threads can still be
//!    made.
//! 2. `atexit`: `python/logly/_process/lifecycle.py` runs the rest.
//! 3. `python::module::_finish` empties lanes and queues within a deadline; from then on callers write by themselves.
//! 4. `_stop_sinks` ends Python sinks; loops and the archiver's thread end.
//! 5. `exit_barrier::seal`: no thread goes back to Python any more.
//! 6. After the interpreter, `exit` seals the pipelines: no write is cut.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use crate::process::exiting;
use crate::process::fatal;
use crate::process::fatal::Drained;
use crate::sync::Mutex;

/// How long a record logged at the very end waits for a writer that is at work.
pub const LAST_WAIT: Duration = Duration::from_millis(100);

/// A queue that is emptied at the end of the process.
pub trait Ending: Drained {
    /// Whether this process made it, and not a parent.
    fn is_own(&self) -> bool;

    /// Has callers write from here on, or the writer again; waiting entries are written first.
    fn write_at_once(&self, is_wanted: bool);

    /// Requests that everything enqueued so far is written; returns the ticket for `finish`.
    fn request_flush(self: Arc<Self>) -> u64;

    /// Waits until `deadline` for the requested write; returns how many records are lost.
    fn finish(&self, ticket: u64, deadline: Instant) -> u64;

    /// Writes the waiting entries, and lets no thread begin another write.
    fn seal(&self);
}

/// The queues of this process and its parents.
static LIVE: Mutex<Vec<Weak<dyn Ending>>> = Mutex::new(Vec::new());

/// Registers a queue to be ended with the process.
pub fn register(queue: &Weak<dyn Ending>) {
    let mut live = LIVE.lock();
    live.retain(|known| known.strong_count() > 0);
    live.push(Weak::clone(queue));
    drop(live);
    if fatal::is_installed() {
        fatal::register(&(Weak::clone(queue) as Weak<dyn Drained>));
    }
}

/// Has the queues of this process written at a signal that ends it; false if they were before.
pub fn write_at_fatal_signals() -> bool {
    let is_new = fatal::install();
    if is_new {
        let live = LIVE.lock();
        live.iter().for_each(|queue| fatal::register(&(Weak::clone(queue) as Weak<dyn Drained>)));
    }
    is_new
}

/// Has callers write the queues of this process, or the writers again.
pub fn write_all_at_once(is_wanted: bool) {
    let own = own(&LIVE.lock());
    for queue in own {
        queue.write_at_once(is_wanted);
    }
}

/// Empties every queue of this process within `timeout` in total, and has callers write later records. Returns how many
/// records could not be written.
pub fn finish_all(timeout: Duration) -> u64 {
    let deadline = Instant::now() + timeout;
    let own = own(&LIVE.lock());
    // Requested for all at once: a queue that hangs must not take the time of the others.
    let tickets: Vec<_> = own.iter().map(|queue| Arc::clone(queue).request_flush()).collect();
    let lost = own.iter().zip(tickets).map(|(queue, ticket)| queue.finish(ticket, deadline)).sum();
    exiting::begin_exit();
    lost
}

/// Ends all writing at the end of the process: writes records that daemon threads still logged, and lets no thread
/// begin a write that the end would cut.
pub(super) fn seal_all() {
    let Some(live) = LIVE.try_lock_for(LAST_WAIT) else { return };
    for queue in own(&live) {
        queue.seal();
    }
}

fn own(live: &[Weak<dyn Ending>]) -> Vec<Arc<dyn Ending>> {
    live.iter().filter_map(Weak::upgrade).filter(|queue| queue.is_own()).collect()
}
