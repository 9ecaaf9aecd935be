//! Functions among the values of a traceback: `<function main at 0x7f3b0c0d2e80>`.

use std::io::Write;
use std::sync::OnceLock;

use pyo3::prelude::*;

use crate::python::py::interpreter::name;
use crate::python::py::peek;
use crate::python::py::text::put_string;

/// Appends the `repr` of a function.
pub fn put(out: &mut Vec<u8>, function: &Bound<'_, PyAny>) -> PyResult<()> {
    /// Whether Python writes addresses in the same way, which depends on the C library.
    static IS_ALIKE: OnceLock<bool> = OnceLock::new();
    let start = out.len();
    if IS_ALIKE.get() != Some(&false) {
        put_own(out, function)?;
    }
    if IS_ALIKE.get() != Some(&true) {
        let mut text = Vec::new();
        put_string(&mut text, function.repr()?.as_any());
        let _ = IS_ALIKE.set(text == out[start..]);
        out.truncate(start);
        out.extend_from_slice(&text);
    }
    Ok(())
}

/// Appends the text in the form of most systems.
fn put_own(out: &mut Vec<u8>, function: &Bound<'_, PyAny>) -> PyResult<()> {
    out.extend_from_slice(b"<function ");
    put_string(out, &function.getattr(name!(function.py(), "__qualname__"))?);
    write!(out, " at {:#x}>", peek::address(function))?;
    Ok(())
}
