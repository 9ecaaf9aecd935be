//! The interpreter lock: proof that a thread holds it, and what only its holder may ask of CPython.
#![expect(unsafe_code, reason = "what is asked is allowed on any thread that is attached")]

use pyo3::ffi;
use pyo3::prelude::*;

/// Proof that this thread holds the GIL, which makes it the only producer. On free-threaded builds importing the extension
/// turns the GIL on.
pub struct GilLock<'py>(pub Python<'py>);

// SAFETY: a `Python` token lives only while its thread is attached, and with the GIL only one is.
unsafe impl crate::queue::ring::ProducerLock for GilLock<'_> {}

/// The number `threading.get_ident()` gives.
#[inline]
pub fn thread_ident(_py: Python<'_>) -> u64 {
    // SAFETY: always allowed on a thread that is attached.
    unsafe { ffi::PyThread_get_thread_ident() as u64 }
}

/// Whether this is the first interpreter of the process. What is kept here belongs to it alone.
pub fn is_main_interpreter(_py: Python<'_>) -> bool {
    // SAFETY: attached, so there is a current interpreter.
    unsafe { ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get()) == 0 }
}

/// Whether the process has more rights than its caller, as with set-user-ID or file capabilities.
pub fn is_privileged() -> bool {
    // SAFETY: reads a number that the kernel gave this process at its start.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

/// Runs slow work of a logging call with PyO3's count of attachments, so that objects may be dropped in it.
#[expect(
    unsafe_code,
    reason = "attaching on a thread that is attached: the checked way refuses while the interpreter ends"
)]
pub fn attached<T>(_py: Python<'_>, work: impl FnOnce() -> T) -> T {
    // SAFETY: the token proves that this thread is attached already.
    unsafe { Python::attach_unchecked(|_| work()) }
}
