//! What `add` and `configure` were given, checked and turned into types. Nothing changes before all of it is right.
//!
//! Errors name the argument, what is allowed, what was given and the nearest match.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use pyo3::exceptions::{PyNotImplementedError, PyOSError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};

use crate::config::logger::{LevelSwitches, Settings};
use crate::config::sink::{DateStyle, Encoding, FileMode, SinkOptions};
use crate::error::{Error, nearest};
use crate::filter::{Rules, Verdict};
use crate::format::escape::Multiline;
use crate::format::json::JsonStyle;
use crate::level::{LevelRef, Levels};

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        match error {
            Error::Value { .. } => PyValueError::new_err(error.to_string()),
            Error::Type { .. } => PyTypeError::new_err(error.to_string()),
            Error::File { ref path, ref source } => match source.raw_os_error() {
                Some(number) => {
                    let text = std::io::Error::from_raw_os_error(number).to_string();
                    let reason = text.split(" (os error").next().unwrap_or_default().to_owned();
                    PyOSError::new_err((number, reason, path.display().to_string()))
                }
                None => PyOSError::new_err(error.to_string()),
            },
        }
    }
}

/// A given value as errors show it: its repr, cut.
fn shown(value: &Bound<'_, PyAny>) -> String {
    let text = value.repr().map_or_else(|_| "an object".to_owned(), |text| text.to_string_lossy().into_owned());
    let mut short: String = text.chars().take(80).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    short
}

fn wrong_type(argument: &str, expected: &str, value: &Bound<'_, PyAny>) -> PyErr {
    Error::type_(argument, expected, shown(value)).into()
}

fn wrong_value(argument: &str, expected: &str, value: &Bound<'_, PyAny>) -> PyErr {
    Error::value(argument, expected, shown(value)).into()
}

fn boolean(argument: &str, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    value.cast::<PyBool>().map(PyBoolMethods::is_true).map_err(|_| wrong_type(argument, "True or False", value))
}

fn text<'v>(argument: &str, value: &'v Bound<'_, PyAny>) -> PyResult<&'v str> {
    let text = value.cast::<PyString>().map_err(|_| wrong_type(argument, "a str", value))?;
    text.to_str().map_err(|_| wrong_value(argument, "text without lone surrogates", value))
}

/// An integer within bounds; True and False are none.
fn integer(argument: &str, value: &Bound<'_, PyAny>, least: i64, most: i64, unit: &str) -> PyResult<i64> {
    if !value.is_instance_of::<PyInt>() || value.is_instance_of::<PyBool>() {
        return Err(wrong_type(argument, &format!("an int ({unit})"), value));
    }
    let number = value.extract::<i64>().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| wrong_value(argument, &format!("{unit} from {least} to {most}"), value))
}

/// A level by name or number.
pub fn level(argument: &str, levels: &Levels, value: &Bound<'_, PyAny>) -> PyResult<LevelRef> {
    if let Ok(name) = value.cast::<PyString>() {
        return Ok(levels.by_name(argument, &name.to_string_lossy())?);
    }
    if !value.is_instance_of::<PyInt>() || value.is_instance_of::<PyBool>() {
        return Err(wrong_type(argument, "a level's name or number", value));
    }
    let number = value.extract::<i32>().ok().filter(|number| *number >= 0);
    number
        .map(|no| levels.by_number(no))
        .ok_or_else(|| wrong_value(argument, "a level's name, or a number of 0 or more", value))
}

