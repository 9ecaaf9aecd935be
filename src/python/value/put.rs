//! Putting one value into a record.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use crate::logger::wants::Wants;
use crate::python::py::gil::attached;
use crate::python::py::text::{text_bytes, utf8};
use crate::python::value::capture::{Capture, MOST_RECORD_BYTES};
use crate::python::value::json::JsonWriter;
use crate::python::value::lazy::Lazy;
use crate::python::value::text;
use crate::record::decoded::REPR_MARK;
use crate::record::encoded::{
    Value, put_big, put_bool, put_float, put_int, put_json_alone, put_none, put_odd, put_str,
};

impl Capture {
    /// Appends one value, or a marker once the record is larger than allowed.
    pub fn put(&mut self, out: &mut Vec<u8>, value: Borrowed<'_, '_, PyAny>) {
        if !self.put_at_once(out, value) {
            self.put_rare(out, value);
        }
    }

    /// Like `put`, unless the value needs Python code or memory. In that case it appends nothing and returns false.
    #[inline]
    pub fn put_at_once(&self, out: &mut Vec<u8>, value: Borrowed<'_, '_, PyAny>) -> bool {
        if out.len() > MOST_RECORD_BYTES {
            put_str(out, b"<cut: the record is too large>");
            return true;
        }
        put_common(out, value, self.most)
    }

    #[cold]
    fn put_rare(&mut self, out: &mut Vec<u8>, value: Borrowed<'_, '_, PyAny>) {
        attached(value.py(), || {
            let evaluated = value.cast::<Lazy>().ok().map(|lazy| lazy.get().evaluate(value.py()));
            match evaluated {
                None => self.put_odd(out, &value),
                Some(Ok(result)) if put_common(out, result.as_borrowed(), self.most) => {}
                Some(Ok(result)) => self.put_odd(out, &result),
                Some(Err(error)) => {
                    let marker = self.marker(&value, error);
                    put_str(out, marker.as_bytes());
                }
            }
        });
    }

    fn put_odd(&mut self, out: &mut Vec<u8>, value: &Bound<'_, PyAny>) {
        if value.is_exact_instance_of::<PyString>() {
            return put_str(out, &self.text(value).unwrap_or_default());
        }
        if value.is_exact_instance_of::<PyInt>() {
            return self.put_long(out, value);
        }
        if self.wants.is_only_json() {
            return put_json_alone(out, |out| JsonWriter::new(self, out, None).put(value));
        }
        let display = self.display(value);
        put_odd(out, &display, |out| {
            if self.wants.has(Wants::REPR) && !is_builtin_container(value) {
                out.push(REPR_MARK);
                out.extend_from_slice(&self.representation(value));
            } else if self.wants.has(Wants::JSON) {
                JsonWriter::new(self, out, Some(&display)).put(value);
            }
        });
    }

    /// Appends an integer beyond 64 bits. With more digits than CPython converts, it becomes hexadecimal text.
    fn put_long(&mut self, out: &mut Vec<u8>, value: &Bound<'_, PyAny>) {
        let decimal = value.str().ok().and_then(|text| text.to_str().ok().map(str::to_owned));
        match decimal {
            Some(digits) if digits.len() <= self.most => put_big(out, digits.as_bytes()),
            _ => {
                let hexadecimal = value.call_method1("__format__", ("#x",)).ok().and_then(|text| text_bytes(&text));
                let text = self.cut(hexadecimal.unwrap_or_default());
                put_str(out, &text);
            }
        }
    }

    /// The result of `str(value)`, or a marker. For an exception with an empty text, the result of `repr()`.
    pub fn display(&mut self, value: &Bound<'_, PyAny>) -> Vec<u8> {
        text::display(self, value)
    }

    /// The value as JSON, complete even if it had to be cut. `shown` is its `str()`, if that was taken.
    pub fn json(&mut self, value: &Bound<'_, PyAny>, shown: Option<&[u8]>) -> Vec<u8> {
        let mut out = Vec::new();
        JsonWriter::new(self, &mut out, shown).put(value);
        out
    }

    /// The result of `repr(value)`, or a marker.
    pub(super) fn representation(&mut self, value: &Bound<'_, PyAny>) -> Vec<u8> {
        text::representation(self, value)
    }
}

/// Whether `str` of a value is its `repr`, and JSON has its items.
fn is_builtin_container(value: &Bound<'_, PyAny>) -> bool {
    value.is_exact_instance_of::<PyDict>()
        || value.is_exact_instance_of::<PyList>()
        || value.is_exact_instance_of::<PyTuple>()
}

/// Appends a value of a kind that needs no Python code. Returns false for any other value.
#[inline]
pub(super) fn put_common(out: &mut Vec<u8>, value: Borrowed<'_, '_, PyAny>, most: usize) -> bool {
    if let Ok(text) = value.cast_exact::<PyString>() {
        return match utf8(text) {
            Some(text) if text.len() <= most => {
                put_str(out, text.as_bytes());
                true
            }
            _ => false,
        };
    }
    if value.is_exact_instance_of::<PyInt>() {
        return small_int(value).inspect(|number| put_int(out, *number)).is_some();
    }
    if let Ok(number) = value.cast_exact::<PyFloat>() {
        put_float(out, number.value());
        return true;
    }
    if let Ok(value) = value.cast_exact::<PyBool>() {
        put_bool(out, value.is_true());
        return true;
    }
    if value.is_none() {
        put_none(out);
        return true;
    }
    false
}

/// A value of a kind that is rendered without Python: a `str` without surrogates, an `int` of at most 64 bits, a
/// `float`, a `bool` or None. None for a value of any other class.
#[inline]
pub fn plain<'a>(value: Borrowed<'a, '_, PyAny>) -> Option<Value<'a>> {
    if let Ok(text) = value.cast_exact::<PyString>() {
        return utf8(text).map(|text| Value::Str(text.as_bytes()));
    }
    if value.is_exact_instance_of::<PyInt>() {
        return small_int(value).map(Value::Int);
    }
    if let Ok(number) = value.cast_exact::<PyFloat>() {
        return Some(Value::Float(number.value()));
    }
    if let Ok(flag) = value.cast_exact::<PyBool>() {
        return Some(Value::Bool(flag.is_true()));
    }
    value.is_none().then_some(Value::None)
}

/// An integer of at most 64 bits. None for a longer one. The value is an exact `int`.
#[inline]
#[expect(unsafe_code, reason = "as in `utf8`; also, an integer that is too long makes no error here")]
pub fn small_int(value: Borrowed<'_, '_, PyAny>) -> Option<i64> {
    let mut overflow = 0;
    // SAFETY: attached, and a live `int`, for which overflow is the only error.
    let number = unsafe { ffi::PyLong_AsLongLongAndOverflow(value.as_ptr(), &raw mut overflow) };
    (overflow == 0).then_some(number)
}
