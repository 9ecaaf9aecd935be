//! The exception of a record: finding it, and writing its section with Python's text and, if a sink wants it, JSON.

use pyo3::exceptions::{PyBaseException, PyImportError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::config::logger::DEFAULT_MESSAGE_BYTES;
use crate::config::tracebacks::FrameRules;
use crate::format::escape::put_json_string;
use crate::format::traceback;
use crate::logger::wants::Wants;
use crate::python::call::arrived::{Call, Raised, is_exc_info};
use crate::python::exception::failure::{Extent, Failure};
use crate::python::exception::text::Text;
use crate::python::exception::{json, loguru, text};
use crate::python::py::imports::imported;
use crate::python::py::interpreter::{Kept, name};
use crate::python::py::{abi, fork_barrier};
use crate::python::value::capture::Capture;
use crate::python::value::sharing::is_boundless;
use crate::record::detail::{Detail, INDENTED};
use crate::record::encoded::{Encoder, Section, put_bytes};

static BARE: Kept<Py<PyAny>> = Kept::new();

/// What JSON has for a record that says that no exception is being handled.
const NO_EXCEPTION: &[u8] = b"{\"type\": null, \"value\": null, \"traceback\": false}";

/// The exception being handled, or None.
pub fn active(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    abi::handled(py).filter(|value| !value.is_none())
}

/// The exception that belongs to a call's record, if there is one. An `exc_info` argument decides; without one, the
/// logger or the method does.
pub fn of<'py>(call: &Call<'_, 'py>, capture: &mut Capture) -> Option<Bound<'py, PyAny>> {
    let dialect = call.logger.core().dialect();
    if dialect.records_no_exception() {
        return of_logger(call, capture);
    }
    let at = call.names.and_then(|names| names.iter_borrowed().position(|name| is_exc_info(&name)));
    if let Some(exc_info) = at.and_then(|at| call.named.get(at)) {
        return meant(exc_info, capture);
    }
    match call.raised {
        Raised::No => None,
        Raised::Active => active(call.py),
        Raised::Given(given) => meant(given, capture),
    }
}

/// The exception that the logger or the method decides on. It is None if there should be one and none is being handled.
fn of_logger<'py>(call: &Call<'_, 'py>, capture: &mut Capture) -> Option<Bound<'py, PyAny>> {
    let none = || call.py.None().into_bound(call.py);
    match call.raised {
        Raised::No => None,
        Raised::Active => Some(active(call.py).unwrap_or_else(none)),
        Raised::Given(given) => Some(meant(given, capture).unwrap_or_else(none)),
    }
}

/// The exception that a program refers to: the exception itself, a result of `sys.exc_info()`, or any true value for
/// the exception that is being handled.
fn meant<'py>(given: &Bound<'py, PyAny>, capture: &mut Capture) -> Option<Bound<'py, PyAny>> {
    if given.is_instance_of::<PyBaseException>() {
        return Some(given.clone());
    }
    if let Ok(triple) = given.cast::<PyTuple>()
        && triple.len() == 3
    {
        return of_triple(triple);
    }
    if capture.told_by(given.py(), given.is_truthy()) { active(given.py()) } else { None }
}

/// The exception of a triple of type, value and traceback. If it has no traceback of its own, it gets that of the
/// triple.
fn of_triple<'py>(triple: &Bound<'py, PyTuple>) -> Option<Bound<'py, PyAny>> {
    let (kind, value, traceback) = (triple.get_item(0).ok()?, triple.get_item(1).ok()?, triple.get_item(2).ok()?);
    // A type alone stands for an exception without arguments, as in `raise`.
    let value = if value.is_none() && kind.is_callable() { kind.call0().ok()? } else { value };
    if !value.is_instance_of::<PyBaseException>() {
        return None;
    }
    let traceless = value.getattr("__traceback__").is_ok_and(|own| own.is_none());
    if traceless && !traceback.is_none() {
        // Use the method of the base class, since exceptions may refuse the attribute. A value that is not a traceback
        // is refused and left out.
        let class = value.py().get_type::<PyBaseException>();
        let _ = class.call_method1(name!(value.py(), "with_traceback"), (&value, traceback));
    }
    Some(value)
}

/// Writes the section of an exception.
pub fn put_exception(
    encoder: &mut Encoder<'_>,
    exception: &Bound<'_, PyAny>,
    rules: &FrameRules,
    capture: &mut Capture,
) {
    if exception.is_none() {
        return put_exception_text(encoder, b"NoneType: None\n", NO_EXCEPTION);
    }
    let failure = Failure::of(exception, extent(rules, capture), capture);
    let rendered = failure.as_ref().map_err(|error| error.clone_ref(exception.py()));
    let (mut text, json) = match rendered.and_then(|failure| render(exception, failure, rules, capture)) {
        Ok(rendered) => rendered,
        Err(error) => {
            let marker = capture.marker(exception, error);
            let mut json = b"{\"type\": ".to_vec();
            put_json_string(&mut json, marker.as_bytes());
            json.push(b'}');
            (bare(exception, &marker, capture), json)
        }
    };
    let mark = encoder.begin(Section::Exception);
    put_bytes(encoder.buffer(), &bounds().cut(std::mem::take(&mut text.plain)));
    put_bytes(encoder.buffer(), &json);
    encoder.end(mark);
    put_indented(encoder, Detail::Plain, text.indented);
    if capture.wants.has(Wants::BACKTRACE.or(Wants::DIAGNOSE).or(Wants::FULL)) {
        put_details(encoder, exception, failure.as_ref().ok(), rules, capture);
    }
}

