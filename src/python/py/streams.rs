//! Writing to Python streams, also next to progress bars and with characters that the stream cannot encode.

use pyo3::exceptions::PyUnicodeEncodeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::python::py::fork_barrier;
use crate::python::py::imports::{imported, load};
use crate::python::py::interpreter::{Kept, name, sys};

pub static WRITE: Kept<Py<PyAny>> = Kept::new();

static ENCODABLE: Kept<Py<PyAny>> = Kept::new();

/// Writes and flushes, so that lines stay in order with `print` and a crash leaves nothing in a buffer.
///
/// Python code takes over if a progress bar may be in the way, or if the stream lacks a character.
pub fn write_and_flush(target: &Bound<'_, PyAny>, item: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = item.py();
    if fork_barrier::is_left_locked(target) {
        return load(py, "logly._process.forks", "write_past")?.call1((target, item)).map(drop);
    }
    if has_bars(py) {
        return imported(py, &WRITE, "logly._sinks.bars", "write")?.call1((target, item)).map(drop);
    }
    if let Err(error) = target.call_method1(name!(py, "write"), (item,)) {
        if !error.is_instance_of::<PyUnicodeEncodeError>(py) {
            return Err(error);
        }
        let encodable = imported(py, &ENCODABLE, "logly._sinks.terminals", "encodable")?.call1((target, item))?;
        target.call_method1(name!(py, "write"), (encodable,))?;
    }
    match target.getattr_opt(name!(py, "flush"))? {
        Some(flush) if !flush.is_none() => flush.call0().map(drop),
        _ => Ok(()),
    }
}

/// Whether the program has imported a library that draws progress bars.
pub(super) fn has_bars(py: Python<'_>) -> bool {
    let modules = sys(py).and_then(|sys| sys.getattr(name!(py, "modules")).ok());
    let Some(modules) = modules.and_then(|modules| modules.cast_into::<PyDict>().ok()) else { return false };
    let is_loaded = |name| modules.contains(name).unwrap_or(false);
    is_loaded(name!(py, "tqdm.std")) || is_loaded(name!(py, "rich.file_proxy"))
}
