//! The end of the process, after the interpreter is gone.
#![expect(unsafe_code, reason = "C's atexit has no safe interface")]

/// Runs a function at the end of the process. It must neither unwind nor touch Python.
pub fn at_exit(handler: extern "C" fn()) {
    // SAFETY: extension modules are never unloaded, so the function stays. If there is no memory for the entry, the
    // process ends as it would without it.
    let _ = unsafe { libc::atexit(handler) };
}
