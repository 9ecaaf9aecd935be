//! The handler of fatal signals: it gives the writers a moment to empty the queues, then lets the signal take its way.
//!
//! A handler may do very little: no lock, no memory, no formatting. The writers are other threads, which go on while it
//! runs and need nothing from the thread that failed, not even the interpreter. The handler therefore only waits. Records
//! that a writer cannot write in that time are lost. A queue in a crash file is not waited for.
#![expect(unsafe_code, reason = "a handler takes no lock, so queues are kept in bare pointers that are never freed")]

use std::ptr;
use std::sync::Weak;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

use crate::sys::clock::milliseconds;
use crate::sys::signals;
use crate::sys::thread;

/// The most milliseconds that the handler waits.
const PATIENCE: i64 = 2000;

/// The most queues that are waited for.
const MOST: usize = 256;

/// A queue that a writer empties.
pub trait Drained: Send + Sync {
    /// Whether the handler need not wait for it: it is empty, another process's, or its writer is the thread that
    /// failed. Runs in a signal handler, so it only reads atomics.
    fn is_drained(&self, thread: i32) -> bool;
}

type Queue = Weak<dyn Drained>;

/// Never freed, as the handler may run at any moment.
static QUEUES: [AtomicPtr<Queue>; MOST] = [const { AtomicPtr::new(ptr::null_mut()) }; MOST];
static IS_INSTALLED: AtomicBool = AtomicBool::new(false);

/// Whether queues are to be registered.
pub fn is_installed() -> bool {
    IS_INSTALLED.load(Ordering::Relaxed)
}

/// Registers a queue. Queues beyond the most are not waited for.
pub fn register(queue: &Queue) {
    let is_free = |known: *mut Queue| {
        // SAFETY: a queue that was registered is never freed.
        known.is_null() || unsafe { (*known).strong_count() } == 0
    };
    let new = Box::into_raw(Box::new(Weak::clone(queue)));
    for slot in &QUEUES {
        let known = slot.load(Ordering::Acquire);
        if is_free(known) && slot.compare_exchange(known, new, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
            return;
        }
    }
    // SAFETY: it was made here, and nothing else has it.
    drop(unsafe { Box::from_raw(new) });
}

/// Installs the handler; false if it was installed before.
pub fn install() -> bool {
    if IS_INSTALLED.swap(true, Ordering::AcqRel) {
        return false;
    }
    signals::before_fatal(wait_for_queues);
    true
}

fn wait_for_queues() {
    let thread = thread::number();
    let until = milliseconds() + PATIENCE;
    while QUEUES.iter().any(|slot| is_awaited(slot, thread)) && milliseconds() < until {
        signals::pause();
    }
}

fn is_awaited(slot: &AtomicPtr<Queue>, thread: i32) -> bool {
    // SAFETY: a queue that was registered is never freed.
    let queue = unsafe { slot.load(Ordering::Acquire).as_ref() };
    let Some(queue) = queue.and_then(Weak::upgrade) else { return false };
    let is_awaited = !queue.is_drained(thread);
    // Another thread may have let go of it by now, and it must not be dropped here.
    std::mem::forget(queue);
    is_awaited
}
