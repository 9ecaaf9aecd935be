//! What a Python sink writes to, and how one line is written there.
//!
//! Everything here runs the program's own code, with the GIL held, on the thread that logs.

use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::python::py::imports::{imported, load};
use crate::python::py::interpreter::Kept;
use crate::python::py::interrupt::is_for_caller;
use crate::style::color::is_color_wanted;
use crate::writer::snapshot::Look;

static HANDLE: Kept<Py<PyAny>> = Kept::new();
static PREPARE: Kept<Py<PyAny>> = Kept::new();
static LOOK_OF: Kept<Py<PyAny>> = Kept::new();

/// What a Python sink writes to.
pub enum Stream {
    /// `sys.stdout` or `sys.stderr`, whatever it is at the time.
    Console(&'static str),
    Object(Py<PyAny>),
    Function(Py<PyAny>),
    /// A handler of `logging`, and whether it gets the line as its message: it has a form of its own otherwise.
    Handler {
        handler: Py<PyAny>,
        is_formatted: bool,
        /// The number of the logger whose sink it is, with which its records are marked.
        logger: u64,
    },
    /// A coroutine function, and where it runs; None is logly's own event loop.
    Coroutine {
        function: Py<PyAny>,
        event_loop: Option<Py<PyAny>>,
    },
    /// A list that records, not lines, are appended to.
    Capture(Py<PyList>),
}

impl Stream {
    /// Whether it can do with more of a record than its line: what only the thread that logs has.
    pub fn needs_caller(&self, py: Python<'_>) -> bool {
        match self {
            Self::Console(_) | Self::Capture(_) => false,
            Self::Object(object) => !is_plain(object.bind(py)),
            Self::Function(_) | Self::Handler { .. } | Self::Coroutine { .. } => true,
        }
    }

    /// The word `sink_info` has for it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Console(_) => "console",
            Self::Object(_) => "stream",
            Self::Function(_) => "function",
            Self::Handler { .. } => "handler",
            Self::Coroutine { .. } => "coroutine",
            Self::Capture(_) => "capture",
        }
    }
}

/// Whether it is a text stream of Python's own. Those keep what is written until it is read, and have no use for its record.
pub fn is_plain(stream: &Bound<'_, PyAny>) -> bool {
    stream.get_type().module().is_ok_and(|module| module.to_str().is_ok_and(|module| module == "_io"))
}

/// Gives a line that carries its record to a handler of `logging`; false when the handler does not want it.
pub fn handle(handler: &Bound<'_, PyAny>, item: &Bound<'_, PyAny>, is_formatted: bool, logger: u64) -> PyResult<bool> {
    let handle = imported(item.py(), &HANDLE, "logly._sinks.handlers", "handle")?;
    handle.call1((handler, item, is_formatted, logger))?.is_truthy()
}

/// Notes that a handler is a sink of a logger, so that it is closed with its last one.
pub fn claim(handler: &Bound<'_, PyAny>, logger: u64) -> PyResult<()> {
    load(handler.py(), "logly._sinks.handlers", "claim")?.call1((handler, logger)).map(drop)
}

/// Flushes a handler that is a sink no more, and closes it if nothing else has it.
pub fn release<'py>(handler: &Bound<'py, PyAny>, logger: u64) -> PyResult<Bound<'py, PyAny>> {
    load(handler.py(), "logly._sinks.handlers", "release")?.call1((handler, logger))
}

/// Makes what a handler of `logging` is given later, on another thread; None when the handler does not want the record.
pub fn prepare<'py>(
    handler: &Bound<'py, PyAny>,
    item: &Bound<'py, PyAny>,
    is_formatted: bool,
    logger: u64,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let prepare = imported(item.py(), &PREPARE, "logly._sinks.handlers", "prepare")?;
    Ok(Some(prepare.call1((handler, item, is_formatted, logger))?).filter(|made| !made.is_none()))
}

/// What a stream is; the error is an interrupt.
pub fn look_of(stream: &Bound<'_, PyAny>) -> PyResult<Look> {
    let py = stream.py();
    let asked = imported(py, &LOOK_OF, "logly._sinks.terminals", "look_of")
        .and_then(|look_of| look_of.call1((stream,))?.extract::<(bool, bool)>());
    match asked {
        Err(error) if is_for_caller(py, &error) => Err(error),
        asked => {
            let (is_terminal, takes_escapes) = asked.unwrap_or_default();
            Ok(Look { is_terminal, is_colored: is_color_wanted(None, takes_escapes) })
        }
    }
}
