//! Imports of this package's own modules, each at its first use.

use pyo3::prelude::*;

use crate::python::py::interpreter::{Kept, kept};
use crate::python::py::{fork_barrier, imports};

/// Returns a name of one of this package's modules, imported at its first use. A fork during the import does no harm.
pub fn load<'py>(py: Python<'py>, module: &str, name: &str) -> PyResult<Bound<'py, PyAny>> {
    let _importing = fork_barrier::enter(py);
    py.import("logly._process.forks")?.call_method1("load", (module, name))
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
