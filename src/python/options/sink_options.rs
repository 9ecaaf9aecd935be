//! The arguments of `add`, checked and turned into types. Nothing changes unless all arguments are valid.

use std::ffi::OsString;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::config::archive::{Adopted, ArchiveOptions};
use crate::config::archive_pattern::ArchivePattern;
use crate::config::file_name::FileName;
use crate::config::rotation::Rotation;
use crate::config::sink::{AUTO_FORMAT, DateStyle, Encoding, FileMode, SinkOptions};
use crate::error::{Error, nearest, printable, quoted};
use crate::filter::Rules;
use crate::format::escape::Multiline;
use crate::level::Levels;
use crate::python::options::parameters::SINK_NAMES;
use crate::python::options::rules::module_rules;
use crate::python::options::{parameters, queue_options};
use crate::python::record::templates::is_template;
use crate::python::sink::rotation::RotationFunction;
use crate::python::value::arguments::{
    auto_and_json, boolean, canonical, integer, json, level, module, shown, text, wrong_type, wrong_value,
};

/// All arguments of `add` except the sink itself.
pub struct SinkParts {
    pub options: SinkOptions,
    pub filter: Option<Py<PyAny>>,
    pub format: Option<Py<PyAny>>,
    pub async_write: Option<bool>,
    /// `buffer_size`, if it was given.
    pub queue_bytes: Option<usize>,
    /// The event loop on which a coroutine function runs. None is logly's own loop.
    pub event_loop: Option<Py<PyAny>>,
    pub mode: FileMode,
    pub encoding: Encoding,
    pub is_delayed: bool,
    pub permissions: Option<u32>,
    pub rotation: Rotation,
    /// Functions of record, path and size that decide whether to rotate a file.
    pub rotation_functions: Vec<RotationFunction>,
    pub archives: ArchiveOptions,
    /// The function that `Retention::Function` stands for.
    pub retention_function: Option<Py<PyAny>>,
    /// The function that `Compression::Python` without a suffix stands for.
    pub compression_function: Option<Py<PyAny>>,
    pub archive: Option<ArchivePattern>,
    pub adopted: Option<Adopted>,
    pub has_latest: bool,
    pub is_watched: bool,
    /// The given parameters that only files have.
    pub file_only: Vec<&'static str>,
}

/// The parameters that `sink_info` shows as they were given.
pub const SHOWN: [&str; 10] = [
    "rotation",
    "size_limit",
    "retention",
    "compression",
    "archive",
    "adopt",
    "filter",
    "filter_module",
    "filter_function",
    "mode",
];

impl SinkParts {
    /// Whether Python functions decide by the record about the filter, the format or the rotation.
    pub fn has_functions(&self) -> bool {
        self.filter.is_some() || self.format.is_some() || !self.rotation_functions.is_empty()
    }

    pub fn parse(levels: &Levels, given: &Bound<'_, PyDict>) -> PyResult<Self> {
        let mut parts = Self {
            options: SinkOptions::default(),
            filter: None,
            format: None,
            async_write: None,
            queue_bytes: None,
            event_loop: None,
            mode: FileMode::Append,
            encoding: Encoding::Utf8,
            is_delayed: false,
            permissions: None,
            rotation: Rotation::default(),
            rotation_functions: Vec::new(),
            archives: ArchiveOptions::default(),
            retention_function: None,
            compression_function: None,
            archive: None,
            adopted: None,
            has_latest: false,
            is_watched: true,
            file_only: Vec::new(),
        };
        let mut seen: Vec<(&str, String)> = Vec::new();
        for (key, value) in given.iter() {
            let given = text("add", &key)?;
            let name =
                canonical("add", &SINK_NAMES, given).map_err(|unknown| of_all_sinks(given).unwrap_or(unknown))?;
            // None means "not given", so that wrappers can pass their own defaults on.
            if value.is_none() {
                continue;
            }
            if let Some((_, before)) = seen.iter().find(|(known, _)| *known == name) {
                let message = format!("add() got \"{before}\" and \"{given}\", which mean the same");
                return Err(PyTypeError::new_err(message));
            }
            seen.push((name, given.to_owned()));
            let is_function = name == "format" && !value.is_instance_of::<PyString>();
            if SHOWN.contains(&name) || is_function {
                let shown =
                    value.cast::<PyString>().map_or_else(|_| shown(&value), |text| text.to_string_lossy().into());
                parts.options.given.push((name, printable(shown)));
            }
            parts.set(levels, name, given, &value)?;
        }
        match seen.iter().find(|(name, _)| *name == "json") {
            Some((_, json)) if parts.options.format.as_deref() == Some(AUTO_FORMAT) => Err(auto_and_json("add", json)),
            _ => Ok(parts),
        }
    }

    /// Whether the sink has a line format of its own, rather than only the one of all sinks.
    pub fn has_own_form(&self) -> bool {
        self.options.format.is_some() || self.format.is_some() || matches!(self.options.json, Some(Some(_)))
    }

