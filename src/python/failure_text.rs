//! The text of an exception, as Python prints it.
//!
//! Frames come from what is kept of their places, see `frames`; what is not common is for Python's own `traceback` to render, a part
//! of the text or all of it.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyList};

use crate::config::tracebacks::FrameRules;
use crate::python::failure::{Failure, Link, Relation};
use crate::python::frames::{self, Entry};
use crate::python::interpreter::{Kept, imported};
use crate::python::shown_frames;
use crate::python::values::{text_bytes, to_python};
use crate::record::Detail;

static WHOLE: Kept<Py<PyAny>> = Kept::new();
static LAST_LINES: Kept<Py<PyAny>> = Kept::new();
static DETAILED: Kept<Py<PyAny>> = Kept::new();

/// Exceptions of a chain up to which `traceback` renders the last lines of single ones. It reads the rest of the chain each time.
const MOST_SINGLE: usize = 8;

/// What Python prints.
pub fn of(failure: &Failure<'_>, exception: &Bound<'_, PyAny>, rules: &FrameRules) -> PyResult<Vec<u8>> {
    let has_special = failure.links.iter().any(|link| link.is_special);
    let is_rare = failure.is_special || (has_special && failure.links.len() > MOST_SINGLE);
    if is_rare && let Some(whole) = frames::renderer(exception.py(), &WHOLE, "whole")? {
        if !rules.is_open() {
            return detailed(exception, rules, Detail::Plain);
        }
        return Ok(text_bytes(&whole.call1((exception,))?).unwrap_or_default());
    }
    let mut out = Vec::with_capacity(2048);
    for link in failure.links.iter().rev() {
        put_link(&mut out, link, rules)?;
    }
    Ok(out)
}

/// The text with more in it, put together by Python: for programs that asked for it, and not for speed.
pub fn detailed(exception: &Bound<'_, PyAny>, rules: &FrameRules, detail: Detail) -> PyResult<Vec<u8>> {
    let py = exception.py();
    let rules = rules.clone();
    let stack = PyCFunction::new_closure(py, None, None, move |arguments, _| -> PyResult<Py<PyAny>> {
        let traceback = arguments.get_item(0)?;
        let Some(entries) = frames::of_traceback(traceback)? else { return Ok(arguments.py().None()) };
        Ok(pieces(arguments.py(), &entries, &rules)?.unbind().into_any())
    })?;
    let (is_extended, is_diagnosed) = (detail as u8 & 1 != 0, detail as u8 & 2 != 0);
    let render = imported(py, &DETAILED, "logly._diagnose", "render")?;
    Ok(text_bytes(&render.call1((exception, stack, is_extended, is_diagnosed))?).unwrap_or_default())
}

/// A list of texts, each with the number of its frame; of what stands for other frames, None.
fn pieces<'py>(py: Python<'py>, entries: &[Arc<Entry>], rules: &FrameRules) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    let mut outcome = Ok(());
    shown_frames::each_text(&shown_frames::pick(entries, rules), |text, number| {
        if outcome.is_ok() {
            outcome = list.append((to_python(py, text), number));
        }
    });
    outcome.map(|()| list)
}

/// Appends one exception, behind those that led to it.
fn put_link(out: &mut Vec<u8>, link: &Link<'_>, rules: &FrameRules) -> PyResult<()> {
    out.extend_from_slice(match link.following {
        Some(Relation::Cause) => {
            b"\nThe above exception was the direct cause of the following exception:\n\n".as_slice()
        }
        Some(Relation::Context) => b"\nDuring handling of the above exception, another exception occurred:\n\n",
        None => b"",
    });
    if !link.frames.is_empty() {
        out.extend_from_slice(b"Traceback (most recent call last):\n");
        let shown = shown_frames::pick(&link.frames, rules);
        shown_frames::each_text(&shown, |text, _| out.extend_from_slice(text));
    }
    let py = link.error.py();
    let last_lines = if link.is_special { frames::renderer(py, &LAST_LINES, "last_lines")? } else { None };
    match last_lines {
        Some(lines) => out.extend_from_slice(&text_bytes(&lines.call1((&link.error,))?).unwrap_or_default()),
        None => put_last_line(out, link),
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
