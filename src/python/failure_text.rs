//! The text of an exception, as Python prints it.
//!
//! Frames come from what is kept of their places, see `frames`; what is not common is for Python's own `traceback` to render, a part
//! of the text or all of it.

use pyo3::prelude::*;

use crate::python::failure::{Failure, Link, Relation};
use crate::python::frames;
use crate::python::interpreter::{Kept, imported};
use crate::python::values::text_bytes;

static WHOLE: Kept<Py<PyAny>> = Kept::new();
static LAST_LINES: Kept<Py<PyAny>> = Kept::new();

/// Exceptions of a chain up to which `traceback` renders the last lines of single ones. It reads the rest of the chain each time.
const MOST_SINGLE: usize = 8;

/// What Python prints.
pub fn of(failure: &Failure<'_>, exception: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let has_special = failure.links.iter().any(|link| link.is_special);
    if failure.is_special || (has_special && failure.links.len() > MOST_SINGLE) {
        let whole = imported(exception.py(), &WHOLE, "logly._traceback", "whole")?;
        return Ok(text_bytes(&whole.call1((exception,))?).unwrap_or_default());
    }
    let mut out = Vec::with_capacity(2048);
    for link in failure.links.iter().rev() {
        put_link(&mut out, link)?;
    }
    Ok(out)
}

/// Appends one exception, behind those that led to it.
fn put_link(out: &mut Vec<u8>, link: &Link<'_>) -> PyResult<()> {
    out.extend_from_slice(match link.following {
        Some(Relation::Cause) => {
            b"\nThe above exception was the direct cause of the following exception:\n\n".as_slice()
        }
        Some(Relation::Context) => b"\nDuring handling of the above exception, another exception occurred:\n\n",
        None => b"",
    });
    if !link.frames.is_empty() {
        out.extend_from_slice(b"Traceback (most recent call last):\n");
        frames::put_text(out, &link.frames);
    }
    if link.is_special {
        let lines = imported(link.error.py(), &LAST_LINES, "logly._traceback", "last_lines")?;
        out.extend_from_slice(&text_bytes(&lines.call1((&link.error,))?).unwrap_or_default());
    } else {
        put_last_line(out, link);
    }
    Ok(())
}

/// `module.Type: message`.
fn put_last_line(out: &mut Vec<u8>, link: &Link<'_>) {
    if !matches!(link.module.as_slice(), b"__main__" | b"builtins") {
        out.extend_from_slice(&link.module);
        out.push(b'.');
    }
    out.extend_from_slice(&link.kind);
    if !link.message.is_empty() {
        out.extend_from_slice(b": ");
        out.extend_from_slice(&link.message);
    }
    out.push(b'\n');
}
