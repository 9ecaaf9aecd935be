//! The Python hooks of a sink: its filter, format and rotation functions.
//! `entry/filters_and_formats.rs` calls them, and contains the exceptions they raise.

use pyo3::prelude::*;

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
    pub lines: LineMaker,
    pub templates: Templates,
}

impl Hooks for PythonHooks {}

impl PythonHooks {
    /// The hooks of a sink; None if it has no functions.
    pub fn of(sink: &Sink) -> Option<&Self> {
        sink.hooks.as_ref()?.of_type()
    }

    /// Boxes the hooks for the sink. None if there are no functions.
    pub fn boxed(self) -> Option<Box<dyn Hooks>> {
        let is_needed = self.filter.is_some() || self.format.is_some() || self.rotation.is_some();
        is_needed.then(|| Box::new(self) as Box<dyn Hooks>)
    }
}
