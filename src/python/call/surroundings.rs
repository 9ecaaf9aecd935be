//! The fields that a record gets from where its call runs: from context variables of the program, then from layers of
//! context, which win.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::python::call::context;
use crate::python::call::state::PyLogger;
use crate::python::py::gil::attached;
use crate::python::value::capture::Capture;
use crate::record::encoded::{Encoder, Section};

/// The tag and the length of a section.
const SECTION_HEAD: usize = 1 + size_of::<u32>();

/// Writes the fields. Call it only if the program uses contexts.
#[inline(never)]
pub fn put(py: Python<'_>, logger: &PyLogger, encoder: &mut Encoder<'_>, capture: &mut Capture) {
    let start = encoder.buffer().len();
    let has_span = logger.shared().variables.put(py, encoder, capture);
    if let Some(layer) = context::current(py) {
        encoder.section(Section::Context, layer.get().encoded(has_span));
    }
    if logger.core().dialect().prefers_bound() {
        put_before_bound(logger, encoder, start);
    }
}

/// Moves the fields from `start` on before those of the logger, which were written last. Later fields win.
fn put_before_bound(logger: &PyLogger, encoder: &mut Encoder<'_>, start: usize) {
    let bound = logger.bound().map_or(0, |bound| SECTION_HEAD + bound.get().encoded.len());
    let own = encoder.buffer().len() - start;
    encoder.buffer()[start - bound..].rotate_right(own);
}

/// Adds the objects of the fields to a dict.
pub fn update(logger: &PyLogger, fields: &Bound<'_, PyDict>, capture: &mut Capture) -> PyResult<()> {
    let py = fields.py();
    let has_span = logger.shared().variables.update(fields, capture)?;
    match context::current(py) {
        Some(layer) => fields.update(layer.get().values(has_span).bind(py).as_mapping()),
        None => Ok(()),
    }
}

/// The object of one of the fields.
pub fn find<'py>(py: Python<'py>, logger: &PyLogger, name: &str, capture: &mut Capture) -> Option<Bound<'py, PyAny>> {
    if !logger.shared().variables.are_used() {
        return context::current(py)?.get().values(false).bind(py).get_item(name).ok()?;
    }
    let fields = PyDict::new(py);
    // This fails only if memory runs out.
    let _ = attached(py, || update(logger, &fields, capture));
    fields.get_item(name).ok()?
}

/// Whether there is a field of this name: in the context, or as a context variable of the logger.
pub fn has(py: Python<'_>, logger: &PyLogger, name: &str) -> PyResult<bool> {
    let in_layers = context::current(py).map_or(Ok(false), |layer| layer.get().values(false).bind(py).contains(name));
    Ok(in_layers? || logger.shared().variables.has(name))
}
