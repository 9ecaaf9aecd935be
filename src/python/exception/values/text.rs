//! The text of a value, with the texts of its parts.

use pyo3::exceptions::PyException;
use pyo3::prelude::*;

use crate::python::exception::secrets::MASK;
use crate::python::exception::values::budget::Budget;
use crate::python::exception::values::classes::class_name;
use crate::python::exception::values::lines::{ENOUGH, cut};
use crate::python::exception::values::parts::{self, Label, MOST_PARTS, Part, Parts, Shape};
use crate::python::exception::values::single;
use crate::python::py::text::put_string;

/// The deepest container in containers that is shown.
const DEEPEST: usize = 3;

/// Appends the text of a value. False if the budget is used up, and nothing was appended.
pub fn put_shown(out: &mut Vec<u8>, value: &Bound<'_, PyAny>, is_secret: bool, budget: &mut Budget) -> PyResult<bool> {
    if budget.is_over() {
        return Ok(false);
    }
    let start = out.len();
    if is_secret {
        out.extend_from_slice(MASK);
    } else if !budget.put_written(out, value) {
        Writing { out, start, budget }.put(value, 0)?;
    }
    let characters = cut(out, start);
    if !budget.takes(characters) {
        out.truncate(start);
        return Ok(false);
    }
    if !is_secret {
        budget.keep_written(value, &out[start..]);
    }
    Ok(true)
}

/// A text in the making, which begins at `start`.
struct Writing<'w> {
    out: &'w mut Vec<u8>,
    start: usize,
    budget: &'w mut Budget,
}

impl Writing<'_> {
    /// Appends the text of a value. Other threads may change the value meanwhile; its class is enough then.
    fn put(&mut self, value: &Bound<'_, PyAny>, depth: usize) -> PyResult<()> {
        let start = self.out.len();
        match self.put_rendered(value, depth) {
            Err(error) if error.is_instance_of::<PyException>(value.py()) => {
                self.out.truncate(start);
                self.put_bare(value, b"")
            }
            outcome => outcome,
        }
    }

    fn put_rendered(&mut self, value: &Bound<'_, PyAny>, depth: usize) -> PyResult<()> {
        if single::put(self.out, value)? {
            return Ok(());
        }
        if depth >= DEEPEST || self.budget.is_over() {
            return self.put_bare(value, b"");
        }
        match parts::of(value)? {
            Shape::Bare => self.put_bare(value, b""),
            Shape::Member(name) => self.put_bare(value, &[b".".as_slice(), &name].concat()),
            Shape::Parts(parts) => self.put_parts(value, &parts, depth),
        }
    }

    /// Appends the class of a value in angle brackets.
    fn put_bare(&mut self, value: &Bound<'_, PyAny>, member: &[u8]) -> PyResult<()> {
        self.out.push(b'<');
        self.put_class(value)?;
        self.out.extend_from_slice(member);
        self.out.push(b'>');
        Ok(())
    }

    fn put_class(&mut self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        put_string(self.out, class_name(&value.get_type())?.as_any());
        Ok(())
    }

    fn put_parts(&mut self, value: &Bound<'_, PyAny>, parts: &Parts<'_>, depth: usize) -> PyResult<()> {
        if parts.has_class {
            self.put_class(value)?;
        }
        self.out.extend_from_slice(parts.opening);
        for (number, part) in parts.first.iter().enumerate() {
            if self.out.len() - self.start > ENOUGH {
                break;
            }
            if number > 0 {
                self.out.extend_from_slice(b", ");
            }
            self.put_part(part, depth)?;
        }
        if parts.length > MOST_PARTS {
            self.out.extend_from_slice(b", ...");
        }
        self.out.extend_from_slice(parts.closing);
        Ok(())
    }

    fn put_part(&mut self, part: &Part<'_>, depth: usize) -> PyResult<()> {
        match &part.label {
            Label::None => {}
            Label::Key(key) => {
                self.put(key, depth + 1)?;
                self.out.extend_from_slice(b": ");
            }
            Label::Name(name) => {
                if !put_string(self.out, name) {
                    self.put(name, depth + 1)?;
                }
                self.out.push(b'=');
            }
        }
        if part.is_secret {
            self.out.extend_from_slice(MASK);
            return Ok(());
        }
        self.put(&part.value, depth + 1)
    }
}
