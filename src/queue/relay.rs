//! Who wakes the threads that wait for records: a caller wakes one at most, and each thread that comes wakes the next.
//!
//! Waking a thread costs a caller more than a call. With many queues it would do so for each; instead it leaves all but the first to the
//! one that it woke. A thread that leaves its wait, for whatever reason, sees to the list before it does anything else, so that no work
//! of one thread, which may hang, is between a record and the thread of another queue.
//!
//! What holds: while somebody is said to be coming, there is a thread that was chosen to be woken and has not arrived since. For that,
//! a thread is chosen under the lock under which it is known to wait, and arrives after it had that lock again. One that comes by itself,
//! as its time is up, wakes somebody in exchange for its own entry, which wakes nobody later. The lock of the relay comes after
//! all of those; nobody is notified under it.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::process::per_process::PerProcess;
use crate::sync::{Condvar, Mutex};

/// So many are woken by a thread that arrives. With one the last of many would wait for all the others to get a processor in turn; with
/// all of them threads of Python's would meet at the interpreter.
const NEXT: usize = 4;

static RELAY: PerProcess<Relay> = PerProcess::new();

#[derive(Default)]
struct Relay {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What the threads wait at.
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

    /// Returns whom the thread is to wake, so many at most.
    fn arrive(&self, most: usize) -> Vec<Arc<Condvar>> {
        let mut state = self.state.lock();
        let most = most.min(state.list.len());
        state.is_coming = most > 0;
        state.list.drain(..most).collect()
    }
}

/// Has a thread woken that waits there, and is known to under a lock that the caller holds. True when the caller is to wake it itself,
/// without that lock.
#[must_use]
pub fn call(thread: &Arc<Condvar>) -> bool {
    RELAY.get().call(thread)
}

/// A thread has left its wait, and nobody will think that it waits: it wakes those who are next.
pub fn arrive() {
    if let Some(relay) = RELAY.existing() {
        relay.arrive(NEXT).iter().for_each(|next| next.notify_all());
    }
}

#[cfg(test)]
mod tests;
