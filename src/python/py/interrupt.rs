//! Errors that are for the caller: Ctrl-C, the end of a greenlet, and the like.

use pyo3::exceptions::{PyKeyboardInterrupt, PySystemExit};
use pyo3::prelude::*;

use crate::python::py::imports::imported;
use crate::python::py::interpreter::{Kept, sys};
use crate::python::py::strand;

static IS_BY_SIGNAL: Kept<Py<PyAny>> = Kept::new();

/// An interrupt to be passed on after the record was taken. It is boxed because every call returns it: eight bytes
/// travel in a register, but a `PyErr` would be copied through memory.
pub type Interrupt = Option<Box<PyErr>>;

/// Whether an error from a value's code is passed on to the caller: the user or the program ends that code with it.
pub fn is_interrupt(py: Python<'_>, error: &PyErr) -> bool {
    error.is_instance_of::<PyKeyboardInterrupt>(py)
        || error.is_instance_of::<PySystemExit>(py)
        || ends_greenlet(py, error)
}

/// Whether an error from the code of a sink, filter, format or patcher is for the caller: it is Ctrl-C, or was thrown
/// into that code from outside.
pub fn is_for_caller(py: Python<'_>, error: &PyErr) -> bool {
    let is_by_signal = || {
        imported(py, &IS_BY_SIGNAL, "logly._process.interrupts", "is_by_signal")?
            .call1((error.traceback(py),))?
            .extract()
    };
    error.is_instance_of::<PyKeyboardInterrupt>(py)
        || ends_greenlet(py, error)
        || error.is_instance_of::<PySystemExit>(py) && is_by_signal().unwrap_or(false)
}

/// The exception's class, for reports.
pub fn kind_of(py: Python<'_>, error: &PyErr) -> String {
    error.get_type(py).name().map_or_else(|_| "an exception".to_owned(), |name| name.to_string())
}

/// Whether an error was thrown into the greenlet that logs, by another greenlet or by a timer of gevent or eventlet.
#[cold]
pub(super) fn ends_greenlet(py: Python<'_>, error: &PyErr) -> bool {
    const THROWN: [(&str, &str); 3] =
        [("greenlet", "GreenletExit"), ("gevent.timeout", "Timeout"), ("eventlet.timeout", "Timeout")];
    let is_one = |(module, class): (&str, &str)| -> Option<bool> {
        let class = sys(py)?.getattr("modules").ok()?.get_item(module).ok()?.getattr(class).ok()?;
        error.value(py).is_instance(&class).ok()
    };
    strand::are_greenlets_loaded(py) && THROWN.into_iter().any(|thrown| is_one(thrown) == Some(true))
}
