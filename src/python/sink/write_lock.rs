//! The write lock of one Python sink: one thread or greenlet writes at a time.
//!
//! A strand that comes while another one writes leaves its line in a queue, so that lines keep the order in which their
//! records were accepted. The strand then waits until its line is written, but only for a limited time.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::time::Instant;

use pyo3::prelude::*;

use crate::python::py::inside::{LONGEST_WAIT, OUTSTANDING};
use crate::python::py::wait::{Pause, wait_in_steps};
use crate::sync::{Condvar, Mutex};

/// The threads and greenlets that want to write. Some wait without the GIL and take the lock then, so a forked child
/// needs a lock of its own.
#[derive(Default)]
pub struct WriteLock {
    pub state: Mutex<WriteState>,
    pub released: Condvar,
}

/// The strand that may write now.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    pub strand: u64,
    /// The thread that the strand shares with other greenlets.
    pub thread: u64,
}

/// The current owner, and the queue of items.
#[derive(Default)]
pub struct WriteState {
    pub owner: Option<Owner>,
    pub waiting: VecDeque<Waiting>,
    /// The number of threads in `acquire`.
    callers: usize,
    pub enqueued: u64,
    pub written: u64,
    /// The last item whose caller returned before it was written.
    pub left: u64,
    /// Whether the line being written was logged from inside this sink.
    pub is_echo: bool,
    /// The strand that removed the sink. Lines that other strands bring now are dropped: their records were logged at
    /// that moment, under an older snapshot. A filter that removes its own sink lets its record through.
    pub closed_by: Option<u64>,
}

impl WriteState {
    /// Counts an item as written. In a child that was forked during the write, there is no item to count.
    pub(super) fn count_written(&mut self) {
        if self.written < self.enqueued {
            self.written += 1;
            OUTSTANDING.get().lines.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Takes all waiting items, which will not be written any more.
    pub fn give_up(&mut self) -> VecDeque<Waiting> {
        let waiting = std::mem::take(&mut self.waiting);
        let count = (waiting.len() as u64).min(self.enqueued - self.written);
        self.written += count;
        OUTSTANDING.get().lines.fetch_sub(count, Ordering::Relaxed);
        waiting
    }

    pub fn enqueue(&mut self, waiting: Waiting) {
        self.waiting.push_back(waiting);
        self.enqueued += 1;
        OUTSTANDING.get().lines.fetch_add(1, Ordering::Relaxed);
    }
}

impl WriteLock {
    /// Waits until this strand has the lock. False if another strand has written the item, or will write it. The error
    /// is for the caller.
    pub fn acquire(&self, py: Python<'_>, me: Owner, ticket: u64) -> (bool, PyResult<()>) {
        if let Some(is_mine) = self.try_acquire(me, ticket) {
            return (is_mine, Ok(()));
        }
        self.state.lock().callers += 1;
        let (is_mine, interrupt) = self.wait_for_lock(py, me, ticket);
        let mut state = self.state.lock();
        state.callers -= 1;
        if is_mine.is_none() {
            state.left = ticket;
        }
        (is_mine.unwrap_or(false), interrupt)
    }

    /// None while another strand has the lock.
    fn try_acquire(&self, me: Owner, ticket: u64) -> Option<bool> {
        let mut state = self.state.lock();
        if state.owner.is_none() && state.written < ticket {
            state.owner = Some(me);
        }
        let is_mine = state.owner == Some(me);
        (is_mine || state.written >= ticket).then_some(is_mine)
    }

    fn wait_for_lock(&self, py: Python<'_>, me: Owner, ticket: u64) -> (Option<bool>, PyResult<()>) {
        let deadline = Some(Instant::now() + LONGEST_WAIT);
        let waited = wait_in_steps(py, deadline, Pause::Greenlets, |wait| {
            let until = wait.until();
            py.detach(|| {
                let mut state = self.state.lock();
                // Another greenlet of this thread makes no progress while the thread waits.
                if state.owner.is_some_and(|owner| owner.thread != me.thread) && state.written < ticket {
                    self.released.wait_until(&mut state, until);
                }
            });
            let taken = self.try_acquire(me, ticket);
            let is_blocked = !wait.is_cooperative() && self.is_owned_by_thread(me.thread);
            (taken.is_some() || is_blocked).then_some(taken)
        });
        match waited {
            Ok(taken) => (taken.flatten(), Ok(())),
            Err(interrupt) => (self.try_acquire(me, ticket), Err(interrupt)),
        }
    }

    fn is_owned_by_thread(&self, thread: u64) -> bool {
        self.state.lock().owner.is_some_and(|owner| owner.thread == thread)
    }

    /// The next item for the owner to write. The owner writes up to the item with the number `ticket`, and goes on
    /// while no other caller is there to write. Otherwise the lock is released.
    pub fn next(&self, ticket: u64) -> Option<Waiting> {
        let mut state = self.state.lock();
        let is_handed_over = state.written >= ticket && state.callers > 0;
        let next = if is_handed_over { None } else { state.waiting.pop_front() };
        if let Some(waiting) = &next {
            state.is_echo = waiting.is_echo;
        } else {
            state.owner = None;
            state.is_echo = false;
            self.released.notify_all();
        }
        next
    }
}

pub struct Waiting {
    pub line: Py<PyAny>,
    /// The level of a record, by which it is counted. Notices are not.
    pub level: Option<u16>,
    pub is_echo: bool,
}
