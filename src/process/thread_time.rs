//! The processor time of threads.
#![expect(unsafe_code, reason = "clock_gettime: no safe interface takes another thread's clock")]

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// A thread of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadId(i32);

impl ThreadId {
    /// Returns the calling thread.
    pub fn current() -> Self {
        Self(rustix::thread::gettid().as_raw_nonzero().get())
    }
}

/// The processor time this thread has used.
pub fn own() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// The processor time another thread has used; zero when it is gone.
pub fn of(thread: ThreadId) -> Duration {
    /// The kernel's clock for the processor time of a single thread.
    const PER_THREAD_SCHEDULED: libc::clockid_t = 6;
    let clock = (!thread.0 << 3) | PER_THREAD_SCHEDULED;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel fills in the struct it gets, or refuses a clock it does not know.
    let result = unsafe { libc::clock_gettime(clock, &raw mut time) };
    if result == 0 { Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32) } else { Duration::ZERO }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_thread_is_the_same_seen_from_inside_and_outside() {
        let before = own();
        let seen = of(ThreadId::current());

        assert!(before <= seen && seen <= own());
    }
}
