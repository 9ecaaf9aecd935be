//! Values without parts: texts, bytes, numbers, None, and Python's own simple classes.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyByteArray, PyBytes, PyComplex, PyDict, PyFloat, PyInt, PySlice, PyString, PyType};

use crate::format::escape::is_bare_text;
use crate::format::text::{put_float, put_int};
use crate::python::exception::secrets;
use crate::python::exception::values::classes::class_name;
use crate::python::py::fork_barrier;
use crate::python::py::imports::imported;
use crate::python::py::interpreter::{Kept, name, sys};
use crate::python::py::text::{put_string, utf8};

/// The characters searched for secrets: more than are shown, so that no secret is cut in two.
const MOST_OF_TEXT: usize = 1_024;

/// The characters of a text that are written; more than are shown.
const MOST_WRITTEN: usize = 256;

/// The digits of a larger number take long.
const MOST_BITS: u64 = 400;

/// Python's own classes whose `repr` is shown, with their modules.
const PLAIN: [(&str, &str); 15] = [
    ("datetime", "datetime"),
    ("date", "datetime"),
    ("time", "datetime"),
    ("timedelta", "datetime"),
    ("timezone", "datetime"),
    ("Decimal", "decimal"),
    ("Fraction", "fractions"),
    ("IPv4Address", "ipaddress"),
    ("IPv6Address", "ipaddress"),
    ("IPv4Network", "ipaddress"),
    ("IPv6Network", "ipaddress"),
    ("IPv4Interface", "ipaddress"),
    ("IPv6Interface", "ipaddress"),
    ("UUID", "uuid"),
    ("ZoneInfo", "zoneinfo"),
];

static MASKED: Kept<Py<PyAny>> = Kept::new();

/// Appends the text of a value. False if it is none of these, and nothing was appended.
pub fn put(out: &mut Vec<u8>, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    if let Ok(text) = value.cast_exact::<PyString>() {
        put_text(out, text)?;
    } else if let Ok(number) = value.cast_exact::<PyInt>() {
        put_integer(out, number)?;
    } else if let Ok(number) = value.cast_exact::<PyFloat>() {
        put_float(out, number.value());
    } else if let Ok(flag) = value.cast_exact::<PyBool>() {
        out.extend_from_slice(if flag.is_true() { b"True" } else { b"False" });
    } else if value.is_none() {
        out.extend_from_slice(b"None");
    } else if value.is_exact_instance_of::<PyComplex>() {
        put_repr(out, value)?;
    } else if value.is_exact_instance_of::<PyBytes>() || value.is_exact_instance_of::<PyByteArray>() {
        put_bytes(out, value)?;
    } else {
        return put_plain(out, value);
    }
    Ok(true)
}

fn put_repr(out: &mut Vec<u8>, value: &Bound<'_, PyAny>) -> PyResult<()> {
    put_string(out, value.repr()?.as_any());
    Ok(())
}

fn put_integer(out: &mut Vec<u8>, number: &Bound<'_, PyInt>) -> PyResult<()> {
    if let Ok(number) = number.extract::<i64>() {
        put_int(out, number);
        return Ok(());
    }
    let bits: u64 = number.call_method0(name!(number.py(), "bit_length"))?.extract()?;
    if bits > MOST_BITS {
        out.extend_from_slice(format!("<int of {bits} bits>").as_bytes());
        return Ok(());
    }
    put_repr(out, number)
}

fn put_text(out: &mut Vec<u8>, text: &Bound<'_, PyString>) -> PyResult<()> {
    let is_cut = text.len()? > MOST_OF_TEXT;
    // A whole text would keep its UTF-8 too, if it is not ASCII.
    let start = if is_cut { &start_of(text)?.cast_into::<PyString>()? } else { text };
    let open = utf8(start.as_borrowed()).filter(|text| secrets::has_none(text));
    if let Some(text) = open {
        let written = first(text);
        if is_bare_text(written.as_bytes()) {
            out.push(b'\'');
            out.extend_from_slice(written.as_bytes());
            out.push(b'\'');
            return Ok(());
        }
        return put_repr(out, &PyString::new(start.py(), written));
    }
    let masked = masked(start, is_cut)?;
    put_repr(out, &masked.get_item(PySlice::new(start.py(), 0, MOST_WRITTEN as isize, 1))?)
}

/// The part of a text or of bytes that is searched.
fn start_of<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    value.get_item(PySlice::new(value.py(), 0, MOST_OF_TEXT as isize, 1))
}

/// The part of a text that is written.
fn first(text: &str) -> &str {
    text.char_indices().nth(MOST_WRITTEN).map_or(text, |(end, _)| &text[..end])
}

/// Lets Python's patterns mask the secrets in a text.
#[cold]
fn masked<'py>(text: &Bound<'py, PyString>, is_cut: bool) -> PyResult<Bound<'py, PyAny>> {
    let py = text.py();
    let mask = imported(py, &MASKED, "logly._exceptions.masking", "masked")?;
    let _importing = fork_barrier::enter(py);
    mask.call1((text, is_cut))
}

/// Appends bytes, with secrets masked. Each byte is treated as one character.
fn put_bytes(out: &mut Vec<u8>, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = value.py();
    let is_cut = value.len()? > MOST_OF_TEXT;
    let start = start_of(value)?;
    let bytes = match start.cast::<PyBytes>() {
        Ok(bytes) => bytes.as_bytes().to_vec(),
        Err(_) => start.cast::<PyByteArray>()?.to_vec(),
    };
    let text: String = bytes.iter().copied().map(char::from).collect();
    let written = if secrets::has_none(&text) {
        bytes[..bytes.len().min(MOST_WRITTEN)].to_vec()
    } else {
        let masked = masked(&PyString::new(py, &text), is_cut)?.cast_into::<PyString>()?;
        masked.to_str()?.chars().take(MOST_WRITTEN).map(|character| character as u8).collect()
    };
    if value.is_exact_instance_of::<PyBytes>() {
        return put_repr(out, &PyBytes::new(py, &written));
    }
    put_repr(out, &PyByteArray::new(py, &written))
}

/// Appends the `repr` of a value of a plain class. A time has no zone if that is of the program's own class, whose code
/// would run.
fn put_plain(out: &mut Vec<u8>, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = value.py();
    let Some(class) = plain_name(&value.get_type())? else { return Ok(false) };
    if matches!(class, "datetime" | "time") {
        let zone = value.getattr(name!(py, "tzinfo"))?;
        if !zone.is_none() && plain_name(&zone.get_type())?.is_none() {
            let without = PyDict::new(py);
            without.set_item(name!(py, "tzinfo"), py.None())?;
            put_repr(out, &value.call_method(name!(py, "replace"), (), Some(&without))?)?;
            return Ok(true);
        }
    }
    put_repr(out, value)?;
    Ok(true)
}

/// The name of a plain class. None for any other class, also for one that only has such a name.
fn plain_name(class: &Bound<'_, PyType>) -> PyResult<Option<&'static str>> {
    let name = class_name(class)?;
    let Some(text) = utf8(name.as_borrowed()) else { return Ok(None) };
    let Some((known, module)) = PLAIN.iter().find(|(known, _)| *known == text) else { return Ok(None) };
    let Some(sys) = sys(class.py()) else { return Ok(None) };
    let modules = sys.getattr(name!(class.py(), "modules"))?.cast_into::<PyDict>()?;
    let Some(module) = modules.get_item(module)? else { return Ok(None) };
    Ok(module.getattr_opt(*known)?.filter(|found| found.is(class)).map(|_| *known))
}
