//! The result of `logly.from_var`: a context variable whose value a function turns into fields.

use pyo3::prelude::*;

use crate::process::hanging;
use crate::python::py::context_variable::Variable;
use crate::python::py::trampoline::watch_at_drop;
use crate::python::value::arguments::wrong_type;

/// The result of `from_var` in `python/logly/_calls/context.py`.
#[pyclass(frozen, name = "FromVar", module = "logly._logly")]
pub struct FromVar {
    pub variable: Variable,
    pub function: Py<PyAny>,
}

watch_at_drop!(FromVar);

#[pymethods]
#[pyo3(crate = "crate::python::py::trampoline::watched")]
impl FromVar {
    #[new]
    #[pyo3(signature = (var, function, /))]
    fn new(var: &Bound<'_, PyAny>, function: &Bound<'_, PyAny>) -> PyResult<Self> {
        let variable = Variable::of(var)?.ok_or_else(|| wrong_type("var", "a contextvars.ContextVar", var))?;
        if !function.is_callable() {
            return Err(wrong_type("function", "a function that takes the value of the variable", function));
        }
        Ok(Self { variable, function: function.clone().unbind() })
    }

    #[getter]
    fn _variable<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        hanging::watch();
        self.variable.object(py)
    }

    #[getter]
    fn _function(&self, py: Python<'_>) -> Py<PyAny> {
        hanging::watch();
        self.function.clone_ref(py)
    }
}
