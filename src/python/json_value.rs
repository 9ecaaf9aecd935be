//! A Python value as JSON: equal to `json.dumps` where that is defined, and defined everywhere.
//!
//! Beyond it: bytes as text with `\xNN` for what is no UTF-8, dates and times in ISO 8601, `timedelta` in seconds, Decimal, UUID
//! and paths as text, enumerations as their value, sets as arrays, dataclasses and mappings as objects, numpy scalars as numbers,
//! NaN and infinities as null, anything else as `str()`. Cycles, depth and size are bounded; the result is always complete JSON.

use pyo3::PyTypeInfo;
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyFrozenSet, PyInt, PyIterator, PyList, PySet, PyString, PyTuple,
    PyType,
};

use crate::format::escape::put_json_string;
use crate::format::json;
use crate::python::interpreter::Kept;
use crate::python::module::Lazy;
use crate::python::values::{Capture, text_bytes, type_name};
use crate::record::Value;

/// Containers within containers; deeper ones become a marker. Readers of the line give up too: CPython's `json` where this and
/// the calls around it reach 1,000, which leaves as much for those calls; others at 256 (jq 1.6) or 128 (`serde_json`).
const MOST_DEPTH: usize = 500;

pub struct JsonWriter<'c, 'py> {
    capture: &'c mut Capture,
    out: Vec<u8>,
    /// The containers being written, outermost first: a list and no recursion, since a thread's stack may be small.
    open: Vec<Frame<'py>>,
    /// What `str()` of the whole value gave already: a value's own code runs once.
    shown: Option<&'c [u8]>,
}

/// A container being written.
struct Frame<'py> {
    value: Bound<'py, PyAny>,
    shape: Shape,
    rest: Rest<'py>,
    is_started: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Array,
    Object,
    /// Something that stands for one other value and has no brackets of its own.
    Inner,
}

enum Rest<'py> {
    Many(Bound<'py, PyIterator>),
    One(Option<Bound<'py, PyAny>>),
}

impl<'py> Rest<'py> {
    fn next(&mut self) -> Option<PyResult<Bound<'py, PyAny>>> {
        match self {
            Self::Many(iterator) => iterator.next(),
            Self::One(value) => value.take().map(Ok),
        }
    }
}

impl<'c, 'py> JsonWriter<'c, 'py> {
    pub fn new(capture: &'c mut Capture, shown: Option<&'c [u8]>) -> Self {
        Self { capture, out: Vec::new(), open: Vec::new(), shown }
    }

    pub fn finish(self) -> Vec<u8> {
        self.out
    }

    pub fn put(&mut self, value: &Bound<'py, PyAny>) {
        self.begin(value);
        while let Some(frame) = self.open.last_mut() {
            match frame.rest.next() {
                None => self.close(),
                Some(Ok(item)) => self.put_item(&item),
                Some(Err(error)) => self.break_off(error),
            }
        }
    }

    /// Writes a value, or opens it.
    fn begin(&mut self, value: &Bound<'py, PyAny>) {
        if !self.put_atom(value)
            && let Err(error) = self.open(value)
        {
            let marker = self.capture.marker(value, error);
            put_json_string(&mut self.out, marker.as_bytes());
        }
    }

    /// Writes what holds nothing else; false when it is none of it.
    fn put_atom(&mut self, value: &Bound<'py, PyAny>) -> bool {
        if value.is_none() {
            self.out.extend_from_slice(b"null");
        } else if let Ok(flag) = value.cast_exact::<PyBool>() {
            json::put_value(&mut self.out, Value::Bool(flag.is_true()));
        } else if let Some(text) = text_bytes(value) {
            self.put_text(text);
        } else if value.is_instance_of::<PyInt>() {
            self.put_int(value);
        } else if let Ok(number) = value.cast::<PyFloat>() {
            json::put_value(&mut self.out, Value::Float(number.value()));
        } else {
            return false;
        }
        true
    }

    fn put_text(&mut self, text: Vec<u8>) {
        let text = self.capture.cut(text);
        put_json_string(&mut self.out, &text);
    }

    /// Subclasses such as `IntEnum` are written as the number, whatever their `str()` is.
    fn put_int(&mut self, value: &Bound<'_, PyAny>) {
        if let Ok(number) = value.extract::<i64>() {
            return json::put_value(&mut self.out, Value::Int(number));
        }
        let class = PyInt::type_object(value.py());
        let digits = class.call_method1("__repr__", (value,)).ok().and_then(|text| text_bytes(&text));
        match digits {
            Some(digits) if digits.len() <= self.capture.most => self.out.extend_from_slice(&digits),
            _ => {
                let hexadecimal =
                    class.call_method1("__format__", (value, "#x")).ok().and_then(|text| text_bytes(&text));
                self.put_text(hexadecimal.unwrap_or_default());
            }
        }
    }

