//! Copies of fields, with copies of the containers in them.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PySet, PyTuple};

use crate::python::py::imports::imported;
use crate::python::py::interpreter::Kept;

pub static COPY: Kept<Py<PyAny>> = Kept::new();

/// A copy of fields, with copies of the built-in containers in them.
pub fn copied<'py>(fields: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyDict>> {
    if !fields.iter().any(|(_, value)| is_container(&value)) {
        return fields.copy();
    }
    let py = fields.py();
    let copy = imported(py, &COPY, "logly._records.records", "copied")?;
    copy.call1((fields,))?.cast_into::<PyDict>().map_err(PyErr::from)
}

/// Whether a value is a built-in container. Others are not copied.
pub fn is_container(value: &Bound<'_, PyAny>) -> bool {
    value.is_exact_instance_of::<PyDict>()
        || value.is_exact_instance_of::<PyList>()
        || value.is_exact_instance_of::<PySet>()
        || value.is_exact_instance_of::<PyTuple>()
}
