//! Conversion of Python strings to bytes, and back.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use pyo3::{PyTypeInfo, ffi};

/// A string's UTF-8, with lone surrogates as WTF-8. None for a value that is not a string.
pub fn text_bytes(value: &Bound<'_, PyAny>) -> Option<Vec<u8>> {
    let text = value.cast::<PyString>().ok()?;
    Some(match text.to_str() {
        Ok(text) => text.as_bytes().to_vec(),
        Err(_) => encode_lossless(value),
    })
}

/// Appends a string's UTF-8, with lone surrogates as WTF-8. False for a value that is not a string.
pub fn put_string(out: &mut Vec<u8>, value: &Bound<'_, PyAny>) -> bool {
    let Ok(text) = value.cast::<PyString>() else { return false };
    match utf8(text.as_borrowed()) {
        Some(text) => out.extend_from_slice(text.as_bytes()),
        None => out.extend_from_slice(&encode_lossless(value)),
    }
    true
}

/// A string's UTF-8, which the string keeps. None if it has lone surrogates. This does the same as PyO3's function, but
/// it is inlined, and makes no error that would not be read.
#[inline]
#[expect(unsafe_code, reason = "if crates are built apart, a function of another crate is called rather than inlined")]
pub fn utf8<'a>(text: Borrowed<'a, '_, PyString>) -> Option<&'a str> {
    let mut length: ffi::Py_ssize_t = 0;
    // SAFETY: attached, and a live string; the bytes live as long as the string.
    unsafe {
        let start = ffi::PyUnicode_AsUTF8AndSize(text.as_ptr(), &raw mut length);
        if start.is_null() {
            ffi::PyErr_Clear();
            return None;
        }
        Some(std::str::from_utf8_unchecked(std::slice::from_raw_parts(start.cast(), length as usize)))
    }
}

/// The Python string for bytes that may hold lone surrogates.
pub fn to_python<'py>(py: Python<'py>, text: &[u8]) -> Bound<'py, PyAny> {
    match std::str::from_utf8(text) {
        Ok(text) => PyString::new(py, text).into_any(),
        Err(_) => PyBytes::new(py, text)
            .call_method1("decode", ("utf-8", "surrogatepass"))
            .unwrap_or_else(|_| PyString::new(py, &String::from_utf8_lossy(text)).into_any()),
    }
}

pub fn type_name(value: &Bound<'_, PyAny>) -> String {
    value.get_type().name().map_or_else(|_| "object".to_owned(), |name| name.to_string())
}

/// The last position at or before `most` that does not split a character.
pub fn cut_at(text: &[u8], most: usize) -> usize {
    (0..=most).rev().find(|at| text.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80)).unwrap_or(0).min(text.len())
}

/// The UTF-8 of a string that may hold lone surrogates.
pub fn encode_lossless(text: &Bound<'_, PyAny>) -> Vec<u8> {
    let encoded = PyString::type_object(text.py()).call_method1("encode", (text, "utf-8", "surrogatepass"));
    encoded
        .ok()
        .and_then(|bytes| bytes.cast_into::<PyBytes>().ok())
        .map_or_else(Vec::new, |bytes| bytes.as_bytes().to_vec())
}
