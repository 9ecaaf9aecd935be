//! The containers whose text logly writes itself: how Python writes each, and the items it holds at the moment.
//!
//! These are Python's own containers, subclasses that leave the writing to them, named tuples, and dataclasses with a
//! generated `__repr__`. The items are taken in one step, since their code may change a container, and so may other
//! threads.

use std::borrow::Cow;

use ahash::AHashSet;
use pyo3::PyTypeInfo;
use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::{
    PyDict, PyDictItems, PyDictKeys, PyDictValues, PyFrozenSet, PyList, PySet, PyString, PyTuple, PyType,
};

use crate::python::py::abi;
use crate::python::py::interpreter::name;
use crate::python::py::recursion::is_holder;
use crate::python::py::text::text_bytes;
use crate::python::value::capture::Capture;
use crate::python::value::known::known_class;
use crate::python::value::object_fields;
use crate::python::value::shape::{Part, Shape};

/// How deep containers may nest. Deeper ones become a marker. Readers of the line have limits too. CPython's `json`
/// gives up where this depth and the calls around it reach 1,000, which leaves as much for those calls. Others give up
/// at 256 (jq 1.6) or 128 (`serde_json`).
pub const MOST_DEPTH: usize = 500;

/// How often one value may show containers again. Shared containers double the text with each level, and exceed this
/// limit long before the text is too long.
const MOST_AGAIN: usize = 10_000;

/// How many containers are opened before their addresses are kept. Most values have few containers.
const UNCOUNTED: usize = 64;

/// The containers that a value has shown.
#[derive(Default)]
pub struct Opened {
    count: usize,
    seen: AHashSet<usize>,
    again: usize,
}

impl Opened {
    /// Notes that a container is opened.
    pub fn add(&mut self, value: &Bound<'_, PyAny>) {
        self.count += 1;
        if self.count > UNCOUNTED && !self.seen.insert(value.as_ptr() as usize) {
            self.again += 1;
        }
    }

    /// Whether the value has shown the same containers too often.
    pub fn is_over(&self) -> bool {
        self.again > MOST_AGAIN
    }
}

/// Kinds of container.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    List,
    Tuple,
    Dict,
    Set,
    FrozenSet,
    NamedTuple,
    Dataclass,
    Attrs,
    Keys,
    Values,
    Items,
    Deque,
    OrderedDict,
    DefaultDict,
    Namespace,
    /// An exception that shows its arguments.
    Exception,
}

/// Whether logly writes the text of a value.
pub(super) fn is_shaped(value: &Bound<'_, PyAny>) -> bool {
    kind_of(value).is_some()
}

fn kind_of(value: &Bound<'_, PyAny>) -> Option<Kind> {
    let class = value.get_type();
    let exact = [
        (PyList::type_object(value.py()), Kind::List),
        (PyTuple::type_object(value.py()), Kind::Tuple),
        (PyDict::type_object(value.py()), Kind::Dict),
        (PySet::type_object(value.py()), Kind::Set),
        (PyFrozenSet::type_object(value.py()), Kind::FrozenSet),
    ];
    if let Some((_, kind)) = exact.iter().find(|(known, _)| class.is(known)) {
        return Some(*kind);
    }
    derived(value, &class, &exact)
}

