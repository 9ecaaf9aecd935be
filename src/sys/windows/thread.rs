//! Threads: their numbers, their processor time, their priority, and barriers among them.
#![expect(unsafe_code, reason = "these calls have no safe interface")]

use std::time::Duration;

use windows_sys::Win32::Foundation::{CloseHandle, FILETIME, HANDLE};
use windows_sys::Win32::System::Threading::{
    FlushProcessWriteBuffers, GetCurrentThread, GetCurrentThreadId, GetThreadTimes, OpenThread, SetThreadPriority,
    THREAD_PRIORITY_BELOW_NORMAL, THREAD_QUERY_LIMITED_INFORMATION,
};

/// A thread of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadId(i32);

impl ThreadId {
    /// Returns the calling thread.
    pub fn current() -> Self {
        Self(number())
    }
}

/// The number that the system gave the calling thread; never 0.
pub fn number() -> i32 {
    // SAFETY: always allowed.
    unsafe { GetCurrentThreadId() as i32 }
}

/// The processor time this thread has used.
pub fn own_time() -> Duration {
    // SAFETY: a constant that stands for this thread.
    time_by(unsafe { GetCurrentThread() })
}

/// The processor time another thread has used; zero when it is gone.
pub fn time_of(thread: ThreadId) -> Duration {
    // SAFETY: a number that is no thread's is refused.
    let handle = unsafe { OpenThread(THREAD_QUERY_LIMITED_INFORMATION, 0, thread.0 as u32) };
    if handle.is_null() {
        return Duration::ZERO;
    }
    let time = time_by(handle);
    // SAFETY: the handle was opened here.
    unsafe { CloseHandle(handle) };
    time
}

fn time_by(handle: HANDLE) -> Duration {
    let none = FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 };
    let [mut begun, mut ended, mut kernel, mut user] = [none; 4];
    // SAFETY: the system fills in the four times, or refuses the handle.
    unsafe { GetThreadTimes(handle, &raw mut begun, &raw mut ended, &raw mut kernel, &raw mut user) };
    let ticks = |time: FILETIME| u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime);
    Duration::from_nanos((ticks(kernel) + ticks(user)) * 100)
}

/// Lets other threads go before this one. If that is refused, the thread runs like any other.
pub fn lower_priority() {
    // SAFETY: changes only this thread.
    let _ = unsafe { SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_BELOW_NORMAL) };
}

/// No preparation is needed.
pub fn prepare_barrier() {}

/// Puts a memory fence into all threads of the process.
pub fn barrier() -> bool {
    // SAFETY: always allowed.
    unsafe { FlushProcessWriteBuffers() };
    true
}
