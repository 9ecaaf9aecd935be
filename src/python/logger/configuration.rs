//! Configures a logger as a whole: reads configuration files, checks settings and sinks, and then changes them
//! together.

use std::ffi::OsString;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyList, PyString};
use pyo3::wrap_pyfunction;

use crate::clock;
use crate::config::document::value::{Entry, Value};
use crate::config::document::{json, toml};
use crate::config::logger::Settings;
use crate::error::Error;
use crate::filter::Threshold;
use crate::format::near_miss::near_misses;
use crate::level::Levels;
use crate::logger::core::Core;
use crate::python::call::fields::Fields;
use crate::python::call::state::PyLogger;
use crate::python::call::surroundings;
use crate::python::logger::file_sink::file_options;
use crate::python::options::destination::Destination;
use crate::python::options::parameter::find;
use crate::python::options::setting_parameters::SETTING_PARAMETERS;
use crate::python::options::settings::{ConfigureParts, form_of};
use crate::python::options::sink_options::SinkParts;
use crate::python::record::patching;
use crate::python::value::arguments::text;

/// The settings to which each call adds. `inheritance` reads them from the settings.
const KEPT_AS_A_WHOLE: [&str; 12] = [
    "sinks",
    "level",
    "levels",
    "level_colors",
    "console",
    "console_levels",
    "time_levels",
    "color_levels",
    "storage_levels",
    "auto_sink_levels",
    "activation",
    "inherit",
];

/// A sink and its options, as given to `configure(sinks=)`.
type GivenSink<'py> = (Bound<'py, PyAny>, Bound<'py, PyDict>);

/// Reads a configuration file. Each value is a pair of its line and the value itself. Tables are dicts, and arrays are
/// lists of such pairs.
///
/// Raises `ValueError(line, column, what)` for text that cannot be read.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (text, is_toml, /))]
fn _read_document<'py>(py: Python<'py>, text: &str, is_toml: bool) -> PyResult<Bound<'py, PyAny>> {
    let read = if is_toml { toml::read(text) } else { json::read(text) };
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

/// The path of a sink that is a file, with its times filled in for now. None for any other sink.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (sink, /))]
fn _path_of_sink(sink: &Bound<'_, PyAny>) -> PyResult<Option<OsString>> {
    let mut parts = SinkParts::parse(&Levels::default(), &PyDict::new(sink.py()))?;
    Ok(match Destination::of(sink, &mut parts)? {
        Destination::File(name) => Some(name.expand(clock::now_ns(), &clock::local_zone()).into_os_string()),
        _ => None,
    })
}

/// The error in settings, or in a sink under them; None if there is none. Changes nothing and opens no file.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (logger, settings, sink=None, /))]
fn _mistake<'py>(
    logger: &Bound<'py, PyLogger>,
    settings: &Bound<'py, PyDict>,
    sink: Option<GivenSink<'py>>,
) -> Option<Bound<'py, PyAny>> {
    let check = || {
        let known = ConfigureParts::parse(logger.get().core().settings(), settings)?.settings;
        logger.get().check_settings(settings)?;
        sink.map_or(Ok(()), |sink| parse(logger.get(), &known, settings, &sink).map(drop))
    };
    check().err().map(|error| error.into_value(logger.py()).into_bound(logger.py()).into_any())
}

fn parse(
    logger: &PyLogger,
    settings: &Settings,
    given: &Bound<'_, PyDict>,
    (sink, options): &GivenSink<'_>,
) -> PyResult<(Destination, SinkParts)> {
    let mut parts = SinkParts::parse(&settings.levels, options)?;
    logger.check_names(sink.py(), parts.options.format.as_deref(), given.get_item("extra")?.as_ref())?;
    let destination = Destination::of(sink, &mut parts)?;
    settings.check_lines(&parts.options)?;
    if let Destination::File(name) = &destination {
        file_options(name.clone(), &parts).check()?;
    }
    Ok((destination, parts))
}