/// The kind of a value that is not exactly a list, tuple, dict or set.
fn derived<'py>(
    value: &Bound<'py, PyAny>,
    class: &Bound<'py, PyType>,
    exact: &[(Bound<'py, PyType>, Kind)],
) -> Option<Kind> {
    let py = value.py();
    // An object that the garbage collector does not look at holds nothing.
    if !is_holder(value) || value.is_instance_of::<PyType>() || value.is_instance_of::<PyString>() {
        return None;
    }
    if value.is_exact_instance_of::<PyDictKeys>() {
        return Some(Kind::Keys);
    }
    if value.is_exact_instance_of::<PyDictValues>() {
        return Some(Kind::Values);
    }
    if value.is_exact_instance_of::<PyDictItems>() {
        return Some(Kind::Items);
    }
    let known = [
        (known_class!(py, "collections", "deque"), Kind::Deque),
        (known_class!(py, "collections", "OrderedDict"), Kind::OrderedDict),
        (known_class!(py, "collections", "defaultdict"), Kind::DefaultDict),
        (known_class!(py, "types", "SimpleNamespace"), Kind::Namespace),
    ];
    if let Some((_, kind)) = known.iter().find(|(known, _)| known.is_some_and(|known| class.is(known))) {
        return Some(*kind);
    }
    let own = class.getattr(name!(py, "__repr__")).ok()?;
    let is_inherited = |base: &Bound<'py, PyType>| base.getattr(name!(py, "__repr__")).is_ok_and(|base| own.is(&base));
    let has_own_text = !class.getattr(name!(py, "__str__")).is_ok_and(|text| is_of_object(&text));
    if value.is_instance_of::<PyBaseException>() {
        return is_inherited(&PyBaseException::type_object(py)).then_some(Kind::Exception);
    }
    if has_own_text {
        return None;
    }
    for (base, kind) in exact {
        if class.is_subclass(base).unwrap_or(false) {
            let is_named = *kind == Kind::Tuple && object_fields::is_named_tuple(class, &own);
            return if is_named { Some(Kind::NamedTuple) } else { is_inherited(base).then_some(*kind) };
        }
    }
    if object_fields::has_attrs_text(class, &own) {
        return Some(Kind::Attrs);
    }
    object_fields::has_made_text(class, &own).then_some(Kind::Dataclass)
}

/// Whether a `__str__` is the one of `object`, which gives `repr()`.
fn is_of_object(text: &Bound<'_, PyAny>) -> bool {
    let object = pyo3::types::PyAny::type_object(text.py());
    object.getattr(name!(text.py(), "__str__")).is_ok_and(|own| text.is(&own))
}

/// The arguments of an exception, if its class inherits the `__str__` of all exceptions.
pub(super) fn arguments_of<'py>(value: &Bound<'py, PyAny>) -> Option<Vec<Bound<'py, PyAny>>> {
    let py = value.py();
    if !value.is_instance_of::<PyBaseException>() {
        return None;
    }
    let base = PyBaseException::type_object(py).getattr(name!(py, "__str__")).ok()?;
    let own = value.get_type().getattr(name!(py, "__str__")).ok()?;
    let arguments = value.getattr(name!(py, "args")).ok().filter(|_| own.is(&base))?;
    arguments.cast_into_exact::<PyTuple>().ok().map(|arguments| arguments.iter().collect())
}

/// The mark that Python writes in place of a container that is already being written.
pub(super) fn cycle_of(capture: &mut Capture, value: &Bound<'_, PyAny>) -> Cow<'static, [u8]> {
    match kind_of(value) {
        Some(Kind::List | Kind::Deque) => b"[...]".into(),
        Some(Kind::Tuple) => b"(...)".into(),
        Some(Kind::Dict) => b"{...}".into(),
        Some(Kind::DefaultDict) => {
            let opening = default_dict(capture, value).unwrap_or_default();
            [opening.as_slice(), b"...})"].concat().into()
        }
        Some(Kind::Set | Kind::FrozenSet | Kind::Exception) => {
            [&class_name(value), b"(...)".as_slice()].concat().into()
        }
        Some(Kind::Namespace) => b"namespace(...)".into(),
        _ => b"...".into(),
    }
}

/// The text around a container's items, and the items it holds.
pub(super) fn shape_of<'py>(capture: &mut Capture, value: &Bound<'py, PyAny>) -> PyResult<Shape<'py>> {
    let py = value.py();
    // Items beyond this number are cut: each takes a character and the separator after it.
    let most = capture.most / 3 + 2;
    let shape = |opening: Cow<'static, [u8]>, parts: Vec<Part<'py>>, closing: &'static [u8]| {
        Ok(Shape { opening, parts: parts.into_iter(), closing: closing.into(), is_tuple: false })
    };
    match kind_of(value) {
        Some(Kind::List) => shape(b"[".into(), items(value.cast::<PyList>()?.iter(), most), b"]"),
        Some(Kind::Tuple) => Ok(tuple(value.cast::<PyTuple>()?.iter(), most)),
        Some(Kind::Dict) => shape(b"{".into(), pairs(value.cast::<PyDict>()?, most / 2 + 1), b"}"),
        Some(Kind::Set | Kind::FrozenSet) => set(value, most),
        Some(Kind::Keys) => shape(b"dict_keys([".into(), iterated(value, most)?, b"])"),
        Some(Kind::Values) => shape(b"dict_values([".into(), iterated(value, most)?, b"])"),
        Some(Kind::Items) => shape(b"dict_items([".into(), iterated(value, most)?, b"])"),
        Some(Kind::Deque) => deque(capture, value, most),
        Some(Kind::OrderedDict) => ordered(value, most),
        Some(Kind::DefaultDict) => {
            let opening = default_dict(capture, value)?;
            shape(opening.into(), pairs(value.cast::<PyDict>()?, most), b"})")
        }
        Some(Kind::Namespace) => {
            let fields = value.getattr(name!(py, "__dict__"))?;
            let fields = fields
                .cast::<PyDict>()?
                .iter()
                .map(|(name, value)| Part::Field(text_bytes(&name).unwrap_or_default(), Ok(value)));
            shape(b"namespace(".into(), fields.collect(), b")")
        }
        Some(Kind::Exception) => {
            let arguments = value.getattr(name!(py, "args"))?;
            let opening = [&class_name(value), b"(".as_slice()].concat();
            shape(opening.into(), items(arguments.cast::<PyTuple>()?.iter(), most), b")")
        }
        Some(Kind::NamedTuple) => {
            let opening = [&class_name(value), b"(".as_slice()].concat();
            shape(opening.into(), object_fields::of_named_tuple(value)?, b")")
        }
        Some(Kind::Attrs) => {
            let name = text_bytes(value.get_type().qualname()?.as_any()).unwrap_or_default();
            let start = memchr::memmem::rfind(&name, b">.").map_or(0, |at| at + 2);
            let opening = [&name[start..], b"("].concat();
            shape(opening.into(), object_fields::of_attrs(capture, value)?, b")")
        }
        Some(Kind::Dataclass) => {
            let name = value.get_type().qualname()?;
            let opening = [text_bytes(name.as_any()).unwrap_or_default().as_slice(), b"("].concat();
            shape(opening.into(), object_fields::of_dataclass(capture, value)?, b")")
        }
        None => shape(b"".into(), Vec::new(), b""),
    }
}

