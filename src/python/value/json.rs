//! A Python value as JSON: equal to `json.dumps` where that is defined, and defined for all values.
//!
//! Beyond `json.dumps`: bytes as text with `\xNN` for those that are not UTF-8, dates and times in ISO 8601,
//! `timedelta` in seconds, `Decimal`, `UUID` and paths as text, enumerations as their value, sets and views as arrays,
//! mappings and objects of known fields as objects, numpy scalars as numbers, NaN and infinities as null, and all other
//! values as `str()`. Cycles, depth and size are bounded. The result is always complete JSON.

use pyo3::PyTypeInfo;
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyDictItems, PyDictKeys, PyDictValues, PyFloat, PyFrozenSet, PyInt,
    PyIterator, PyList, PySet, PySlice, PyTuple,
};

use crate::format::escape::put_json_string;
use crate::format::json;
use crate::python::py::text::{cut_at, text_bytes, type_name};
use crate::python::value::capture::Capture;
use crate::python::value::containers::{MOST_DEPTH, Opened};
use crate::python::value::known::{Known, known_class};
use crate::python::value::lazy::Lazy;
use crate::python::value::shape::Part;
use crate::python::value::source::Source;
use crate::python::value::{flat_json, object_fields};
use crate::record::encoded::Value;

/// How many items one value may take from containers that are not Python's own. Each item runs code, and there may be
/// no end of them.
const MOST_FOREIGN: usize = 10_000;

pub struct JsonWriter<'c, 'py> {
    capture: &'c mut Capture,
    out: &'c mut Vec<u8>,
    /// The position in `out` where the value begins.
    start: usize,
    opened: Opened,
    /// The number of items that foreign containers gave.
    foreign: usize,
    /// The containers being written, outermost first. A list replaces recursion, since a thread's stack may be small.
    open: Vec<Frame<'py>>,
    /// The result of `str()` for the whole value, if it was taken already: a value's own code runs once.
    shown: Option<&'c [u8]>,
}

/// A container being written.
struct Frame<'py> {
    value: Bound<'py, PyAny>,
    shape: Shape,
    rest: Rest<'py>,
    is_started: bool,
    /// Whether its items come from code that is not Python's own.
    is_foreign: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Array,
    Object,
    /// A value that stands for one other value and has no brackets of its own.
    Inner,
}

