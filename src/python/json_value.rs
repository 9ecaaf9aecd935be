//! A Python value as JSON: equal to `json.dumps` where that is defined, and defined everywhere.
//!
//! Beyond it: bytes as text with `\xNN` for what is no UTF-8, dates and times in ISO 8601, `timedelta` in seconds, Decimal, UUID
//! and paths as text, enumerations as their value, sets as arrays, dataclasses and mappings as objects, numpy scalars as numbers,
//! NaN and infinities as null, anything else as `str()`. Cycles, depth and size are bounded; the result is always complete JSON.

use pyo3::PyTypeInfo;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PySet, PyString, PyTuple, PyType,
};

use crate::format::escape::put_json_string;
use crate::format::json;
use crate::python::module::Lazy;
use crate::python::values::{Capture, text_bytes, type_name};
use crate::record::Value;

/// Containers within containers; deeper ones become a marker. `json.dumps` gives up near here too.
const MOST_DEPTH: usize = 1_000;

pub struct JsonWriter<'c> {
    capture: &'c mut Capture,
    out: Vec<u8>,
    /// The containers being written, by address.
    open: Vec<usize>,
}

impl<'c> JsonWriter<'c> {
    pub fn new(capture: &'c mut Capture) -> Self {
        Self { capture, out: Vec::new(), open: Vec::new() }
    }

    pub fn finish(self) -> Vec<u8> {
        self.out
    }

