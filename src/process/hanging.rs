//! Makes threads hang that CPython would kill while the interpreter ends.
//!
//! CPython up to 3.13 ends a daemon thread by `pthread_exit` when the thread asks for the interpreter lock during
//! finalization. From 3.14 on CPython makes such a thread hang. This file makes it hang with every version.

use crate::sys::unwinding;

/// From here on, makes this thread hang instead of being ended while a frame of ours is on its stack.
#[inline]
pub fn watch() {
    unwinding::keep_thread();
}
