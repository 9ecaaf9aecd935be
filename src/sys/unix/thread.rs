//! Threads: their numbers, their processor time, their priority, and barriers among them.
#![expect(unsafe_code, reason = "no safe interface takes another thread's clock or changes one thread's priority")]

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// A thread of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadId(i32);

impl ThreadId {
    /// Returns the calling thread.
    pub fn current() -> Self {
        Self(number())
    }
}

/// The number that the system gave the calling thread; never 0. Signal handlers may call it.
#[cfg(target_os = "linux")]
pub fn number() -> i32 {
    rustix::thread::gettid().as_raw_nonzero().get()
}

#[cfg(target_vendor = "apple")]
pub fn number() -> i32 {
    // SAFETY: reads the port that the kernel gave this thread at its start.
    unsafe { libc::pthread_mach_thread_np(libc::pthread_self()) as i32 }
}

/// The processor time this thread has used.
pub fn own_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// The processor time another thread has used; zero when it is gone.
#[cfg(target_os = "linux")]
pub fn time_of(thread: ThreadId) -> Duration {
    /// The kernel's clock for the processor time of a single thread.
    const PER_THREAD_SCHEDULED: libc::clockid_t = 6;
    let clock = (!thread.0 << 3) | PER_THREAD_SCHEDULED;
    // SAFETY: all zeros are a valid value of this struct.
    let mut time: libc::timespec = unsafe { std::mem::zeroed() };
    // SAFETY: the kernel fills in the struct it gets, or refuses a clock it does not know.
    let result = unsafe { libc::clock_gettime(clock, &raw mut time) };
    if result == 0 { Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32) } else { Duration::ZERO }
}

#[cfg(target_vendor = "apple")]
pub fn time_of(thread: ThreadId) -> Duration {
    let mut count = libc::THREAD_BASIC_INFO_COUNT;
    // SAFETY: all zeros are a valid value of this struct.
    let mut found: libc::thread_basic_info = unsafe { std::mem::zeroed() };
    // SAFETY: the kernel fills in the struct, whose size it gets, or refuses a port it does not know.
    let result = unsafe {
        let flavor = libc::THREAD_BASIC_INFO as libc::thread_flavor_t;
        libc::thread_info(thread.0 as libc::mach_port_t, flavor, (&raw mut found).cast(), &raw mut count)
    };
    let time = |part: libc::time_value_t| {
        Duration::new(u64::from(part.seconds.unsigned_abs()), part.microseconds.unsigned_abs() * 1000)
    };
    if result == libc::KERN_SUCCESS { time(found.user_time) + time(found.system_time) } else { Duration::ZERO }
}

/// Lets other threads go before this one. If that is refused, the thread runs like any other.
#[cfg(target_os = "linux")]
pub fn lower_priority() {
    const NICE: i32 = 10;
    // On Linux this is the priority of this thread alone.
    let _ = rustix::process::nice(NICE);
}

#[cfg(target_vendor = "apple")]
pub fn lower_priority() {
    // `nice` would be for the whole process.
    // SAFETY: changes only the class of this thread.
    let _ = unsafe { libc::pthread_set_qos_class_self_np(libc::qos_class_t::QOS_CLASS_UTILITY, 0) };
}

/// Prepares the process for `barrier`.
pub fn prepare_barrier() {
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::membarrier(rustix::thread::MembarrierCommand::RegisterPrivateExpedited);
}

/// Puts a memory fence into all threads of the process. False if the kernel lacks this call, or if a system call filter
/// refuses it.
#[cfg(target_os = "linux")]
pub fn barrier() -> bool {
    rustix::thread::membarrier(rustix::thread::MembarrierCommand::PrivateExpedited).is_ok()
}

#[cfg(not(target_os = "linux"))]
pub fn barrier() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_thread_is_the_same_seen_from_inside_and_outside() {
        let before = own_time();
        let seen = time_of(ThreadId::current());

        assert!(before <= seen && seen <= own_time());
    }
}