    fn open(&mut self, value: &Bound<'py, PyAny>) -> PyResult<()> {
        if let Ok(dict) = value.cast_exact::<PyDict>() {
            // A list of the items: the code of values may change the dict, and so may other threads.
            self.within(value, Shape::Object, Rest::Many(dict.items().try_iter()?));
        } else if value.is_instance_of::<PyDict>() {
            self.within(value, Shape::Object, items_of(value)?);
        } else if is_array(value) {
            self.within(value, Shape::Array, Rest::Many(value.try_iter()?));
        } else if let Ok(lazy) = value.cast::<Lazy>() {
            let result = lazy.get().evaluate(value.py())?;
            self.within(value, Shape::Inner, Rest::One(Some(result)));
        } else if value.is_instance_of::<PyBytes>() || value.is_instance_of::<PyByteArray>() {
            let text = value.call_method1("decode", ("utf-8", "backslashreplace"))?;
            self.put_text(text_bytes(&text).unwrap_or_default());
        } else {
            match Known::of(value)? {
                Some(kind) => self.open_known(value, kind)?,
                None => self.put_display(value),
            }
        }
        Ok(())
    }

    fn open_known(&mut self, value: &Bound<'py, PyAny>, kind: Known) -> PyResult<()> {
        match kind {
            Known::Moment => {
                let text = value.call_method0("isoformat")?;
                self.put_text(text_bytes(&text).unwrap_or_default());
            }
            Known::Seconds => {
                let seconds = value.call_method0("total_seconds")?;
                self.within(value, Shape::Inner, Rest::One(Some(seconds)));
            }
            Known::Text => self.put_display(value),
            Known::Enumeration => {
                let inner = value.getattr("value")?;
                self.within(value, Shape::Inner, Rest::One(Some(inner)));
            }
            Known::Dataclass => {
                let pairs = dataclass_items(value)?;
                self.within(value, Shape::Object, Rest::Many(pairs.try_iter()?));
            }
            Known::Scalar => self.put_scalar(value)?,
            Known::Mapping => self.within(value, Shape::Object, items_of(value)?),
            Known::Sequence => self.within(value, Shape::Array, Rest::Many(value.try_iter()?)),
        }
        Ok(())
    }

    /// A numpy scalar as the Python value it stands for. Extended precision has none, gives itself, and is rounded.
    fn put_scalar(&mut self, value: &Bound<'py, PyAny>) -> PyResult<()> {
        let inner = value.call_method0("item")?;
        if !inner.get_type().is(value.get_type()) {
            self.within(value, Shape::Inner, Rest::One(Some(inner)));
        } else if let Ok(number) = value.extract::<f64>() {
            json::put_value(&mut self.out, Value::Float(number));
        } else {
            self.put_display(value);
        }
        Ok(())
    }

    /// Opens a container, unless it is one being written already, or too deep.
    fn within(&mut self, value: &Bound<'py, PyAny>, shape: Shape, rest: Rest<'py>) {
        if self.open.iter().any(|frame| frame.value.is(value)) {
            return put_json_string(&mut self.out, b"<cycle>");
        }
        if self.open.len() >= MOST_DEPTH {
            return put_json_string(&mut self.out, format!("<{} nested too deep>", type_name(value)).as_bytes());
        }
        match shape {
            Shape::Array => self.out.push(b'['),
            Shape::Object => self.out.push(b'{'),
            Shape::Inner => {}
        }
        self.open.push(Frame { value: value.clone(), shape, rest, is_started: false });
    }

    fn close(&mut self) {
        match self.open.pop().map(|frame| frame.shape) {
            Some(Shape::Array) => self.out.push(b']'),
            Some(Shape::Object) => self.out.push(b'}'),
            Some(Shape::Inner) | None => {}
        }
    }

    /// Writes one more item of the innermost container.
    fn put_item(&mut self, item: &Bound<'py, PyAny>) {
        let shape = self.separate();
        if shape != Shape::Inner && self.out.len() > self.capture.most {
            return self.end_with(b"<cut>");
        }
        if shape != Shape::Object {
            return self.begin(item);
        }
        match item.extract::<(Bound<'py, PyAny>, Bound<'py, PyAny>)>() {
            Ok((key, value)) => {
                self.put_key(&key);
                self.out.extend_from_slice(b": ");
                self.begin(&value);
            }
            Err(_) => self.end_with(b"<unprintable rest>"),
        }
    }

    /// Puts the comma, and tells the shape of the innermost container.
    fn separate(&mut self) -> Shape {
        let Some(frame) = self.open.last_mut() else { return Shape::Inner };
        if frame.is_started {
            self.out.extend_from_slice(b", ");
        }
        frame.is_started = true;
        frame.shape
    }

    /// Iteration failed: what came before stays.
    fn break_off(&mut self, error: PyErr) {
        if let Some(frame) = self.open.last() {
            let value = frame.value.clone();
            self.capture.marker(&value, error);
        }
        self.separate();
        self.end_with(b"<unprintable rest>");
    }

    /// Ends the innermost container with a marker in place of what it still holds.
    fn end_with(&mut self, marker: &[u8]) {
        put_json_string(&mut self.out, marker);
        if self.open.last().is_some_and(|frame| frame.shape == Shape::Object) {
            self.out.extend_from_slice(b": true");
        }
        self.close();
    }