    /// Sets the parameter `canonical`. Errors call it `name`, as the program did.
    fn set(&mut self, levels: &Levels, canonical: &'static str, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let options = &mut self.options;
        match canonical {
            "level" => options.level = Some(level(name, levels, value)?.no),
            "filter_module" => options.filter.module = Some(module(name, value)?.to_owned()),
            "filter_function" => options.filter.function = Some(text(name, value)?.to_owned()),
            "filter" => self.set_filter(levels, value)?,
            "format" => self.set_format(value)?,
            "json" => options.json = Some(json(name, value)?),
            "color" => options.color = Some(boolean(name, value)?),
            "date_style" => options.date_style = Some(DateStyle::parse(text(name, value)?)?),
            "date_enabled" => options.date_enabled = Some(boolean(name, value)?),
            "multiline" => options.multiline = Some(Multiline::parse(text(name, value)?)?),
            "async_write" => self.async_write = Some(boolean(name, value)?),
            "loop" => self.event_loop = Some(event_loop(name, value)?),
            "backtrace" => options.backtrace = boolean(name, value)?,
            "diagnose" => options.diagnose = boolean(name, value)?,
            "sync_level" => options.sync_level = Some(level(name, levels, value)?.no),
            "context" => multiprocessing_context(name, value)?,
            "catch" => options.lets_errors_out = !boolean(name, value)?,
            "mode" | "encoding" | "delay" | "permissions" | "latest" | "watch" | "buffering" => {
                self.set_file(canonical, value)?;
            }
            "rotation" | "size_limit" | "retention" | "compression" | "archive" | "adopt" => {
                self.set_archives(canonical, value)?;
            }
            _ => {
                queue_options::set(&mut options.queue, canonical, name, value)?;
                self.queue_bytes = self.queue_bytes.or((canonical == "buffer_size").then_some(options.queue.bytes));
            }
        }
        Ok(())
    }

    fn set_file(&mut self, name: &'static str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        match name {
            "mode" => self.mode = FileMode::parse(text(name, value)?)?,
            "encoding" => self.encoding = Encoding::parse(text(name, value)?)?,
            "delay" => self.is_delayed = boolean(name, value)?,
            "latest" => self.has_latest = boolean(name, value)?,
            "watch" => self.is_watched = boolean(name, value)?,
            // The value is checked only: lines reach the operating system sooner than with any buffering of `open`.
            "buffering" => drop(integer(name, value, -1, i64::from(i32::MAX), "a buffering of open()")?),
            _ => self.permissions = Some(permissions(name, value)?),
        }
        self.file_only.push(name);
        Ok(())
    }

    fn set_filter(&mut self, levels: &Levels, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let expected = "a module prefix, a dict of module to level or bool, or a function";
        if value.is_instance_of::<PyString>() {
            self.options.filter.rules = Some(Rules::only(module("filter", value)?));
        } else if value.is_callable() {
            self.filter = Some(value.clone().unbind());
        } else {
            let rules = module_rules("filter", expected, levels, value)?;
            self.options.filter.rules = Some(rules);
        }
        Ok(())
    }

    fn set_format(&mut self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        if value.is_instance_of::<PyString>() {
            self.options.format = Some(text("format", value)?.to_owned());
        } else if value.is_callable() {
            self.options.has_templates = is_template(value);
            self.format = Some(value.clone().unbind());
        } else {
            return Err(wrong_type("format", "a pattern (str) or a function", value));
        }
        Ok(())
    }
}

/// The error for a parameter that `configure` takes, and `add` does not.
fn of_all_sinks(given: &str) -> Option<PyErr> {
    let message =
        format!("add() got an unexpected keyword argument \"{given}\", which configure() takes for all sinks");
    parameters::is_of_configure(given).then(|| PyTypeError::new_err(message))
}

/// Checks the context with which Loguru makes its queue. logly needs none, since each process writes by itself.
fn multiprocessing_context(name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    const METHODS: [&str; 3] = ["fork", "spawn", "forkserver"];
    let expected = "\"fork\", \"spawn\", \"forkserver\" or a context of multiprocessing";
    if value.is_instance_of::<PyString>() {
        let method = text(name, value)?;
        if METHODS.contains(&method) {
            return Ok(());
        }
        return Err(Error::value(name, expected, quoted(method) + &nearest(method, METHODS)).into());
    }
    if value.hasattr("get_context")? { Ok(()) } else { Err(wrong_type(name, expected, value)) }
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

/// Permission bits. A number like 644, whose octal prefix was forgotten, is refused.
fn permissions(name: &str, value: &Bound<'_, PyAny>) -> PyResult<u32> {
    let bits = integer(name, value, 0, 0o7777, "permission bits such as 0o640")?;
    let has_octal_digits = [bits / 100, bits / 10 % 10, bits % 10].iter().all(|digit| *digit <= 7);
    if bits > 0o777 && has_octal_digits {
        return Err(wrong_value(name, &format!("permission bits such as 0o{bits}"), value));
    }
    Ok(bits as u32)
}

/// An event loop of the program, recognized by its methods: loops need not be of asyncio's own classes.
pub fn event_loop(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
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