/// A sink's id as the program gave it; None for a number that no sink can have.
pub fn sink_id(argument: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<u32>> {
    if !value.is_instance_of::<PyInt>() || value.is_instance_of::<PyBool>() {
        return Err(wrong_type(argument, "a sink's id (int)", value));
    }
    Ok(value.extract::<u32>().ok())
}

/// Seconds to wait; None waits for ever, as infinity does. What is below zero is zero.
pub fn timeout(value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Duration>> {
    let Some(value) = value else { return Ok(None) };
    let is_number = value.is_instance_of::<PyInt>() || value.is_instance_of::<PyFloat>();
    if !is_number || value.is_instance_of::<PyBool>() {
        return Err(wrong_type("timeout", "seconds (a number) or None", value));
    }
    let seconds = value.extract::<f64>().unwrap_or(f64::INFINITY);
    if seconds.is_nan() {
        return Err(wrong_value("timeout", "seconds (a number) or None", value));
    }
    Ok((seconds < LONGEST_TIMEOUT).then(|| Duration::from_secs_f64(seconds.max(0.0))))
}

/// Seconds, about thirty years; more is for ever.
const LONGEST_TIMEOUT: f64 = 1e9;

/// Everything `add` was given beside the sink itself.
pub struct SinkParts {
    pub options: SinkOptions,
    pub filter: Option<Py<PyAny>>,
    pub format: Option<Py<PyAny>>,
    pub async_write: Option<bool>,
    pub mode: FileMode,
    pub encoding: Encoding,
    pub is_delayed: bool,
    pub permissions: Option<u32>,
    /// The parameters given that only files have.
    pub file_only: Vec<&'static str>,
}

/// The parameters of `add`: every accepted spelling, and the name it stands for.
const SINK_NAMES: [(&str, &str); 36] = [
    ("level", "level"),
    ("filter_min_level", "level"),
    ("filter_module", "filter_module"),
    ("filter_function", "filter_function"),
    ("filter", "filter"),
    ("format", "format"),
    ("json", "json"),
    ("serialize", "json"),
    ("color", "color"),
    ("colorize", "color"),
    ("date_style", "date_style"),
    ("date_enabled", "date_enabled"),
    ("multiline", "multiline"),
    ("rotation", "rotation"),
    ("size_limit", "size_limit"),
    ("retention", "retention"),
    ("compression", "compression"),
    ("async_write", "async_write"),
    ("enqueue", "async_write"),
    ("buffer_size", "buffer_size"),
    ("flush_interval", "flush_interval"),
    ("max_buffered_lines", "max_buffered_lines"),
    ("overflow", "overflow"),
    ("block_timeout", "block_timeout"),
    ("sync_level", "sync_level"),
    ("mode", "mode"),
    ("encoding", "encoding"),
    ("delay", "delay"),
    ("watch", "watch"),
    ("permissions", "permissions"),
    ("backtrace", "backtrace"),
    ("diagnose", "diagnose"),
    ("catch", "catch"),
    ("archive", "archive"),
    ("latest", "latest"),
    ("loop", "loop"),
];

/// The canonical name of a parameter, or the error for an unknown one.
fn canonical(function: &str, names: &'static [(&'static str, &'static str)], given: &str) -> PyResult<&'static str> {
    names.iter().find(|(name, _)| *name == given).map(|(_, canonical)| *canonical).ok_or_else(|| {
        let near = nearest(given, names.iter().map(|(name, _)| *name));
        PyTypeError::new_err(format!("{function}() got an unexpected keyword argument \"{given}\"{near}"))
    })
}

/// A parameter that a later version brings. Its neutral value is accepted.
fn not_yet(argument: &str, is_neutral: bool) -> PyResult<()> {
    if is_neutral {
        return Ok(());
    }
    Err(PyNotImplementedError::new_err(format!("{argument}: not yet available in logly {}", env!("CARGO_PKG_VERSION"))))
}

impl SinkParts {
    pub fn parse(levels: &Levels, given: &Bound<'_, PyDict>) -> PyResult<Self> {
        let mut parts = Self {
            options: SinkOptions::default(),
            filter: None,
            format: None,
            async_write: None,
            mode: FileMode::Append,
            encoding: Encoding::Utf8,
            is_delayed: false,
            permissions: None,
            file_only: Vec::new(),
        };
        let mut seen: Vec<(&str, String)> = Vec::new();
        for (key, value) in given.iter() {
            let given = text("add", &key)?;
            let name = canonical("add", &SINK_NAMES, given)?;
            // None is "not given", so that wrappers can pass their own defaults on.
            if value.is_none() {
                continue;
            }
            if let Some((_, before)) = seen.iter().find(|(known, _)| *known == name) {
                let message = format!("add() got \"{before}\" and \"{given}\", which mean the same");
                return Err(PyTypeError::new_err(message));
            }
            seen.push((name, given.to_owned()));
            parts.set(levels, name, given, &value)?;
        }
        Ok(parts)
    }

    /// Sets the parameter `canonical`; errors call it `name`, as the program did.
    fn set(&mut self, levels: &Levels, canonical: &'static str, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let options = &mut self.options;
        match canonical {
            "level" => options.level = Some(level(name, levels, value)?.no),
            "filter_module" => options.filter.module = Some(text(name, value)?.to_owned()),
            "filter_function" => options.filter.function = Some(text(name, value)?.to_owned()),
            "filter" => self.set_filter(levels, value)?,
            "format" => self.set_format(value)?,
            "json" => options.json = Some(json(name, value)?),
            "color" => options.color = Some(boolean(name, value)?),
            "date_style" => options.date_style = Some(DateStyle::parse(text(name, value)?)?),
            "date_enabled" => options.date_enabled = Some(boolean(name, value)?),
            "multiline" => options.multiline = Some(Multiline::parse(text(name, value)?)?),
            "async_write" => self.async_write = Some(boolean(name, value)?),
            "buffer_size" => options.buffer_size = Some(integer(name, value, 4096, 1 << 30, "bytes")? as usize),
            "mode" | "encoding" | "delay" | "permissions" => self.set_file(canonical, value)?,
            _ => later(levels, name, value)?,
        }
        Ok(())
    }

    fn set_file(&mut self, name: &'static str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        match name {
            "mode" => self.mode = FileMode::parse(text(name, value)?)?,
            "encoding" => self.encoding = Encoding::parse(text(name, value)?)?,
            "delay" => self.is_delayed = boolean(name, value)?,
            _ => self.permissions = Some(integer(name, value, 0, 0o7777, "permission bits such as 0o640")? as u32),
        }
        self.file_only.push(name);
        Ok(())
    }

    fn set_filter(&mut self, levels: &Levels, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let expected = "a module prefix, a dict of module to level or bool, or a function";
        if value.is_instance_of::<PyString>() {
            self.options.filter.rules = Some(Rules::only(text("filter", value)?));
        } else if value.is_callable() {
            self.filter = Some(value.clone().unbind());
        } else {
            let rules = dict("filter", expected, value)?;
            let rules =
                rules.iter().map(|(module, verdict)| rule(levels, &module, &verdict)).collect::<PyResult<Vec<_>>>()?;
            self.options.filter.rules = Some(Rules::new(rules, None));
        }
        Ok(())
    }

    fn set_format(&mut self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        if value.is_instance_of::<PyString>() {
            self.options.format = Some(text("format", value)?.to_owned());
        } else if value.is_callable() {
            self.format = Some(value.clone().unbind());
        } else {
            return Err(wrong_type("format", "a pattern (str) or a function", value));
        }
        Ok(())
    }
}

/// One entry of a filter dict: a level from which records pass, True for all, False for none.
fn rule(levels: &Levels, module: &Bound<'_, PyAny>, verdict: &Bound<'_, PyAny>) -> PyResult<(Box<[u8]>, Verdict)> {
    let module = if module.is_none() { "" } else { text("filter", module)? };
    let verdict = match verdict.cast::<PyBool>() {
        Ok(flag) if flag.is_true() => Verdict::From(i32::MIN),
        Ok(_) => Verdict::Never,
        Err(_) => Verdict::From(level("filter", levels, verdict)?.no),
    };
    Ok((module.as_bytes().into(), verdict))
}

fn json(argument: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<JsonStyle>> {
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(flag.is_true().then_some(JsonStyle::Line));
    }
    let Ok(text) = value.cast::<PyString>() else {
        return Err(wrong_type(argument, "True, False, \"pretty\" or \"flat\"", value));
    };
    Ok(Some(JsonStyle::parse(argument, &text.to_string_lossy())?))
}

/// Parameters whose work is still to come: checked as far as they can be, and refused unless they ask for nothing.
fn later(levels: &Levels, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    match name {
        "overflow" => {
            let policies = ["block", "drop_new", "drop_old"];
            let policy = text(name, value)?;
            if !policies.contains(&policy) {
                let near = nearest(policy, policies);
                let expected = "\"block\", \"drop_new\" or \"drop_old\"";
                return Err(Error::value(name, expected, format!("\"{policy}\"{near}")).into());
            }
            not_yet(name, policy == "block")
        }
        "sync_level" => level(name, levels, value).and_then(|_| not_yet(name, false)),
        "flush_interval" => integer(name, value, 0, 3_600_000, "milliseconds").and_then(|_| not_yet(name, false)),
        "max_buffered_lines" => integer(name, value, 1, 1 << 30, "lines").and_then(|_| not_yet(name, false)),
        "backtrace" | "diagnose" | "latest" => boolean(name, value).and_then(|flag| not_yet(name, !flag)),
        "catch" | "watch" => boolean(name, value).and_then(|flag| not_yet(name, flag)),
        _ => not_yet(name, false),
    }
}

/// Everything `configure` was given that is not a plain setting.
#[derive(Default)]
pub struct ConfigureParts {
    pub console: Option<bool>,
    #[expect(clippy::option_option, reason = "not given, given as None, given as a function")]
    pub color_callback: Option<Option<Py<PyAny>>>,
    pub extra: Option<Py<PyDict>>,
}

const CONFIGURE_NAMES: [(&str, &str); 25] = [
    ("level", "level"),
    ("json", "json"),
    ("pretty_json", "pretty_json"),
    ("color", "color"),
    ("level_colors", "level_colors"),
    ("color_callback", "color_callback"),
    ("console", "console"),
    ("show_time", "show_time"),
    ("show_module", "show_module"),
    ("show_function", "show_function"),
    ("show_filename", "show_filename"),
    ("show_lineno", "show_lineno"),
    ("console_levels", "console_levels"),
    ("time_levels", "time_levels"),
    ("color_levels", "color_levels"),
    ("storage_levels", "storage_levels"),
    ("auto_sink", "auto_sink"),
    ("auto_sink_levels", "auto_sink_levels"),
    ("extra", "extra"),
    ("levels", "levels"),
    ("patcher", "patcher"),
    ("activation", "activation"),
    ("sinks", "sinks"),
    ("multiline", "multiline"),
    ("max_message_bytes", "max_message_bytes"),
];

impl ConfigureParts {
    /// Applies what was given to `settings`, and returns the rest. New levels are known to the other parameters.
    pub fn parse(settings: &mut Settings, given: &Bound<'_, PyDict>) -> PyResult<Self> {
        let mut parts = Self::default();
        for key in given.keys() {
            canonical("configure", &CONFIGURE_NAMES, text("configure", &key)?)?;
        }
        if let Some(levels) = given.get_item("levels")? {
            define_levels(settings, &levels)?;
        }
        for (key, value) in given.iter() {
            parts.set(settings, text("configure", &key)?, &value)?;
        }
        Ok(parts)
    }

    fn set(&mut self, settings: &mut Settings, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        match name {
            "levels" => {}
            "level" => settings.level = level(name, &settings.levels, value)?.no,
            "json" => settings.json = json(name, value)?,
            "pretty_json" => settings.pretty_json = boolean(name, value)?,
            "color" if value.is_none() => settings.color = None,
            "color" => settings.color = Some(boolean(name, value)?),
            "level_colors" => set_level_colors(settings, value)?,
            "color_callback" => self.color_callback = Some(callable_or_none(name, value)?),
            "console" | "auto_sink" => self.console = Some(boolean(name, value)?),
            "show_time" => settings.shown.time = boolean(name, value)?,
            "show_module" => settings.shown.module = boolean(name, value)?,
            "show_function" => settings.shown.function = boolean(name, value)?,
            "show_filename" => settings.shown.filename = boolean(name, value)?,
            "show_lineno" => settings.shown.line = boolean(name, value)?,
            "console_levels" | "time_levels" | "color_levels" | "storage_levels" => {
                set_switches(settings, name, value)?;
            }
            "extra" => self.extra = Some(dict(name, "a dict", value)?.copy()?.unbind()),
            "multiline" => settings.multiline = Multiline::parse(text(name, value)?)?,
            "max_message_bytes" => settings.max_message_bytes = integer(name, value, 64, 1 << 28, "bytes")? as usize,
            _ => not_yet(name, value.is_none())?,
        }
        Ok(())
    }
}

/// A dict, made of any other mapping.
fn dict<'py>(argument: &str, expected: &str, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    if let Ok(dict) = value.cast::<PyDict>() {
        return Ok(dict.clone());
    }
    let mapping = value.cast::<PyMapping>().map_err(|_| wrong_type(argument, expected, value))?;
    let dict = PyDict::new(value.py());
    dict.update(mapping)?;
    Ok(dict)
}

