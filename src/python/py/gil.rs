//! The interpreter lock: the proof that a thread holds it, and the questions that only its holder may ask CPython.
#![expect(unsafe_code, reason = "these calls are allowed on any attached thread")]

use pyo3::ffi;
use pyo3::prelude::*;

/// Proof that this thread holds the GIL, which makes it the only producer. On free-threaded builds, importing the
/// extension turns the GIL on.
pub struct GilLock<'py>(pub Python<'py>);

// SAFETY: a `Python` token lives only while its thread is attached, and the GIL allows one attached thread at a time.
unsafe impl crate::queue::ring::ProducerLock for GilLock<'_> {}

/// The number `threading.get_ident()` gives.
#[inline]
pub fn thread_ident(_py: Python<'_>) -> u64 {
    // SAFETY: always allowed on an attached thread.
    unsafe { ffi::PyThread_get_thread_ident() as u64 }
}

/// Whether this is the main interpreter of the process. The objects that logly keeps belong to it alone.
pub fn is_main_interpreter(_py: Python<'_>) -> bool {
    // SAFETY: attached, so there is a current interpreter.
    unsafe { ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get()) == 0 }
}

/// Whether there is a GIL. A free-threaded build has one while it imports a module that needs it, unless the user said
/// otherwise.
pub fn is_enabled(py: Python<'_>) -> PyResult<bool> {
    let asked = py.import("sys")?.getattr_opt("_is_gil_enabled")?;
    asked.map_or(Ok(true), |asked| asked.call0()?.is_truthy())
}

/// Runs the slow work of a logging call under PyO3's attach count, so that the work may drop Python objects.
#[expect(unsafe_code, reason = "attaches an attached thread: the checked call refuses while the interpreter finalizes")]
pub fn attached<T>(_py: Python<'_>, work: impl FnOnce() -> T) -> T {
    // SAFETY: the token proves that this thread is attached already.
    unsafe { Python::attach_unchecked(|_| work()) }
}
