//! The common values as JSON: plain values, and Python's own dicts, lists and tuples that hold only such values.
//!
//! Writing them runs no code. So nothing can change a container, and nothing has to be copied or remembered.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use crate::format::escape::put_json_string;
use crate::format::json;
use crate::format::text::put_int;
use crate::record::encoded::Value;

/// Appends a container of plain values, with at most `most` bytes after `start`. Returns false for any other value, and
/// leaves nothing of it in `out`.
pub fn put(out: &mut Vec<u8>, value: &Bound<'_, PyAny>, start: usize, most: usize) -> bool {
    let mark = out.len();
    let mut writer = Flat { out, end: start + most, most };
    let is_written = if let Ok(dict) = value.cast_exact::<PyDict>() {
        writer.put_dict(dict)
    } else if let Ok(list) = value.cast_exact::<PyList>() {
        writer.put_items(list.iter())
    } else if let Ok(tuple) = value.cast_exact::<PyTuple>() {
        writer.put_items(tuple.iter())
    } else {
        return false;
    };
    if !is_written {
        out.truncate(mark);
    }
    is_written
}

struct Flat<'o> {
    out: &'o mut Vec<u8>,
    end: usize,
    most: usize,
}

impl Flat<'_> {
    fn put_dict(&mut self, dict: &Bound<'_, PyDict>) -> bool {
        self.out.push(b'{');
        for (index, (key, value)) in dict.iter().enumerate() {
            self.separate(index);
            if !key.is_exact_instance_of::<PyString>() || !self.put(&key) {
                return false;
            }
            self.out.extend_from_slice(b": ");
            if !self.put(&value) {
                return false;
            }
        }
        self.out.push(b'}');
        true
    }

    fn put_items<'py>(&mut self, items: impl Iterator<Item = Bound<'py, PyAny>>) -> bool {
        self.out.push(b'[');
        for (index, item) in items.enumerate() {
            self.separate(index);
            if !self.put(&item) {
                return false;
            }
        }
        self.out.push(b']');
        true
    }

    fn separate(&mut self, index: usize) {
        if index > 0 {
            self.out.extend_from_slice(b", ");
        }
    }

    fn put(&mut self, value: &Bound<'_, PyAny>) -> bool {
        self.out.len() <= self.end && put_plain(self.out, value, self.most)
    }
}

/// Appends a plain value, which runs no code. Returns false for any other value, and for text that is too long.
pub fn put_plain(out: &mut Vec<u8>, value: &Bound<'_, PyAny>, most: usize) -> bool {
    if let Ok(text) = value.cast_exact::<PyString>() {
        let text = text.to_str().ok().filter(|text| text.len() <= most);
        return text.inspect(|text| put_json_string(out, text.as_bytes())).is_some();
    }
    if value.is_exact_instance_of::<PyInt>() {
        return value.extract::<i64>().inspect(|number| put_int(out, *number)).is_ok();
    }
    if let Ok(number) = value.cast_exact::<PyFloat>() {
        json::put_value(out, Value::Float(number.value()));
    } else if let Ok(flag) = value.cast_exact::<PyBool>() {
        json::put_value(out, Value::Bool(flag.is_true()));
    } else if value.is_none() {
        out.extend_from_slice(b"null");
    } else {
        return false;
    }
    true
}
