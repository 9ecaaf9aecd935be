//! Dicts, lists, tuples and sets among the values of a traceback, if all that is shown of them is simple.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFrozenSet, PyList, PySet, PyString, PyTuple};

use crate::python::exception::loguru::single;
use crate::python::exception::secrets;
use crate::python::py::abi;
use crate::python::py::text::{text_bytes, utf8};
use crate::python::value::sharing::is_atom;

/// The most items that are shown of a container.
const MOST_ITEMS: usize = 8;

/// The most numbers of a container that is written whole and then cut.
const MOST_NUMBERS: usize = 1_000;

/// The deepest container in containers that is shown.
const DEEPEST: usize = 3;

/// The text of a container, uncut. None if Python code has to write it: for names that may be secret, objects of other
/// classes, and deeper containers. Without a GIL other threads could change the container meanwhile.
pub fn text_of(value: &Bound<'_, PyAny>, depth: usize) -> Option<Vec<u8>> {
    if depth >= DEEPEST || !abi::READS_STATES {
        return None;
    }
    let mut items = Items::default();
    if let Ok(dict) = value.cast_exact::<PyDict>() {
        for (key, value) in dict.iter().take(MOST_ITEMS) {
            let mut text = single::text_of(&key).filter(|_| is_open(&key))?;
            text.extend_from_slice(b": ");
            text.extend_from_slice(&item(&value, depth)?);
            items.add(&text);
        }
        return Some(items.between(b'{', dict.len(), b'}'));
    }
    let (opening, closing) = if value.is_exact_instance_of::<PyList>() {
        (b'[', b']')
    } else if value.is_exact_instance_of::<PyTuple>() {
        (b'(', b')')
    } else if value.is_exact_instance_of::<PySet>() || value.is_exact_instance_of::<PyFrozenSet>() {
        (b'{', b'}')
    } else {
        return None;
    };
    for value in value.try_iter().ok()?.take(MOST_ITEMS) {
        let value = value.ok()?;
        // A string may name the next item, as in a header.
        items.add(&item(&value, depth).filter(|_| is_open(&value))?);
    }
    Some(items.between(opening, value.len().ok()?, closing))
}

fn item(value: &Bound<'_, PyAny>, depth: usize) -> Option<Vec<u8>> {
    single::text_of(value).or_else(|| text_of(value, depth + 1))
}

/// Whether a value is no secret name.
fn is_open(value: &Bound<'_, PyAny>) -> bool {
    let text = value.cast_exact::<PyString>();
    text.map_or(true, |text| utf8(text.as_borrowed()).is_some_and(secrets::is_open_name))
}

/// The texts of items, with commas.
#[derive(Default)]
struct Items {
    text: Vec<u8>,
    count: usize,
}

impl Items {
    fn add(&mut self, text: &[u8]) {
        if self.count > 0 {
            self.text.extend_from_slice(b", ");
        }
        self.text.extend_from_slice(text);
        self.count += 1;
    }

    /// The text of a container with `length` items.
    fn between(mut self, opening: u8, length: usize, closing: u8) -> Vec<u8> {
        if length > MOST_ITEMS {
            self.add(b"...");
        }
        [&[opening], self.text.as_slice(), &[closing]].concat()
    }
}

/// The text of a sequence or set that has only numbers.
pub fn of_numbers(value: &Bound<'_, PyAny>) -> Option<Vec<u8>> {
    let is_sequence = value.is_exact_instance_of::<PyList>()
        || value.is_exact_instance_of::<PyTuple>()
        || value.is_exact_instance_of::<PySet>()
        || value.is_exact_instance_of::<PyFrozenSet>();
    let is_numbers = is_sequence
        && value.len().is_ok_and(|length| length <= MOST_NUMBERS)
        && value.try_iter().is_ok_and(|mut items| items.all(|item| item.is_ok_and(|item| is_number(&item))));
    // Python refuses to write the digits of very large numbers.
    if is_numbers { value.repr().ok().and_then(|text| text_bytes(text.as_any())) } else { None }
}

fn is_number(value: &Bound<'_, PyAny>) -> bool {
    is_atom(value) && !value.is_exact_instance_of::<PyString>()
}
