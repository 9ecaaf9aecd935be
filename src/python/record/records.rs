//! The record as Python code sees it: the dict that filters, formats, function sinks and captures get.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt};

use crate::python::call::arrived::{Call, is_exc_info};
use crate::python::call::names::thread_name;
use crate::python::call::surroundings;
use crate::python::exception::section;
use crate::python::py::imports::{imported, load};
use crate::python::py::interpreter::{Kept, name};
use crate::python::py::text::to_python;
use crate::python::record::message::unused_arguments;
use crate::python::record::record_dict;
use crate::python::record::record_dict::Parts;
use crate::python::value::capture::Capture;
use crate::python::value::copied::COPY;
use crate::python::value::lazy::Lazy;
use crate::record::decoded::Record;
use crate::record::encoded::{SetPart, Value, set_parts};
use crate::writer::snapshot::Snapshot;

static MESSAGE: Kept<Py<PyAny>> = Kept::new();
static LOADS: Kept<Py<PyAny>> = Kept::new();

/// Imports the functions that make records when a sink that needs them is added, not at the first record. A signal
/// handler may log in the middle of an import.
pub fn preload(py: Python<'_>) -> PyResult<()> {
    record_dict::preload(py)?;
    let names = [(&MESSAGE, "Message"), (&COPY, "copied")];
    names.into_iter().try_for_each(|(cell, name)| imported(py, cell, "logly._records.records", name).map(drop))
}

/// The parts of a record's dict that its bytes do not contain: the objects themselves.
pub struct Objects<'py> {
    pub fields: Bound<'py, PyDict>,
    pub exception: Option<Bound<'py, PyAny>>,
}

impl<'py> Objects<'py> {
    /// The objects of a call. Without `has_keywords` its keywords are left out, as they only fill in the message.
    pub fn of(call: &Call<'_, 'py>, has_keywords: bool, capture: &mut Capture) -> PyResult<Self> {
        let fields = outer_fields(call, capture)?;
        if has_keywords {
            put_keywords(call, &fields, capture)?;
        }
        if let Some((name, values)) = unused_arguments(call, capture)? {
            fields.set_item(name, values)?;
        }
        Ok(Self { fields, exception: section::of(call, capture) })
    }
}

impl Objects<'_> {
    /// Returns the objects for the redacted form of a record. An object that shows a secret is replaced by its masked
    /// form, which has only values that JSON knows.
    pub fn masked(&self, whole: &Record<'_>, masked: &Record<'_>) -> PyResult<Self> {
        let fields = self.fields.copy()?;
        let py = fields.py();
        for (before, after) in whole.fields.iter().zip(&masked.fields) {
            if before.value != after.value {
                fields.set_item(to_python(py, after.key), decoded(py, after.value))?;
            }
        }
        let exception = self.exception.clone().filter(|_| whole.exception == masked.exception);
        Ok(Self { fields, exception })
    }

    /// Returns the same objects again.
    pub fn share(&self) -> Self {
        Self { fields: self.fields.clone(), exception: self.exception.clone() }
    }
}

/// Builds the dict of one record, on the logging thread.
pub fn build<'py>(
    py: Python<'py>,
    record: &Record<'_>,
    snapshot: &Snapshot,
    objects: &Objects<'py>,
    capture: &mut Capture,
) -> PyResult<Bound<'py, PyDict>> {
    // For an exception of another library, there may be only the text.
    let exception = match (&objects.exception, record.exception) {
        (None, Some((text, json))) => Some(recorded(py, text, json)?),
        (exception, _) => exception.clone(),
    };
    let fields = &objects.fields;
    if record.origin.is_some() || record.set(SetPart::ThreadName).is_some() {
        return make(py, record, snapshot, Parts { thread_name: record.thread_name(), fields, exception });
    }
    let thread_name = capture.told_by(py, thread_name(py));
    make(py, record, snapshot, Parts { thread_name: thread_name.as_bytes(), fields, exception })
}

/// Builds the dict of a record that has left its caller. Its values are of types that JSON knows; an exception is its
/// text and dict.
pub fn build_encoded<'py>(py: Python<'py>, record: &Record<'_>, snapshot: &Snapshot) -> PyResult<Bound<'py, PyDict>> {
    let fields = PyDict::new(py);
    for field in &record.fields {
        fields.set_item(to_python(py, field.key), decoded(py, field.value))?;
    }
    let exception = match record.exception {
        Some((text, json)) => Some(recorded(py, text, json)?),
        None => None,
    };
    make(py, record, snapshot, Parts { thread_name: record.thread_name(), fields: &fields, exception })
}

