//! Single values of a traceback whose text needs no rules: numbers, None, and strings that hold no secret for certain.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString};

use crate::format::escape::is_bare_text;
use crate::format::text::{put_float, put_int};
use crate::python::exception::secrets;
use crate::python::py::text::{text_bytes, utf8};

/// The characters of a string that are looked at.
const MOST_OF_TEXT: usize = 1_024;

/// The characters of a string that are written; more than are shown.
const MOST_WRITTEN: usize = 256;

/// The text of a value, in ASCII and uncut. None for any other value.
pub fn text_of(value: &Bound<'_, PyAny>) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    if let Ok(string) = value.cast_exact::<PyString>() {
        return of_string(string);
    } else if value.is_exact_instance_of::<PyInt>() {
        put_int(&mut text, value.extract::<i64>().ok()?);
    } else if let Ok(number) = value.cast_exact::<PyFloat>() {
        put_float(&mut text, number.value());
    } else if let Ok(flag) = value.cast_exact::<PyBool>() {
        text.extend_from_slice(if flag.is_true() { b"True" } else { b"False" });
    } else if value.is_none() {
        text.extend_from_slice(b"None");
    } else {
        return None;
    }
    Some(text)
}

/// The text of a string in quotes. None if it may hold a secret.
fn of_string(string: &Bound<'_, PyString>) -> Option<Vec<u8>> {
    let text = utf8(string.as_borrowed())?;
    if text.len() > MOST_OF_TEXT || !secrets::has_none(text) {
        return None;
    }
    let written = &text[..text.len().min(MOST_WRITTEN)];
    if is_bare_text(written.as_bytes()) {
        return Some([b"'", written.as_bytes(), b"'"].concat());
    }
    let repr = PyString::new(string.py(), written).repr().ok()?;
    text_bytes(repr.as_any())
}
