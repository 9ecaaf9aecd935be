//! The parts that are shown of a value: the items of a container, or the attributes of an object.
//!
//! They are taken in one step, before any of them is written, since other threads may change the value.

use pyo3::PyTypeInfo;
use pyo3::prelude::*;
use pyo3::sync::critical_section::with_critical_section;
use pyo3::types::{PyCFunction, PyDict, PyFrozenSet, PyFunction, PyList, PyModule, PySet, PyString, PyTuple, PyType};
use smallvec::SmallVec;

use crate::python::exception::secrets::{is_option, is_secret};
use crate::python::exception::values::attributes;
use crate::python::exception::values::classes::{Facts, Kind};
use crate::python::py::interpreter::name;
use crate::python::py::text::text_bytes;

/// The most parts that are shown.
pub const MOST_PARTS: usize = 8;

/// How a value is shown that is not a single one.
#[expect(clippy::large_enum_variant, reason = "each lives only while its value is written")]
pub enum Shape<'py> {
    /// By its class alone.
    Bare,
    /// A member of an enumeration, by its name.
    Member(Vec<u8>),
    Parts(Parts<'py>),
}

/// The first parts of a value, and how many there are.
pub struct Parts<'py> {
    pub has_class: bool,
    pub opening: &'static [u8],
    pub first: SmallVec<[Part<'py>; MOST_PARTS]>,
    pub length: usize,
    pub closing: &'static [u8],
}

pub struct Part<'py> {
    pub label: Label<'py>,
    pub value: Bound<'py, PyAny>,
    pub is_secret: bool,
}

/// The text before a part.
pub enum Label<'py> {
    None,
    Key(Bound<'py, PyAny>),
    Name(Bound<'py, PyAny>),
}

const OF_SETS: [&[u8]; 4] = [b"{", b"}", b"({", b"})"];

type Items<'py> = SmallVec<[Bound<'py, PyAny>; MOST_PARTS]>;

/// Chooses what is shown of a value.
pub fn of<'py>(value: &Bound<'py, PyAny>) -> PyResult<Shape<'py>> {
    if let Ok(dict) = value.cast::<PyDict>() {
        return Ok(Shape::Parts(of_dict(dict)));
    }
    if is_exact(value)
        && let Some(parts) = of_sequence(value)?
    {
        return Ok(Shape::Parts(parts));
    }
    if is_untold(value) {
        return Ok(Shape::Bare);
    }
    let facts = Facts::of(value)?;
    match &facts.kind {
        Kind::Member => member(value, &facts),
        Kind::Fields(names) => Ok(Shape::Parts(of_fields(value.cast::<PyTuple>()?, names))),
        Kind::Other => match of_sequence(value)? {
            Some(parts) => Ok(Shape::Parts(parts)),
            None => of_object(value, &facts),
        },
    }
}

/// Whether the name of a value says enough: a module, a function or a class.
fn is_untold(value: &Bound<'_, PyAny>) -> bool {
    value.is_instance_of::<PyType>()
        || value.is_instance_of::<PyFunction>()
        || value.is_instance_of::<PyCFunction>()
        || value.is_instance_of::<PyModule>()
}

fn of_dict<'py>(dict: &Bound<'py, PyDict>) -> Parts<'py> {
    let (items, length) = with_critical_section(dict, || {
        let items: SmallVec<[_; MOST_PARTS]> = dict.iter().take(MOST_PARTS).collect();
        (items, dict.len())
    });
    let part = |(key, value)| Part { is_secret: is_secret(&key), label: Label::Key(key), value };
    Parts {
        has_class: !dict.is_exact_instance_of::<PyDict>(),
        opening: if dict.is_exact_instance_of::<PyDict>() { b"{" } else { b"({" },
        first: items.into_iter().map(part).collect(),
        length,
        closing: if dict.is_exact_instance_of::<PyDict>() { b"}" } else { b"})" },
    }
}