/// Changes settings, and replaces sinks by these: all sinks, or those with the ids in `replaced`. Each record goes to
/// the sinks of before or to the new ones. If something is wrong, nothing has changed. Returns the ids of the new sinks.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (logger, given, sinks, replaced=None, /))]
fn _replace_sinks(
    logger: &Bound<'_, PyLogger>,
    given: &Bound<'_, PyDict>,
    sinks: Vec<GivenSink<'_>>,
    replaced: Option<Vec<u32>>,
) -> PyResult<Vec<u32>> {
    let (py, logger) = (logger.py(), logger.get());
    let wanted = ConfigureParts::parse(logger.core().settings(), given)?;
    let parsed = sinks.iter().map(|sink| parse(logger, &wanted.settings, given, sink));
    let parsed = parsed.collect::<PyResult<Vec<_>>>()?;
    logger.sets_up(py, true)?;
    let mut added = Vec::new();
    // An export may take the spool over from a sink of before, and from none of its own replacement.
    let replacement = PyDict::new(py);
    for (destination, mut parts) in parsed {
        if matches!(destination, Destination::Export(..)) {
            parts.export.push(("replacement", replacement.clone().into_any().unbind()));
        }
        parts.options.is_waiting = true;
        match logger.add_sink(py, destination, parts) {
            Ok(id) => added.push(id),
            Err(error) => {
                logger.remove_where(py, |sink| added.contains(&sink.id))?;
                return Err(error);
            }
        }
    }
    if let Err(error) = logger.configure(given) {
        logger.remove_where(py, |sink| added.contains(&sink.id))?;
        return Err(error);
    }
    added.iter().zip(sinks).try_for_each(|(id, (sink, options))| logger.note_added(*id, &sink, &options))?;
    let is_replaced = move |id: u32| replaced.as_ref().is_none_or(|ids| ids.contains(&id));
    logger.exchange(py, &added, |sink| !added.contains(&sink.id) && is_replaced(sink.id))?;
    logger.update_console(&wanted)?;
    Ok(added)
}

/// The level of all sinks without one of their own, the levels by module, and the ids of the sinks with a level of
/// their own. Levels are as `configure` takes them.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (logger, /))]
fn _level_table<'py>(logger: &Bound<'py, PyLogger>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyDict>, Vec<u32>)> {
    let (py, core) = (logger.py(), logger.get().core());
    let settings = core.settings();
    let modules = PyDict::new(py);
    for (prefix, threshold) in settings.module_levels.iter() {
        let value = match threshold {
            Threshold::From(i32::MIN) => PyBool::new(py, true).to_owned().into_any(),
            Threshold::From(level) => level_name(py, &settings, level)?,
            Threshold::Never => PyBool::new(py, false).to_owned().into_any(),
        };
        modules.set_item(String::from_utf8_lossy(prefix), value)?;
    }
    let own = core.sinks().iter().filter(|active| active.own_level.is_some()).map(|active| active.sink.id).collect();
    Ok((level_name(py, &settings, settings.level)?, modules, own))
}

/// The name of a level, or its number if it has none.
fn level_name<'py>(py: Python<'py>, settings: &Settings, number: i32) -> PyResult<Bound<'py, PyAny>> {
    let found = settings.levels.by_number(number);
    Ok(match settings.levels.get(found.id) {
        Some(level) => PyString::new(py, &level.name).into_any(),
        None => number.into_pyobject(py)?.into_any(),
    })
}

/// How often `configure` starts again because of changes by other threads.
const MOST_TRIES: u32 = 100;

/// Applies the arguments of `configure`. Returns the arguments that are not plain settings, and the fields of `extra`.
///
/// Reading the text of a value may run Python code, and so let other threads in. Their changes to the settings are not
/// undone: all arguments are parsed again on top of them.
fn change(core: &Core, given: &Bound<'_, PyDict>) -> PyResult<(ConfigureParts, Option<Fields>)> {
    let py = given.py();
    let mut tries = 0;
    loop {
        let mut parts = ConfigureParts::parse(core.settings(), given)?;
        let fields = |extra: &Py<PyDict>| Fields::new(extra.bind(py), parts.settings.max_message_bytes, core.dialect());
        let extra = parts.extra.as_ref().map(fields).transpose()?;
        if let Some(extra) = &extra {
            parts.settings.extra.encoded = extra.encoded.clone().into();
        }
        tries += 1;
        // A value that changes the settings itself would otherwise make this loop endless.
        if core.replace_settings(parts.settings.clone(), tries == MOST_TRIES)? {
            return Ok((parts, extra));
        }
    }
}

