//! What a Python sink writes to, and how one line is written there.
//!
//! Everything here runs the program's own code, with the GIL held, on the thread that logs.

use pyo3::exceptions::PyUnicodeEncodeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyList;

/// What a Python sink writes to.
pub enum Stream {
    /// `sys.stdout` or `sys.stderr`, whatever it is at the time.
    Console(&'static str),
    Object(Py<PyAny>),
    Function(Py<PyAny>),
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
            Self::Capture(_) => "capture",
        }
    }
}

/// Writes and flushes, so that lines stay in order with `print` and nothing is left in a buffer by a crash.
pub fn write_and_flush(target: &Bound<'_, PyAny>, item: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = item.py();
    if let Err(error) = target.call_method1(pyo3::intern!(py, "write"), (item,)) {
        if !error.is_instance_of::<PyUnicodeEncodeError>(py) {
            return Err(error);
        }
        target.call_method1(pyo3::intern!(py, "write"), (encodable(target, item)?,))?;
    }
    match target.getattr_opt(pyo3::intern!(py, "flush"))? {
        Some(flush) => flush.call0().map(drop),
        None => Ok(()),
    }
}

/// The line in what the stream's encoding has; the rest as escapes.
fn encodable<'py>(target: &Bound<'py, PyAny>, item: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let encoding = target.getattr("encoding")?;
    item.call_method1("encode", (&encoding, "backslashreplace"))?.call_method1("decode", (&encoding,))
}

pub fn is_terminal(stream: &Bound<'_, PyAny>) -> bool {
    let is_tty = stream.call_method0("isatty").and_then(|answer| answer.is_truthy()).unwrap_or(false);
    let module = stream.get_type().getattr("__module__").and_then(|module| module.extract::<String>());
    is_tty || module.is_ok_and(|module| module.starts_with("ipykernel"))
}

/// Once the interpreter ends, the program's functions are no longer called.
pub fn is_finalizing(py: Python<'_>) -> bool {
    sys(py).is_none_or(|sys| sys.call_method0("is_finalizing").and_then(|answer| answer.is_truthy()).unwrap_or(true))
}

/// The module `sys`, kept: while the interpreter ends it can no longer be imported, but still has its streams.
pub fn sys(py: Python<'_>) -> Option<&Bound<'_, PyModule>> {
    static SYS: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    kept(py, &SYS, || py.import("sys").map(Bound::unbind)).ok().map(|module| module.bind(py))
}

/// What `make` gives, made once. Not made under the cell's lock: imports run the program's code, which may log, and would then
/// wait here for itself. Made twice in such a case, the first one stays.
pub fn kept<'c, T>(
    py: Python<'_>,
    cell: &'c PyOnceLock<Py<T>>,
    make: impl FnOnce() -> PyResult<Py<T>>,
) -> PyResult<&'c Py<T>> {
    if let Some(known) = cell.get(py) {
        return Ok(known);
    }
    let value = make()?;
    let _ = cell.set(py, value);
    cell.get(py).ok_or_else(|| pyo3::exceptions::PyRuntimeError::new_err("this is a bug in logly"))
}

/// A name of one of this package's modules, imported when it is first needed.
pub fn imported<'py>(
    py: Python<'py>,
    cell: &'static PyOnceLock<Py<PyAny>>,
    module: &str,
    name: &str,
) -> PyResult<&'py Bound<'py, PyAny>> {
    Ok(kept(py, cell, || Ok(py.import(module)?.getattr(name)?.unbind()))?.bind(py))
}
