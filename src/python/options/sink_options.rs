//! The parsed arguments of `add`, and the functions that take the values of its parameters.

use std::ffi::OsString;

use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyString};

use crate::config::file_name::FileName;
use crate::config::rate::{ALLOWED_LIMIT, RateLimit};
use crate::config::sampling::{ALLOWED_SAMPLE, SampleRate};
use crate::config::sink::{FileOptions, SinkOptions};
use crate::error::{Error, nearest, printable, quoted};
use crate::filter::Rules;
use crate::python::options::parameter::Given;
use crate::python::options::queue_options::set_bytes;
use crate::python::options::rules::module_rules;
use crate::python::record::templates::template_function;
use crate::python::sink::rotation::RotationFunction;
use crate::python::value::arguments::{json, module, shown, wrong_type, wrong_value};

/// All arguments of `add` except the sink itself.
#[derive(Default)]
pub struct SinkParts {
    pub options: SinkOptions,
    /// The options of a file. Its name is that of the sink.
    pub file: FileOptions,
    pub filter: Option<Py<PyAny>>,
    pub format: Option<Py<PyAny>>,
    pub async_write: Option<bool>,
    /// Whether a console is written without Python.
    pub is_direct: bool,
    /// `buffer_size`, if it was given.
    pub queue_bytes: Option<usize>,
    /// The event loop on which a coroutine function runs. None is logly's own loop.
    pub event_loop: Option<Py<PyAny>>,
    /// Functions of record, path and size that decide whether to rotate a file.
    pub rotation_functions: Vec<RotationFunction>,
    /// Encodes the lines of a file, for encodings that only Python knows.
    pub encoder: Option<Py<PyAny>>,
    /// The function that `Retention::Function` stands for.
    pub retention_function: Option<Py<PyAny>>,
    /// The function that `Compression::Python` without a suffix stands for.
    pub compression_function: Option<Py<PyAny>>,
    /// The error of a `compression` that is none of archives. Requests have others, which Python checks.
    pub wrong_compression: Option<PyErr>,
    /// The given parameters that only files have.
    pub file_only: Vec<&'static str>,
    /// The given parameters that only sinks have that send records to another program.
    pub export_only: Vec<&'static str>,
    /// The values of those parameters, for Python.
    pub export: Vec<(&'static str, Py<PyAny>)>,
    /// Whether `overflow` was given.
    pub has_overflow: bool,
}

impl SinkParts {
    /// Whether Python functions decide by the record about the filter, the format or the rotation, or encode lines.
    pub fn has_functions(&self) -> bool {
        let decides = self.filter.is_some() || self.format.is_some() || !self.rotation_functions.is_empty();
        decides || self.encoder.is_some()
    }

    /// Whether the sink has a line format of its own, rather than only the one of all sinks.
    pub(super) fn has_own_form(&self) -> bool {
        self.options.format.is_some() || self.format.is_some() || matches!(self.options.json, Some(Some(_)))
    }

    /// Keeps the value of a parameter for Python, which checks it.
    pub(super) fn keep(&mut self, name: &'static str, value: Py<PyAny>) {
        self.export.push((name, value));
    }

    /// Keeps a value as it was given, for `sink_info`.
    pub fn show(&mut self, name: &'static str, value: &Bound<'_, PyAny>) {
        let shown = value.cast::<PyString>().map_or_else(|_| shown(value), |text| text.to_string_lossy().into());
        self.options.given.push((name, printable(shown)));
    }
}

pub(super) fn set_filter_module(parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    parts.options.filter.module = Some(module(given.name, given.value)?.to_owned());
    Ok(())
}

pub(super) fn set_filter_function(parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    parts.options.filter.function = Some(given.text()?.to_owned());
    Ok(())
}

pub(super) fn set_filter(parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    let expected = "a module prefix, a dict of module to level or bool, or a function";
    if given.is_text() {
        parts.options.filter.rules = Some(Rules::only(module(given.name, given.value)?));
    } else if given.value.is_callable() {
        parts.filter = Some(given.object());
    } else {
        parts.options.filter.rules = Some(module_rules(given.name, expected, given.levels, given.value)?);
    }
    Ok(())
}

pub(super) fn set_sample(parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    // 1 and 10 may be meant as percent, or as one in ten.
    let share = given.value.cast::<PyFloat>().map_err(|_| given.wrong_type(ALLOWED_SAMPLE))?.value();
    let rate = SampleRate::new(share).ok_or_else(|| wrong_value(given.name, ALLOWED_SAMPLE, given.value))?;
    parts.options.sample = Some(rate);
    Ok(())
}

pub(super) fn set_limit(parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    if !given.is_text() {
        return Err(given.wrong_type(ALLOWED_LIMIT));
    }
    parts.options.limit = Some(RateLimit::parse(given.name, given.text()?)?);
    Ok(())
}

pub fn set_format(parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    if given.is_text() {
        parts.options.format = Some(given.text()?.to_owned());
    } else if given.value.is_callable() {
        // `sink_info` knows a pattern without this.
        parts.show("format", given.value);
        let function = template_function(given.value)?;
        parts.options.has_templates = function.is_some();
        parts.format = Some(function.unwrap_or_else(|| given.object()));
    } else {
        return Err(given.wrong_type("a pattern (str) or a function"));
    }
    Ok(())
}

pub(super) fn set_json(parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    parts.options.json = Some(json(given.name, given.value)?);
    Ok(())
}

pub(super) fn set_event_loop(parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    parts.event_loop = Some(event_loop(given.name, given.value)?);
    Ok(())
}

pub(super) fn set_buffer_size(parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    set_bytes(&mut parts.options.queue, given)?;
    parts.queue_bytes = Some(parts.options.queue.bytes);
    Ok(())
}

/// Checks the context with which Loguru makes its queue. logly needs none, since each process writes by itself.
pub(super) fn check_context(_: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    const METHODS: [&str; 3] = ["fork", "spawn", "forkserver"];
    let expected = "\"fork\", \"spawn\", \"forkserver\" or a context of multiprocessing";
    if given.is_text() {
        let method = given.text()?;
        if METHODS.contains(&method) {
            return Ok(());
        }
        return Err(Error::value(given.name, expected, quoted(method) + &nearest(method, METHODS)).into());
    }
    if given.value.hasattr("get_context")? { Ok(()) } else { Err(given.wrong_type(expected)) }
}

/// The file name of a path sink, with `~` and all tokens but times filled in.
pub fn file_name(given: &Bound<'_, PyString>) -> PyResult<FileName> {
    let name = given.to_string_lossy();
    if name.is_empty() || name.contains('\0') {
        return Err(wrong_value("sink", "a path that is not empty and holds no NUL", given));
    }
    let expanded: OsString = given.py().import("os.path")?.call_method1("expanduser", (given,))?.extract()?;
    Ok(FileName::parse(&expanded)?)
}

/// An event loop of the program, recognized by its methods: loops need not be of asyncio's own classes.
fn event_loop(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    let has_all = ["call_soon_threadsafe", "create_task", "is_closed"]
        .iter()
        .all(|method| value.getattr(*method).is_ok_and(|method| method.is_callable()));
    if !has_all {
        return Err(wrong_type(name, "an event loop of asyncio", value));
    }
    let is_closed = value.call_method0("is_closed").and_then(|answer| answer.is_truthy());
    if is_closed.map_err(|_| wrong_type(name, "an event loop of asyncio", value))? {
        return Err(wrong_value(name, "an event loop that is not closed", value));
    }
    Ok(value.clone().unbind())
}
