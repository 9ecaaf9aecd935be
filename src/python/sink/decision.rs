//! What only Python can decide about a sink's records.

use crate::python::record::templates::Templates;
use crate::python::sink::line_maker::LineMaker;
use crate::python::sink::rotation::RotationRule;
use pyo3::prelude::*;
use std::any::Any;

/// What only Python can decide about a sink's records.
pub struct Decision {
    pub filter: Option<Py<PyAny>>,
    pub format: Option<Py<PyAny>>,
    /// Of files alone.
    pub rotation: Option<RotationRule>,
    pub lines: LineMaker,
    pub templates: Templates,
}

impl Decision {
    /// As a sink keeps it; None when there is nothing to decide.
    pub fn boxed(self) -> Option<Box<dyn Any + Send + Sync>> {
        let is_needed = self.filter.is_some() || self.format.is_some() || self.rotation.is_some();
        is_needed.then(|| Box::new(self) as Box<dyn Any + Send + Sync>)
    }
}
