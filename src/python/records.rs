//! The record as Python code sees it: the dict that filters, formats, function sinks and captures get.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyTuple};

use crate::backend::snapshot::Snapshot;
use crate::python::context;
use crate::python::deliver::thread_name;
use crate::python::entry::Call;
use crate::python::exceptions;
use crate::python::interpreter::{Kept, imported, name};
use crate::python::module::Lazy;
use crate::python::values::{Capture, to_python};
use crate::record::{Record, Value};

static MAKE: Kept<Py<PyAny>> = Kept::new();
static MESSAGE: Kept<Py<PyAny>> = Kept::new();
static LOADS: Kept<Py<PyAny>> = Kept::new();
static COPY: Kept<Py<PyAny>> = Kept::new();

/// Imports what records are made with, when a sink that needs it is added and not at the first record: a handler of a signal may log
/// in the middle of that.
pub fn preload(py: Python<'_>) -> PyResult<()> {
    let names = [(&MAKE, "make"), (&MESSAGE, "Message"), (&COPY, "copied")];
    names.into_iter().try_for_each(|(cell, name)| imported(py, cell, "logly._records", name).map(drop))
}

/// Builds the dict of one record.
pub fn build<'py>(
    call: &Call<'_, 'py>,
    record: &Record<'_>,
    snapshot: &Snapshot,
    capture: &mut Capture,
) -> PyResult<Bound<'py, PyDict>> {
    let py = call.py;
    let exception = if call.with_exception { exceptions::active(py) } else { None };
    let thread_name = capture.told_by(py, thread_name(py));
    make(py, record, snapshot, thread_name.as_bytes(), fields(call, capture)?, exception)
}

/// Builds the dict of a record that has left its caller: values that JSON knows, and of an exception its text and dict.
pub fn build_encoded<'py>(py: Python<'py>, record: &Record<'_>, snapshot: &Snapshot) -> PyResult<Bound<'py, PyDict>> {
    let fields = PyDict::new(py);
    for field in &record.fields {
        fields.set_item(to_python(py, field.key), decoded(py, field.value))?;
    }
    let exception = match record.exception {
        Some((text, json)) => Some((to_python(py, text), exception_dict(py, json)).into_pyobject(py)?.into_any()),
        None => None,
    };
    make(py, record, snapshot, record.thread_name, fields, exception)
}

fn make<'py>(
    py: Python<'py>,
    record: &Record<'_>,
    snapshot: &Snapshot,
    thread_name: &[u8],
    fields: Bound<'py, PyDict>,
    exception: Option<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let make = imported(py, &MAKE, "logly._records", "make")?;
    let level = snapshot.settings.levels.get(record.header.level.id);
    let name = level.map_or_else(|| format!("Level {}", record.header.level.no), |level| level.name.clone());
    let arguments = [
        record.header.time_ns.into_pyobject(py)?.into_any(),
        name.into_pyobject(py)?.into_any(),
        record.header.level.no.into_pyobject(py)?.into_any(),
        level.map_or("", |level| level.icon.as_str()).into_pyobject(py)?.into_any(),
        message(py, record),
        to_python(py, record.location.module),
        to_python(py, record.location.function),
        to_python(py, record.location.path),
        record.location.line.into_pyobject(py)?.into_any(),
        record.header.thread.into_pyobject(py)?.into_any(),
        to_python(py, thread_name),
        snapshot.start_ns.into_pyobject(py)?.into_any(),
        fields.into_any(),
        exception.into_pyobject(py)?,
    ];
    make.call1(PyTuple::new(py, arguments)?)?.cast_into::<PyDict>().map_err(PyErr::from)
}

/// What a value was before it was encoded; what JSON does not know is what its JSON form reads as.
pub fn decoded<'py>(py: Python<'py>, value: Value<'_>) -> Bound<'py, PyAny> {
    match value {
        Value::None => py.None().into_bound(py),
        Value::Bool(flag) => PyBool::new(py, flag).to_owned().into_any(),
        Value::Int(number) => PyInt::new(py, number).into_any(),
        Value::Float(number) => PyFloat::new(py, number).into_any(),
        Value::Str(text) => to_python(py, text),
        Value::Big(digits) => read_json(py, digits).unwrap_or_else(|_| to_python(py, digits)),
        // Deeper than Python reads, or taken before anything needed its JSON.
        Value::Odd { display, json } => read_json(py, json).unwrap_or_else(|_| to_python(py, display)),
    }
}

fn exception_dict<'py>(py: Python<'py>, json: &[u8]) -> Bound<'py, PyAny> {
    read_json(py, json).unwrap_or_else(|_| PyDict::new(py).into_any())
}

fn read_json<'py>(py: Python<'py>, json: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    imported(py, &LOADS, "json", "loads")?.call1((to_python(py, json),))
}

/// A copy of fields, with copies of the built-in containers in them.
pub fn copied<'py>(fields: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyDict>> {
    let py = fields.py();
    let copy = imported(py, &COPY, "logly._records", "copied")?;
    copy.call1((fields,))?.cast_into::<PyDict>().map_err(PyErr::from)
}

/// A line that carries its record.
pub fn message_with_record<'py>(line: &Bound<'py, PyAny>, record: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyAny>> {
    let py = line.py();
    let class = imported(py, &MESSAGE, "logly._records", "Message")?;
    let message = class.call1((line,))?;
    message.setattr(name!(py, "record"), record)?;
    Ok(message)
}

/// The rendered message, nothing escaped.
fn message<'py>(py: Python<'py>, record: &Record<'_>) -> Bound<'py, PyAny> {
    let mut text = Vec::new();
    record.message(|value| match value {
        Value::Str(part) | Value::Odd { display: part, .. } => text.extend_from_slice(part),
        other => crate::format::text::put_value(&mut text, other, crate::format::escape::Multiline::Raw),
    });
    to_python(py, &text)
}

/// All fields, those of the call winning.
fn fields<'py>(call: &Call<'_, 'py>, capture: &mut Capture) -> PyResult<Bound<'py, PyDict>> {
    let py = call.py;
    let fields = PyDict::new(py);
    if let Some(extra) = call.logger.extra(py) {
        fields.update(extra.as_mapping())?;
    }
    if let Some(bound) = call.logger.bound() {
        fields.update(bound.get().values.bind(py).as_mapping())?;
    }
    if let Some(context) = context::current(py) {
        fields.update(context.get().values.bind(py).as_mapping())?;
    }
    if let Some(names) = call.names {
        for (name, value) in names.iter_borrowed().zip(call.named) {
            let lazy = value.cast::<Lazy>().ok().map(|lazy| lazy.get().evaluate(py));
            match lazy {
                None => fields.set_item(name, *value)?,
                Some(Ok(result)) => fields.set_item(name, result)?,
                Some(Err(error)) => fields.set_item(name, capture.marker(&value.to_owned(), error))?,
            }
        }
    }
    Ok(fields)
}
