//! The exception of a record: which one it is, and how it is rendered as Python's text and as JSON.

use pyo3::exceptions::{PyBaseException, PyKeyboardInterrupt, PySystemExit};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::format::escape::put_json_string;
use crate::python::entry::{Call, Raised};
use crate::python::interpreter::{Kept, imported};
use crate::python::values::{Capture, text_bytes};
use crate::record::{Encoder, Section, put_bytes};

static RENDER: Kept<Py<PyAny>> = Kept::new();

/// The exception being handled, or None.
pub fn active(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    let info = py.import("sys").and_then(|sys| sys.call_method0("exc_info")).ok()?;
    info.get_item(1).ok().filter(|value| !value.is_none())
}

/// The keyword that the standard library attaches exceptions by: no field here either.
pub fn is_exc_info(name: &Bound<'_, PyAny>) -> bool {
    name.cast::<PyString>().is_ok_and(|name| name.to_str().is_ok_and(|name| name == "exc_info"))
}

/// The exception that belongs to a call's record, if there is one: what `exc_info` says, or else the logger or the method.
pub fn of<'py>(call: &Call<'_, 'py>) -> Option<Bound<'py, PyAny>> {
    let at = call.names.and_then(|names| names.iter_borrowed().position(|name| is_exc_info(&name)));
    if let Some(exc_info) = at.and_then(|at| call.named.get(at)) {
        return meant(exc_info);
    }
    match call.raised {
        Raised::No => None,
        Raised::Active => active(call.py),
        Raised::Given(given) => meant(given),
    }
}

/// The exception that a program means by itself, by `sys.exc_info()`, or by anything true: the one being handled.
fn meant<'py>(given: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    if given.is_instance_of::<PyBaseException>() {
        return Some(given.clone());
    }
    if let Ok(triple) = given.cast::<PyTuple>()
        && triple.len() == 3
    {
        return of_triple(triple);
    }
    if given.is_truthy().unwrap_or(false) { active(given.py()) } else { None }
}

/// The exception of type, value and traceback. One without a traceback of its own gets that one.
fn of_triple<'py>(triple: &Bound<'py, PyTuple>) -> Option<Bound<'py, PyAny>> {
    let (kind, value, traceback) = (triple.get_item(0).ok()?, triple.get_item(1).ok()?, triple.get_item(2).ok()?);
    // A type alone stands for an exception without arguments, as in `raise`.
    let value = if value.is_none() && kind.is_callable() { kind.call0().ok()? } else { value };
    if !value.is_instance_of::<PyBaseException>() {
        return None;
    }
    let traceless = value.getattr("__traceback__").is_ok_and(|own| own.is_none());
    if traceless && !traceback.is_none() {
        // What is no traceback is refused, and left out.
        let _ = value.setattr("__traceback__", traceback);
    }
    Some(value)
}

/// Writes the section of an exception.
pub fn put_exception(encoder: &mut Encoder<'_>, exception: &Bound<'_, PyAny>, capture: &mut Capture) {
    let (text, json) = match render(exception) {
        Ok(rendered) => rendered,
        Err(error) => {
            let marker = capture.marker(exception, error);
            let mut json = b"{\"type\": ".to_vec();
            put_json_string(&mut json, marker.as_bytes());
            json.push(b'}');
            (format!("{marker}\n").into_bytes(), json)
        }
    };
    let mark = encoder.begin(Section::Exception);
    put_bytes(encoder.buffer(), &text);
    put_bytes(encoder.buffer(), &json);
    encoder.end(mark);
}

fn render(exception: &Bound<'_, PyAny>) -> PyResult<(Vec<u8>, Vec<u8>)> {
    let py = exception.py();
    let render = imported(py, &RENDER, "logly._traceback", "render")?;
    let (text, object): (Bound<'_, PyAny>, Bound<'_, PyAny>) = render.call1((exception,))?.extract()?;
    let mut capture = Capture::everything(crate::config::logger::DEFAULT_MESSAGE_BYTES);
    let json = capture.json(&object, None);
    Ok((capture.cut(text_bytes(&text).unwrap_or_default()), json))
}

/// Whether an error is one that callers get to see: the user or the program ends it.
pub fn is_interrupt(py: Python<'_>, error: &PyErr) -> bool {
    error.is_instance_of::<PyKeyboardInterrupt>(py) || error.is_instance_of::<PySystemExit>(py)
}

/// The exception's class, for reports.
pub fn kind_of(py: Python<'_>, error: &PyErr) -> String {
    error.get_type(py).name().map_or_else(|_| "an exception".to_owned(), |name| name.to_string())
}
