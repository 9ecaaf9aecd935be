//! The values below a frame's line of source: one line each, the last name first.
//!
//! Values whose text is short and needs no code of the program are written here. All others are given to Python code,
//! which chooses and masks what is shown of them. Both take from the same budget.

use pyo3::PyTypeInfo;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyFunction, PyModule, PyString, PyType};

use crate::python::exception::loguru::places::{Name, Place};
use crate::python::exception::loguru::{containers, single};
use crate::python::py::imports::imported;
use crate::python::py::interpreter::{Kept, name};
use crate::python::py::text::text_bytes;
use crate::python::py::{abi, fork_barrier};

/// The characters of all values of one exception.
const MOST_CHARACTERS: usize = 8_192;

/// The characters of one value. A longer one ends in three dots.
const MOST_OF_VALUE: usize = 128;

/// The most values whose texts are kept for the other frames of an exception.
const MOST_WRITTEN: usize = 32;

const MASK: &[u8] = b"'***'";

static VALUE: Kept<Py<PyAny>> = Kept::new();
static BUDGET: Kept<Py<PyAny>> = Kept::new();

/// The rest of the size and time for the values of one exception.
pub struct Budget {
    left: usize,
    is_over: bool,
    /// Python's object for the budget. It counts the time from the first value that Python code writes.
    of_python: Option<Py<PyAny>>,
    /// The first values that Python code wrote. Frames that call each other often have the same objects.
    written: Vec<Written>,
}

/// A value that Python code wrote, with its text and the part of the budget that it took.
struct Written {
    value: Py<PyAny>,
    text: Vec<u8>,
    taken: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: MOST_CHARACTERS, is_over: false, of_python: None, written: Vec::new() }
    }
}

impl Budget {
    /// Takes the size of a text. False if the rest is too small.
    fn takes(&mut self, characters: usize) -> bool {
        let is_enough = characters <= self.left;
        self.left = self.left.saturating_sub(characters);
        self.is_over |= self.left == 0;
        is_enough
    }

    /// Lets Python code write a value. None once the budget is used up.
    fn written_by_python(&mut self, name: &Name, value: &Bound<'_, PyAny>) -> PyResult<Option<Vec<u8>>> {
        let py = value.py();
        let is_same = |written: &&Written| !name.is_secret && written.value.as_ptr() == value.as_ptr();
        if let Some(written) = self.written.iter().find(is_same) {
            let (text, taken) = (written.text.clone(), written.taken);
            return Ok(Some(text).filter(|_| self.takes(taken)));
        }
        let before = self.left;
        let _importing = fork_barrier::enter(py);
        let of_python = match self.of_python.take() {
            Some(known) => known.into_bound(py),
            None => imported(py, &BUDGET, "logly._exceptions.shown_values", "Budget")?.call0()?,
        };
        of_python.setattr(name!(py, "left"), self.left)?;
        let write = imported(py, &VALUE, "logly.loguru._values", "text_of")?;
        let text = write.call1((name.text.bind(py), value, &of_python))?;
        let left: isize = of_python.getattr(name!(py, "left"))?.extract()?;
        self.left = left.max(0).cast_unsigned();
        self.is_over = of_python.call_method0(name!(py, "is_over"))?.is_truthy()?;
        self.of_python = Some(of_python.unbind());
        let text = text_bytes(&text);
        if let Some(text) = text.clone().filter(|_| !name.is_secret && self.written.len() < MOST_WRITTEN) {
            let taken = before.saturating_sub(self.left);
            self.written.push(Written { value: value.clone().unbind(), text, taken });
        }
        Ok(text)
    }
}

/// Appends the lines with the values of a place's names in one of its frames.
pub fn put_values(out: &mut Vec<u8>, place: &Place, frame: &Bound<'_, PyAny>, budget: &mut Budget) -> PyResult<()> {
    if place.names.is_empty() || budget.is_over {
        return Ok(());
    }
    let py = frame.py();
    let names = Namespaces::of(frame)?;
    let mut values: Vec<(usize, Vec<u8>)> = Vec::with_capacity(place.names.len());
    for name in &place.names {
        let Some(value) = names.find(name.text.bind(py))? else { continue };
        let Some(text) = text_of(name, &value, budget)? else { break };
        values.push((name.column, text));
    }
    for last in (0..values.len()).rev() {
        put_line(out, &values[..=last]);
    }
    Ok(())
}

