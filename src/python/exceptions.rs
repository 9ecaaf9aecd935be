//! The active exception, rendered as Python's text and as JSON.

use pyo3::exceptions::{PyKeyboardInterrupt, PySystemExit};
use pyo3::prelude::*;

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

/// The exception that belongs to a call's record, or None.
pub fn of<'py>(call: &Call<'_, 'py>) -> Option<Bound<'py, PyAny>> {
    match call.raised {
        Raised::No => None,
        Raised::Active => active(call.py),
        Raised::Given(exception) => Some(exception.clone()),
    }
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
