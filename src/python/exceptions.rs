//! The active exception, rendered as Python's text and, where it is wanted, as JSON.
//!
//! Runs on the caller's thread. Frames come from what is kept of their places, see `frames`; what is not common is for Python's own
//! `traceback` to render, a part of the text or all of it, so that the text is always the one that Python prints.

use pyo3::exceptions::{PyKeyboardInterrupt, PySystemExit};
use pyo3::prelude::*;

use crate::config::logger::DEFAULT_MESSAGE_BYTES;
use crate::format::escape::put_json_string;
use crate::logger::wants;
use crate::python::failure::{Failure, Link, Relation};
use crate::python::failure_json;
use crate::python::frames;
use crate::python::interpreter::{Kept, imported};
use crate::python::values::{Capture, text_bytes};
use crate::record::{Encoder, Section, put_bytes};

static WHOLE: Kept<Py<PyAny>> = Kept::new();
static LAST_LINES: Kept<Py<PyAny>> = Kept::new();

/// Exceptions of a chain up to which `traceback` renders the last lines of single ones. It reads the rest of the chain each time.
const MOST_SINGLE: usize = 8;

/// The exception being handled, or None.
pub fn active(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    let info = py.import("sys").and_then(|sys| sys.call_method0("exc_info")).ok()?;
    info.get_item(1).ok().filter(|value| !value.is_none())
}

/// Writes the section of an exception.
pub fn put_exception(encoder: &mut Encoder<'_>, exception: &Bound<'_, PyAny>, capture: &mut Capture) {
    let (text, json) = match render(exception, capture) {
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

fn render(exception: &Bound<'_, PyAny>, capture: &mut Capture) -> PyResult<(Vec<u8>, Vec<u8>)> {
    let is_json = capture.wants & wants::JSON != 0;
    let failure = Failure::of(exception, is_json, capture)?;
    let text = text_of(&failure, exception)?;
    let mut json = Vec::new();
    let bounds = Capture::everything(DEFAULT_MESSAGE_BYTES);
    if is_json {
        failure_json::put(&mut json, &failure, &bounds);
    }
    Ok((bounds.cut(text), json))
}

fn text_of(failure: &Failure<'_>, exception: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let has_special = failure.links.iter().any(|link| link.is_special);
    if failure.is_special || (has_special && failure.links.len() > MOST_SINGLE) {
        let whole = imported(exception.py(), &WHOLE, "logly._traceback", "whole")?;
        return Ok(text_bytes(&whole.call1((exception,))?).unwrap_or_default());
    }
    let mut out = Vec::with_capacity(2048);
    for link in failure.links.iter().rev() {
        put_link(&mut out, link)?;
    }
    Ok(out)
}

/// Appends one exception, behind those that led to it.
fn put_link(out: &mut Vec<u8>, link: &Link<'_>) -> PyResult<()> {
    out.extend_from_slice(match link.following {
        Some(Relation::Cause) => {
            b"\nThe above exception was the direct cause of the following exception:\n\n".as_slice()
        }
        Some(Relation::Context) => b"\nDuring handling of the above exception, another exception occurred:\n\n",
        None => b"",
    });
    if !link.frames.is_empty() {
        out.extend_from_slice(b"Traceback (most recent call last):\n");
        frames::put_text(out, &link.frames);
    }
    if link.is_special {
        let lines = imported(link.error.py(), &LAST_LINES, "logly._traceback", "last_lines")?;
        out.extend_from_slice(&text_bytes(&lines.call1((&link.error,))?).unwrap_or_default());
    } else {
        put_last_line(out, link);
    }
    Ok(())
}

/// `module.Type: message`.
fn put_last_line(out: &mut Vec<u8>, link: &Link<'_>) {
    if !matches!(link.module.as_slice(), b"__main__" | b"builtins") {
        out.extend_from_slice(&link.module);
        out.push(b'.');
    }
    out.extend_from_slice(&link.kind);
    if !link.message.is_empty() {
        out.extend_from_slice(b": ");
        out.extend_from_slice(&link.message);
    }
    out.push(b'\n');
}

/// Whether an error is one that callers get to see: the user or the program ends it.
pub fn is_interrupt(py: Python<'_>, error: &PyErr) -> bool {
    error.is_instance_of::<PyKeyboardInterrupt>(py) || error.is_instance_of::<PySystemExit>(py)
}

/// The exception's class, for reports.
pub fn kind_of(py: Python<'_>, error: &PyErr) -> String {
    error.get_type(py).name().map_or_else(|_| "an exception".to_owned(), |name| name.to_string())
}
