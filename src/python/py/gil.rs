//! The interpreter lock: the proof that a thread is the only producer, and the questions that only an attached thread
//! may ask CPython.
#![expect(unsafe_code, reason = "these calls are allowed on any attached thread")]

use pyo3::ffi;
use pyo3::prelude::*;

use crate::writer::pipeline::Pipeline;

/// Proof that this thread is the only producer of a pipeline: it holds the GIL.
#[cfg(not(Py_GIL_DISABLED))]
pub struct Producing<'p>(Python<'p>);

// SAFETY: a `Python` token lives only while its thread is attached, and the GIL allows one attached thread at a time.
#[cfg(not(Py_GIL_DISABLED))]
unsafe impl crate::queue::ring::ProducerLock for Producing<'_> {}

/// Makes this thread the only producer of a pipeline.
#[cfg(not(Py_GIL_DISABLED))]
#[inline]
pub fn producing<'p>(py: Python<'p>, _pipeline: &'p Pipeline) -> Producing<'p> {
    Producing(py)
}

/// Proof that this thread is the only producer of a pipeline: it holds the pipeline's lock. No code of Python runs and
/// no thread waits until it is dropped, so other threads get the lock within a few nanoseconds.
#[cfg(Py_GIL_DISABLED)]
pub type Producing<'p> = crate::sync::MutexGuard<'p, ()>;

/// Makes this thread the only producer of a pipeline.
#[cfg(Py_GIL_DISABLED)]
#[inline]
pub fn producing<'p>(_py: Python<'p>, pipeline: &'p Pipeline) -> Producing<'p> {
    pipeline.producers.lock()
}

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

/// Has all threads use a value without counting references to it. It then lives as long as the process. Nothing else
/// may have used it yet.
#[pyfunction(crate = "crate::python::py::trampoline::watched", signature = (value, /))]
#[cfg_attr(not(Py_GIL_DISABLED), expect(unused_variables, reason = "with a GIL, counts are cheap"))]
pub fn _share(value: &Bound<'_, PyAny>) {
    // A build for a stable ABI also runs with a GIL. Counts have 32 bits there, so this one would be none at all.
    #[cfg(Py_GIL_DISABLED)]
    if !is_gil_enabled(value.py()).unwrap_or(true) {
        /// More references than CPython counts: the object becomes immortal.
        const COUNTLESS: ffi::Py_ssize_t = 1 << 32;
        unsafe extern "C" {
            fn _Py_SetRefcnt(value: *mut ffi::PyObject, count: ffi::Py_ssize_t);
        }
        // SAFETY: attached, and this thread has just made the value.
        unsafe { _Py_SetRefcnt(value.as_ptr(), COUNTLESS) }
    }
}

/// Whether threads take a GIL, which a build for a stable ABI knows only at run time.
#[cfg(Py_GIL_DISABLED)]
fn is_gil_enabled(py: Python<'_>) -> PyResult<bool> {
    py.import("sys")?.call_method0("_is_gil_enabled")?.is_truthy()
}

/// Runs the slow work of a logging call under PyO3's attach count, so that the work may drop Python objects.
#[expect(unsafe_code, reason = "attaches an attached thread: the checked call refuses while the interpreter finalizes")]
pub fn attached<T>(_py: Python<'_>, work: impl FnOnce() -> T) -> T {
    // SAFETY: the token proves that this thread is attached already.
    unsafe { Python::attach_unchecked(|_| work()) }
}
