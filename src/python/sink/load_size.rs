//! Estimates the memory that the load of a record takes. A load holds the objects that the caller made for a background
//! sink.
//!
//! The size counts against the sink's queue, so that the queue bounds memory. The thread that logs computes it. It
//! covers the parts of a record, the copies of containers in it, texts, and the frames of a traceback. Objects that
//! frames and instances of other classes refer to belong to the program, and do not count.

use ahash::AHashSet;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyList, PySet, PyString, PyTraceback, PyTuple};

use crate::python::py::interpreter::name;

/// Bytes of the load itself, and of the copy of the context.
const OF_LOAD: usize = 200;

/// Bytes of a record's level, file, process, thread, and times.
const OF_RECORD: usize = 1_800;

/// Bytes of a `LogRecord` with its trail, without its attributes.
const OF_LOG_RECORD: usize = 200;

/// Bytes of a frame of a traceback, and of its place.
const OF_FRAME: usize = 500;

/// The most frames that are counted, which is as many as a recursion has.
const MOST_FRAMES: usize = 1_000;

/// Bytes that the garbage collector puts before each container.
const OF_CONTAINER: usize = 16;

/// Bytes of a simple value such as a number. Shared values count too.
const OF_VALUE: usize = 32;

/// The most values that are examined: as many as are copied, and the values that the copies hold.
const MOST_VALUES: usize = 1_000_000;

/// Bytes of a line that carries its record, of a `LogRecord` with its trail, or of a line alone.
pub(super) fn load_size(item: &Bound<'_, PyAny>) -> usize {
    let mut count = Count { bytes: OF_LOAD, ..Count::default() };
    match item.cast_exact::<PyTuple>() {
        Ok(made) => count.add_log_record(made),
        Err(_) => count.add_line(item),
    }
    while let Some(container) = count.pending.pop() {
        count.add_items(&container);
    }
    count.bytes
}

#[derive(Default)]
struct Count<'py> {
    bytes: usize,
    values: usize,
    /// The addresses of containers that were counted. A container may occur more than once.
    seen: AHashSet<usize>,
    /// Containers whose items are not counted yet.
    pending: Vec<Bound<'py, PyAny>>,
}

impl<'py> Count<'py> {
    fn add_line(&mut self, line: &Bound<'py, PyAny>) {
        let py = line.py();
        self.bytes += size(line);
        let Ok(Some(record)) = line.getattr_opt(name!(py, "record")) else { return };
        let Ok(record) = record.cast::<PyDict>() else { return };
        self.bytes += OF_RECORD + size(record);
        // Each field is also a key of the record. It is counted in `extra` alone.
        for key in [name!(py, "message"), name!(py, "extra")] {
            if let Ok(Some(part)) = record.get_item(key) {
                self.add(part);
            }
        }
        if let Ok(Some(exception)) = record.get_item(name!(py, "exception"))
            && exception.is_instance_of::<PyTuple>()
        {
            self.add_items(&exception);
        }
    }

    fn add_log_record(&mut self, made: &Bound<'py, PyTuple>) {
        self.bytes += OF_LOG_RECORD;
        let attributes = made.get_item(0).and_then(|record| record.getattr(name!(made.py(), "__dict__")));
        if let Ok(attributes) = attributes {
            self.add(attributes);
        }
    }

    fn add(&mut self, value: Bound<'py, PyAny>) {
        self.values += 1;
        if is_text(&value) {
            self.bytes += size(&value);
        } else if value.is_exact_instance_of::<PyTraceback>() {
            self.bytes += OF_FRAME * frames(value);
        } else if !is_container(&value) {
            self.bytes += OF_VALUE;
        } else if self.values < MOST_VALUES && self.seen.insert(value.as_ptr() as usize) {
            self.bytes += OF_CONTAINER + size(&value);
            self.pending.push(value);
        }
    }

    fn add_items(&mut self, container: &Bound<'py, PyAny>) {
        if let Ok(dict) = container.cast::<PyDict>() {
            dict.values().into_iter().for_each(|value| self.add(value));
        } else if let Ok(list) = container.cast::<PyList>() {
            list.iter().for_each(|item| self.add(item));
        } else if let Ok(tuple) = container.cast::<PyTuple>() {
            tuple.iter().for_each(|item| self.add(item));
        } else if let Ok(items) = container.try_iter() {
            items.map_while(Result::ok).for_each(|item| self.add(item));
        }
    }
}

fn frames(traceback: Bound<'_, PyAny>) -> usize {
    let name = name!(traceback.py(), "tb_next");
    let mut next = Some(traceback);
    let step = || {
        next = next.as_ref()?.getattr(name).ok().filter(|next| !next.is_none());
        next.as_ref().map(|_| ())
    };
    1 + std::iter::from_fn(step).take(MOST_FRAMES).count()
}

fn is_text(value: &Bound<'_, PyAny>) -> bool {
    value.is_exact_instance_of::<PyString>()
        || value.is_exact_instance_of::<PyBytes>()
        || value.is_exact_instance_of::<PyByteArray>()
}

/// Whether the value is of a type that records hold copies of.
fn is_container(value: &Bound<'_, PyAny>) -> bool {
    value.is_exact_instance_of::<PyDict>()
        || value.is_exact_instance_of::<PyList>()
        || value.is_exact_instance_of::<PyTuple>()
        || value.is_exact_instance_of::<PySet>()
}

/// The size that Python reports for an object, without the objects it refers to.
fn size(value: &Bound<'_, PyAny>) -> usize {
    let size = value.call_method0(name!(value.py(), "__sizeof__"));
    size.and_then(|size| size.extract()).unwrap_or(OF_VALUE)
}