    pub fn put(&mut self, value: &Bound<'_, PyAny>) {
        if value.is_none() {
            self.out.extend_from_slice(b"null");
        } else if let Ok(flag) = value.cast_exact::<PyBool>() {
            json::put_value(&mut self.out, Value::Bool(flag.is_true()));
        } else if value.is_instance_of::<PyString>() {
            self.put_text(text_bytes(value).unwrap_or_default());
        } else if value.is_instance_of::<PyInt>() {
            self.put_int(value);
        } else if let Ok(number) = value.cast::<PyFloat>() {
            json::put_value(&mut self.out, Value::Float(number.value()));
        } else if let Ok(dict) = value.cast::<PyDict>() {
            self.within(value, |this| this.put_items(dict.iter()));
        } else if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
            self.within(value, |this| this.put_elements(value));
        } else {
            self.put_other(value);
        }
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
        let digits =
            PyInt::type_object(value.py()).call_method1("__repr__", (value,)).ok().and_then(|text| text_bytes(&text));
        match digits {
            Some(digits) if digits.len() <= self.capture.most => self.out.extend_from_slice(&digits),
            _ => {
                let hexadecimal = value.call_method1("__format__", ("#x",)).ok().and_then(|text| text_bytes(&text));
                self.put_text(hexadecimal.unwrap_or_default());
            }
        }
    }

    /// Writes a container, unless it is one being written already, or too deep.
    fn within(&mut self, value: &Bound<'_, PyAny>, write: impl FnOnce(&mut Self)) {
        let address = value.as_ptr() as usize;
        if self.open.contains(&address) {
            return put_json_string(&mut self.out, b"<cycle>");
        }
        if self.open.len() >= MOST_DEPTH {
            return put_json_string(&mut self.out, format!("<{} nested too deep>", type_name(value)).as_bytes());
        }
        self.open.push(address);
        write(self);
        self.open.pop();
    }

    fn is_full(&self) -> bool {
        self.out.len() > self.capture.most
    }

    fn put_elements(&mut self, values: &Bound<'_, PyAny>) {
        let start = self.out.len();
        self.out.push(b'[');
        match values.try_iter() {
            Ok(values) => self.put_each(values),
            Err(error) => {
                self.out.truncate(start);
                return self.put_marker(values, error);
            }
        }
        self.out.push(b']');
    }

    fn put_each<'py>(&mut self, values: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>) {
        for (index, value) in values.enumerate() {
            if index > 0 {
                self.out.extend_from_slice(b", ");
            }
            if self.is_full() {
                return put_json_string(&mut self.out, b"<cut>");
            }
            match value {
                Ok(value) => self.put(&value),
                Err(_) => return put_json_string(&mut self.out, b"<unprintable rest>"),
            }
        }
    }

    fn put_items<'py>(&mut self, items: impl Iterator<Item = (Bound<'py, PyAny>, Bound<'py, PyAny>)>) {
        self.out.push(b'{');
        for (index, (key, value)) in items.enumerate() {
            if index > 0 {
                self.out.extend_from_slice(b", ");
            }
            if self.is_full() {
                self.out.extend_from_slice(b"\"<cut>\": true");
                break;
            }
            self.put_key(&key);
            self.out.extend_from_slice(b": ");
            self.put(&value);
        }
        self.out.push(b'}');
    }

    /// Keys as `json.dumps` makes them: text as it is, None, booleans and numbers as JSON, the rest by `str()`.
    fn put_key(&mut self, key: &Bound<'_, PyAny>) {
        if let Some(text) = text_bytes(key) {
            return self.put_text(text);
        }
        let is_plain = key.is_none() || key.is_instance_of::<PyInt>();
        let text = if is_plain {
            let mark = self.out.len();
            self.put(key);
            self.out.split_off(mark)
        } else if let Ok(number) = key.cast::<PyFloat>() {
            float_key(number.value())
        } else {
            self.capture.display(key)
        };
        if text.first() == Some(&b'"') { self.out.extend_from_slice(&text) } else { self.put_text(text) }
    }

    fn put_marker(&mut self, value: &Bound<'_, PyAny>, error: PyErr) {
        let marker = self.capture.marker(value, error);
        put_json_string(&mut self.out, marker.as_bytes());
    }

    fn put_display(&mut self, value: &Bound<'_, PyAny>) {
        let text = self.capture.display(value);
        self.put_text(text);
    }

    fn put_other(&mut self, value: &Bound<'_, PyAny>) {
        match self.try_other(value) {
            Ok(true) => {}
            Ok(false) => self.put_display(value),
            Err(error) => self.put_marker(value, error),
        }
    }

    /// The documented kinds beyond JSON's own; false when it is none of them.
    fn try_other(&mut self, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = value.py();
        if let Ok(lazy) = value.cast::<Lazy>() {
            let result = lazy.get().evaluate(py)?;
            self.put(&result);
        } else if value.is_instance_of::<PyBytes>() || value.is_instance_of::<PyByteArray>() {
            let text = value.call_method1("decode", ("utf-8", "backslashreplace"))?;
            self.put_text(text_bytes(&text).unwrap_or_default());
        } else if value.is_instance_of::<PySet>() || value.is_instance_of::<PyFrozenSet>() {
            self.within(value, |this| this.put_elements(value));
        } else if let Some(kind) = Known::of(value)? {
            self.put_known(value, kind)?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn put_known(&mut self, value: &Bound<'_, PyAny>, kind: Known) -> PyResult<()> {
        match kind {
            Known::Moment => {
                let text = value.call_method0("isoformat")?;
                self.put_text(text_bytes(&text).unwrap_or_default());
            }
            Known::Seconds => {
                let seconds = value.call_method0("total_seconds")?;
                self.put(&seconds);
            }
            Known::Text => self.put_display(value),
            Known::Enumeration => {
                let inner = value.getattr("value")?;
                self.within(value, |this| this.put(&inner));
            }
            Known::Dataclass => {
                let names = value.getattr("__dataclass_fields__")?.cast_into::<PyDict>()?;
                let pairs: PyResult<Vec<_>> = names
                    .keys()
                    .iter()
                    .map(|name| Ok((name.clone(), value.getattr(name.cast::<PyString>()?)?)))
                    .collect();
                let pairs = pairs?;
                self.within(value, |this| this.put_items(pairs.into_iter()));
            }
            Known::Scalar => {
                let inner = value.call_method0("item")?;
                self.within(value, |this| this.put(&inner));
            }
            Known::Mapping => {
                let items = value.call_method0("items")?.try_iter()?;
                let pairs: PyResult<Vec<(Bound<'_, PyAny>, Bound<'_, PyAny>)>> =
                    items.map(|pair| pair?.extract()).collect();
                let pairs = pairs?;
                self.within(value, |this| this.put_items(pairs.into_iter()));
            }
            Known::Sequence => self.within(value, |this| this.put_elements(value)),
        }
        Ok(())
    }
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
    /// Decimal, UUID, paths.
    Text,
    Enumeration,
    Dataclass,
    /// A numpy scalar.
    Scalar,
    Mapping,
    Sequence,
}

/// Where the types live. A value of a type cannot exist before its module was imported, so nothing is imported for this.
const TYPES: [(&str, &str, Known); 10] = [
    ("datetime", "date", Known::Moment),
    ("datetime", "time", Known::Moment),
    ("datetime", "timedelta", Known::Seconds),
    ("decimal", "Decimal", Known::Text),
    ("uuid", "UUID", Known::Text),
    ("pathlib", "PurePath", Known::Text),
    ("enum", "Enum", Known::Enumeration),
    ("numpy", "generic", Known::Scalar),
    ("collections.abc", "Mapping", Known::Mapping),
    ("collections.abc", "Sequence", Known::Sequence),
];

/// Found types stay found; those of modules that are not imported yet are looked for again.
static FOUND: [PyOnceLock<Py<PyType>>; TYPES.len()] = [const { PyOnceLock::new() }; TYPES.len()];

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
