//! Configuring a logger as a whole: files that say how, settings and sinks that are checked first and then changed together.

use std::ffi::OsString;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use pyo3::wrap_pyfunction;

use crate::config::document::{self, Entry, Value};
use crate::config::logger::{Settings, Surface};
use crate::level::Levels;
use crate::python::destination::Destination;
use crate::python::file_sink::file_options;
use crate::python::logger::PyLogger;
use crate::python::options::SinkParts;
use crate::python::settings::ConfigureParts;
use crate::sink::clock;

/// A sink and its options, as `configure(sinks=)` has them.
type GivenSink<'py> = (Bound<'py, PyAny>, Bound<'py, PyDict>);

/// Reads a configuration file. Each value is a pair of its line and itself; tables are dicts, arrays lists of such pairs.
///
/// What cannot be read raises `ValueError(line, column, what)`.
#[pyfunction(crate = "crate::python::entry::watched")]
#[pyo3(signature = (text, is_toml, /))]
fn _read_document<'py>(py: Python<'py>, text: &str, is_toml: bool) -> PyResult<Bound<'py, PyAny>> {
    let read = if is_toml { document::read_toml(text) } else { document::read_json(text) };
    match read {
        Ok(entry) => to_python(py, &entry),
        Err(mistake) => Err(PyValueError::new_err((mistake.line, mistake.column, mistake.what))),
    }
}

fn to_python<'py>(py: Python<'py>, entry: &Entry) -> PyResult<Bound<'py, PyAny>> {
    let value = match &entry.value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(flag) => flag.into_pyobject(py)?.to_owned().into_any(),
        Value::Int(number) => number.into_pyobject(py)?.into_any(),
        Value::Float(number) => number.into_pyobject(py)?.into_any(),
        Value::Text(text) => text.into_pyobject(py)?.into_any(),
        Value::List(entries) => {
            let values = entries.iter().map(|entry| to_python(py, entry)).collect::<PyResult<Vec<_>>>()?;
            PyList::new(py, values)?.into_any()
        }
        Value::Table(entries) => {
            let dict = PyDict::new(py);
            entries.iter().try_for_each(|(key, entry)| dict.set_item(key, to_python(py, entry)?))?;
            dict.into_any()
        }
    };
    Ok((entry.line, value).into_pyobject(py)?.into_any())
}

/// The path of a sink that is a file, its times those of now; None for any other sink.
#[pyfunction(crate = "crate::python::entry::watched")]
#[pyo3(signature = (sink, /))]
fn _path_of_sink(sink: &Bound<'_, PyAny>) -> PyResult<Option<OsString>> {
    let parts = SinkParts::parse(&Levels::default(), &PyDict::new(sink.py()))?;
    Ok(match Destination::of(sink, &parts)? {
        Destination::File(name) => Some(name.expand(clock::now_ns(), &clock::local_zone()).into_os_string()),
        _ => None,
    })
}

/// What is wrong with settings, or with a sink under them; None when nothing is. Nothing changes, no file is opened.
#[pyfunction(crate = "crate::python::entry::watched")]
#[pyo3(signature = (logger, settings, sink=None, /))]
fn _mistake<'py>(
    logger: &Bound<'py, PyLogger>,
    settings: &Bound<'py, PyDict>,
    sink: Option<GivenSink<'py>>,
) -> Option<Bound<'py, PyAny>> {
    let check = || {
        let mut known = logger.get().core().settings();
        ConfigureParts::parse(&mut known, settings)?;
        sink.map_or(Ok(()), |(sink, options)| parse(&known, &sink, &options).map(drop))
    };
    check().err().map(|error| error.into_value(logger.py()).into_bound(logger.py()).into_any())
}

fn parse(
    settings: &Settings,
    sink: &Bound<'_, PyAny>,
    options: &Bound<'_, PyDict>,
) -> PyResult<(Destination, SinkParts)> {
    let mut parts = SinkParts::parse(&settings.levels, options)?;
    let destination = Destination::of(sink, &parts)?;
    settings.layout(&parts.options, Surface::default())?;
    if let Destination::File(name) = &destination {
        file_options(name.clone(), &mut parts).check()?;
        // Taken apart by that.
        parts = SinkParts::parse(&settings.levels, options)?;
    }
    Ok((destination, parts))
}

/// Changes settings, and has these sinks in the place of all others. When something is wrong nothing has changed. Returns their ids.
#[pyfunction(crate = "crate::python::entry::watched")]
#[pyo3(signature = (logger, given, sinks, /))]
fn _replace_sinks(
    logger: &Bound<'_, PyLogger>,
    given: &Bound<'_, PyDict>,
    sinks: Vec<GivenSink<'_>>,
) -> PyResult<Vec<u32>> {
    let (py, logger) = (logger.py(), logger.get());
    let mut settings = logger.core().settings();
    let wanted = ConfigureParts::parse(&mut settings, given)?;
    let parsed = sinks.into_iter().map(|(sink, options)| parse(&settings, &sink, &options));
    let parsed = parsed.collect::<PyResult<Vec<_>>>()?;
    let is_standing_in = has_implicit_console(logger);
    let mut added = Vec::new();
    for (destination, parts) in parsed {
        match logger.add_sink(py, destination, parts) {
            Ok(id) => added.push(id),
            Err(error) => {
                logger.remove_where(py, |sink| added.contains(&sink.id))?;
                if is_standing_in && !has_implicit_console(logger) {
                    logger.add_implicit_console()?;
                }
                return Err(error);
            }
        }
    }
    logger.configure(given)?;
    logger.remove_where(py, |sink| !added.contains(&sink.id))?;
    logger.settle_console(&wanted)?;
    Ok(added)
}

fn has_implicit_console(logger: &PyLogger) -> bool {
    logger.core().sinks().iter().any(|active| active.sink.is_implicit)
}

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_read_document, module)?)?;
    module.add_function(wrap_pyfunction!(_mistake, module)?)?;
    module.add_function(wrap_pyfunction!(_path_of_sink, module)?)?;
    module.add_function(wrap_pyfunction!(_replace_sinks, module)?)
}