/// How much the texts of an exception need.
fn extent(rules: &FrameRules, capture: &Capture) -> Extent {
    match (rules.dialect.is_loguru(), capture.wants.has(Wants::JSON)) {
        (true, _) => Extent::Chain,
        (false, true) => Extent::Json,
        (false, false) => Extent::Frames,
    }
}

/// The same as `put_exception`, for an exception or a triple like the one `sys.exc_info()` returns. A triple is shown
/// with the traceback it contains.
pub fn put_given(
    encoder: &mut Encoder<'_>,
    given: &Bound<'_, PyAny>,
    rules: &FrameRules,
    capture: &mut Capture,
) -> PyResult<()> {
    let py = given.py();
    let Ok(triple) = given.cast::<PyTuple>() else {
        put_exception(encoder, given, rules, capture);
        return Ok(());
    };
    let (value, traceback) = (triple.get_item(1)?, triple.get_item(2)?);
    let own = value.getattr(name!(py, "__traceback__"))?;
    let class = py.get_type::<PyBaseException>();
    let with = |traceback| class.call_method1(name!(py, "with_traceback"), (&value, traceback)).map(drop);
    with(traceback)?;
    put_exception(encoder, &value, rules, capture);
    with(own)
}

/// Returns the text of an exception that cannot be read: its frames, and the message if possible or else `marker`.
#[cold]
fn bare(exception: &Bound<'_, PyAny>, marker: &str, capture: &mut Capture) -> Text {
    let py = exception.py();
    let bare = imported(py, &BARE, "logly._exceptions.traceback", "bare");
    let importing = fork_barrier::enter(py);
    let lines = bare.and_then(|bare| bare.call1((exception, marker)));
    drop(importing);
    let text = lines.and_then(|lines| text::of_lines(&lines).map(Some));
    capture.told_by(py, text).unwrap_or_else(|| Text { plain: format!("{marker}\n").into_bytes(), indented: None })
}

/// Writes the text with indented lines, if there is one.
fn put_indented(encoder: &mut Encoder<'_>, detail: Detail, text: Option<Vec<u8>>) {
    if let Some(text) = text {
        put_traceback(encoder, detail as u8 | INDENTED, text);
    }
}

fn put_traceback(encoder: &mut Encoder<'_>, detail: u8, text: Vec<u8>) {
    let mark = encoder.begin(Section::Traceback);
    encoder.buffer().push(detail);
    encoder.buffer().extend_from_slice(&bounds().cut(text));
    encoder.end(mark);
}

/// Writes an exception known only by its text, with its JSON.
pub fn put_exception_text(encoder: &mut Encoder<'_>, text: &[u8], json: &[u8]) {
    let mark = encoder.begin(Section::Exception);
    put_bytes(encoder.buffer(), text);
    put_bytes(encoder.buffer(), json);
    encoder.end(mark);
    put_indented(encoder, Detail::Plain, traceback::indented_foreign(text));
}

/// Writes the more detailed texts for the sinks that want them. A sink whose text is missing shows Python's own text.
#[cold]
fn put_details(
    encoder: &mut Encoder<'_>,
    exception: &Bound<'_, PyAny>,
    failure: Option<&Failure<'_>>,
    rules: &FrameRules,
    capture: &mut Capture,
) {
    let details =
        [(Wants::BACKTRACE, Detail::Backtrace), (Wants::DIAGNOSE, Detail::Diagnosed), (Wants::FULL, Detail::Full)];
    let wanted = capture.wants;
    // `traceback` would ask for every text, including one without end.
    let is_loguru = rules.dialect.is_loguru();
    let is_wanted = |bit: Wants| wanted.has(bit) && ((is_loguru && failure.is_some()) || !is_boundless(exception));
    for (_, detail) in details.into_iter().filter(|(bit, _)| is_wanted(*bit)) {
        let text = if is_loguru {
            loguru::text::of(exception, failure, detail)
        } else {
            text::detailed(exception, rules, detail)
        };
        match text {
            Ok(text) => {
                put_traceback(encoder, detail as u8, text.plain);
                put_indented(encoder, detail, text.indented);
            }
            // As in `frames::renderer`, Python's own text is shown.
            Err(error) if error.is_instance_of::<PyImportError>(exception.py()) => {}
            Err(error) => drop(capture.marker(exception, error)),
        }
    }
}

fn bounds() -> Capture {
    Capture::everything(DEFAULT_MESSAGE_BYTES)
}

fn render(
    exception: &Bound<'_, PyAny>,
    failure: &Failure<'_>,
    rules: &FrameRules,
    capture: &Capture,
) -> PyResult<(Text, Vec<u8>)> {
    let text = if rules.dialect.is_loguru() {
        loguru::text::of(exception, Some(failure), Detail::Plain)?
    } else {
        text::of(failure, exception, rules)?
    };
    let mut json = Vec::new();
    if capture.wants.has(Wants::JSON) {
        json::put(&mut json, failure, rules, &bounds());
    }
    Ok((text, json))
}
