//! The source of the ids of the active span, which an integration with a tracing library sets.

use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::python::call::field_source::FieldSource;
use crate::python::call::state::PyLogger;
use crate::python::py::context_variable::Variable;

/// Sets the function that makes the ids of a span from the value of a context variable. Without a variable, it is
/// called without arguments for each record. None removes it.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (logger, function, variable=None, /))]
pub fn _set_span(
    logger: &Bound<'_, PyLogger>,
    function: Option<Py<PyAny>>,
    variable: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    let py = logger.py();
    let variable = variable.map(Variable::of).transpose()?.flatten();
    let span = function.map(|function| FieldSource::of_span(&PyString::new(py, "span"), variable, function));
    logger.get().shared().variables.set_span(py, span);
    Ok(())
}

/// Whether records have the ids of the active span.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (logger, /))]
pub fn _has_span(logger: &Bound<'_, PyLogger>) -> bool {
    logger.get().shared().variables.has_span()
}