fn callable_or_none(argument: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
    if value.is_none() {
        return Ok(None);
    }
    if !value.is_callable() {
        return Err(wrong_type(argument, "a function or None", value));
    }
    Ok(Some(value.clone().unbind()))
}

fn set_level_colors(settings: &mut Settings, value: &Bound<'_, PyAny>) -> PyResult<()> {
    for (name, color) in dict("level_colors", "a dict of level to colour", value)?.iter() {
        let level = level("level_colors", &settings.levels, &name)?;
        let known = settings.levels.get(level.id).map(|level| level.name.clone());
        let known = known.ok_or_else(|| wrong_value("level_colors", "levels that have a name", &name))?;
        settings.levels.define("level_colors", &known, None, Some(text("level_colors", &color)?), None)?;
    }
    Ok(())
}

/// `{"DEBUG": False}`: what is not named stays as it is.
fn set_switches(settings: &mut Settings, argument: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    for (name, flag) in dict(argument, "a dict of level to True or False", value)?.iter() {
        let level = level(argument, &settings.levels, &name)?;
        if settings.levels.get(level.id).is_none() {
            return Err(wrong_value(argument, "levels that have a name", &name));
        }
        let flag = boolean(argument, &flag)?;
        let id = usize::from(level.id);
        if settings.switches.len() <= id {
            settings.switches.resize(id + 1, LevelSwitches::default());
        }
        let switches = &mut settings.switches[id];
        match argument {
            "console_levels" => switches.console = flag,
            "time_levels" => switches.time = flag,
            "color_levels" => switches.color = flag,
            _ => switches.storage = flag,
        }
    }
    Ok(())
}

