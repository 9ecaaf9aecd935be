//! What a Python sink writes to, and how one line is written there.
//!
//! Everything here runs the program's own code, with the GIL held, on the thread that logs.

use pyo3::exceptions::PyUnicodeEncodeError;
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::python::exceptions::is_interrupt;
use crate::python::interpreter::{Kept, imported, name};

static HANDLE: Kept<Py<PyAny>> = Kept::new();

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

/// Writes and flushes, so that lines stay in order with `print` and nothing is left in a buffer by a crash.
pub fn write_and_flush(target: &Bound<'_, PyAny>, item: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = item.py();
    if let Err(error) = target.call_method1(name!(py, "write"), (item,)) {
        if !error.is_instance_of::<PyUnicodeEncodeError>(py) {
            return Err(error);
        }
        target.call_method1(name!(py, "write"), (encodable(target, item)?,))?;
    }
    match target.getattr_opt(name!(py, "flush"))? {
        Some(flush) => flush.call0().map(drop),
        None => Ok(()),
    }
}

/// Whether it is a text stream of Python's own. Those keep what is written until it is read, and have no use for its record.
pub fn is_plain(stream: &Bound<'_, PyAny>) -> bool {
    stream.get_type().module().is_ok_and(|module| module.to_str().is_ok_and(|module| module == "_io"))
}

/// Gives a line that carries its record to a handler of `logging`; false when the handler does not want it.
pub fn handle(handler: &Bound<'_, PyAny>, item: &Bound<'_, PyAny>, is_formatted: bool, logger: u64) -> PyResult<bool> {
    let handle = imported(item.py(), &HANDLE, "logly._handlers", "handle")?;
    handle.call1((handler, item, is_formatted, logger))?.is_truthy()
}

/// The line in what the stream's encoding has; the rest as escapes.
fn encodable<'py>(target: &Bound<'py, PyAny>, item: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let encoding = target.getattr("encoding")?;
    item.call_method1("encode", (&encoding, "backslashreplace"))?.call_method1("decode", (&encoding,))
}

/// Whether it takes colours as terminals do; the error is an interrupt.
pub fn is_terminal(stream: &Bound<'_, PyAny>) -> PyResult<bool> {
    let is_tty = match stream.call_method0("isatty").and_then(|answer| answer.is_truthy()) {
        Err(error) if is_interrupt(stream.py(), &error) => return Err(error),
        answer => answer.unwrap_or(false),
    };
    let module = stream.get_type().getattr("__module__").and_then(|module| module.extract::<String>());
    Ok(is_tty || module.is_ok_and(|module| module.starts_with("ipykernel")))
}