    /// Keys as `json.dumps` makes them: text as it is, None, booleans and numbers as JSON, the rest by `str()`.
    fn put_key(&mut self, key: &Bound<'py, PyAny>) {
        if let Some(text) = text_bytes(key) {
            return self.put_text(text);
        }
        if let Ok(number) = key.cast::<PyFloat>() {
            return self.put_text(float_key(number.value()));
        }
        let mark = self.out.len();
        if !self.put_atom(key) {
            let text = self.capture.display(key);
            return self.put_text(text);
        }
        let text = self.out.split_off(mark);
        // A number beyond the digits CPython converts is text already.
        if text.first() == Some(&b'"') { self.out.extend_from_slice(&text) } else { self.put_text(text) }
    }

    fn put_display(&mut self, value: &Bound<'_, PyAny>) {
        if let Some(text) = self.shown.filter(|_| self.open.is_empty()) {
            return put_json_string(&mut self.out, text);
        }
        let text = self.capture.display(value);
        self.put_text(text);
    }
}

fn is_array(value: &Bound<'_, PyAny>) -> bool {
    value.is_instance_of::<PyList>()
        || value.is_instance_of::<PyTuple>()
        || value.is_instance_of::<PySet>()
        || value.is_instance_of::<PyFrozenSet>()
}

fn items_of<'py>(mapping: &Bound<'py, PyAny>) -> PyResult<Rest<'py>> {
    Ok(Rest::Many(mapping.call_method0("items")?.try_iter()?))
}

/// Names and values of a dataclass's fields; class variables are none.
fn dataclass_items<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
    let pairs = PyList::empty(value.py());
    for field in value.py().import("dataclasses")?.call_method1("fields", (value,))?.try_iter()? {
        let name = field?.getattr("name")?.cast_into::<PyString>()?;
        pairs.append((&name, value.getattr(&name)?))?;
    }
    Ok(pairs)
}

/// `json.dumps` writes float keys as the literal, NaN included.
fn float_key(number: f64) -> Vec<u8> {
    let mut out = Vec::new();
    match number {
        n if n.is_nan() => out.extend_from_slice(b"NaN"),
        n if n.is_infinite() => out.extend_from_slice(if n > 0.0 { b"Infinity" } else { b"-Infinity" }),
        n => crate::format::text::put_float(&mut out, n),
    }
    out
}

/// Types with a form of their own.
#[derive(Clone, Copy)]
enum Known {
    /// datetime, date, time.
    Moment,
    Seconds,
    /// Decimal, UUID, paths, `UserString`.
    Text,
    Enumeration,
    Dataclass,
    /// A numpy scalar.
    Scalar,
    Mapping,
    Sequence,
}

/// Where the types live. A value of a type cannot exist before its module was imported, so nothing is imported for this.
const TYPES: [(&str, &str, Known); 12] = [
    ("datetime", "date", Known::Moment),
    ("datetime", "time", Known::Moment),
    ("datetime", "timedelta", Known::Seconds),
    ("decimal", "Decimal", Known::Text),
    ("uuid", "UUID", Known::Text),
    ("pathlib", "PurePath", Known::Text),
    ("collections", "UserString", Known::Text),
    ("enum", "Enum", Known::Enumeration),
    ("numpy", "generic", Known::Scalar),
    ("_collections_abc", "Mapping", Known::Mapping),
    ("_collections_abc", "Sequence", Known::Sequence),
    ("_collections_abc", "Set", Known::Sequence),
];

/// Found types stay found; those of modules that are not imported yet are looked for again.
static FOUND: [Kept<Py<PyType>>; TYPES.len()] = [const { Kept::new() }; TYPES.len()];

/// Whether a value is a mapping of any kind.
pub fn is_mapping(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let (module, name) = ("_collections_abc", "Mapping");
    let index = TYPES.iter().position(|(_, known, _)| *known == name).unwrap_or_default();
    Known::class(value.py(), index, module, name).map_or(Ok(false), |class| value.is_instance(&class))
}

impl Known {
    fn of(value: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        if value.is_instance_of::<PyType>() {
            return Ok(None);
        }
        let py = value.py();
        for (index, (module, name, kind)) in TYPES.into_iter().enumerate() {
            if let Some(class) = Self::class(py, index, module, name)
                && value.is_instance(&class)?
            {
                return Ok(Some(kind));
            }
        }
        Ok(value.get_type().hasattr("__dataclass_fields__")?.then_some(Self::Dataclass))
    }

    fn class<'py>(py: Python<'py>, index: usize, module: &str, name: &str) -> Option<Bound<'py, PyType>> {
        if let Some(class) = FOUND[index].get(py) {
            return Some(class.bind(py).clone());
        }
        let modules = py.import("sys").and_then(|sys| sys.getattr("modules")).ok()?.cast_into::<PyDict>().ok()?;
        let module = modules.get_item(module).ok()??;
        let class = module.getattr(name).ok()?.cast_into::<PyType>().ok()?;
        // Another thread may have been first; it found the same.
        let _ = FOUND[index].set(py, class.clone().unbind());
        Some(class)
    }
}
