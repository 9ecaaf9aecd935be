//! A `LogRecord` that came to logly's handler by Python's own way.
//!
//! Plain records are read natively. `python/logly/integrations/logging.py` reads all others, with the same result.

use std::borrow::Cow;

use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyFrozenSet, PyInt, PyString, PyTuple};

use crate::python::call::arrived::Raised;
use crate::python::entry::foreign::Foreign;
use crate::python::py::interpreter::name;
use crate::python::py::peek::{Text, class_of, dict_of, value_of};
use crate::python::py::text::utf8;
use crate::python::stdlib::facts::{Facts, Unsure};
use crate::python::stdlib::given::{message, message_of};
use crate::python::stdlib::handover::{Answer, Trail, count, emit, has_left_out, is_apart, wants};
use crate::python::stdlib::route::Way;
use crate::python::stdlib::{facts, route};
use crate::site::{Location, NO_SITE};

/// Logs a record that a handler got, if all its parts are plain. Returns false if nothing was done.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (handler, record, /))]
pub(super) fn _log_record(handler: &Bound<'_, PyAny>, record: &Bound<'_, PyAny>) -> PyResult<bool> {
    let Some(facts) = facts::for_records(handler.py()) else { return Ok(false) };
    let Some(answer) = taken(handler.as_borrowed(), record.as_borrowed(), facts) else { return Ok(false) };
    count(false);
    match answer {
        Answer::Raised(interrupt) => Err(*interrupt),
        Answer::Done | Answer::Elsewhere => Ok(true),
    }
}

/// The attributes of a record.
#[derive(Clone, Copy)]
struct Attributes<'a, 'py>(Borrowed<'a, 'py, PyDict>);

impl<'a, 'py> Attributes<'a, 'py> {
    fn get(self, name: &Bound<'py, PyString>) -> Option<Borrowed<'a, 'py, PyAny>> {
        value_of(self.0, name)
    }

    fn text(self, name: &Bound<'py, PyString>) -> Option<&'a [u8]> {
        Some(utf8(self.get(name)?.cast_exact::<PyString>().ok()?)?.as_bytes())
    }

    fn number<T: for<'x> FromPyObject<'x, 'py>>(self, name: &Bound<'py, PyString>) -> Option<T> {
        self.get(name)?.cast_exact::<PyInt>().ok()?.extract().ok()
    }

    /// An attribute that is None or missing, or a text.
    fn text_or_none(self, name: &Bound<'py, PyString>) -> Result<Option<&'a [u8]>, Unsure> {
        match self.get(name) {
            Some(value) if !value.is_none() => self.text(name).map(Some).ok_or(Unsure),
            _ => Ok(None),
        }
    }

    /// The message with its arguments.
    fn message(self, py: Python<'py>) -> Option<Cow<'a, [u8]>> {
        let (text, arguments) = (self.get(name!(py, "msg"))?, self.get(name!(py, "args"))?);
        if let Ok(mapping) = arguments.cast_exact::<PyDict>() {
            return message_of(text, mapping);
        }
        let arguments = arguments.cast_exact::<PyTuple>().ok()?;
        let values: Vec<_> = arguments.iter_borrowed().collect();
        message(text, &values)
    }

    /// The exception.
    fn exception(self, py: Python<'py>) -> Result<Option<Bound<'py, PyAny>>, Unsure> {
        let given = self.get(name!(py, "exc_info")).ok_or(Unsure)?;
        if given.is_none() {
            let has_text = self.get(name!(py, "exc_text")).is_none_or(|text| !text.is_none());
            return if has_text { Err(Unsure) } else { Ok(None) };
        }
        let error = given.cast_exact::<PyTuple>().ok().and_then(|triple| triple.get_item(1).ok());
        error.filter(PyAnyMethods::is_instance_of::<PyBaseException>).map(Some).ok_or(Unsure)
    }

    /// The attributes that were given as `extra`, in a dict of their own.
    fn extra(self, own: &Bound<'py, PyFrozenSet>) -> Result<Option<Bound<'py, PyDict>>, Unsure> {
        let mut extra = None;
        for (name, value) in self.0.iter() {
            if !name.is_exact_instance_of::<PyString>() {
                return Err(Unsure);
            }
            if !own.contains(&name).map_err(|_| Unsure)? {
                let extra = extra.get_or_insert_with(|| PyDict::new(own.py()));
                extra.set_item(name, value).map_err(|_| Unsure)?;
            }
        }
        Ok(extra)
    }
}

fn taken(handler: Borrowed<'_, '_, PyAny>, record: Borrowed<'_, '_, PyAny>, facts: &Facts) -> Option<Answer> {
    let py = handler.py();
    if class_of(handler) != facts.handler || class_of(record) != facts.record {
        return None;
    }
    // Handlers themselves do not look at the level.
    let Way::To(target) = route::target(facts, handler, i32::MAX)? else { return None };
    let target = target.to_owned();
    let record = record.to_owned();
    let attributes = Attributes(dict_of(record.as_borrowed())?);
    let name = attributes.get(name!(py, "name"))?.cast_exact::<PyString>().ok()?.to_owned();
    let number = attributes.number::<i32>(name!(py, "levelno")).filter(|number| *number >= 0)?;
    let name = Text { string: name.as_borrowed(), utf8: utf8(name.as_borrowed())? };
    if is_apart(name, facts) {
        return None;
    }
    let exception = attributes.exception(py).ok()?;
    let seconds = attributes.get(name!(py, "created"))?.cast_exact::<PyFloat>().ok()?.value();
    let stack = attributes.text_or_none(name!(py, "stack_info")).ok()?;
    // Times beyond the range of nanoseconds, and those that are no numbers.
    let is_time = seconds.abs() < 9e9;
    if !is_time || stack.is_some_and(|stack| !stack.is_empty()) {
        return None;
    }
    let extra = attributes.extra(facts.own.bind(py)).ok()?;
    let is_changed = extra.is_some() && !facts.adapters.bind(py).is_empty();
    if is_changed || has_left_out(name, extra.as_ref().map(Bound::as_borrowed)) {
        return None;
    }
    let message = attributes.message(py)?;
    let own = Trail::of(target.get().number());
    let foreign = Foreign {
        site: NO_SITE,
        time_ns: Some((seconds * 1e9).round_ties_even() as i64),
        message: &message,
        location: Location {
            module: name.utf8.as_bytes(),
            function: attributes.text_or_none(name!(py, "funcName")).ok()?.unwrap_or_default(),
            path: attributes.text(name!(py, "pathname"))?,
            line: attributes.number(name!(py, "lineno"))?,
        },
        thread: Some(attributes.number(name!(py, "thread"))?),
        thread_name: attributes.text(name!(py, "threadName"))?,
        task: attributes.text_or_none(name!(py, "taskName")).ok()?,
        process: attributes.number(name!(py, "process")).filter(|process| *process != 0)?,
        process_name: attributes.text(name!(py, "processName"))?,
        trail: own.text(),
        fields: extra.as_ref().map(Bound::as_borrowed),
        exception_text: None,
        stack: None,
    };
    if !wants(target.get(), number)? {
        return Some(Answer::Done);
    }
    Some(emit(&target, number, exception.as_ref().map_or(Raised::No, Raised::Given), &foreign))
}
