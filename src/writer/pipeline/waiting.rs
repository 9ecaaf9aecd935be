//! Threads that wait for a pipeline: until everything is written, or until the queue has room.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use crate::sync::MutexGuard;
use crate::writer::pipeline::Pipeline;

impl Pipeline {
    /// Asks for everything accepted before to be written; returns the ticket for `wait_flush`.
    ///
    /// The writer writes it, not the caller: a file that blocks must not block the caller too.
    pub fn request_flush(self: &Arc<Self>) -> u64 {
        let alone = self.producers.lock();
        self.mark_gap();
        drop(alone);
        let ticket = self.requested.fetch_add(1, Ordering::AcqRel) + 1;
        self.wake_writer();
        ticket
    }

    /// Waits until `until` for a requested flush. Returns whether every file took everything; None if the time ran out.
    pub fn wait_flush(&self, ticket: u64, until: Instant) -> Option<bool> {
        if !self.is_own() {
            // A signal handler forked during the wait: the child has nothing to write, and no writer.
            return Some(true);
        }
        if self.is_inline.load(Ordering::Relaxed) {
            return self.work.try_lock_until(until).map(|mut work| {
                self.drain(&mut work);
                work.engine.tell_due();
                let is_done = work.engine.flush(true);
                work.engine.verify();
                is_done
            });
        }
        let mut progress = self.progress.lock();
        while progress.served < ticket {
            if self.progressed.wait_until(&mut progress, until).timed_out() && progress.served < ticket {
                return None;
            }
        }
        Some(progress.is_clean)
    }

    /// Waits until `until` for room in the queue, or makes room.
    pub fn wait_for_room(&self, until: Instant) {
        if self.is_inline.load(Ordering::Relaxed) {
            return self.pump();
        }
        let mut guard: MutexGuard<'_, ()> = self.room_lock.lock();
        self.waiting.fetch_add(1, Ordering::SeqCst);
        self.room.wait_until(&mut guard, until);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
    }

    /// Counts a caller as blocked until the value is dropped.
    pub fn block(&self) -> Blocked<'_> {
        self.blocked.fetch_add(1, Ordering::SeqCst);
        Blocked(self)
    }

    /// Whether a caller has a record that found no room yet.
    pub fn has_blocked(&self) -> bool {
        self.blocked.load(Ordering::SeqCst) > 0
    }

    pub(super) fn tell_room(&self) {
        self.is_stuck.store(false, Ordering::Relaxed);
        if self.waiting.load(Ordering::SeqCst) > 0 {
            drop(self.room_lock.lock());
            self.room.notify_all();
        }
    }

    pub fn is_stuck(&self) -> bool {
        self.is_stuck.load(Ordering::Relaxed)
    }

    pub fn set_stuck(&self) {
        self.is_stuck.store(true, Ordering::Relaxed);
    }
}

/// A caller that waits for room.
pub struct Blocked<'p>(&'p Pipeline);

impl Drop for Blocked<'_> {
    fn drop(&mut self) {
        self.0.blocked.fetch_sub(1, Ordering::SeqCst);
    }
}