enum Rest<'py> {
    /// Parts that were taken in one step: the code of items may change a container, and so may other threads.
    Taken(std::vec::IntoIter<Part<'py>>),
    Many(Bound<'py, PyIterator>),
    One(Option<Bound<'py, PyAny>>),
}

impl<'py> Rest<'py> {
    fn next(&mut self) -> Option<PyResult<Part<'py>>> {
        match self {
            Self::Taken(parts) => parts.next().map(Ok),
            Self::Many(iterator) => iterator.next().map(|item| item.map(Part::Item)),
            Self::One(value) => value.take().map(|value| Ok(Part::Item(value))),
        }
    }
}

impl<'c, 'py> JsonWriter<'c, 'py> {
    pub fn new(capture: &'c mut Capture, out: &'c mut Vec<u8>, shown: Option<&'c [u8]>) -> Self {
        Self { capture, start: out.len(), out, opened: Opened::default(), foreign: 0, open: Vec::new(), shown }
    }

    pub fn put(&mut self, value: &Bound<'py, PyAny>) {
        self.begin(value);
        while let Some(frame) = self.open.last_mut() {
            match frame.rest.next() {
                None => self.close(),
                Some(Ok(part)) => self.put_part(part),
                Some(Err(error)) => self.break_off(error),
            }
        }
    }

    /// Writes a value, or opens it.
    fn begin(&mut self, value: &Bound<'py, PyAny>) {
        if !flat_json::put_plain(self.out, value, self.capture.most)
            && !flat_json::put(self.out, value, self.start, self.capture.most)
            && !self.put_atom(value)
            && let Err(error) = self.open(value)
        {
            let marker = self.capture.marker(value, error);
            put_json_string(self.out, marker.as_bytes());
        }
    }

    /// Writes a value that holds no others. Returns false for any other value.
    fn put_atom(&mut self, value: &Bound<'py, PyAny>) -> bool {
        if value.is_none() {
            self.out.extend_from_slice(b"null");
        } else if let Ok(flag) = value.cast_exact::<PyBool>() {
            json::put_value(self.out, Value::Bool(flag.is_true()));
        } else if let Some(text) = text_bytes(value) {
            self.put_text(text);
        } else if value.is_instance_of::<PyInt>() {
            self.put_int(value);
        } else if let Ok(number) = value.cast::<PyFloat>() {
            json::put_value(self.out, Value::Float(number.value()));
        } else {
            return false;
        }
        true
    }

    fn put_text(&mut self, text: Vec<u8>) {
        let text = self.capture.cut(text);
        put_json_string(self.out, &text);
    }

    /// Writes an int. Subclasses such as `IntEnum` are written as the number, whatever their `str()` is.
    fn put_int(&mut self, value: &Bound<'_, PyAny>) {
        if let Ok(number) = value.extract::<i64>() {
            return json::put_value(self.out, Value::Int(number));
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
            let parts: Vec<_> =
                dict.iter().take(self.capture.most / 6 + 2).map(|(key, value)| Part::Pair(key, value)).collect();
            self.within(value, Shape::Object, Rest::Taken(parts.into_iter()));
        } else if is_exact_array(value) {
            self.within(value, Shape::Array, Rest::Many(value.try_iter()?));
        } else if value.is_instance_of::<PyDict>() {
            self.open_mapping(value)?;
        } else if is_array(value) {
            self.within(value, Shape::Array, Rest::Many(value.try_iter()?));
        } else if let Ok(lazy) = value.cast::<Lazy>() {
            let result = lazy.get().evaluate(value.py())?;
            self.within(value, Shape::Inner, Rest::One(Some(result)));
        } else if value.is_instance_of::<PyBytes>() || value.is_instance_of::<PyByteArray>() {
            self.put_bytes(value)?;
        } else {
            match Known::of(value)? {
                Some(kind) => self.open_known(value, kind)?,
                None => self.put_display(value),
            }
        }
        Ok(())
    }

    /// Writes bytes as text, with `\xNN` for those that are not UTF-8. No more of long bytes is decoded than is shown.
    fn put_bytes(&mut self, value: &Bound<'py, PyAny>) -> PyResult<()> {
        let (length, most) = (value.len()?, self.capture.most);
        let mut shown = value.clone();
        if length > most {
            shown = value.get_item(PySlice::new(value.py(), 0, most as isize, 1))?;
        }
        let text = shown.call_method1("decode", ("utf-8", "backslashreplace"))?;
        let mut text = text_bytes(&text).unwrap_or_default();
        if length > most {
            text.truncate(cut_at(&text, most));
            text.extend_from_slice(format!("...<cut {} bytes>", length - most).as_bytes());
            put_json_string(self.out, &text);
        } else {
            self.put_text(text);
        }
        Ok(())
    }

    /// Opens a mapping that is not exactly a dict. A mapping with several values for a key gives them all.
    fn open_mapping(&mut self, value: &Bound<'py, PyAny>) -> PyResult<()> {
        match object_fields::of_multi_dict(value)? {
            Some(parts) => self.within(value, Shape::Object, Rest::Taken(parts.into_iter())),
            None => self.within(value, Shape::Object, items_of(value)?),
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
            Known::Scalar => self.put_scalar(value)?,
            Known::Mapping => self.open_mapping(value)?,
            Known::Sequence => self.within(value, Shape::Array, Rest::Many(value.try_iter()?)),
            Known::Fields(source) => self.open_fields(value, source)?,
        }
        Ok(())
    }

    /// Writes an object as its fields. Without a dump, or with one that would have no end, it is written as its text.
    fn open_fields(&mut self, value: &Bound<'py, PyAny>, source: Source) -> PyResult<()> {
        match object_fields::of(self.capture, value, source)? {
            Some(parts) => self.within(value, Shape::Object, Rest::Taken(parts.into_iter())),
            None => self.put_display(value),
        }
        Ok(())
    }

    /// Writes a numpy scalar as the Python value it stands for. Extended precision has no such value: its `item()`
    /// gives the scalar itself, which is rounded.
    fn put_scalar(&mut self, value: &Bound<'py, PyAny>) -> PyResult<()> {
        let inner = value.call_method0("item")?;
        if !inner.get_type().is(value.get_type()) {
            self.within(value, Shape::Inner, Rest::One(Some(inner)));
        } else if let Ok(number) = value.extract::<f64>() {
            json::put_value(self.out, Value::Float(number));
        } else {
            self.put_display(value);
        }
        Ok(())
    }

    /// Opens a container, or writes a marker if the container is already being written or is too deep.
    fn within(&mut self, value: &Bound<'py, PyAny>, shape: Shape, rest: Rest<'py>) {
        if self.open.iter().any(|frame| frame.value.is(value)) {
            return put_json_string(self.out, b"<cycle>");
        }
        if self.open.len() >= MOST_DEPTH {
            return put_json_string(self.out, format!("<{} nested too deep>", type_name(value)).as_bytes());
        }
        match shape {
            Shape::Array => self.out.push(b'['),
            Shape::Object => self.out.push(b'{'),
            Shape::Inner => {}
        }
        self.opened.add(value);
        let is_foreign = matches!(rest, Rest::Many(_)) && !is_array(value) && !is_native(value);
        self.open.push(Frame { value: value.clone(), shape, rest, is_started: false, is_foreign });
    }

    fn close(&mut self) {
        match self.open.pop().map(|frame| frame.shape) {
            Some(Shape::Array) => self.out.push(b']'),
            Some(Shape::Object) => self.out.push(b'}'),
            Some(Shape::Inner) | None => {}
        }
    }

    /// Writes one more item of the innermost container.
    fn put_part(&mut self, part: Part<'py>) {
        let is_foreign = self.open.last().is_some_and(|frame| frame.is_foreign);
        self.foreign += usize::from(is_foreign);
        let shape = self.separate();
        let is_full = self.out.len() - self.start > self.capture.most
            || self.opened.is_over()
            || (is_foreign && self.foreign > MOST_FOREIGN);
        if shape != Shape::Inner && is_full {
            return self.end_with(b"<cut>");
        }
        match part {
            Part::Item(item) if shape != Shape::Object => self.begin(&item),
            Part::Item(item) => match item.extract::<(Bound<'py, PyAny>, Bound<'py, PyAny>)>() {
                Ok((key, value)) => self.put_pair(&key, &value),
                Err(_) => self.end_with(b"<unprintable rest>"),
            },
            Part::Pair(key, value) => self.put_pair(&key, &value),
            Part::Field(name, value) => {
                put_json_string(self.out, &name);
                self.out.extend_from_slice(b": ");
                match value {
                    Ok(value) => self.begin(&value),
                    Err(marker) => put_json_string(self.out, marker.as_bytes()),
                }
            }
        }
    }

    fn put_pair(&mut self, key: &Bound<'py, PyAny>, value: &Bound<'py, PyAny>) {
        self.put_key(key);
        self.out.extend_from_slice(b": ");
        self.begin(value);
    }

    /// Puts the comma, and returns the shape of the innermost container.
    fn separate(&mut self) -> Shape {
        let Some(frame) = self.open.last_mut() else { return Shape::Inner };
        if frame.is_started {
            self.out.extend_from_slice(b", ");
        }
        frame.is_started = true;
        frame.shape
    }

    /// Ends a container whose iteration failed. The items before the failure stay.
    fn break_off(&mut self, error: PyErr) {
        if let Some(frame) = self.open.last() {
            let value = frame.value.clone();
            self.capture.marker(&value, error);
        }
        self.separate();
        self.end_with(b"<unprintable rest>");
    }

    /// Ends the innermost container, with a marker in place of the remaining items.
    fn end_with(&mut self, marker: &[u8]) {
        put_json_string(self.out, marker);
        if self.open.last().is_some_and(|frame| frame.shape == Shape::Object) {
            self.out.extend_from_slice(b": true");
        }
        self.close();
    }

    /// Writes a key as `json.dumps` does: text as it is, None, booleans and numbers as JSON, others by `str()`.
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
        // A number with more digits than CPython converts is text already.
        if text.first() == Some(&b'"') { self.out.extend_from_slice(&text) } else { self.put_text(text) }
    }

    fn put_display(&mut self, value: &Bound<'_, PyAny>) {
        if let Some(text) = self.shown.filter(|_| self.open.is_empty()) {
            return put_json_string(self.out, text);
        }
        let text = self.capture.display(value);
        self.put_text(text);
    }
}