/// Whether a value is a list, tuple or set, and not of a derived class.
fn is_exact(value: &Bound<'_, PyAny>) -> bool {
    value.is_exact_instance_of::<PyList>()
        || value.is_exact_instance_of::<PyTuple>()
        || value.is_exact_instance_of::<PySet>()
        || value.is_exact_instance_of::<PyFrozenSet>()
}

/// The items of a list, tuple or set. None for any other value.
fn of_sequence<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Parts<'py>>> {
    let py = value.py();
    let (items, length, brackets): (Items<'py>, _, [&'static [u8]; 4]) = if let Ok(list) = value.cast::<PyList>() {
        let items = (0..MOST_PARTS).map_while(|at| list.get_item(at).ok());
        (items.collect(), list.len(), [b"[", b"]", b"([", b"])"])
    } else if let Ok(tuple) = value.cast::<PyTuple>() {
        (tuple.iter().take(MOST_PARTS).collect(), tuple.len(), [b"(", b")", b"((", b"))"])
    } else if let Ok(set) = value.cast::<PySet>() {
        (of_set(value, &PySet::type_object(py))?, set.len(), OF_SETS)
    } else if let Ok(set) = value.cast::<PyFrozenSet>() {
        (of_set(value, &PyFrozenSet::type_object(py))?, set.len(), OF_SETS)
    } else {
        return Ok(None);
    };
    let [opening, closing, opening_of_derived, closing_of_derived] = brackets;
    let first = named(items);
    Ok(Some(if is_exact(value) {
        Parts { has_class: false, opening, first, length, closing }
    } else {
        Parts { has_class: true, opening: opening_of_derived, first, length, closing: closing_of_derived }
    }))
}

/// The first items of a set, as its base class gives them.
fn of_set<'py>(set: &Bound<'py, PyAny>, base: &Bound<'py, PyType>) -> PyResult<Items<'py>> {
    let items = base.call_method1(name!(set.py(), "__iter__"), (set,))?;
    items.try_iter()?.take(MOST_PARTS).collect()
}

/// The parts of a sequence. In a pair, such as a header, the first item may name the second. An option of a command line
/// names the item behind it.
fn named<'py>(items: Items<'py>) -> SmallVec<[Part<'py>; MOST_PARTS]> {
    let is_pair = items.len() == 2;
    let mut is_masked = false;
    let part = |value: Bound<'py, PyAny>| {
        let is_secret_now = is_masked;
        is_masked = (is_pair && is_secret(&value)) || is_option(&value);
        Part { label: Label::None, value, is_secret: is_secret_now }
    };
    items.into_iter().map(part).collect()
}

/// The items of a named tuple.
fn of_fields<'py>(tuple: &Bound<'py, PyTuple>, names: &[Py<PyString>]) -> Parts<'py> {
    let pairs = names.iter().zip(tuple.iter()).take(MOST_PARTS);
    let pairs = pairs.map(|(name, value)| (name.bind(tuple.py()).clone().into_any(), value));
    of_names(pairs.collect(), names.len())
}

fn of_object<'py>(value: &Bound<'py, PyAny>, facts: &Facts) -> PyResult<Shape<'py>> {
    let held = attributes::first(value, facts, MOST_PARTS)?;
    Ok(if held.length == 0 { Shape::Bare } else { Shape::Parts(of_names(held.pairs, held.length)) })
}

fn of_names(pairs: attributes::Pairs<'_>, length: usize) -> Parts<'_> {
    let part = |(name, value)| Part { is_secret: is_secret(&name), label: Label::Name(name), value };
    let first = pairs.into_iter().map(part).collect();
    Parts { has_class: true, opening: b"(", first, length, closing: b")" }
}

/// The name of a member of an enumeration.
fn member<'py>(value: &Bound<'py, PyAny>, facts: &Facts) -> PyResult<Shape<'py>> {
    let Some(name) = attributes::of_dict(value, facts)?.get_item(name!(value.py(), "_name_"))? else {
        return Ok(Shape::Bare);
    };
    // A combination of flags may have no name.
    Ok(Shape::Member(text_bytes(&name).unwrap_or_else(|| b"None".to_vec())))
}