impl PyLogger {
    /// Changes the given settings. If something is wrong, nothing changes.
    pub fn configure(&self, given: &Bound<'_, PyDict>) -> PyResult<()> {
        self.check_settings(given)?;
        let (mut parts, extra) = change(self.core(), given)?;
        if let Some(extra) = extra {
            let before = self.shared().extra.lock().replace(extra.values.clone_ref(given.py()));
            drop(before);
        }
        if let Some(variables) = parts.context.take() {
            self.shared().variables.give(given.py(), variables);
        } else if given.contains("max_message_bytes")? {
            self.shared().variables.renew(given.py());
        }
        if let Some(patcher) = parts.patcher.take() {
            if patcher.is_some() {
                patching::preload(given.py())?;
            }
            let before = std::mem::replace(&mut *self.shared().patcher.lock(), patcher);
            drop(before);
        }
        if let Some(callback) = parts.color_callback.take() {
            let before = std::mem::replace(&mut *self.shared().color_callback.lock(), callback);
            drop(before);
        }
        self.update_console(&parts)?;
        self.keep_settings(given)
    }

    /// Keeps the given settings for processes that take over the logger, except those that the settings themselves
    /// keep as a whole.
    fn keep_settings(&self, given: &Bound<'_, PyDict>) -> PyResult<()> {
        let mut kept = Vec::new();
        for (name, value) in given.iter().filter(|(_, value)| !value.is_none()) {
            let name = find("configure", SETTING_PARAMETERS, text("configure", &name)?)?.name;
            // A form says whether lines are JSON, so an earlier `json` no longer holds; and the other way round.
            let is_form = name == "format" && form_of(&value).is_some();
            if name == "json" || is_form {
                self.note_form(name, given.py());
            }
            if !KEPT_AS_A_WHOLE.contains(&name) {
                kept.push((name, value));
            }
        }
        self.note_settings(given.py(), &kept)
    }

    /// Forgets the form that `json` replaces, or the `json` that a form replaces.
    fn note_form(&self, name: &str, py: Python<'_>) {
        let settings = self.shared().journal.lock().settings(py);
        let format = settings.iter().find(|(known, _)| *known == "format");
        let outdated = match (name, format) {
            ("json", Some((_, format))) if form_of(format).is_some() => self.shared().journal.lock().unset("format"),
            ("json", _) => return,
            _ => self.shared().journal.lock().unset("json"),
        };
        drop(outdated);
    }

    /// Refuses a pattern whose placeholders can only be typing mistakes.
    pub(super) fn check_settings(&self, given: &Bound<'_, PyDict>) -> PyResult<()> {
        let pattern = given.get_item("format")?.and_then(|format| format.extract::<String>().ok());
        self.check_names(given.py(), pattern.as_deref(), given.get_item("extra")?.as_ref())
    }

    /// Adds or removes the implicit console, if the given settings concern it.
    pub(super) fn update_console(&self, parts: &ConfigureParts) -> PyResult<()> {
        if parts.console.is_none() && !parts.has_console_switches {
            return Ok(());
        }
        let settings = self.core().settings();
        let has_console = self.core().has_sink(|sink| sink.is_console);
        if !settings.wants_implicit_console() {
            self.remove_implicit_console()
        } else if !has_console && (parts.console.is_some() || !settings.has_console) {
            self.add_implicit_console()
        } else {
            Ok(())
        }
    }

    /// Refuses placeholders that can only be typing mistakes, unless there is a field of that name: bound, configured,
    /// of the context, or in `extra`, which is configured together with the pattern.
    pub(super) fn check_names(
        &self,
        py: Python<'_>,
        pattern: Option<&str>,
        extra: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        for (slip, key) in near_misses(pattern.unwrap_or_default()) {
            let has = |fields: &Bound<'_, PyDict>| fields.contains(slip);
            let in_context = surroundings::has(py, self, slip)?;
            let is_configured = self.extra(py).map_or(Ok(false), |extra| has(&extra))?;
            let is_given = extra.is_some_and(|extra| extra.contains(slip).unwrap_or(false));
            if !(in_context || is_configured || is_given || has(&self.fields(py)?)?) {
                let got = format!("\"{{{slip}}}\" (did you mean \"{{{key}}}\"?)");
                let expected = format!("record keys and fields, a field of this name as \"{{extra[{slip}]}}\"");
                return Err(Error::value("format", expected, got).into());
            }
        }
        Ok(())
    }
}

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_read_document, module)?)?;
    module.add_function(wrap_pyfunction!(_mistake, module)?)?;
    module.add_function(wrap_pyfunction!(_path_of_sink, module)?)?;
    module.add_function(wrap_pyfunction!(_replace_sinks, module)?)?;
    module.add_function(wrap_pyfunction!(_level_table, module)?)
}
