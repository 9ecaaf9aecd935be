//! `message % arguments` of plain values, as `logging` renders its records.

use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::config::logger::DEFAULT_MESSAGE_BYTES;
use crate::format::spec::put_formatted;
use crate::message::spec::Spec;
use crate::python::py::text::{to_python, utf8};
use crate::python::value::put::plain;
use crate::record::encoded::Value;

/// Appends the result of `message % arguments`, if no part of it needs Python.
///
/// Otherwise it appends nothing and returns false: for a message that is not an exact `str`, for arguments that are not
/// an exact tuple (a dict, for one), for a value that is not plain, for conversions that do not fit the arguments, and
/// for a text longer than `most` bytes. Python then renders the message, or raises.
pub fn put_percent(
    out: &mut Vec<u8>,
    message: Borrowed<'_, '_, PyAny>,
    arguments: Borrowed<'_, '_, PyAny>,
    most: usize,
) -> bool {
    let (Ok(message), Ok(arguments)) = (message.cast_exact::<PyString>(), arguments.cast_exact::<PyTuple>()) else {
        return false;
    };
    let start = out.len();
    let is_done = utf8(message).is_some_and(|text| put_parts(out, text.as_bytes(), arguments.iter_borrowed(), most));
    if !is_done {
        out.truncate(start);
    }
    is_done
}

/// The same for a text and any sequence of arguments. What it appends is of no use if it returns false.
pub fn put_parts<'a, 'py: 'a>(
    out: &mut Vec<u8>,
    text: &[u8],
    mut values: impl Iterator<Item = Borrowed<'a, 'py, PyAny>>,
    most: usize,
) -> bool {
    let start = out.len();
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'%', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        if rest.get(1) == Some(&b'%') {
            out.push(b'%');
            rest = &rest[2..];
            continue;
        }
        let (Some((form, length)), Some(value)) = (Spec::percent(rest), values.next()) else { return false };
        let is_short = |value: &Value<'_>| !matches!(value, Value::Str(text) if text.len() > most);
        let is_done = plain(value).filter(is_short).is_some_and(|value| put_formatted(out, value, &form));
        if !is_done || out.len() - start > most {
            return false;
        }
        rest = &rest[length..];
    }
    out.extend_from_slice(rest);
    values.next().is_none() && out.len() - start <= most
}

/// The result of `message % arguments`, or None if Python has to render it.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(name = "_percent", signature = (message, arguments, /))]
pub fn percent<'py>(message: &Bound<'py, PyAny>, arguments: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    let mut out = Vec::new();
    let is_done = put_percent(&mut out, message.as_borrowed(), arguments.as_borrowed(), DEFAULT_MESSAGE_BYTES);
    is_done.then(|| to_python(message.py(), &out))
}
