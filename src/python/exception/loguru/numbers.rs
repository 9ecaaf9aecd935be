//! Sequences and sets of numbers among the values of a traceback. They are written as Python writes them.

use pyo3::prelude::*;
use pyo3::types::{PyFrozenSet, PyList, PySet, PyString, PyTuple};

use crate::python::exception::values::lines::cut;
use crate::python::py::text::put_string;
use crate::python::value::sharing::is_atom;

/// The most numbers of a container that is written whole and then cut.
const MOST_NUMBERS: usize = 1_000;

/// Appends the text of a sequence or set that has only numbers. False for any other value.
pub fn put(out: &mut Vec<u8>, value: &Bound<'_, PyAny>) -> bool {
    let is_sequence = value.is_exact_instance_of::<PyList>()
        || value.is_exact_instance_of::<PyTuple>()
        || value.is_exact_instance_of::<PySet>()
        || value.is_exact_instance_of::<PyFrozenSet>();
    let is_numbers = is_sequence
        && value.len().is_ok_and(|length| length <= MOST_NUMBERS)
        && value.try_iter().is_ok_and(|mut items| items.all(|item| item.is_ok_and(|item| is_number(&item))));
    // Python refuses to write the digits of very large numbers.
    let Some(text) = is_numbers.then(|| value.repr().ok()).flatten() else { return false };
    let start = out.len();
    put_string(out, text.as_any());
    cut(out, start);
    true
}

fn is_number(value: &Bound<'_, PyAny>) -> bool {
    is_atom(value) && !value.is_exact_instance_of::<PyString>()
}
