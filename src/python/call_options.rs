//! The options of a logger's calls, as `opt` and its like give them.
//!
//! Immutable; a logger that is derived from another has a copy with more in it.

use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyTuple};

use crate::python::arguments::{canonical, integer, text, wrong_type};

const OPT_NAMES: [(&str, &str); 2] = [("exception", "exception"), ("depth", "depth")];

/// More frames than any stack has.
const DEEPEST: i64 = 1_000_000;

/// What calls do beyond the usual.
#[pyclass(frozen, name = "_CallOptions", module = "logly._logly")]
#[derive(Default)]
pub struct CallOptions {
    /// An exception, `sys.exc_info()`, or True for the one being handled.
    pub exception: Option<Py<PyAny>>,
    /// How many frames further out than its caller a record is placed.
    pub depth: usize,
}

impl CallOptions {
    pub fn copy(&self, py: Python<'_>) -> Self {
        Self { exception: self.exception.as_ref().map(|exception| exception.clone_ref(py)), depth: self.depth }
    }

    /// These options and what `opt` was given; None means "not given".
    pub fn with(mut self, given: &Bound<'_, PyDict>) -> PyResult<Self> {
        for (name, value) in given.iter() {
            let name = canonical("opt", &OPT_NAMES, text("opt", &name)?)?;
            if !value.is_none() {
                self.set(name, &value)?;
            }
        }
        Ok(self)
    }

    fn set(&mut self, name: &'static str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        match name {
            "exception" => self.exception = exception(value)?,
            _ => self.depth += integer(name, value, 0, DEEPEST, "frames")? as usize,
        }
        Ok(())
    }
}

/// None for False.
fn exception(value: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(flag.is_true().then(|| value.clone().unbind()));
    }
    let is_triple = value.cast::<PyTuple>().is_ok_and(|triple| triple.len() == 3);
    if is_triple || value.is_instance_of::<PyBaseException>() {
        return Ok(Some(value.clone().unbind()));
    }
    Err(wrong_type("exception", "an exception, True, False, or a tuple of type, value and traceback", value))
}
