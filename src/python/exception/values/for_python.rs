//! The budget as `python/logly/_exceptions/diagnose.py` uses it, for logly's own tracebacks.

use std::time::Duration;

use pyo3::prelude::*;

use crate::python::exception::secrets::is_secret;
use crate::python::exception::values::budget::{Budget, MOST_TIME};
use crate::python::exception::values::text::put_shown;
use crate::python::py::text::to_python;
use crate::python::py::trampoline::watch_at_drop;

/// The remaining time and size for the values of one exception.
#[pyclass(name = "_ValueBudget", module = "logly._logly")]
pub struct PyBudget(Budget);

watch_at_drop!(PyBudget);

#[pymethods]
#[pyo3(crate = "crate::python::py::trampoline::watched")]
impl PyBudget {
    /// Takes the seconds of processor time, if it is not the usual time.
    #[new]
    #[pyo3(signature = (seconds=None, /))]
    fn new(seconds: Option<f64>) -> Self {
        let most = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        Self(Budget::new(most.unwrap_or(MOST_TIME)))
    }

    /// Returns the text of a name's value, or None if the budget is used up.
    #[pyo3(signature = (name, value, /))]
    fn shown<'py>(
        &mut self,
        name: &Bound<'py, PyAny>,
        value: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let mut text = Vec::new();
        let is_shown = put_shown(&mut text, value, is_secret(name), &mut self.0)?;
        Ok(is_shown.then(|| to_python(name.py(), &text)))
    }

    /// Tells whether the time or the size is used up.
    fn is_over(&mut self) -> bool {
        self.0.is_over()
    }
}