/// `[{"name": "AUDIT", "no": 35, "color": "cyan", "icon": "A"}]`.
fn define_levels(settings: &mut Settings, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let expected = "a list of dicts with name, no, color and icon";
    if !value.is_instance_of::<PyList>() && !value.is_instance_of::<PyTuple>() {
        return Err(wrong_type("levels", expected, value));
    }
    for entry in value.try_iter()? {
        let entry = dict("levels", expected, &entry?)?;
        let names = [("name", "name"), ("no", "no"), ("color", "color"), ("icon", "icon")];
        for key in entry.keys() {
            let given = text("levels", &key)?.to_owned();
            if !names.iter().any(|(name, _)| *name == given) {
                let near = nearest(&given, names.map(|(name, _)| name));
                return Err(
                    Error::value("levels", "the keys name, no, color and icon", format!("\"{given}\"{near}")).into()
                );
            }
        }
        let name =
            entry.get_item("name")?.ok_or_else(|| wrong_value("levels", "a name in every entry", entry.as_any()))?;
        let (no, color, icon) = (entry.get_item("no")?, entry.get_item("color")?, entry.get_item("icon")?);
        define_level(&mut settings.levels, &name, no.as_ref(), color.as_ref(), icon.as_ref())
            .map_err(|error| within("levels", value.py(), &error))?;
    }
    Ok(())
}

