//! A call as CPython hands it over.

use crate::level::LevelRef;
use crate::python::call::state::PyLogger;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

/// One logging call, as CPython hands it over. The message is the first positional argument.
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
    /// The arguments behind the message.
    pub fn arguments(&self) -> &'a [Borrowed<'a, 'py, PyAny>] {
        self.positional.get(1..).unwrap_or(&[])
    }
}

/// Which exception belongs to the record.
#[derive(Clone, Copy)]
pub enum Raised<'a, 'py> {
    No,
    /// The one being handled.
    Active,
    Given(&'a Bound<'py, PyAny>),
}

/// The keyword that the standard library attaches exceptions by: no field here either.
pub fn is_exc_info(name: &Bound<'_, PyAny>) -> bool {
    name.cast::<PyString>().is_ok_and(|name| name.to_str().is_ok_and(|name| name == "exc_info"))
}
