//! The text of an exception, as Python prints it.
//!
//! Frame texts come from the cache in `frames`. Python's own `traceback` renders uncommon parts, or the whole text if
//! necessary. Each text has a second version, in which lines that come from the exception are indented. Messages, notes
//! and names may contain line breaks, and such lines could otherwise pass for records.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyList};

use crate::config::tracebacks::FrameRules;
use crate::format::traceback;
use crate::process::hanging;
use crate::python::exception::failure::{Failure, Link};
use crate::python::exception::frames::Entry;
use crate::python::exception::{frames, shown};
use crate::python::py::fork_barrier;
use crate::python::py::imports::imported;
use crate::python::py::interpreter::Kept;
use crate::python::py::text::{text_bytes, to_python};
use crate::record::detail::Detail;

static WHOLE: Kept<Py<PyAny>> = Kept::new();
static LAST_LINES: Kept<Py<PyAny>> = Kept::new();
static DETAILED: Kept<Py<PyAny>> = Kept::new();

/// The text of an exception. The second version indents the lines that come from the exception. It exists only if some
/// of those lines begin without white space.
pub struct Text {
    pub plain: Vec<u8>,
    pub indented: Option<Vec<u8>>,
}

impl Text {
    /// Takes a text that Python code made, in its plain and its indented version.
    fn of_pair(pair: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (plain, indented): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair.extract()?;
        let [plain, indented] = [plain, indented].map(|text| text_bytes(&text).unwrap_or_default());
        Ok(Self { indented: Some(indented).filter(|indented| *indented != plain), plain })
    }
}

/// A text in the making, with the positions of Python's own lines that begin without white space.
struct Draft {
    text: Vec<u8>,
    own: Vec<usize>,
}

impl Draft {
    fn put_own(&mut self, line: &[u8]) {
        self.own.push(self.text.len());
        self.text.extend_from_slice(line);
    }

    fn finish(self) -> Text {
        Text { indented: traceback::indented(&self.text, &self.own), plain: self.text }
    }
}

/// Returns the text that Python prints.
pub fn of(failure: &Failure<'_>, exception: &Bound<'_, PyAny>, rules: &FrameRules) -> PyResult<Text> {
    if failure.needs_traceback()
        && let Some(whole) = frames::renderer(exception.py(), &WHOLE, "whole")?
    {
        if !rules.is_open() {
            return detailed(exception, rules, Detail::Plain);
        }
        let _importing = fork_barrier::enter(exception.py());
        return Text::of_pair(&whole.call1((exception,))?);
    }
    let mut draft = Draft { text: Vec::with_capacity(2048), own: Vec::new() };
    for link in failure.links.iter().rev() {
        put_link(&mut draft, link, failure.is_boundless, rules)?;
    }
    Ok(draft.finish())
}

/// Returns the text of `lines`: frames, and then one last line, which begins after the part `before`.
pub(super) fn of_lines(lines: &Bound<'_, PyAny>) -> PyResult<Text> {
    let (text, before) = lines_of(lines)?;
    Ok(Draft { text, own: vec![0, before] }.finish())
}

/// Returns the text with more detail. Python code assembles it, for programs that chose detail over speed.
pub(super) fn detailed(exception: &Bound<'_, PyAny>, rules: &FrameRules, detail: Detail) -> PyResult<Text> {
    let py = exception.py();
    let rules = rules.clone();
    let stack = PyCFunction::new_closure(py, None, None, move |arguments, _| -> PyResult<Py<PyAny>> {
        hanging::watch();
        let traceback = arguments.get_item(0)?;
        if traceback.is_none() {
            return Ok(arguments.py().None());
        }
        let Some(entries) = frames::of_traceback(traceback)? else { return Ok(arguments.py().None()) };
        Ok(pieces(arguments.py(), &entries, &rules)?.unbind().into_any())
    })?;
    let render = imported(py, &DETAILED, "logly._exceptions.diagnose", "render")?;
    let _importing = fork_barrier::enter(py);
    Text::of_pair(&render.call1((exception, stack, detail.is_extended(), detail.is_diagnosed()))?)
}

/// Lists the texts, each with the number of its frame. The number is None for a text that stands for other frames.
fn pieces<'py>(py: Python<'py>, entries: &[Arc<Entry>], rules: &FrameRules) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    let mut outcome = Ok(());
    shown::each_text(&shown::pick(entries, rules), |text, number| {
        if outcome.is_ok() {
            outcome = list.append((to_python(py, text), number));
        }
    });
    outcome.map(|()| list)
}

/// Appends one exception, after those that led to it.
fn put_link(draft: &mut Draft, link: &Link<'_>, is_boundless: bool, rules: &FrameRules) -> PyResult<()> {
    if let Some(relation) = link.following {
        draft.text.push(b'\n');
        draft.put_own(relation.text());
    }
    if !link.frames.is_empty() {
        draft.put_own(b"Traceback (most recent call last):\n");
        let shown = shown::pick(&link.frames, rules);
        shown::each_text(&shown, |text, _| draft.text.extend_from_slice(text));
    }
    let start = draft.text.len();
    let before = put_last_lines(&mut draft.text, link, is_boundless)?;
    draft.own.push(start + before);
    Ok(())
}

/// Appends the lines below the frames. Returns the length of the part before the line with the type.
pub(super) fn put_last_lines(out: &mut Vec<u8>, link: &Link<'_>, is_boundless: bool) -> PyResult<usize> {
    let py = link.error.py();
    if link.is_special
        && !is_boundless
        && let Some(lines) = frames::renderer(py, &LAST_LINES, "last_lines")?
    {
        let _importing = fork_barrier::enter(py);
        let (text, before) = lines_of(&lines.call1((&link.error,))?)?;
        out.extend_from_slice(&text);
        return Ok(before);
    }
    put_last_line(out, link);
    Ok(0)
}

/// Takes the result of Python code: a text, and the part of it before Python's own line.
fn lines_of(lines: &Bound<'_, PyAny>) -> PyResult<(Vec<u8>, usize)> {
    let (text, before): (Bound<'_, PyAny>, Bound<'_, PyAny>) = lines.extract()?;
    let [text, before] = [text, before].map(|text| text_bytes(&text).unwrap_or_default());
    Ok((text, before.len()))
}

/// Appends `module.Type: message`.
fn put_last_line(out: &mut Vec<u8>, link: &Link<'_>) {
    if !matches!(link.module(), b"__main__" | b"builtins") {
        out.extend_from_slice(link.module());
        out.push(b'.');
    }
    out.extend_from_slice(&link.kind);
    if !link.message.is_empty() {
        out.extend_from_slice(b": ");
        out.extend_from_slice(&link.message);
    }
    out.push(b'\n');
}