/// The text and the dict of an exception whose object is not available.
fn recorded<'py>(py: Python<'py>, text: &[u8], json: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    Ok((to_python(py, text), exception_dict(py, json)).into_pyobject(py)?.into_any())
}

fn make<'py>(
    py: Python<'py>,
    record: &Record<'_>,
    snapshot: &Snapshot,
    parts: Parts<'_, 'py>,
) -> PyResult<Bound<'py, PyDict>> {
    let dict = record_dict::make(py, record, snapshot, parts)?;
    if !record.all_set().is_empty() {
        put_set(&dict, record, snapshot.settings.dialect.is_loguru())?;
    }
    if let Some((text, _)) = record.stack {
        dict.set_item(name!(py, "stack"), to_python(py, text))?;
    }
    Ok(dict)
}

/// Adds the parts that the program set explicitly to a record's dict.
#[cold]
fn put_set(dict: &Bound<'_, PyDict>, record: &Record<'_>, is_loguru: bool) -> PyResult<()> {
    let py = dict.py();
    let parts = PyDict::new(py);
    for (tag, text) in set_parts(record.all_set()) {
        parts.set_item(tag, to_python(py, text))?;
    }
    let module = if is_loguru { "logly.loguru._records" } else { "logly._records.records" };
    load(py, module, "put_set")?.call1((dict, parts)).map(drop)
}

/// Restores a value from its encoded form. A value that JSON does not know is read back from its JSON form.
pub fn decoded<'py>(py: Python<'py>, value: Value<'_>) -> Bound<'py, PyAny> {
    match value {
        Value::None => py.None().into_bound(py),
        Value::Bool(flag) => PyBool::new(py, flag).to_owned().into_any(),
        Value::Int(number) => PyInt::new(py, number).into_any(),
        Value::Float(number) => PyFloat::new(py, number).into_any(),
        Value::Str(text) => to_python(py, text),
        Value::Big(digits) => read_json(py, digits).unwrap_or_else(|| to_python(py, digits)),
        Value::Odd { display, json } => read_json(py, json).unwrap_or_else(|| to_python(py, display)),
    }
}

/// The dict of an exception. It is empty if there is no JSON to read.
pub fn exception_dict<'py>(py: Python<'py>, json: &[u8]) -> Bound<'py, PyAny> {
    read_json(py, json).unwrap_or_else(|| PyDict::new(py).into_any())
}

/// None if the JSON is nested too deeply for Python to read, or the value was captured before any sink needed its JSON.
fn read_json<'py>(py: Python<'py>, json: &[u8]) -> Option<Bound<'py, PyAny>> {
    if json.is_empty() {
        return None;
    }
    imported(py, &LOADS, "json", "loads").and_then(|loads| loads.call1((to_python(py, json),))).ok()
}

/// Makes a line that carries its record.
pub fn message_with_record<'py>(line: &Bound<'py, PyAny>, record: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyAny>> {
    let py = line.py();
    let class = imported(py, &MESSAGE, "logly._records.records", "Message")?;
    let message = class.call1((line,))?;
    message.setattr(name!(py, "record"), record)?;
    Ok(message)
}

/// The fields that are not the call's own. Inner fields win over outer ones.
fn outer_fields<'py>(call: &Call<'_, 'py>, capture: &mut Capture) -> PyResult<Bound<'py, PyDict>> {
    let py = call.py;
    let fields = PyDict::new(py);
    if let Some(extra) = call.logger.extra(py) {
        fields.update(extra.as_mapping())?;
    }
    let is_last = call.logger.core().dialect().prefers_bound();
    if is_last {
        surroundings::update(call.logger, &fields, capture)?;
    }
    if let Some(bound) = call.logger.bound() {
        fields.update(bound.get().values.bind(py).as_mapping())?;
    }
    if !is_last {
        surroundings::update(call.logger, &fields, capture)?;
    }
    Ok(fields)
}

/// Adds the keywords of the call.
pub fn put_keywords(call: &Call<'_, '_>, fields: &Bound<'_, PyDict>, capture: &mut Capture) -> PyResult<()> {
    let Some(names) = call.names else { return Ok(()) };
    let has_exc_info = call.logger.core().dialect().has_exc_info();
    let is_field = |name: &Bound<'_, PyAny>| !(has_exc_info && is_exc_info(name));
    for (name, value) in names.iter_borrowed().zip(call.named).filter(|(name, _)| is_field(name)) {
        match Lazy::value_of(value) {
            Ok(value) => fields.set_item(name, value)?,
            Err(error) => fields.set_item(name, capture.marker(&value.to_owned(), error))?,
        }
    }
    Ok(())
}