fn items<'py>(items: impl Iterator<Item = Bound<'py, PyAny>>, most: usize) -> Vec<Part<'py>> {
    items.take(most).map(Part::Item).collect()
}

fn pairs<'py>(dict: &Bound<'py, PyDict>, most: usize) -> Vec<Part<'py>> {
    dict.iter().take(most).map(|(key, value)| Part::Pair(key, value)).collect()
}

fn iterated<'py>(value: &Bound<'py, PyAny>, most: usize) -> PyResult<Vec<Part<'py>>> {
    value.try_iter()?.take(most).map(|item| item.map(Part::Item)).collect()
}

fn tuple<'py>(all: impl Iterator<Item = Bound<'py, PyAny>>, most: usize) -> Shape<'py> {
    Shape { opening: b"(".into(), parts: items(all, most).into_iter(), closing: b")".into(), is_tuple: true }
}

/// `{1}`, `set()`, `frozenset({1})`.
fn set<'py>(value: &Bound<'py, PyAny>, most: usize) -> PyResult<Shape<'py>> {
    let class = class_name(value);
    let parts = iterated(value, most)?;
    let is_plain = value.is_exact_instance_of::<PySet>() && !parts.is_empty();
    let (opening, closing): (Cow<'static, [u8]>, &'static [u8]) = match (is_plain, parts.is_empty()) {
        (true, _) => (b"{".into(), b"}"),
        (false, true) => ([class.as_slice(), b"("].concat().into(), b")"),
        (false, false) => ([class.as_slice(), b"({"].concat().into(), b"})"),
    };
    Ok(Shape { opening, parts: parts.into_iter(), closing: closing.into(), is_tuple: false })
}

fn deque<'py>(capture: &mut Capture, value: &Bound<'py, PyAny>, most: usize) -> PyResult<Shape<'py>> {
    let longest = value.getattr(name!(value.py(), "maxlen"))?;
    let closing = if longest.is_none() {
        b"])".into()
    } else {
        let longest = capture.representation(&longest);
        [b"], maxlen=".as_slice(), &longest, b")"].concat().into()
    };
    Ok(Shape { opening: b"deque([".into(), parts: iterated(value, most)?.into_iter(), closing, is_tuple: false })
}

/// `defaultdict(<class 'list'>, {`
fn default_dict(capture: &mut Capture, value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let factory = value.getattr(name!(value.py(), "default_factory"))?;
    let factory = capture.representation(&factory);
    Ok([&class_name(value), b"(".as_slice(), &factory, b", {"].concat())
}

/// `OrderedDict({'a': 1})`, or a list of pairs before Python 3.12.
fn ordered<'py>(value: &Bound<'py, PyAny>, most: usize) -> PyResult<Shape<'py>> {
    let items = value.call_method0("items")?.try_iter()?.take(most).collect::<PyResult<Vec<_>>>()?;
    let is_empty = items.is_empty();
    let parts: PyResult<Vec<Part<'py>>> = if abi::is_from(value.py(), 12) {
        let pair = |item: &Bound<'py, PyAny>| item.extract().map(|(key, value)| Part::Pair(key, value));
        items.iter().map(pair).collect()
    } else {
        Ok(items.into_iter().map(Part::Item).collect())
    };
    let (opening, closing): (&'static [u8], &'static [u8]) = match (is_empty, abi::is_from(value.py(), 12)) {
        (true, _) => (b"OrderedDict(", b")"),
        (false, true) => (b"OrderedDict({", b"})"),
        (false, false) => (b"OrderedDict([", b"])"),
    };
    Ok(Shape { opening: opening.into(), parts: parts?.into_iter(), closing: closing.into(), is_tuple: false })
}

/// The name of a class in its `repr()`.
fn class_name(value: &Bound<'_, PyAny>) -> Vec<u8> {
    let name = value.get_type().name().ok();
    name.and_then(|name| text_bytes(name.as_any())).unwrap_or_default()
}
