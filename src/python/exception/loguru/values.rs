//! The values below a frame's line of source: one line each, the last name first.
//!
//! Functions, classes and objects without a `repr` of their own are written as Python writes them. So are sequences of
//! numbers. `values` writes all others.

use pyo3::PyTypeInfo;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyFunction, PyModule, PyString, PyType};
use smallvec::SmallVec;

use crate::python::exception::loguru::places::{Name, Place};
use crate::python::exception::loguru::{functions, modules, numbers};
use crate::python::exception::values::budget::Budget;
use crate::python::exception::values::has_plain_repr;
use crate::python::exception::values::text::put_shown;
use crate::python::py::abi;
use crate::python::py::interpreter::name;
use crate::python::py::text::put_string;

/// Appends the lines with the values of a place's names in one of its frames.
pub fn put_values(out: &mut Vec<u8>, place: &Place, frame: &Bound<'_, PyAny>, budget: &mut Budget) -> PyResult<()> {
    if place.names.is_empty() || budget.is_over() {
        return Ok(());
    }
    let py = frame.py();
    let names = Namespaces::of(frame)?;
    let mut values = Values::default();
    for name in &place.names {
        let Some(value) = names.find(name.text.bind(py))? else { continue };
        if !put_text(&mut values.texts, name, &value, budget)? {
            break;
        }
        values.ends.push((name.column, values.texts.len()));
    }
    values.put(out);
    Ok(())
}

/// The texts of values, one behind the other, each with the column of its name and its end.
struct Values {
    texts: Vec<u8>,
    ends: SmallVec<[(usize, usize); 16]>,
}

impl Default for Values {
    fn default() -> Self {
        Self { texts: Vec::with_capacity(512), ends: SmallVec::new() }
    }
}

impl Values {
    /// Appends a line for each value, the last one first, with vertical strokes below the names before it.
    fn put(&self, out: &mut Vec<u8>) {
        // The strokes of a line are the first ones of those of a longer line.
        let mut strokes = Vec::with_capacity(128);
        strokes.extend_from_slice(b"    ");
        let mut starts: SmallVec<[usize; 16]> = SmallVec::new();
        let mut reached = 0;
        for (column, _) in &self.ends {
            strokes.resize(strokes.len() + column.saturating_sub(reached), b' ');
            starts.push(strokes.len());
            strokes.extend_from_slice("│".as_bytes());
            reached = column.max(&reached) + 1;
        }
        for (number, start) in starts.iter().enumerate().rev() {
            let before = number.checked_sub(1).map_or(0, |number| self.ends[number].1);
            out.extend_from_slice(&strokes[..*start]);
            out.extend_from_slice("└ ".as_bytes());
            out.extend_from_slice(&self.texts[before..self.ends[number].1]);
            out.push(b'\n');
        }
    }
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

/// Appends the text of a value. False once the budget is used up.
fn put_text(out: &mut Vec<u8>, name: &Name, value: &Bound<'_, PyAny>, budget: &mut Budget) -> PyResult<bool> {
    if put_by_name(out, value)? || (!name.is_secret && numbers::put(out, value)) {
        return Ok(true);
    }
    put_shown(out, value, name.is_secret, budget)
}

/// Appends the text of a function, a class, a module or an object without a `repr` of its own. False for another value.
fn put_by_name(out: &mut Vec<u8>, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    if value.is_exact_instance_of::<PyFunction>() {
        functions::put(out, value)?;
    } else if is_of_module(value) || has_plain_repr(value)? {
        put_string(out, value.repr()?.as_any());
    } else if value.is_instance_of::<PyType>() {
        // A metaclass may have a `repr` that runs the program's code.
        let text = PyType::type_object(value.py()).call_method1(name!(value.py(), "__repr__"), (value,))?;
        put_string(out, &text);
    } else if let Ok(module) = value.cast_exact::<PyModule>() {
        out.extend_from_slice(&modules::text_of(module)?);
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// Whether a value is a builtin function of a module.
fn is_of_module(value: &Bound<'_, PyAny>) -> bool {
    let owner = || value.getattr(name!(value.py(), "__self__"));
    value.is_exact_instance_of::<PyCFunction>() && owner().is_ok_and(|owner| owner.is_exact_instance_of::<PyModule>())
}