fn is_exact_array(value: &Bound<'_, PyAny>) -> bool {
    value.is_exact_instance_of::<PyList>()
        || value.is_exact_instance_of::<PyTuple>()
        || value.is_exact_instance_of::<PySet>()
        || value.is_exact_instance_of::<PyFrozenSet>()
}

fn is_array(value: &Bound<'_, PyAny>) -> bool {
    value.is_instance_of::<PyList>()
        || value.is_instance_of::<PyTuple>()
        || value.is_instance_of::<PySet>()
        || value.is_instance_of::<PyFrozenSet>()
}

/// Whether a sequence or view is Python's own, so that its items exist already.
fn is_native(value: &Bound<'_, PyAny>) -> bool {
    let (py, class) = (value.py(), value.get_type());
    let known = [known_class!(py, "collections", "deque"), known_class!(py, "array", "array")];
    value.is_exact_instance_of::<PyDictKeys>()
        || value.is_exact_instance_of::<PyDictValues>()
        || value.is_exact_instance_of::<PyDictItems>()
        || known.into_iter().flatten().any(|known| class.is(known))
}

fn items_of<'py>(mapping: &Bound<'py, PyAny>) -> PyResult<Rest<'py>> {
    Ok(Rest::Many(mapping.call_method0("items")?.try_iter()?))
}

/// A float key as the literal that `json.dumps` writes, NaN included.
fn float_key(number: f64) -> Vec<u8> {
    let mut out = Vec::new();
    match number {
        n if n.is_nan() => out.extend_from_slice(b"NaN"),
        n if n.is_infinite() => out.extend_from_slice(if n > 0.0 { b"Infinity" } else { b"-Infinity" }),
        n => crate::format::text::put_float(&mut out, n),
    }
    out
}
