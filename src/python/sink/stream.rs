//! The destination of a Python sink, and how one line is written there.
//!
//! Everything here runs the program's own code, with the GIL held, on the thread that logs.

use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::python::py::imports::{imported, load};
use crate::python::py::interpreter::Kept;
use crate::python::py::interrupt::is_for_caller;
use crate::style::color::is_color_wanted;
use crate::writer::snapshot::StreamStyle;

static HANDLE: Kept<Py<PyAny>> = Kept::new();
static PREPARE: Kept<Py<PyAny>> = Kept::new();
static LOOK_OF: Kept<Py<PyAny>> = Kept::new();

/// The destination of a Python sink.
pub enum Stream {
    /// `sys.stdout` or `sys.stderr`, looked up at each write.
    Console(&'static str),
    Object(Py<PyAny>),
    Function(Py<PyAny>),
    /// A handler of `logging`. If `is_formatted` is set, it gets the line as its message; otherwise it uses a format of
    /// its own.
    Handler {
        handler: Py<PyAny>,
        is_formatted: bool,
        /// The number of the logger that has this sink. The sink's records are marked with it.
        logger: u64,
    },
    /// A coroutine function, and the event loop that runs it; None means logly's own loop.
    Coroutine {
        function: Py<PyAny>,
        event_loop: Option<Py<PyAny>>,
    },
    /// A list that gets records in place of lines.
    Capture(Py<PyList>),
}

impl Stream {
    /// Whether the destination can use more of a record than its line. Only the thread that logs has the rest.
    pub fn needs_caller(&self, py: Python<'_>) -> bool {
        match self {
            Self::Console(_) | Self::Capture(_) => false,
            Self::Object(object) => !is_plain(object.bind(py)),
            Self::Function(_) | Self::Handler { .. } | Self::Coroutine { .. } => true,
        }
    }

    /// The sink's kind in `sink_info`.
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

/// Whether the object is one of Python's own text streams. Those keep the text until it is read, and have no use for
/// its record.
pub fn is_plain(stream: &Bound<'_, PyAny>) -> bool {
    stream.get_type().module().is_ok_and(|module| module.to_str().is_ok_and(|module| module == "_io"))
}

/// Gives a line that carries its record to a handler of `logging`. False if the handler does not want it.
pub fn handle(handler: &Bound<'_, PyAny>, item: &Bound<'_, PyAny>, is_formatted: bool, logger: u64) -> PyResult<bool> {
    let handle = imported(item.py(), &HANDLE, "logly._sinks.handlers", "handle")?;
    handle.call1((handler, item, is_formatted, logger))?.is_truthy()
}

/// Notes that a handler is a sink of a logger, so that the handler is closed when its last logger releases it.
pub fn claim(handler: &Bound<'_, PyAny>, logger: u64) -> PyResult<()> {
    load(handler.py(), "logly._sinks.handlers", "claim")?.call1((handler, logger)).map(drop)
}

/// Flushes a handler that is no longer a sink of the logger, and closes it if nothing else uses it.
pub fn release<'py>(handler: &Bound<'py, PyAny>, logger: u64) -> PyResult<Bound<'py, PyAny>> {
    load(handler.py(), "logly._sinks.handlers", "release")?.call1((handler, logger))
}

/// Makes the object that a handler of `logging` is given later, on another thread. None if the handler does not want
/// the record.
pub fn prepare<'py>(
    handler: &Bound<'py, PyAny>,
    item: &Bound<'py, PyAny>,
    is_formatted: bool,
    logger: u64,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let prepare = imported(item.py(), &PREPARE, "logly._sinks.handlers", "prepare")?;
    Ok(Some(prepare.call1((handler, item, is_formatted, logger))?).filter(|made| !made.is_none()))
}

/// Asks Python for the properties of a stream. The error is an interrupt.
pub(super) fn style_of(stream: &Bound<'_, PyAny>) -> PyResult<StreamStyle> {
    let py = stream.py();
    let asked = imported(py, &LOOK_OF, "logly._sinks.terminals", "look_of")
        .and_then(|function| function.call1((stream,))?.extract::<(bool, bool)>());
    match asked {
        Err(error) if is_for_caller(py, &error) => Err(error),
        asked => {
            let (is_terminal, takes_escapes) = asked.unwrap_or_default();
            Ok(StreamStyle { is_terminal, is_colored: is_color_wanted(None, takes_escapes) })
        }
    }
}
