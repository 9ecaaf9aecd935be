//! Facts about the classes of values, read without the code of metaclasses. They are kept while a class is as it was.

use std::sync::Arc;

use ahash::AHashMap;
use pyo3::PyTypeInfo;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple, PyType};

use crate::python::py::interpreter::{Kept, kept, name};
use crate::python::py::{abi, peek};
use crate::python::value::known::known_class;
use crate::sync::Mutex;

/// The number of classes whose facts are kept. One more clears them all.
const MOST: usize = 512;

/// By the address of a class, and its state. Locked only with the GIL held, for one lookup.
static KNOWN: Mutex<Option<Known>> = Mutex::new(None);

type Known = AHashMap<(usize, u32), Arc<Facts>>;

/// The facts about a class. They hold nothing that keeps the class alive.
pub struct Facts {
    pub kind: Kind,
    pub attributes: Attributes,
    /// Whether the class or a base of it may have slots.
    pub has_slots: bool,
}

/// Kinds of classes.
pub enum Kind {
    /// An enumeration.
    Member,
    /// A named tuple, with the names of its items.
    Fields(Box<[Py<PyString>]>),
    Other,
}

/// The ways to the dict of an object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Attributes {
    None,
    /// The way of most classes, which is short.
    Generic,
    /// By the descriptor of the class that defines it.
    Described,
}

impl Facts {
    /// The facts about the class of a value.
    pub fn of(value: &Bound<'_, PyAny>) -> PyResult<Arc<Self>> {
        let class = value.get_type();
        let state = if abi::READS_STATES { abi::class_state(class.as_ptr().cast()) } else { 0 };
        let key = (class.as_ptr() as usize, state);
        if state != 0
            && let Some(known) = KNOWN.lock().as_ref().and_then(|known| known.get(&key))
        {
            return Ok(Arc::clone(known));
        }
        let facts = Arc::new(Self::read(value, &class)?);
        // The state that the class had before its facts were read.
        if state != 0 {
            keep(key, &facts);
        }
        Ok(facts)
    }

    fn read(value: &Bound<'_, PyAny>, class: &Bound<'_, PyType>) -> PyResult<Self> {
        let py = value.py();
        let is_member = match known_class!(py, "enum", "Enum") {
            Some(enumeration) => class.is_subclass(enumeration)?,
            None => false,
        };
        let fields = if value.is_instance_of::<PyTuple>() { fields(class)? } else { None };
        let kind = match fields {
            _ if is_member => Kind::Member,
            Some(fields) => Kind::Fields(fields),
            None => Kind::Other,
        };
        Ok(Self { kind, attributes: attributes(value, class)?, has_slots: has_slots(class)? })
    }
}

fn keep(key: (usize, u32), facts: &Arc<Facts>) {
    let mut known = KNOWN.lock();
    let kept = known.get_or_insert_default();
    let gone = if kept.len() >= MOST { std::mem::take(kept) } else { Known::new() };
    kept.insert(key, Arc::clone(facts));
    // This frees Python objects, which must not happen while the lock is held.
    drop(known);
    drop(gone);
}

/// The names of the items of a named tuple.
fn fields(class: &Bound<'_, PyType>) -> PyResult<Option<Box<[Py<PyString>]>>> {
    let py = class.py();
    for base in &bases(class)? {
        let namespace = namespace(&base)?;
        let names = match found(&namespace, name!(py, "_fields").as_any())? {
            None => found(&namespace, name!(py, "__match_args__").as_any())?,
            names => names,
        };
        let Some(names) = names.filter(PyAnyMethods::is_exact_instance_of::<PyTuple>) else { continue };
        let names = names.cast_into::<PyTuple>()?;
        let texts = names.iter().map(|name| name.cast_into_exact::<PyString>().map(Bound::unbind));
        if let Ok(texts) = texts.collect::<Result<Box<[_]>, _>>() {
            return Ok(Some(texts).filter(|texts| !texts.is_empty()));
        }
    }
    Ok(None)
}

fn attributes(value: &Bound<'_, PyAny>, class: &Bound<'_, PyType>) -> PyResult<Attributes> {
    let Some(_) = dict_descriptor(class)? else { return Ok(Attributes::None) };
    // A class that finds the dict of one object in the short way does so for all objects.
    let is_generic = abi::READS_STATES && {
        let dict = described_dict(value)?;
        peek::dict_of(value.as_borrowed()).is_some_and(|found| found.is(&dict))
    };
    Ok(if is_generic { Attributes::Generic } else { Attributes::Described })
}

