//! The part of the global logger that knows other processes: its changes are noted for children of `multiprocessing`,
//! and in such a child the first call takes over the logger of the parent.
//!
//! The work itself is Python: `_process/inheritance.py` in the parent, `_process/taking_over.py` in the child.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict};

use crate::logger::wants::Wants;
use crate::process::hanging;
use crate::python::call::journal::{Given, kept};
use crate::python::call::state::PyLogger;
use crate::python::py::imports::load;
use crate::python::py::interrupt::{Interrupt, is_for_caller};
use crate::python::py::telling;

const CHILD: &str = "logly._process.taking_over";

/// How often an interrupt may start the work again.
const MOST_INTERRUPTS: u32 = 10;

/// Whether the state of the logger stands in the configuration of this process, for its children.
static IS_PLACED: AtomicBool = AtomicBool::new(false);

/// Takes over the logger of the parent process, if there is one to take over. Returns an interrupt that came during this.
#[inline]
pub fn settle(py: Python<'_>, logger: &PyLogger) -> Interrupt {
    if logger.core().wants().has(Wants::TAKE_OVER) { settle_now(py, logger) } else { None }
}

#[cold]
fn settle_now(py: Python<'_>, logger: &PyLogger) -> Interrupt {
    hanging::watch();
    let mut interrupt = None;
    // The record is to find the parent's sinks, so an interrupt only starts the work again.
    for _ in 0..MOST_INTERRUPTS {
        match load(py, CHILD, "take_over").and_then(|take_over| take_over.call0()) {
            Ok(_) => break,
            Err(error) if is_for_caller(py, &error) => interrupt = Some(Box::new(error)),
            // A signal handler may log while its own thread imports the module; the end of the process imports nothing.
            Err(error) if error.is_instance_of::<PyImportError>(py) => break,
            Err(error) => {
                let _ = logger.core().await_state(false);
                let reason = telling::describe(py, &error);
                let told = telling::tell(py, &format!("the logger of the parent process is not taken over: {reason}"));
                interrupt = interrupt.or(told);
                break;
            }
        }
    }
    interrupt
}

impl PyLogger {
    /// Whether this is the global logger. Other loggers are not taken over.
    fn is_global(&self) -> bool {
        self.number() == 0
    }

    /// Notes that the program is about to give the logger sinks, or to remove some.
    pub fn sets_up(&self, py: Python<'_>, adds: bool) -> PyResult<()> {
        if self.core().wants().has(Wants::TAKE_OVER) {
            let named = [("adds", adds)].into_py_dict(py)?;
            load(py, CHILD, "set_up")?.call((), Some(&named))?;
        }
        Ok(())
    }

    /// Notes that the program is about to change settings. If the process takes over its parent's logger later, they
    /// are changed once more.
    pub fn configures(&self, given: &Bound<'_, PyDict>) -> PyResult<()> {
        if self.core().wants().has(Wants::TAKE_OVER) {
            load(given.py(), CHILD, "configure")?.call1((given.copy()?,))?;
        }
        Ok(())
    }

    /// As `settle`, for methods that describe the logger.
    pub fn settled(&self, py: Python<'_>) -> PyResult<()> {
        settle(py, self).map_or(Ok(()), |interrupt| Err(*interrupt))
    }

    /// Keeps a sink or callback with its options, for processes that take it over.
    pub fn note_added(&self, id: u32, object: &Bound<'_, PyAny>, options: &Bound<'_, PyDict>) -> PyResult<()> {
        if !self.is_global() {
            return Ok(());
        }
        let folder: Option<PathBuf> = std::env::current_dir().ok();
        let given = Given { id, object: object.clone().unbind(), options: options.copy()?.unbind(), folder };
        self.shared().journal.lock().added(given);
        self.changed(object.py())
    }

    /// Keeps settings, which have their own names here.
    pub fn note_settings(&self, py: Python<'_>, settings: &[(&'static str, Bound<'_, PyAny>)]) -> PyResult<()> {
        if !self.is_global() {
            return Ok(());
        }
        let settings = settings.iter().map(|(name, value)| Ok((*name, kept(value)?))).collect::<PyResult<Vec<_>>>()?;
        let outdated = self.shared().journal.lock().configured(settings);
        drop(outdated);
        self.changed(py)
    }

    /// Forgets removed sinks and callbacks.
    pub fn note_removed(&self, py: Python<'_>, is_gone: impl Fn(u32) -> bool) -> PyResult<()> {
        let outdated = self.shared().journal.lock().removed(is_gone);
        drop(outdated);
        self.changed(py)
    }

    /// Has children of `multiprocessing` get the state of this logger, from the first change on. The error is an
    /// interrupt.
    pub fn changed(&self, py: Python<'_>) -> PyResult<()> {
        if !self.is_global() || IS_PLACED.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        match load(py, "logly._process.inheritance", "place").and_then(|place| place.call0()) {
            Ok(_) => Ok(()),
            Err(error) => {
                IS_PLACED.store(false, Ordering::Relaxed);
                if is_for_caller(py, &error) { Err(error) } else { Ok(()) }
            }
        }
    }
}
