//! The frames of tracebacks: the text that Python prints for each and its JSON, made once per code object and
//! instruction.
//!
//! `traceback` itself makes the text, so that carets and everything else match this Python. The text is kept while the
//! code object lives. The number of kept texts is bounded. A kept text is shown unchanged even if the source file
//! changes later.

use std::sync::Arc;

use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::format::escape::put_json_string;
use crate::format::text::put_int;
use crate::python::call::code_watch::Key;
use crate::python::exception::by_place::ByPlace;
use crate::python::py::imports::imported;
use crate::python::py::interpreter::{Kept, name};
use crate::python::py::text::text_bytes;
use crate::python::py::{abi, fork_barrier};
use crate::python::value::capture::Capture;

/// Longer texts, such as those of minified sources, are not kept.
const LONGEST_KEPT: usize = 8 * 1024;

static MAKE: Kept<Py<PyAny>> = Kept::new();
/// By instruction. Before 3.11 by line, since that version's `traceback` uses lines. An entry takes about 500 bytes.
static KNOWN: ByPlace<Entry> = ByPlace::new();

/// The text and JSON of one place in the program, with its location.
pub struct Entry {
    pub text: Box<[u8]>,
    pub json: Box<[u8]>,
    file: Box<[u8]>,
    line: u32,
    pub function: Box<[u8]>,
    /// The `__name__` of the frame's globals.
    pub module: Box<[u8]>,
    /// Whether the code belongs neither to the standard library nor to an installed package.
    pub is_own: bool,
}

impl Entry {
    /// Whether `traceback` treats both as the same frame.
    pub fn is_same(&self, other: &Self) -> bool {
        self.line == other.line && self.function == other.function && self.file == other.file
    }
}

/// A function of `logly._exceptions.traceback`, as in `importable`.
pub fn renderer<'py>(
    py: Python<'py>,
    cell: &'static Kept<Py<PyAny>>,
    name: &str,
) -> PyResult<Option<&'py Bound<'py, PyAny>>> {
    importable(py, cell, "logly._exceptions.traceback", name)
}

/// A function of a module of this package. None if a signal handler logs while this same thread is importing that
/// module.
pub(super) fn importable<'py>(
    py: Python<'py>,
    cell: &'static Kept<Py<PyAny>>,
    module: &str,
    name: &str,
) -> PyResult<Option<&'py Bound<'py, PyAny>>> {
    match imported(py, cell, module, name) {
        Err(error) if error.is_instance_of::<PyImportError>(py) => Ok(None),
        found => found.map(Some),
    }
}

/// The frames of a traceback, outermost first. None if only `traceback` knows what to print.
pub(super) fn of_traceback(traceback: Bound<'_, PyAny>) -> PyResult<Option<Vec<Arc<Entry>>>> {
    let mut entries = Vec::new();
    let mut next = Some(traceback);
    while let Some(traceback) = next {
        let parts = abi::entry_of(&traceback)?;
        let Some(entry) = find(&traceback, &parts)? else { return Ok(None) };
        entries.push(entry);
        next = parts.next;
    }
    Ok(Some(entries))
}

fn find(traceback: &Bound<'_, PyAny>, parts: &abi::Entry<'_>) -> PyResult<Option<Arc<Entry>>> {
    let py = traceback.py();
    let code = &abi::code_of_frame(&parts.frame)?;
    let line = || parts.line.map_or_else(|| traceback.getattr(name!(py, "tb_lineno"))?.extract(), Ok);
    let position = if abi::is_from(py, 11) { parts.instruction } else { line()? };
    let key = Key { code: code.as_ptr() as usize, position };
    if let Some(known) = KNOWN.get(key) {
        return Ok(Some(known));
    }
    let Some(maker) = renderer(py, &MAKE, "entry")? else { return stopgap(traceback, code).map(Some) };
    let made = make(maker, traceback)?;
    if let Some(entry) = made.as_ref().filter(|entry| entry.text.len() <= LONGEST_KEPT) {
        KNOWN.keep(code, key, entry, |_, key| KNOWN.forget(key));
    }
    Ok(made)
}

/// Text, file, line, function and source.
type Parts<'py> = (Bound<'py, PyString>, Bound<'py, PyString>, u32, Bound<'py, PyString>, Bound<'py, PyAny>);

#[cold]
fn make(maker: &Bound<'_, PyAny>, traceback: &Bound<'_, PyAny>) -> PyResult<Option<Arc<Entry>>> {
    let importing = fork_barrier::enter(traceback.py());
    let made = maker.call1((traceback,))?;
    drop(importing);
    if made.is_none() {
        return Ok(None);
    }
    let ((text, file, line, function, source), module, is_own): (Parts<'_>, Bound<'_, PyAny>, bool) = made.extract()?;
    let bytes = |text: &Bound<'_, PyAny>| text_bytes(text).unwrap_or_default().into_boxed_slice();
    let (file, function) = (bytes(&file), bytes(&function));
    let source = text_bytes(&source).map(|source| Capture::everything(LONGEST_KEPT).cut(source));
    let json = json_of(&file, line, &function, source.as_deref()).into();
    let entry = Entry { text: bytes(&text), json, file, line, function, module: bytes(&module), is_own };
    Ok(Some(Arc::new(entry)))
}

/// Makes a frame without its source, since no renderer is available. It is not kept.
#[cold]
fn stopgap(traceback: &Bound<'_, PyAny>, code: &Bound<'_, PyAny>) -> PyResult<Arc<Entry>> {
    let py = traceback.py();
    let bytes = |text: PyResult<Bound<'_, PyAny>>| PyResult::Ok(text_bytes(&text?).unwrap_or_default());
    let (file, function) = (bytes(code.getattr(name!(py, "co_filename")))?, bytes(code.getattr(name!(py, "co_name")))?);
    let line: u32 = traceback.getattr(name!(py, "tb_lineno"))?.extract()?;
    let globals = traceback.getattr(name!(py, "tb_frame"))?.getattr(name!(py, "f_globals"))?;
    let module = bytes(globals.get_item(name!(py, "__name__"))).unwrap_or_default().into();
    let mut text = [b"  File \"".as_slice(), &file, b"\", line "].concat();
    put_int(&mut text, i64::from(line));
    text.extend_from_slice(&[b", in ".as_slice(), &function, b"\n"].concat());
    let json = json_of(&file, line, &function, None).into();
    let (text, file, function) = (text.into(), file.into(), function.into());
    Ok(Arc::new(Entry { text, json, file, line, function, module, is_own: true }))
}

pub fn json_of(file: &[u8], line: u32, function: &[u8], source: Option<&[u8]>) -> Vec<u8> {
    let mut out = b"{\"file\": ".to_vec();
    put_json_string(&mut out, file);
    out.extend_from_slice(b", \"line\": ");
    put_int(&mut out, i64::from(line));
    out.extend_from_slice(b", \"function\": ");
    put_json_string(&mut out, function);
    out.extend_from_slice(b", \"code\": ");
    match source {
        Some(source) => put_json_string(&mut out, source),
        None => out.extend_from_slice(b"null"),
    }
    out.push(b'}');
    out
}
