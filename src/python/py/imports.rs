//! Imports of this package's own modules, each at its first use.
//!
//! CPython frees the lock of imports while it ends; a thread that waits for that lock then crashes the process. The end
//! of the process therefore waits for the imports of other threads, and those begin no more.

use std::sync::atomic::{AtomicUsize, Ordering};

use pyo3::prelude::*;

use crate::python::py::fork_barrier::LONGEST_WAIT;
use crate::python::py::inside::{Inside, is_within_sink};
use crate::python::py::interpreter::{Kept, kept};
use crate::python::py::poll::poll;
use crate::python::py::{fork_barrier, imports};

/// The number of imports that run.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// An import that runs.
struct Running(());

impl Running {
    fn begin() -> Self {
        RUNNING.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Returns a name of one of this package's modules, imported at its first use. A fork during the import does no harm.
///
/// While the process ends, other threads wait first, a second at most: the interpreter is then most often gone. Threads
/// within a sink do not wait, since the end of the process waits for them.
pub fn load<'py>(py: Python<'py>, module: &str, name: &str) -> PyResult<Bound<'py, PyAny>> {
    if Inside::is_closed_to(py) && !is_within_sink(py) {
        poll(py, LONGEST_WAIT, || false);
    }
    let _importing = (fork_barrier::enter(py), Running::begin());
    py.import("logly._process.forks")?.call_method1("load", (module, name))
}

/// At the end of the process: waits for the imports of other threads, a second at most.
pub fn await_others(py: Python<'_>) {
    poll(py, LONGEST_WAIT, || RUNNING.load(Ordering::Relaxed) == 0);
}

/// Like `load`, but keeps the result in `cell`.
pub fn imported<'py>(
    py: Python<'py>,
    cell: &'static Kept<Py<PyAny>>,
    module: &str,
    name: &str,
) -> PyResult<&'py Bound<'py, PyAny>> {
    Ok(kept(py, cell, || load(py, module, name).map(Bound::unbind))?.bind(py))
}

/// Imports a name of one of this package's modules, with everything it needs at its first use. Forks wait for it.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
pub fn _load<'py>(py: Python<'py>, module: &str, name: &str) -> PyResult<Bound<'py, PyAny>> {
    imports::load(py, module, name)
}