/// The same error, saying in which parameter it lies.
fn within(argument: &str, py: Python<'_>, error: &PyErr) -> PyErr {
    PyErr::from_type(error.get_type(py), format!("{argument}: {}", error.value(py)))
}

/// Adds or edits one level.
pub fn define_level(
    levels: &mut Levels,
    name: &Bound<'_, PyAny>,
    no: Option<&Bound<'_, PyAny>>,
    color: Option<&Bound<'_, PyAny>>,
    icon: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    let given = |value: Option<&Bound<'_, PyAny>>| value.is_some_and(|value| !value.is_none());
    let no =
        no.filter(|_| given(no)).map(|no| integer("no", no, 0, i64::from(i32::MAX), "a level's number")).transpose()?;
    let color = color.filter(|_| given(color)).map(|color| text("color", color)).transpose()?;
    let icon = icon.filter(|_| given(icon)).map(|icon| text("icon", icon)).transpose()?;
    Ok(levels.define("color", text("name", name)?, no.map(|no| no as i32), color, icon)?)
}

/// A path sink: `~` and name tokens filled in, absolute, so that a later `chdir` changes nothing.
pub fn file_path(given: &Bound<'_, PyString>) -> PyResult<PathBuf> {
    let name = given.to_string_lossy();
    if name.is_empty() || name.contains('\0') {
        return Err(wrong_value("sink", "a path that is not empty and holds no NUL", given));
    }
    let expanded: OsString = given.py().import("os.path")?.call_method1("expanduser", (given,))?.extract()?;
    let now = crate::sink::clock::now_ns();
    let path = crate::config::file_name::expand(&expanded, now, &crate::format::time::local_zone())?;
    std::path::absolute(&path).map_err(|error| Error::file(&path, error).into())
}
