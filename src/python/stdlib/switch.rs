//! The functions by which Python code makes the methods and switches direct calls on and off.

use pyo3::prelude::*;

use crate::python::stdlib::direct::Kind;
use crate::python::stdlib::facts;
use crate::python::stdlib::facts::Found;
use crate::python::stdlib::method;

/// Makes the method that replaces a function of `logging.Logger`, by the function's name. None where there are none.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (original, name, /))]
pub(super) fn _direct_method<'py>(original: &Bound<'py, PyAny>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    let kind = match name {
        "debug" => Kind::Level(10),
        "info" => Kind::Level(20),
        "warning" => Kind::Level(30),
        "error" => Kind::Level(40),
        "critical" => Kind::Level(50),
        "exception" => Kind::Exception,
        _ => Kind::Log,
    };
    method::method(original, kind)
}

/// Keeps the facts to check. Returns the class of the methods.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (found, /))]
pub(super) fn _direct_facts<'py>(py: Python<'py>, found: Found<'py>) -> PyResult<Bound<'py, PyAny>> {
    facts::keep(found);
    method::class(py).cloned()
}

/// Switches the direct way on or off. Returns false if it cannot be switched.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (*, is_active))]
pub(super) fn _direct_way(py: Python<'_>, is_active: bool) -> bool {
    facts::activate(py, is_active)
}
