//! Imports of this package's own modules, each when it is first needed.

use crate::python::py::fork_barrier;
use crate::python::py::imports;
use crate::python::py::interpreter::Kept;
use crate::python::py::interpreter::kept;
use pyo3::prelude::*;

/// A name of one of this package's modules, imported when it is first needed, so that a fork meanwhile does no harm.
pub fn load<'py>(py: Python<'py>, module: &str, name: &str) -> PyResult<Bound<'py, PyAny>> {
    let _importing = fork_barrier::enter(py);
    py.import("logly._process.forks")?.call_method1("load", (module, name))
}

/// As `load`, once.
pub fn imported<'py>(
    py: Python<'py>,
    cell: &'static Kept<Py<PyAny>>,
    module: &str,
    name: &str,
) -> PyResult<&'py Bound<'py, PyAny>> {
    Ok(kept(py, cell, || load(py, module, name).map(Bound::unbind))?.bind(py))
}

/// Imports a name of one of this package's modules, with all that it needs at its first use; forks wait for it.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
pub fn _load<'py>(py: Python<'py>, module: &str, name: &str) -> PyResult<Bound<'py, PyAny>> {
    imports::load(py, module, name)
}
