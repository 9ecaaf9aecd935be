//! The Python hooks of a sink: its filter, format and rotation functions.
//! `entry/filters_and_formats.rs` calls them, and contains the exceptions they raise.

use std::borrow::Cow;

use pyo3::prelude::*;

use crate::python::py::text::to_python;
use crate::python::record::templates::Templates;
use crate::python::sink::line_maker::LineMaker;
use crate::python::sink::rotation::RotationRule;
use crate::writer::python_sink::Hooks;
use crate::writer::snapshot::Sink;

/// The functions of the program that decide about a sink's records, with the state they need.
pub struct PythonHooks {
    pub filter: Option<Py<PyAny>>,
    pub format: Option<Py<PyAny>>,
    /// For files only.
    pub rotation: Option<RotationRule>,
    /// Encodes the lines of a file, for encodings that only Python knows.
    pub encoder: Option<Py<PyAny>>,
    pub lines: LineMaker,
    pub templates: Templates,
}

impl Hooks for PythonHooks {}

impl PythonHooks {
    /// The hooks of a sink; None if it has no functions.
    pub fn of(sink: &Sink) -> Option<&Self> {
        sink.hooks.as_ref()?.of_type()
    }

    /// A line of a file in the file's encoding.
    pub fn encoded<'l>(&self, py: Python<'_>, line: &'l [u8]) -> PyResult<Cow<'l, [u8]>> {
        let Some(encoder) = &self.encoder else { return Ok(Cow::Borrowed(line)) };
        Ok(Cow::Owned(encoder.bind(py).call1((to_python(py, line),))?.extract()?))
    }

    /// Boxes the hooks for the sink. None if there are no functions.
    pub fn boxed(self) -> Option<Box<dyn Hooks>> {
        let is_needed =
            self.filter.is_some() || self.format.is_some() || self.rotation.is_some() || self.encoder.is_some();
        is_needed.then(|| Box::new(self) as Box<dyn Hooks>)
    }
}
