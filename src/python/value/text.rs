//! A Python value as text: the results of `str()` and `repr()`, within a budget.
//!
//! Python's own containers are written here, item by item, as `repr()` writes them. `repr()` itself would first make
//! the whole text, which doubles with each level if items are shared. Other objects write themselves, unless their
//! contents are shared beyond all bounds. If an object in a container fails, only its own text is lost. A text that was
//! cut ends with a marker.

use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyByteArray, PyBytes, PyFloat, PyInt, PySlice, PyString};

use crate::format::text::{put_float, put_int};
use crate::python::py::recursion::Entered;
use crate::python::py::text::{cut_at, text_bytes, type_name};
use crate::python::value::capture::Capture;
use crate::python::value::containers;
use crate::python::value::containers::{MOST_DEPTH, Opened};
use crate::python::value::known::known_class;
use crate::python::value::shape::{Part, Shape};
use crate::python::value::sharing::{boundless_marker, is_boundless};

/// The marker at the end of a text that was cut.
const CUT: &[u8] = b"...<cut>";

pub struct TextWriter<'c, 'py> {
    capture: &'c mut Capture,
    out: Vec<u8>,
    /// The containers being written, outermost first. A list replaces recursion, since a thread's stack may be small.
    open: Vec<Frame<'py>>,
    opened: Opened,
}

/// A container being written.
struct Frame<'py> {
    value: Bound<'py, PyAny>,
    shape: Shape<'py>,
    written: usize,
    /// Tells `repr()` that the container is being shown. It is set once the code of an item is called.
    entered: Option<Entered<'py>>,
}

/// The result of `str(value)`. For an exception with an empty text, the result of `repr()`.
pub fn display(capture: &mut Capture, value: &Bound<'_, PyAny>) -> Vec<u8> {
    let mut writer = TextWriter::new(capture);
    writer.display(value);
    writer.finish()
}

/// The result of `str()` for an exception, even if it is empty.
pub fn message_of(capture: &mut Capture, error: &Bound<'_, PyAny>) -> Vec<u8> {
    let mut writer = TextWriter::new(capture);
    writer.put_display(error);
    writer.finish()
}

/// The result of `repr(value)`.
pub(super) fn representation(capture: &mut Capture, value: &Bound<'_, PyAny>) -> Vec<u8> {
    let mut writer = TextWriter::new(capture);
    writer.write(value);
    writer.finish()
}

impl<'c, 'py> TextWriter<'c, 'py> {
    fn new(capture: &'c mut Capture) -> Self {
        Self { capture, out: Vec::new(), open: Vec::new(), opened: Opened::default() }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.is_full() {
            if self.out.len() > self.capture.most {
                self.out.truncate(cut_at(&self.out, self.capture.most));
            }
            self.out.extend_from_slice(CUT);
        }
        self.out
    }

    fn is_full(&self) -> bool {
        self.out.len() > self.capture.most || self.opened.is_over()
    }

    fn display(&mut self, value: &Bound<'py, PyAny>) {
        self.put_display(value);
        // The kind of exception says more than an empty text.
        if self.out.is_empty() && value.is_instance_of::<PyBaseException>() {
            self.write(value);
        }
    }

    fn put_display(&mut self, value: &Bound<'py, PyAny>) {
        if value.is_instance_of::<PyString>() {
            self.call(value, PyAnyMethods::str);
        } else if let Some(arguments) = containers::arguments_of(value) {
            match arguments.as_slice() {
                [] => {}
                [argument] => self.put_display(argument),
                _ => match arguments_tuple(value, arguments) {
                    Ok(tuple) => self.write(&tuple),
                    Err(error) => self.put_marker(value, error),
                },
            }
        } else if containers::is_shaped(value) || is_bytes(value) {
            self.write(value);
        } else {
            self.call(value, PyAnyMethods::str);
        }
    }

    /// Writes the result of `repr()`.
    fn write(&mut self, value: &Bound<'py, PyAny>) {
        self.begin(value);
        while !self.is_full()
            && let Some(frame) = self.open.last_mut()
        {
            match frame.shape.parts.next() {
                None => self.close(),
                Some(part) => self.put_part(part),
            }
        }
        self.open.clear();
    }

    fn begin(&mut self, value: &Bound<'py, PyAny>) {
        if put_atom(&mut self.out, value, self.capture.most) {
            return;
        }
        if is_bytes(value) {
            return self.put_bytes(value);
        }
        if !containers::is_shaped(value) {
            return self.call(value, PyAnyMethods::repr);
        }
        if self.open.iter().any(|frame| frame.value.is(value)) {
            let mark = containers::cycle_of(self.capture, value);
            return self.out.extend_from_slice(&mark);
        }
        if self.open.len() >= MOST_DEPTH {
            return self.out.extend_from_slice(format!("<{} nested too deep>", type_name(value)).as_bytes());
        }
        match containers::shape_of(self.capture, value) {
            Ok(shape) => {
                self.out.extend_from_slice(&shape.opening);
                self.opened.add(value);
                self.open.push(Frame { value: value.clone(), shape, written: 0, entered: None });
            }
            Err(error) => self.put_marker(value, error),
        }
    }

    fn close(&mut self) {
        let Some(frame) = self.open.pop() else { return };
        if frame.shape.is_tuple && frame.written == 1 {
            self.out.push(b',');
        }
        self.out.extend_from_slice(&frame.shape.closing);
    }

