//! A stand-in for a value in Python's own formatting. It has the texts of the value, but bounded ones.

use pyo3::PyTypeInfo;
use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PyString};

use crate::config::logger::DEFAULT_MESSAGE_BYTES;
use crate::python::py::interpreter::name;
use crate::python::py::text::to_python;
use crate::python::py::trampoline::watch_at_drop;
use crate::python::value::capture::Capture;
use crate::python::value::containers::is_shaped;
use crate::python::value::sharing::is_boundless;
use crate::python::value::text::{display, is_bytes, representation};

/// Stands for a value in `format` and `%`.
#[pyclass(frozen, name = "_Bounded", module = "logly._logly")]
pub struct Bounded {
    value: Py<PyAny>,
    most: usize,
}

watch_at_drop!(Bounded);

#[pymethods]
#[pyo3(crate = "crate::python::py::trampoline::watched")]
impl Bounded {
    fn __str__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.text(py, display)
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.text(py, representation)
    }
}

impl Bounded {
    /// A stand-in for a value whose text logly bounds, or any other value itself.
    pub fn of<'py>(value: Bound<'py, PyAny>, most: usize) -> Bound<'py, PyAny> {
        let is_bounded = |value: &Bound<'py, PyAny>| {
            is_shaped(value) || is_bytes(value) || value.is_instance_of::<PyBaseException>() || is_boundless(value)
        };
        if is_plain(&value) || !is_bounded(&value) || has_own_format(&value) {
            return value;
        }
        let py = value.py();
        let bounded = Self { value: value.clone().unbind(), most };
        Bound::new(py, bounded).map_or(value, Bound::into_any)
    }

    fn text<'py>(
        &self,
        py: Python<'py>,
        render: impl FnOnce(&mut Capture, &Bound<'_, PyAny>) -> Vec<u8>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let mut capture = Capture::everything(self.most);
        let text = render(&mut capture, self.value.bind(py));
        match capture.interrupt {
            Some(interrupt) => Err(*interrupt),
            None => Ok(to_python(py, &text)),
        }
    }
}

/// The value as `opt(record=True)` formats it.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(name = "_bounded", signature = (value, /))]
pub fn bounded(value: Bound<'_, PyAny>) -> Bound<'_, PyAny> {
    Bounded::of(value, DEFAULT_MESSAGE_BYTES)
}

fn is_plain(value: &Bound<'_, PyAny>) -> bool {
    value.is_instance_of::<PyString>()
        || value.is_instance_of::<PyInt>()
        || value.is_instance_of::<PyFloat>()
        || value.is_instance_of::<PyBytes>()
        || value.is_instance_of::<PyBool>()
        || value.is_none()
}

/// Whether a class defines its own meaning of format specifications.
fn has_own_format(value: &Bound<'_, PyAny>) -> bool {
    let name = name!(value.py(), "__format__");
    let object = PyAny::type_object(value.py());
    !matches!((value.get_type().getattr(name), object.getattr(name)), (Ok(own), Ok(base)) if own.is(&base))
}