/// The dict of an object, by the descriptor of its class.
pub fn described_dict<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    match dict_descriptor(&value.get_type())? {
        Some(descriptor) => descriptor.call_method1(name!(value.py(), "__get__"), (value,)),
        None => Ok(pyo3::types::PyDict::new(value.py()).into_any()),
    }
}

/// The descriptor of the dicts of objects. None if the program defines it, whose code would run.
fn dict_descriptor<'py>(class: &Bound<'py, PyType>) -> PyResult<Option<Bound<'py, PyAny>>> {
    static OF_DICTS: Kept<Py<PyAny>> = Kept::new();
    let py = class.py();
    let known =
        kept(py, &OF_DICTS, || PyResult::Ok(of_type(py, name!(py, "__dict__"))?.get_type().unbind().into_any()))?;
    for base in &bases(class)? {
        if let Some(descriptor) = found(&namespace(&base)?, name!(py, "__dict__").as_any())? {
            return Ok(Some(descriptor).filter(|descriptor| descriptor.get_type().is(known)));
        }
    }
    Ok(None)
}

fn has_slots(class: &Bound<'_, PyType>) -> PyResult<bool> {
    let py = class.py();
    for base in &bases(class)? {
        let slots = found(&namespace(&base)?, name!(py, "__slots__").as_any())?;
        let is_none = slots.is_none_or(|slots| slots.cast_exact::<PyTuple>().is_ok_and(PyTupleMethods::is_empty));
        if !is_none {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an entry of a namespace is the descriptor of a slot.
pub fn is_member(entry: &Bound<'_, PyAny>) -> PyResult<bool> {
    static OF_MEMBERS: Kept<Py<PyAny>> = Kept::new();
    let py = entry.py();
    let known = kept(py, &OF_MEMBERS, || {
        PyResult::Ok(of_type(py, name!(py, "__basicsize__"))?.get_type().unbind().into_any())
    })?;
    Ok(entry.get_type().is(known))
}

/// Whether `repr()` of an object is its class and address.
pub fn has_plain_repr(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    if let Some(is_plain) = abi::has_plain_repr(value) {
        return Ok(is_plain);
    }
    let py = value.py();
    for base in &bases(&value.get_type())? {
        if found(&namespace(&base)?, name!(py, "__repr__").as_any())?.is_some() {
            return Ok(base.is(PyAny::type_object(py)));
        }
    }
    Ok(false)
}

/// The name of a class.
pub fn class_name<'py>(class: &Bound<'py, PyType>) -> PyResult<Bound<'py, PyString>> {
    if is_of_type(class) {
        return class.name();
    }
    Ok(field(class, name!(class.py(), "__name__"))?.cast_into()?)
}

/// A class and its bases, in the order in which Python looks for attributes.
pub fn bases<'py>(class: &Bound<'py, PyType>) -> PyResult<Bound<'py, PyTuple>> {
    Ok(field(class, name!(class.py(), "__mro__"))?.cast_into()?)
}

/// The names that a class itself defines.
pub fn namespace<'py>(class: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    field(class.cast::<PyType>()?, name!(class.py(), "__dict__"))
}

/// An entry of a namespace.
pub fn found<'py>(namespace: &Bound<'py, PyAny>, name: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let entry = namespace.call_method1(name!(namespace.py(), "get"), (name, namespace))?;
    // None may be an entry too.
    Ok(Some(entry).filter(|entry| !entry.is(namespace)))
}

/// A field that `type` defines for all classes. A metaclass of the program would run its code for it.
fn field<'py>(class: &Bound<'py, PyType>, name: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyAny>> {
    if is_of_type(class) {
        return class.getattr(name);
    }
    of_type(class.py(), name)?.call_method1(name!(class.py(), "__get__"), (class,))
}

fn of_type<'py>(py: Python<'py>, name: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyAny>> {
    PyType::type_object(py).getattr(name!(py, "__dict__"))?.get_item(name)
}

fn is_of_type(class: &Bound<'_, PyType>) -> bool {
    class.get_type().is(PyType::type_object(class.py()))
}