    fn put_part(&mut self, part: Part<'py>) {
        if let Some(frame) = self.open.last_mut() {
            if frame.written > 0 {
                self.out.extend_from_slice(b", ");
            }
            frame.written += 1;
        }
        match part {
            Part::Item(item) => self.begin(&item),
            Part::Pair(key, value) => {
                // A key that is a container holds no container that is being written: it could not be hashed.
                let key = representation(self.capture, &key);
                self.out.extend_from_slice(&key);
                self.out.extend_from_slice(b": ");
                self.begin(&value);
            }
            Part::Field(name, value) => {
                self.out.extend_from_slice(&name);
                self.out.push(b'=');
                match value {
                    Ok(value) => self.begin(&value),
                    Err(marker) => self.out.extend_from_slice(marker.as_bytes()),
                }
            }
        }
    }

    /// Lets an object write itself.
    fn call(
        &mut self,
        value: &Bound<'py, PyAny>,
        render: impl FnOnce(&Bound<'py, PyAny>) -> PyResult<Bound<'py, PyString>>,
    ) {
        if is_boundless(value) {
            let marker = boundless_marker(value);
            return self.out.extend_from_slice(marker.as_bytes());
        }
        // The object's code may ask for the text of a container around it, and gets the mark that `repr()` has for
        // cycles.
        for frame in &mut self.open {
            frame.entered.get_or_insert_with(|| Entered::of(&frame.value));
        }
        match render(value) {
            Ok(text) => self.out.extend_from_slice(&self.capture.text(text.as_any()).unwrap_or_default()),
            Err(error) => self.put_marker(value, error),
        }
    }

    fn put_marker(&mut self, value: &Bound<'_, PyAny>, error: PyErr) {
        let marker = self.capture.marker(value, error);
        self.out.extend_from_slice(marker.as_bytes());
    }

    /// Writes bytes and arrays as `repr()` shows them. `str()` gives the same, but is an error under `python -bb`.
    fn put_bytes(&mut self, value: &Bound<'py, PyAny>) {
        let most = self.capture.most;
        let is_long = value.len().is_ok_and(|length| length > most);
        let start = || value.get_item(PySlice::new(value.py(), 0, most as isize + 1, 1));
        let text = if is_long { start().and_then(|start| start.repr()) } else { value.repr() };
        match text {
            Ok(text) => self.out.extend_from_slice(&text_bytes(text.as_any()).unwrap_or_default()),
            Err(error) => self.put_marker(value, error),
        }
    }
}

/// The arguments of an exception, as the tuple that its `str()` shows.
fn arguments_tuple<'py>(value: &Bound<'py, PyAny>, arguments: Vec<Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
    Ok(pyo3::types::PyTuple::new(value.py(), arguments)?.into_any())
}

/// Whether the value is bytes or an array of numbers. If it is long, only its beginning is made into text.
pub(super) fn is_bytes(value: &Bound<'_, PyAny>) -> bool {
    value.is_instance_of::<PyBytes>()
        || value.is_instance_of::<PyByteArray>()
        || known_class!(value.py(), "array", "array").is_some_and(|class| value.get_type().is(class))
}

/// Appends a value that holds no others and needs no code of the program. Returns false for any other value.
fn put_atom(out: &mut Vec<u8>, value: &Bound<'_, PyAny>, most: usize) -> bool {
    if let Ok(text) = value.cast_exact::<PyString>() {
        put_text(out, text, most);
    } else if value.is_exact_instance_of::<PyInt>() {
        match value.extract::<i64>() {
            Ok(number) => put_int(out, number),
            Err(_) => put_long(out, value),
        }
    } else if let Ok(number) = value.cast_exact::<PyFloat>() {
        put_float(out, number.value());
    } else if let Ok(flag) = value.cast_exact::<PyBool>() {
        out.extend_from_slice(if flag.is_true() { b"True" } else { b"False" });
    } else if value.is_none() {
        out.extend_from_slice(b"None");
    } else {
        return false;
    }
    true
}

/// Appends a number beyond 64 bits. With more digits than CPython converts, it is written in hexadecimal.
fn put_long(out: &mut Vec<u8>, value: &Bound<'_, PyAny>) {
    let hexadecimal = || value.call_method1("__format__", ("#x",));
    let text = value.repr().map(Bound::into_any).or_else(|_| hexadecimal());
    out.extend_from_slice(&text.ok().and_then(|text| text_bytes(&text)).unwrap_or_default());
}

/// Appends a string between quotes. Printable ASCII is written here; Python knows which other characters it shows.
fn put_text(out: &mut Vec<u8>, text: &Bound<'_, PyString>, most: usize) {
    if let Ok(bytes) = text.to_str().map(str::as_bytes)
        && crate::format::escape::is_bare_text(bytes)
    {
        out.push(b'\'');
        out.extend_from_slice(bytes);
        return out.push(b'\'');
    }
    let short = text.to_str().ok().filter(|text| text.len() > most);
    let text = match short {
        Some(long) => PyString::new(text.py(), &long[..cut_at(long.as_bytes(), most)]),
        None => text.clone(),
    };
    out.extend_from_slice(&text.repr().ok().and_then(|text| text_bytes(text.as_any())).unwrap_or_default());
}
