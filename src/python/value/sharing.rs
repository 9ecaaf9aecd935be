//! Objects that hold the same things so many times over that their text would have no end.
//!
//! `[a, a]` with an `a` of the same kind doubles with each level. If logly writes a container itself, it cuts the text
//! in time. A `__str__` of the program's own cannot be stopped. Such an object is examined before it is asked for its
//! text, as far as the garbage collector sees its contents.

use ahash::AHashMap;
use pyo3::PyTypeInfo;
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PyMappingProxy, PySet, PySlice, PyString, PyTuple,
};

use crate::python::py::interpreter::name;
use crate::python::py::text::type_name;
use crate::python::value::held::held_by;
use crate::python::value::known::known_class;
use crate::python::value::source::Source;
use crate::report;

/// How many containers an unfolded object may have and still be asked for its text, which is cut long before their end.
const MOST_UNFOLDED: u64 = 1 << 17;

/// How many objects besides containers are examined: a program's objects may lead to all others.
const MOST_SEEN: usize = 128;

/// How many containers are examined. Some of them lie next to the shared ones.
const MOST_CONTAINERS: usize = 1_024;

/// How many objects the examined ones hold, together.
const MOST_HELD: usize = 1 << 16;

/// How many objects besides containers may lie on the way to an object. Objects beyond are mostly not in the text.
const MOST_HOPS: usize = 2;

/// Whether the text of an object would have no end.
pub fn is_boundless(value: &Bound<'_, PyAny>) -> bool {
    if shows_nothing(value) {
        return false;
    }
    let inner = held_by(value, is_container);
    if inner.is_empty() {
        return false;
    }
    let mut known: AHashMap<usize, u64> = AHashMap::new();
    known.insert(value.as_ptr() as usize, 1);
    let (mut others, mut held_by_all) = (0, inner.len());
    let mut open = vec![Open { address: value.as_ptr() as usize, unfolded: 1, hops: 0, inner }];
    while let Some(last) = open.last_mut() {
        let Some(held) = last.inner.pop() else {
            let done = open.pop().map_or((0, 0), |done| (done.address, done.unfolded));
            if done.1 > MOST_UNFOLDED {
                return true;
            }
            known.insert(done.0, done.1);
            if let Some(outer) = open.last_mut() {
                outer.unfolded = outer.unfolded.saturating_add(done.1);
            }
            continue;
        };
        let address = held.as_ptr() as usize;
        // An object that is open already makes a cycle, which `repr()` ends.
        if let Some(unfolded) = known.get(&address) {
            last.unfolded = last.unfolded.saturating_add(*unfolded);
            continue;
        }
        let is_other = !is_container(&held);
        let hops = last.hops + usize::from(is_other);
        let is_full = known.len() >= MOST_CONTAINERS || held_by_all >= MOST_HELD || (is_other && others >= MOST_SEEN);
        if hops <= MOST_HOPS && !is_full {
            others += usize::from(is_other);
            let inner = held_by(&held, is_container);
            held_by_all += inner.len();
            known.insert(address, 1);
            open.push(Open { address, unfolded: 1, hops, inner });
        }
    }
    false
}

/// Whether a value is of a type whose text never shows other values.
pub fn is_atom(value: &Bound<'_, PyAny>) -> bool {
    value.is_exact_instance_of::<PyString>()
        || value.is_exact_instance_of::<PyInt>()
        || value.is_exact_instance_of::<PyFloat>()
        || value.is_exact_instance_of::<PyBool>()
        || value.is_none()
}

/// The marker for an object whose text would have no end. It is reported once per type.
pub(super) fn boundless_marker(value: &Bound<'_, PyAny>) -> String {
    let name = type_name(value);
    let told = format!("a value of type {name} cannot be rendered: it holds the same objects too many times over");
    report::tell_once(&format!("{name} shared"), &told);
    format!("<unprintable {name}: shared references>")
}

/// Whether a value is text, or its class inherits the text that all objects have.
fn shows_nothing(value: &Bound<'_, PyAny>) -> bool {
    let py = value.py();
    let (class, object) = (value.get_type(), PyAny::type_object(py));
    let is_inherited = |name: &Bound<'_, PyString>| matches!((class.getattr(name), object.getattr(name)), (Ok(own), Ok(base)) if own.is(&base));
    value.is_instance_of::<PyString>() || (is_inherited(name!(py, "__repr__")) && is_inherited(name!(py, "__str__")))
}

/// Whether the text of a value consists of the texts of the objects it holds.
fn is_container(value: &Bound<'_, PyAny>) -> bool {
    value.is_instance_of::<PyDict>()
        || value.is_instance_of::<PyList>()
        || value.is_instance_of::<PyTuple>()
        || value.is_instance_of::<PySet>()
        || value.is_instance_of::<PyFrozenSet>()
        || value.is_instance_of::<PyMappingProxy>()
        || value.is_instance_of::<PySlice>()
        || is_wrapper(value)
        || matches!(Source::of(&value.get_type()), Some(Source::Msgspec | Source::Model))
}

/// Whether a value's class, or a base of it, is a class of the standard library that shows the containers in it.
fn is_wrapper(value: &Bound<'_, PyAny>) -> bool {
    let py = value.py();
    let known = [
        known_class!(py, "collections", "deque"),
        known_class!(py, "collections", "ChainMap"),
        known_class!(py, "collections", "UserDict"),
        known_class!(py, "collections", "UserList"),
        known_class!(py, "functools", "partial"),
        known_class!(py, "itertools", "repeat"),
        known_class!(py, "types", "SimpleNamespace"),
        known_class!(py, "types", "GenericAlias"),
    ];
    // `isinstance` would run the code of abstract classes.
    value.get_type().mro().iter().any(|class| known.iter().flatten().any(|known| class.is(*known)))
}

/// An object whose contents are being examined.
struct Open<'py> {
    address: usize,
    unfolded: u64,
    hops: usize,
    inner: Vec<Bound<'py, PyAny>>,
}
