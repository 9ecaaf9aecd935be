//! Arguments of Python calls, checked and turned into types.
//!
//! Errors name the argument, the allowed values, the given value and the nearest match.

use std::time::Duration;

use pyo3::exceptions::{PyOSError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyMapping, PySlice, PyString};

use crate::error::{Error, nearest, printable, quoted};
use crate::format::json::JsonStyle;
use crate::level::{LevelRef, Levels};
use crate::python::value::bounded::Bounded;

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        match error {
            Error::Value { .. } | Error::Source { .. } | Error::Unknown(_) => PyValueError::new_err(error.to_string()),
            Error::Type { .. } => PyTypeError::new_err(error.to_string()),
            Error::File { ref path, ref source } => match source.raw_os_error() {
                Some(number) => {
                    let text = std::io::Error::from_raw_os_error(number).to_string();
                    let reason = text.split(" (os error").next().unwrap_or_default().to_owned();
                    // The last one is for Windows, where Python turns the system's number into an errno. Others ignore it.
                    PyOSError::new_err((number, reason, path.display().to_string(), number))
                }
                None => PyOSError::new_err(error.to_string()),
            },
        }
    }
}

/// How many characters of a given value errors show.
const MOST_SHOWN: usize = 80;

/// A given value as errors show it: its repr, cut. No more of a long value is made into text than is shown.
pub fn shown(value: &Bound<'_, PyAny>) -> String {
    let is_long = (value.is_exact_instance_of::<PyString>() || value.is_exact_instance_of::<PyBytes>())
        && value.len().is_ok_and(|length| length > MOST_SHOWN);
    let start = || value.get_item(PySlice::new(value.py(), 0, MOST_SHOWN as isize, 1));
    let held = if is_long { start().unwrap_or_else(|_| value.clone()) } else { value.clone() };
    // A character has at most four bytes. The fifth byte keeps some of the text that is cut.
    let text = Bounded::of(held, MOST_SHOWN * 5).repr();
    let text = text.map_or_else(|_| "an object".to_owned(), |text| text.to_string_lossy().into_owned());
    let mut short: String = text.chars().take(MOST_SHOWN).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    short
}

pub fn wrong_type(argument: &str, expected: &str, value: &Bound<'_, PyAny>) -> PyErr {
    Error::type_(argument, expected, shown(value)).into()
}

pub fn wrong_value(argument: &str, expected: &str, value: &Bound<'_, PyAny>) -> PyErr {
    Error::value(argument, expected, shown(value)).into()
}

pub fn boolean(argument: &str, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    value.cast::<PyBool>().map(PyBoolMethods::is_true).map_err(|_| wrong_type(argument, "True or False", value))
}

pub fn text<'v>(argument: &str, value: &'v Bound<'_, PyAny>) -> PyResult<&'v str> {
    let text = value.cast::<PyString>().map_err(|_| wrong_type(argument, "a str", value))?;
    text.to_str().map_err(|_| wrong_value(argument, "text without lone surrogates", value))
}

/// Characters that no module's `__name__` has. The name of a function, a path, a glob or an expression may have them.
const NOT_IN_MODULES: [char; 12] = [':', '*', '?', ',', '(', ')', '<', '>', '=', '/', '\\', '"'];

/// The name of a module or a package.
pub fn module<'v>(argument: &str, value: &'v Bound<'_, PyAny>) -> PyResult<&'v str> {
    let name = text(argument, value)?;
    if name.contains(NOT_IN_MODULES) || name.trim() != name {
        return Err(wrong_value(argument, "a module's name such as \"app.db\", which covers what is below it", value));
    }
    Ok(name)
}

/// An integer within bounds. `True` and `False` are not integers here.
pub fn integer(argument: &str, value: &Bound<'_, PyAny>, least: i64, most: i64, unit: &str) -> PyResult<i64> {
    if !is_integer(value) {
        return Err(wrong_type(argument, &format!("an int ({unit})"), value));
    }
    let number = value.extract::<i64>().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| wrong_value(argument, &format!("{unit} from {least} to {most}"), value))
}

/// Whether the value is an int. `True` and `False` are not integers here.
pub fn is_integer(value: &Bound<'_, PyAny>) -> bool {
    value.is_instance_of::<PyInt>() && !value.is_instance_of::<PyBool>()
}

/// A level by name or number.
pub fn level(argument: &str, levels: &Levels, value: &Bound<'_, PyAny>) -> PyResult<LevelRef> {
    if let Ok(name) = value.cast::<PyString>() {
        return Ok(levels.by_name(argument, &name.to_string_lossy())?);
    }
    let is_loguru = levels.dialect().is_loguru();
    if !is_integer(value) && is_loguru {
        let kind = value.get_type().name()?;
        let message = format!("Invalid level, it should be an integer or a string, not: '{kind}'");
        return Err(PyTypeError::new_err(message));
    }
    if !is_integer(value) {
        return Err(wrong_type(argument, "a level's name or number", value));
    }
    let number = value.extract::<i32>().ok().filter(|number| *number >= 0);
    if number.is_none() && is_loguru {
        let message = format!("Invalid level value, it should be a positive integer, not: {}", shown(value));
        return Err(PyValueError::new_err(message));
    }
    number
        .map(|no| levels.by_number(no))
        .ok_or_else(|| wrong_value(argument, "a level's name, or a number of 0 or more", value))
}

