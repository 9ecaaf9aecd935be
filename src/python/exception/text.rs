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
use crate::python::exception::failure::{Failure, Link, Relation};
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
static DETAILED_IN_LOGURU: Kept<Py<PyAny>> = Kept::new();

/// The longest chain for which `traceback` renders the last lines of single exceptions. It reads the rest of the chain
/// each time.
const MOST_SINGLE: usize = 8;

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
#[derive(Default)]
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
    let has_special = failure.links.iter().any(|link| link.is_special);
    let is_rare = failure.is_special || (has_special && failure.links.len() > MOST_SINGLE);
    if is_rare
        && !failure.is_boundless
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
    let mut draft = Draft { text: Vec::new(), own: vec![0] };
    put_lines(&mut draft, lines)?;
    Ok(draft.finish())
}

/// Returns the text with more detail. Python code assembles it, for programs that chose detail over speed.
pub(super) fn detailed(exception: &Bound<'_, PyAny>, rules: &FrameRules, detail: Detail) -> PyResult<Text> {
    let py = exception.py();
    let is_loguru = rules.dialect.is_loguru();
    let rules = rules.clone();
    let stack = PyCFunction::new_closure(py, None, None, move |arguments, _| -> PyResult<Py<PyAny>> {
        hanging::watch();
        let traceback = arguments.get_item(0)?;
        let Some(entries) = frames::of_traceback(traceback)? else { return Ok(arguments.py().None()) };
        Ok(pieces(arguments.py(), &entries, &rules)?.unbind().into_any())
    })?;
    let (is_extended, is_diagnosed) = (detail as u8 & 1 != 0, detail as u8 & 2 != 0);
    let render = if is_loguru {
        imported(py, &DETAILED_IN_LOGURU, "logly.loguru._tracebacks", "render")?
    } else {
        imported(py, &DETAILED, "logly._exceptions.diagnose", "render")?
    };
    let _importing = fork_barrier::enter(py);
    Text::of_pair(&render.call1((exception, stack, is_extended, is_diagnosed))?)
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
        draft.put_own(match relation {
            Relation::Cause => b"The above exception was the direct cause of the following exception:\n\n".as_slice(),
            Relation::Context => b"During handling of the above exception, another exception occurred:\n\n",
        });
    }
    if !link.frames.is_empty() {
        draft.put_own(b"Traceback (most recent call last):\n");
        let shown = shown::pick(&link.frames, rules);
        shown::each_text(&shown, |text, _| draft.text.extend_from_slice(text));
    }
    let py = link.error.py();
    let last_lines =
        if link.is_special && !is_boundless { frames::renderer(py, &LAST_LINES, "last_lines")? } else { None };
    match last_lines {
        Some(lines) => {
            let _importing = fork_barrier::enter(py);
            put_lines(draft, &lines.call1((&link.error,))?)?;
        }
        None => put_last_line(draft, link),
    }
    Ok(())
}

/// Appends the result of Python code: a text, and the part of it before Python's own line.
fn put_lines(draft: &mut Draft, lines: &Bound<'_, PyAny>) -> PyResult<()> {
    let (text, before): (Bound<'_, PyAny>, Bound<'_, PyAny>) = lines.extract()?;
    let before = text_bytes(&before).unwrap_or_default();
    draft.own.push(draft.text.len() + before.len());
    draft.text.extend_from_slice(&text_bytes(&text).unwrap_or_default());
    Ok(())
}

/// `module.Type: message`.
fn put_last_line(draft: &mut Draft, link: &Link<'_>) {
    draft.put_own(b"");
    let out = &mut draft.text;
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
