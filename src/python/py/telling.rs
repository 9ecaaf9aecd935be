//! Reports on Python code of the program that raised inside logly. A report names the code, the exception, and the
//! place where it was raised.
//!
//! A report goes through `sys.stderr`, so that notebooks and redirections show it. If there is none or it fails, the
//! report goes to descriptor 2. Never report with a lock held: `sys.stderr` is the program's code, and may log.

use std::cell::Cell;

use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::wrap_pyfunction;

use crate::format::escape::{Multiline, put_text};
use crate::python::py::fork_barrier;
use crate::python::py::inside::Inside;
use crate::python::py::interpreter::{is_finalizing, name, sys};
use crate::python::py::interrupt::{Interrupt, is_for_caller, kind_of};
use crate::python::py::streams::write_and_flush;
use crate::python::py::text::{text_bytes, to_python};
use crate::report;

/// How many bytes of an exception's message are shown. It may quote a record, so it is no more than a hint.
const MOST_MESSAGE_BYTES: usize = 200;

/// How many frames of a traceback are followed.
const MOST_FRAMES: usize = 10_000;

thread_local! {
    static IS_TELLING: Cell<bool> = const { Cell::new(false) };
}

/// Reports one line. Returns an interrupt that came during the report.
pub fn tell(py: Python<'_>, line: &str) -> Interrupt {
    // `sys.stderr` led back here, for example because it logs.
    if IS_TELLING.replace(true) {
        report::tell(line);
        return None;
    }
    let told = through_stream(py, line);
    IS_TELLING.set(false);
    match told {
        Ok(true) => None,
        Ok(false) => {
            report::tell(line);
            None
        }
        Err(error) => {
            report::tell(line);
            is_for_caller(py, &error).then(|| Box::new(error))
        }
    }
}

/// Reports one line through `sys.stderr`. Returns false if that is not possible, or if the program has not replaced
/// `sys.stderr`: logly does not wait for descriptor 2.
fn through_stream(py: Python<'_>, line: &str) -> PyResult<bool> {
    if Inside::is_closed_to(py) || is_finalizing(py) {
        return Ok(false);
    }
    let Some(sys) = sys(py) else { return Ok(false) };
    let Some(stderr) = sys.getattr_opt(name!(py, "stderr"))?.filter(|stderr| !stderr.is_none()) else {
        return Ok(false);
    };
    if sys.getattr_opt(name!(py, "__stderr__"))?.is_some_and(|original| original.is(&stderr)) {
        return Ok(false);
    }
    let _writing = fork_barrier::enter(py);
    write_and_flush(&stderr, &to_python(py, report::finished(line).as_bytes()))?;
    Ok(true)
}

/// Reports that code of the program raised, the first time and rarely after that. `key` names the code, and `line`
/// makes the line from the exception's description.
pub fn raised(py: Python<'_>, key: &str, error: &PyErr, line: impl FnOnce(&str) -> String) -> Interrupt {
    let told = report::failed(key)?;
    tell(py, &told.line(&line(&describe(py, error))))
}

/// Reports that the function of a sink raised. The record is delivered all the same.
pub fn of_delivery(py: Python<'_>, whose: &str, sink: u32, error: &PyErr) -> Interrupt {
    let line = |described: &str| format!("{whose} raised {described}; the record is delivered all the same");
    raised(py, &format!("{whose} of {sink}"), error, line)
}

/// An exception's type and message, and the file and line where it was raised, as far as there is a Python frame.
pub fn describe(py: Python<'_>, error: &PyErr) -> String {
    let kind = kind_of(py, error);
    let message = error.value(py).str().ok().and_then(|message| text_bytes(message.as_any())).unwrap_or_default();
    let message = if message.is_empty() { String::new() } else { format!(": {}", shown(&message)) };
    let place = place_of(py, error).map(|(file, line)| format!(" ({}:{line})", shown(file.as_bytes())));
    format!("{kind}{message}{}", place.unwrap_or_default())
}

/// Cuts a text, and escapes control characters.
fn shown(text: &[u8]) -> String {
    let mut escaped = Vec::new();
    put_text(&mut escaped, &text[..text.len().min(MOST_MESSAGE_BYTES)], Multiline::Escape);
    let mut shown = String::from_utf8_lossy(&escaped).into_owned();
    if text.len() > MOST_MESSAGE_BYTES {
        shown.truncate(shown.trim_end_matches('\u{fffd}').len());
        shown.push_str("...");
    }
    shown
}

/// The innermost frame's file and line. None if the frame is this package's: the program's code was not entered.
fn place_of(py: Python<'_>, error: &PyErr) -> Option<(String, u32)> {
    let mut traceback = error.traceback(py)?.into_any();
    for _ in 0..MOST_FRAMES {
        match traceback.getattr(name!(py, "tb_next")).ok().filter(|next| !next.is_none()) {
            Some(next) => traceback = next,
            None => break,
        }
    }
    let frame = traceback.getattr(name!(py, "tb_frame")).ok()?;
    let module = frame.getattr(name!(py, "f_globals")).and_then(|globals| globals.get_item(name!(py, "__name__")));
    if module.and_then(|module| module.extract::<String>()).is_ok_and(|module| module.starts_with("logly._")) {
        return None;
    }
    let file = frame.getattr(name!(py, "f_code")).and_then(|code| code.getattr(name!(py, "co_filename")));
    let line = traceback.getattr(name!(py, "tb_lineno")).and_then(|line| line.extract());
    Some((file.and_then(|file| file.extract()).ok()?, line.ok()?))
}

/// Reports a line, once in the life of the process.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _tell_once(py: Python<'_>, line: &str) -> PyResult<()> {
    let interrupt = if report::is_new(line) { tell(py, line) } else { None };
    interrupt.map_or(Ok(()), |interrupt| Err(*interrupt))
}

/// Reports a line, as often as it is given.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _tell(py: Python<'_>, line: &str) -> PyResult<()> {
    tell(py, line).map_or(Ok(()), |interrupt| Err(*interrupt))
}

/// Reports an exception, with the texts before and after it, the first time and rarely after that. Exceptions with one
/// `key` are counted together.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (error, before, after="", key=""))]
fn _tell_failure(
    py: Python<'_>,
    error: Bound<'_, PyBaseException>,
    before: &str,
    after: &str,
    key: &str,
) -> PyResult<()> {
    let error = PyErr::from_value(error.into_any());
    let interrupt =
        raised(py, &format!("{before}{key}"), &error, |described| format!("{before} raised {described}{after}"));
    interrupt.map_or(Ok(()), |interrupt| Err(*interrupt))
}

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_tell_once, module)?)?;
    module.add_function(wrap_pyfunction!(_tell, module)?)?;
    module.add_function(wrap_pyfunction!(_tell_failure, module)?)
}
