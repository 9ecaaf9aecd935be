//! What this package asks of the interpreter: whether it ends, its module `sys`, and names of our own Python modules.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

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

/// A name of one of this package's modules, imported when it is first needed, so that a fork meanwhile does no harm.
pub fn load<'py>(py: Python<'py>, module: &str, name: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("logly._forks")?.call_method1("load", (module, name))
}

/// As `load`, once.
pub fn imported<'py>(
    py: Python<'py>,
    cell: &'static PyOnceLock<Py<PyAny>>,
    module: &str,
    name: &str,
) -> PyResult<&'py Bound<'py, PyAny>> {
    Ok(kept(py, cell, || load(py, module, name).map(Bound::unbind))?.bind(py))
}
