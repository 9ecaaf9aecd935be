//! Streams rest while Python forks.
//!
//! A buffered stream of Python's has a lock. A child that was forked while another thread wrote has that lock as it was, and not
//! the thread that would give it back: its first line would hang. So whoever forks waits until nobody is in the middle of a line,
//! and lines wait until the fork is over. Both waits are bounded, since a stream may block, and what else is called before a fork
//! may wait for a thread that logs. All counts change with the interpreter lock held.
//! The hooks are native, since a Ctrl-C can end one of Python's before its first line. Forks from C go by.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use pyo3::prelude::*;

const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Between looks. There is no condition to wait for: a child could not use it.
const LOOK: Duration = Duration::from_micros(100);

static WRITING: AtomicUsize = AtomicUsize::new(0);
static FORKING: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// How much of both is this thread's. It may fork in the middle of a line, and log while it forks.
    static OWN_WRITING: Cell<usize> = const { Cell::new(0) };
    static OWN_FORKING: Cell<usize> = const { Cell::new(0) };
}

/// A line that is being written.
pub struct Writing(());

/// Begins a line, once nobody forks.
pub fn enter(py: Python<'_>) -> Writing {
    let own = OWN_FORKING.get();
    if FORKING.load(Ordering::Relaxed) > own {
        await_that(py, || FORKING.load(Ordering::Relaxed) <= own);
    }
    WRITING.fetch_add(1, Ordering::Relaxed);
    OWN_WRITING.set(OWN_WRITING.get() + 1);
    Writing(())
}

impl Drop for Writing {
    fn drop(&mut self) {
        WRITING.fetch_sub(1, Ordering::Relaxed);
        OWN_WRITING.set(OWN_WRITING.get() - 1);
    }
}

/// As `enter`, for lines that are written by Python.
#[pyfunction(crate = "crate::python::entry::watched")]
pub fn _enter_stream(py: Python<'_>) {
    std::mem::forget(enter(py));
}

#[pyfunction(crate = "crate::python::entry::watched")]
pub fn _leave_stream() {
    drop(Writing(()));
}

/// Before a fork: waits until other threads have written their lines, and keeps them from the next ones.
#[pyfunction(crate = "crate::python::entry::watched")]
pub fn _rest_streams(py: Python<'_>) {
    FORKING.fetch_add(1, Ordering::Relaxed);
    OWN_FORKING.set(OWN_FORKING.get() + 1);
    await_that(py, no_other_writes);
}

/// Whether they do rest; False when that took too long.
#[pyfunction(crate = "crate::python::entry::watched")]
pub fn _do_streams_rest() -> bool {
    no_other_writes()
}

/// After it, in the parent. What was not taken before is not given back: another hook of that very fork may have imported logly.
#[pyfunction(crate = "crate::python::entry::watched")]
pub fn _wake_streams(py: Python<'_>) {
    if let Some(own) = OWN_FORKING.get().checked_sub(1) {
        FORKING.fetch_sub(1, Ordering::Relaxed);
        OWN_FORKING.set(own);
    }
    // Of another thread's, it cannot be released: the wait for it was in vain.
    let _ = py.import("logly._forks").and_then(|forks| forks.getattr("_lock")?.call_method0("release"));
}

/// After it, in the child, which has this thread alone.
#[pyfunction(crate = "crate::python::entry::watched")]
pub fn _renew_streams() {
    FORKING.store(0, Ordering::Relaxed);
    OWN_FORKING.set(0);
    WRITING.store(OWN_WRITING.get(), Ordering::Relaxed);
}

fn no_other_writes() -> bool {
    WRITING.load(Ordering::Relaxed) <= OWN_WRITING.get()
}

fn await_that(py: Python<'_>, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + LONGEST_WAIT;
    while !is_so() && Instant::now() < deadline {
        py.detach(|| thread::sleep(LOOK));
    }
}

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_enter_stream, module)?)?;
    module.add_function(wrap_pyfunction!(_leave_stream, module)?)?;
    module.add_function(wrap_pyfunction!(_rest_streams, module)?)?;
    module.add_function(wrap_pyfunction!(_do_streams_rest, module)?)?;
    module.add_function(wrap_pyfunction!(_wake_streams, module)?)?;
    module.add_function(wrap_pyfunction!(_renew_streams, module)?)
}
