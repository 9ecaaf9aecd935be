//! The place of `method` in a build for the stable ABI, which has no vectorcall before CPython 3.12.

use pyo3::exceptions::PyNotImplementedError;
use pyo3::prelude::*;

use crate::python::stdlib::direct::Kind;

/// There is no method, so the function of `logging` stays in its place.
#[expect(clippy::unnecessary_wraps, reason = "as `method` has it")]
pub(super) fn method<'py>(_original: &Bound<'py, PyAny>, _kind: Kind) -> PyResult<Option<Bound<'py, PyAny>>> {
    Ok(None)
}

pub(super) fn class(_py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    Err(PyNotImplementedError::new_err("this build has no methods for logging; this is a bug in logly"))
}
