//! A logging call, as CPython passes it.

use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::level::LevelRef;
use crate::python::call::state::PyLogger;

/// One logging call, as CPython passes it. The message is the first positional argument.
pub struct Call<'a, 'py> {
    pub py: Python<'py>,
    pub logger: &'a PyLogger,
    pub level: LevelRef,
    pub positional: &'a [Borrowed<'a, 'py, PyAny>],
    pub names: Option<Borrowed<'a, 'py, PyTuple>>,
    pub named: &'a [Borrowed<'a, 'py, PyAny>],
    pub raised: Raised<'a, 'py>,
}

impl<'a, 'py> Call<'a, 'py> {
    /// The positional arguments after the message.
    pub fn arguments(&self) -> &'a [Borrowed<'a, 'py, PyAny>] {
        self.positional.get(1..).unwrap_or(&[])
    }
}

/// The exception that belongs to the record.
#[derive(Clone, Copy)]
pub enum Raised<'a, 'py> {
    No,
    /// The exception that is being handled.
    Active,
    Given(&'a Bound<'py, PyAny>),
}

/// Whether a keyword is `exc_info`, by which the standard library attaches exceptions. It is not a field here either.
pub fn is_exc_info(name: &Bound<'_, PyAny>) -> bool {
    name.cast::<PyString>().is_ok_and(|name| name.to_str().is_ok_and(|name| name == "exc_info"))
}
