//! The write lock of one Python sink: one thread or greenlet writes at a time.
//!
//! A strand that comes while another one writes leaves its line in a queue, so that lines keep the order in which their
//! records were accepted. The strand then waits until its line is written, but only for a limited time.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::time::Instant;

use pyo3::prelude::*;

use crate::python::py::inside::{LONGEST_WAIT, OUTSTANDING};
use crate::python::py::wait::Wait;
use crate::sync::{Condvar, Mutex};

/// The threads and greenlets that want to write. Some wait without the GIL and take the lock then, so a forked child
/// needs a lock of its own.
#[derive(Default)]
pub struct LineUp {
    pub turn: Mutex<Turn>,
    pub turn_over: Condvar,
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
pub struct Turn {
    pub owner: Option<Owner>,
    pub waiting: VecDeque<Waiting>,
    /// The number of threads in `take_turn`.
    callers: usize,
    pub pushed: u64,
    pub written: u64,
    /// The last item whose caller returned before it was written.
    pub left: u64,
    /// Whether the line being written was logged from inside this sink.
    pub is_echo: bool,
    /// The strand that removed the sink. Lines that other strands bring now are dropped: their records were logged at
    /// that moment, under an older snapshot. A filter that removes its own sink lets its record through.
    pub closed_by: Option<u64>,
}

impl Turn {
    /// Counts an item as written. In a child that was forked during the write, there is no item to count.
    pub fn count_written(&mut self) {
        if self.written < self.pushed {
            self.written += 1;
            OUTSTANDING.get().lines.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Takes all waiting items, which will not be written any more.
    pub fn give_up(&mut self) -> VecDeque<Waiting> {
        let waiting = std::mem::take(&mut self.waiting);
        let count = (waiting.len() as u64).min(self.pushed - self.written);
        self.written += count;
        OUTSTANDING.get().lines.fetch_sub(count, Ordering::Relaxed);
        waiting
    }

    pub fn push(&mut self, waiting: Waiting) {
        self.waiting.push_back(waiting);
        self.pushed += 1;
        OUTSTANDING.get().lines.fetch_add(1, Ordering::Relaxed);
    }
}

impl LineUp {
    /// Waits until it is this strand's turn. False if another strand has written the item, or will write it. The error
    /// is for the caller.
    pub fn take_turn(&self, py: Python<'_>, me: Owner, ticket: u64) -> (bool, PyResult<()>) {
        if let Some(is_mine) = self.try_take(me, ticket) {
            return (is_mine, Ok(()));
        }
        self.turn.lock().callers += 1;
        let (is_mine, interrupt) = self.wait_for_turn(py, me, ticket);
        let mut turn = self.turn.lock();
        turn.callers -= 1;
        if is_mine.is_none() {
            turn.left = ticket;
        }
        (is_mine.unwrap_or(false), interrupt)
    }

    /// None while another strand has the turn.
    fn try_take(&self, me: Owner, ticket: u64) -> Option<bool> {
        let mut turn = self.turn.lock();
        if turn.owner.is_none() && turn.written < ticket {
            turn.owner = Some(me);
        }
        let is_mine = turn.owner == Some(me);
        (is_mine || turn.written >= ticket).then_some(is_mine)
    }

    fn wait_for_turn(&self, py: Python<'_>, me: Owner, ticket: u64) -> (Option<bool>, PyResult<()>) {
        let wait = Wait::new(py, Some(Instant::now() + LONGEST_WAIT));
        loop {
            let until = wait.until();
            py.detach(|| {
                let mut turn = self.turn.lock();
                // Another greenlet of this thread makes no progress while the thread waits.
                if turn.owner.is_some_and(|owner| owner.thread != me.thread) && turn.written < ticket {
                    self.turn_over.wait_until(&mut turn, until);
                }
            });
            let taken = self.try_take(me, ticket);
            let is_blocked = !wait.is_cooperative() && self.is_owned_by_thread(me.thread);
            if taken.is_some() || is_blocked || wait.is_over() {
                return (taken, Ok(()));
            }
            if let Err(interrupt) = wait.let_others_run() {
                return (self.try_take(me, ticket), Err(interrupt));
            }
        }
    }

    fn is_owned_by_thread(&self, thread: u64) -> bool {
        self.turn.lock().owner.is_some_and(|owner| owner.thread == thread)
    }

    /// The next item for the owner to write. The owner writes up to the item with the number `ticket`, and goes on
    /// while no other caller is there to write. Otherwise the turn is over.
    pub fn next(&self, ticket: u64) -> Option<Waiting> {
        let mut turn = self.turn.lock();
        let is_handed_over = turn.written >= ticket && turn.callers > 0;
        let next = if is_handed_over { None } else { turn.waiting.pop_front() };
        if let Some(waiting) = &next {
            turn.is_echo = waiting.is_echo;
        } else {
            turn.owner = None;
            turn.is_echo = false;
            self.turn_over.notify_all();
        }
        next
    }
}

pub struct Waiting {
    pub line: Py<PyAny>,
    pub is_echo: bool,
}
