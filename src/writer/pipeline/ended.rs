//! The end of a pipeline: with its logger, or with the process.

use std::sync::Arc;
use std::time::Instant;

use crate::process::ending::{Ending, LAST_WAIT};
use crate::process::fatal::Drained;
use crate::stats::Loss;
use crate::writer::pipeline::{Ordering, Pipeline, exiting};

impl Ending for Pipeline {
    fn is_own(&self) -> bool {
        Self::is_own(self)
    }

    fn request_flush(self: Arc<Self>) -> u64 {
        Self::request_flush(&self)
    }

    fn write_at_once(&self, is_wanted: bool) {
        self.is_inline.store(is_wanted || !self.is_background() || exiting::is_exiting(), Ordering::Relaxed);
        if is_wanted {
            self.pump();
        }
    }

    fn finish(&self, ticket: u64, deadline: Instant) -> u64 {
        let flushed = self.wait_flush(ticket, deadline);
        self.is_inline.store(true, Ordering::Relaxed);
        match flushed {
            Some(true) => {
                if let Some(mut work) = self.work.try_lock_until(deadline) {
                    work.engine.tell_rest();
                }
                self.write_inline();
                0
            }
            _ if self.tell_kept() => 0,
            Some(false) => self.work.try_lock_until(deadline).map_or(0, |mut work| work.engine.abandon()),
            // The writer may still write the entries it holds; they are pending until then.
            None => {
                self.discard(Loss::ExitTimeout);
                self.latest().sinks.iter().filter(|active| self.key.serves(&active.sink)).fold(0, |lost, active| {
                    let tally = active.sink.counts().tally(|| self.records());
                    lost + tally.pending() + tally.dropped[Loss::ExitTimeout as usize]
                })
            }
        }
    }

    fn seal(&self) {
        if let Some(mut work) = self.work.try_lock_for(LAST_WAIT) {
            self.drain(&mut work);
            work.engine.tell_rest();
            work.engine.flush(true);
            work.engine.verify();
            self.leave_nothing();
            // Held forever: a thread that comes now waits until the process is gone.
            std::mem::forget(work);
        }
    }
}

impl Drained for Pipeline {
    fn is_drained(&self, thread: i32) -> bool {
        let is_written = || self.ring.pushed() == self.written.load(Ordering::Acquire);
        // Callers write the inline queue, each before its call returns.
        !self.is_own() || !self.is_background() || self.ring.is_kept() || is_written() || self.writer.thread() == thread
    }
}

impl Pipeline {
    /// Notes that the lines of all records handled so far are written, if they are.
    #[inline]
    pub(super) fn note_written(&self, is_clean: bool) {
        if is_clean {
            self.written.store(self.done.load(Ordering::Relaxed), Ordering::Release);
        }
    }
}
