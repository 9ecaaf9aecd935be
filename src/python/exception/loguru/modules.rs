//! Modules among the values of a traceback: their name, and the file that they come from.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyModule, PyString};

use crate::python::py::interpreter::name;
use crate::python::py::text::text_bytes;

/// The text of a module, as Python writes it. A loader of the program's own might have code for it, which does not run.
pub fn text_of(module: &Bound<'_, PyModule>) -> PyResult<Vec<u8>> {
    let py = module.py();
    let namespace = module.getattr(name!(py, "__dict__"))?.cast_into::<PyDict>()?;
    let Some(name) = quoted(namespace.get_item(name!(py, "__name__"))?) else { return Ok(b"<module>".to_vec()) };
    let spec = namespace.get_item(name!(py, "__spec__"))?.filter(|spec| !spec.is_none());
    let origin = spec.as_ref().and_then(|spec| spec.getattr(name!(py, "origin")).ok());
    let has_file = spec.and_then(|spec| spec.getattr(name!(py, "has_location")).ok()?.is_truthy().ok());
    let start = [b"<module ".as_slice(), &name].concat();
    let end = match (has_file, origin) {
        (Some(true), Some(origin)) => quoted(Some(origin)).map(|origin| [b" from ".as_slice(), &origin].concat()),
        (Some(false), Some(origin)) => exact_text(&origin).map(|origin| [b" (".as_slice(), &origin, b")"].concat()),
        _ => None,
    };
    Ok([start, end.unwrap_or_default(), b">".to_vec()].concat())
}

fn quoted(text: Option<Bound<'_, PyAny>>) -> Option<Vec<u8>> {
    let text = text?.cast_into_exact::<PyString>().ok()?;
    text_bytes(text.repr().ok()?.as_any())
}

fn exact_text(text: &Bound<'_, PyAny>) -> Option<Vec<u8>> {
    text_bytes(text.cast_exact::<PyString>().ok()?.as_any())
}