/// A sink's id as the program gave it. None for a number that no sink can have.
pub fn sink_id(argument: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<u32>> {
    if !is_integer(value) {
        return Err(wrong_type(argument, "a sink's id (int)", value));
    }
    Ok(value.extract::<u32>().ok())
}

/// The seconds to wait. None and infinity wait without limit. A number below zero counts as zero.
pub fn timeout(argument: &str, value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Duration>> {
    let Some(value) = value else { return Ok(None) };
    let is_number = value.is_instance_of::<PyInt>() || value.is_instance_of::<PyFloat>();
    if !is_number || value.is_instance_of::<PyBool>() {
        return Err(wrong_type(argument, "seconds (a number) or None", value));
    }
    let seconds = value.extract::<f64>().unwrap_or(f64::INFINITY);
    if seconds.is_nan() {
        return Err(wrong_value(argument, "seconds (a number) or None", value));
    }
    Ok((seconds < LONGEST_TIMEOUT).then(|| Duration::from_secs_f64(seconds.max(0.0))))
}

/// The longest wait in seconds, about thirty years. A longer one has no limit.
pub(super) const LONGEST_TIMEOUT: f64 = 1e9;

/// Parameters of other libraries, each with its name here, if a similar spelling does not lead to that name.
const ELSEWHERE: &[(&str, &str)] = &[
    ("backupCount", "retention"),
    ("datefmt", "date_style"),
    ("filemode", "mode"),
    ("fmt", "format"),
    ("formatter", "format"),
    ("interval", "rotation"),
    ("maxBytes", "rotation"),
    ("processors", "patcher"),
    ("when", "rotation"),
];

/// The error for an unknown keyword, with the nearest of the known names.
pub fn unexpected(function: &str, names: &[&str], given: &str) -> PyErr {
    let near = match ELSEWHERE.iter().find(|(there, here)| *there == given && names.contains(here)) {
        Some((_, here)) => format!(" (did you mean \"{here}\"?)"),
        None => nearest(given, names.iter().copied()),
    };
    let message = format!("{function}() got an unexpected keyword argument {}{near}", quoted(given));
    PyTypeError::new_err(printable(message))
}

/// The only argument of a function, given by position or by name. The errors are those of Python functions.
pub fn required<'py>(
    function: &str,
    name: &str,
    given: &[Bound<'py, PyAny>],
    named: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyAny>> {
    refuse_named(function, Some(named), &[name])?;
    let problem = match (given, named.get_item(name)?) {
        ([given], None) => return Ok(given.clone()),
        ([], Some(given)) => return Ok(given),
        ([], None) => format!("missing 1 required positional argument: '{name}'"),
        ([_], Some(_)) => format!("got multiple values for argument '{name}'"),
        _ => format!("takes 1 positional argument but {} were given", given.len()),
    };
    Err(PyTypeError::new_err(format!("{function}() {problem}")))
}

/// Refuses keywords that a function does not take, with the errors of Python functions.
pub fn refuse_named(function: &str, others: Option<&Bound<'_, PyDict>>, known: &[&str]) -> PyResult<()> {
    let Some(others) = others else { return Ok(()) };
    for unknown in others.keys() {
        if !known.iter().any(|name| unknown.eq(name).unwrap_or_default()) {
            let better = others.py().import("logly._naming")?.getattr("unexpected")?;
            return Err(PyTypeError::new_err(better.call1((function, unknown, known.to_vec()))?.unbind()));
        }
    }
    Ok(())
}

pub fn json(argument: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<JsonStyle>> {
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(flag.is_true().then_some(JsonStyle::Line));
    }
    let Ok(text) = value.cast::<PyString>() else {
        return Err(wrong_type(argument, JsonStyle::EXPECTED, value));
    };
    Ok(Some(JsonStyle::parse(argument, &text.to_string_lossy())?))
}

/// The error for a format that itself says whether lines are JSON, together with a parameter about JSON.
pub fn form_and_json(function: &str, form: &str, json: &str) -> PyErr {
    let message = format!("{function}() got format=\"{form}\" and \"{json}\", and each says whether lines are JSON");
    PyTypeError::new_err(message)
}

/// The value if it is a dict, or a dict made of any other mapping.
pub fn dict<'py>(argument: &str, expected: &str, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    if let Ok(dict) = value.cast::<PyDict>() {
        return Ok(dict.clone());
    }
    let mapping = value.cast::<PyMapping>().map_err(|_| wrong_type(argument, expected, value))?;
    let dict = PyDict::new(value.py());
    dict.update(mapping)?;
    Ok(dict)
}
