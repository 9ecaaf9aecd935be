//! The exit barrier, where Python threads of lanes and archives wait before they go back to Python.
//!
//! CPython kills threads that come back to it while it is being torn down. Native frames below them do not survive
//! that. Python threads wait here without the interpreter lock, and none of them leaves once the barrier is sealed.

use std::time::Instant;

use crate::process::per_process::{Own, PerProcess};
use crate::sync::{Condvar, Mutex};

static BARRIER: PerProcess<ExitBarrier> = PerProcess::new();

#[derive(Default)]
struct ExitBarrier {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    is_sealed: bool,
    /// Threads on their way to Python.
    leaving: usize,
}

/// A thread on its way to Python; dropped when it has arrived.
pub struct Leaving(&'static Own<ExitBarrier>);

/// Goes back to Python; waits forever once the barrier is sealed.
pub fn leave() -> Leaving {
    let barrier = BARRIER.get();
    let mut state = barrier.state.lock();
    while state.is_sealed {
        barrier.changed.wait(&mut state);
    }
    state.leaving += 1;
    drop(state);
    Leaving(barrier)
}

impl Drop for Leaving {
    fn drop(&mut self) {
        if !self.0.is_own() {
            return;
        }
        self.0.state.lock().leaving -= 1;
        self.0.changed.notify_all();
    }
}

/// Seals the barrier before Python is torn down. Threads that are here stay here; threads on their way get until
/// `deadline` to arrive.
pub fn seal(deadline: Instant) {
    let Some(barrier) = BARRIER.existing() else { return };
    let mut state = barrier.state.lock();
    state.is_sealed = true;
    while state.leaving > 0 && !barrier.changed.wait_until(&mut state, deadline).timed_out() {}
}
