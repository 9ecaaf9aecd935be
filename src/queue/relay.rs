//! The relay that wakes threads which wait for records: a caller wakes one at most, and each thread that arrives wakes
//! the next.
//!
//! Waking a thread costs a caller more than a call. With many queues a caller would wake a thread for each. Instead it
//! wakes the first one and leaves the others to it. A thread that leaves its wait, for whatever reason, wakes threads
//! from the list before it does anything else. So the work of one thread, which may hang, never delays the thread of
//! another queue.
//!
//! Invariant: while `is_coming` is set, there is a thread that was chosen to be woken and has not arrived since.
//! Therefore a thread is chosen under the lock that shows that it waits, and arrives after it has held that lock again.
//! A thread whose wait timed out wakes another one in exchange for its own entry, which wakes no thread later. The
//! relay's lock is taken after all of those locks, and no thread is notified under it.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::process::per_process::PerProcess;
use crate::sync::{Condvar, Mutex};

/// A thread that arrives wakes this many. With one, the last of many threads would wait until each of the others in
/// turn gets a processor. With all of them, Python threads would compete for the interpreter.
const NEXT: usize = 4;

static RELAY: PerProcess<Relay> = PerProcess::new();

#[derive(Default)]
struct Relay {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The condition variables at which threads wait.
    list: VecDeque<Arc<Condvar>>,
    is_coming: bool,
}

impl Relay {
    fn call(&self, thread: &Arc<Condvar>) -> bool {
        let mut state = self.state.lock();
        if state.is_coming {
            state.list.push_back(Arc::clone(thread));
            return false;
        }
        state.is_coming = true;
        true
    }

    /// Returns the threads that this one is to wake, `most` at most.
    fn arrive(&self, most: usize) -> Vec<Arc<Condvar>> {
        let mut state = self.state.lock();
        let most = most.min(state.list.len());
        state.is_coming = most > 0;
        state.list.drain(..most).collect()
    }
}

/// Has a thread woken that waits at this condition variable. The caller holds a lock that shows that the thread waits.
/// True when the caller is to wake it itself, after releasing that lock.
#[must_use]
pub fn call(thread: &Arc<Condvar>) -> bool {
    RELAY.get().call(thread)
}

/// Notes that a thread has left its wait, which other threads can see by then, and wakes the next ones.
pub fn arrive() {
    if let Some(relay) = RELAY.existing() {
        relay.arrive(NEXT).iter().for_each(|next| next.notify_all());
    }
}

#[cfg(test)]
mod tests;
