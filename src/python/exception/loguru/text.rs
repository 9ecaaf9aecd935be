//! The text of an exception in Loguru's form.
//!
//! Chains are put together here. Groups and other rare exceptions are left to Python's `traceback`, which is given the
//! texts of their frames.

use pyo3::exceptions::PyAssertionError;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyList, PyTuple};

use crate::process::hanging;
use crate::python::exception::failure::{Failure, Link, Relation};
use crate::python::exception::loguru::frames::Frames;
use crate::python::exception::text::{Text, put_last_lines};
use crate::python::exception::values::budget::Budget;
use crate::python::py::fork_barrier;
use crate::python::py::imports::imported;
use crate::python::py::interpreter::Kept;
use crate::python::py::text::{text_bytes, to_python};
use crate::record::detail::Detail;
use crate::sync::Mutex;

static WHOLE: Kept<Py<PyAny>> = Kept::new();

/// Returns the text of an exception. Without a `failure`, or for one that only `traceback` can read, Python puts it
/// together.
pub fn of(exception: &Bound<'_, PyAny>, failure: Option<&Failure<'_>>, detail: Detail) -> PyResult<Text> {
    let plain = match failure {
        Some(failure) if !failure.needs_traceback() => of_chain(failure, detail)?,
        _ => by_traceback(exception, detail)?,
    };
    Ok(Text { plain, indented: None })
}

fn of_chain(failure: &Failure<'_>, detail: Detail) -> PyResult<Vec<u8>> {
    let mut budget = detail.is_diagnosed().then(Budget::default);
    // The logged exception first: the budget may run out.
    let mut texts = Vec::with_capacity(failure.links.len());
    for (number, link) in failure.links.iter().enumerate() {
        let mut text = Vec::with_capacity(2_048);
        put_link(&mut text, link, failure.is_boundless, detail.is_extended() && number == 0, budget.as_mut())?;
        texts.push(text);
    }
    texts.reverse();
    Ok(if texts.len() == 1 { texts.swap_remove(0) } else { texts.concat() })
}

/// Appends one exception of a chain.
fn put_link(
    out: &mut Vec<u8>,
    link: &Link<'_>,
    is_boundless: bool,
    is_extended: bool,
    mut budget: Option<&mut Budget>,
) -> PyResult<()> {
    if let Some(relation) = link.following {
        put_relation(out, relation, budget.is_some());
    }
    let frames = Frames::of(link.traceback.clone(), is_extended)?;
    if !frames.is_empty() {
        out.extend_from_slice(b"Traceback (most recent call last):\n");
        frames.put(out, budget.as_deref_mut(), |_| {})?;
    }
    let is_diagnosed = budget.is_some();
    if is_diagnosed && !frames.is_empty() {
        out.push(b'\n');
    }
    let start = out.len();
    let before = put_last_lines(out, link, is_boundless)?;
    let mut own = start + before;
    if is_diagnosed && before > 0 {
        out.insert(own, b'\n');
        own += 1;
    }
    let end = memchr::memchr(b'\n', &out[own..]).map_or(out.len(), |at| own + at);
    if is_diagnosed && is_bare_assertion(link, &out[own..end]) && !frames.last_source().is_empty() {
        out.splice(end..end, [b": ", frames.last_source()].concat());
    }
    Ok(())
}

fn put_relation(out: &mut Vec<u8>, relation: Relation, is_diagnosed: bool) {
    let space: &[u8] = if is_diagnosed { b"\n" } else { b"" };
    out.extend_from_slice(space);
    out.push(b'\n');
    out.extend_from_slice(relation.text());
    out.extend_from_slice(space);
}

/// Whether an exception is an `AssertionError` without a message. Its line of source is then shown instead.
fn is_bare_assertion(link: &Link<'_>, own_line: &[u8]) -> bool {
    link.error.is_instance_of::<PyAssertionError>() && memchr::memmem::find(own_line, b": ").is_none()
}

#[cold]
fn by_traceback(exception: &Bound<'_, PyAny>, detail: Detail) -> PyResult<Vec<u8>> {
    let py = exception.py();
    let rest = Mutex::new(detail.is_diagnosed().then(Budget::default));
    let frames = PyCFunction::new_closure(py, None, None, move |arguments, _| -> PyResult<Py<PyAny>> {
        hanging::watch();
        let (traceback, is_logged): (Bound<'_, PyAny>, bool) = arguments.extract()?;
        let traceback = Some(traceback).filter(|traceback| !traceback.is_none());
        let frames = Frames::of(traceback, detail.is_extended() && is_logged)?;
        // The lock is not held while Python code runs.
        let mut budget = rest.lock().take();
        let texts = texts(arguments.py(), &frames, budget.as_mut())?;
        *rest.lock() = budget;
        Ok(texts.unbind().into_any())
    })?;
    let render = imported(py, &WHOLE, "logly.loguru._tracebacks", "render")?;
    let _importing = fork_barrier::enter(py);
    Ok(text_bytes(&render.call1((exception, frames, detail.is_diagnosed()))?).unwrap_or_default())
}

/// The texts of frames, and the source of the innermost one.
fn texts<'py>(py: Python<'py>, frames: &Frames<'_>, budget: Option<&mut Budget>) -> PyResult<Bound<'py, PyTuple>> {
    let (mut text, mut ends) = (Vec::new(), vec![0]);
    frames.put(&mut text, budget, |end| ends.push(end))?;
    let texts = ends.windows(2).map(|ends| to_python(py, &text[ends[0]..ends[1]]));
    let list = PyList::new(py, texts.collect::<Vec<_>>())?;
    (list, to_python(py, frames.last_source())).into_pyobject(py)
}