/// Appends the line of the last of some values, with vertical strokes below the names before it.
fn put_line(out: &mut Vec<u8>, values: &[(usize, Vec<u8>)]) {
    let Some(((last, text), before)) = values.split_last() else { return };
    let mut reached = 0;
    out.extend_from_slice(b"    ");
    for (column, _) in before {
        out.resize(out.len() + column.saturating_sub(reached), b' ');
        out.extend_from_slice("│".as_bytes());
        reached = column.max(&reached) + 1;
    }
    out.resize(out.len() + last.saturating_sub(reached), b' ');
    out.extend_from_slice("└ ".as_bytes());
    out.extend_from_slice(text);
    out.push(b'\n');
}

/// The names that a frame sees. A namespace of the program's own class would run its code, and is left out.
struct Namespaces<'py> {
    own: Option<Bound<'py, PyAny>>,
    globals: Bound<'py, PyDict>,
}

impl<'py> Namespaces<'py> {
    fn of(frame: &Bound<'py, PyAny>) -> PyResult<Self> {
        let py = frame.py();
        let own = frame.getattr(name!(py, "f_locals"))?;
        let is_known = own.is_exact_instance_of::<PyDict>()
            || (abi::is_from(py, 13) && &own.get_type().name()? == "FrameLocalsProxy");
        let globals = frame.getattr(name!(py, "f_globals"))?.cast_into::<PyDict>()?;
        Ok(Self { own: is_known.then_some(own), globals })
    }

    fn find(&self, name: &Bound<'py, PyString>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let own = match &self.own {
            Some(own) => match own.cast_exact::<PyDict>() {
                Ok(own) => own.get_item(name)?,
                Err(_) if own.contains(name)? => Some(own.get_item(name)?),
                Err(_) => None,
            },
            None => None,
        };
        if own.is_some() { Ok(own) } else { self.globals.get_item(name) }
    }
}

/// The text of a value. None once the budget is used up.
fn text_of(name: &Name, value: &Bound<'_, PyAny>, budget: &mut Budget) -> PyResult<Option<Vec<u8>>> {
    if let Some(text) = by_name(value)? {
        return Ok(Some(text));
    }
    if !name.is_secret
        && let Some(text) = containers::of_numbers(value)
    {
        return Ok(Some(cut(text)));
    }
    if budget.is_over {
        return Ok(None);
    }
    let text = if !name.is_secret {
        single::text_of(value).or_else(|| containers::text_of(value, 0))
    } else if is_module(value) {
        None
    } else {
        Some(MASK.to_vec())
    };
    match text.map(cut) {
        Some(text) => Ok(Some(text).filter(|text| budget.takes(text.len()))),
        None => budget.written_by_python(name, value),
    }
}

/// The text of a function, a class or an object without a `repr` of its own, as Python writes it.
fn by_name(value: &Bound<'_, PyAny>) -> PyResult<Option<Vec<u8>>> {
    let is_known = value.is_exact_instance_of::<PyFunction>() || is_of_module(value) || abi::has_plain_repr(value);
    let text = if is_known {
        value.repr()?.into_any()
    } else if value.is_instance_of::<PyType>() {
        // A metaclass may have a `repr` that runs the program's code.
        PyType::type_object(value.py()).call_method1(name!(value.py(), "__repr__"), (value,))?
    } else {
        return Ok(None);
    };
    Ok(text_bytes(&text))
}

/// Whether a value is a builtin function of a module.
fn is_of_module(value: &Bound<'_, PyAny>) -> bool {
    let owner = || value.getattr(name!(value.py(), "__self__"));
    value.is_exact_instance_of::<PyCFunction>() && owner().is_ok_and(|owner| is_module(&owner))
}

fn is_module(value: &Bound<'_, PyAny>) -> bool {
    value.is_exact_instance_of::<PyModule>()
}

/// Cuts a text in ASCII.
fn cut(mut text: Vec<u8>) -> Vec<u8> {
    if text.len() > MOST_OF_VALUE {
        text.truncate(MOST_OF_VALUE - 3);
        text.extend_from_slice(b"...");
    }
    text
}
