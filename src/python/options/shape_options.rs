//! The options of JSON shapes, which `add` and `configure` both take.

use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use crate::config::logger::DEFAULT_MESSAGE_BYTES;
use crate::config::shape::ShapeOptions;
use crate::dialect::Dialect;
use crate::format::json::put_value;
use crate::format::shape::compile::check_keys;
use crate::format::shape::kind::{ExceptionForm, Include};
use crate::python::call::fields::Fields;
use crate::python::options::parameter::Given;
use crate::python::value::arguments::{dict, text};
use crate::record::encoded::Reader;

/// Keys for sinks of any shape.
pub(super) fn set_general_keys(shape: &mut ShapeOptions, given: &Given<'_, '_>) -> PyResult<()> {
    set_keys(shape, given)?;
    Ok(check_keys(shape.keys.as_deref().unwrap_or_default())?)
}

/// Keys for a sink, whose shape is known later.
pub(super) fn set_keys(shape: &mut ShapeOptions, given: &Given<'_, '_>) -> PyResult<()> {
    let mut keys = Vec::new();
    for (key, name) in dict(given.name, "a dict of key to new name or None", given.value)? {
        let name = if name.is_none() { None } else { Some(text(given.name, &name)?.to_owned()) };
        keys.push((text(given.name, &key)?.to_owned(), name));
    }
    shape.keys = Some(keys);
    Ok(())
}

/// Captures the values now, as those of fields are.
pub(super) fn set_static(shape: &mut ShapeOptions, given: &Given<'_, '_>) -> PyResult<()> {
    let members = dict(given.name, "a dict of key to value", given.value)?;
    for key in members.keys() {
        text(given.name, &key)?;
    }
    let fields = Fields::new(&members, DEFAULT_MESSAGE_BYTES, Dialect::default())?;
    let mut reader = Reader::new(&fields.encoded);
    let mut fixed = Vec::new();
    while !reader.is_empty() {
        let key = String::from_utf8_lossy(reader.bytes()).into_owned();
        let mut json = Vec::new();
        put_value(&mut json, reader.value());
        fixed.push((key, json.into()));
    }
    shape.fixed = Some(fixed);
    Ok(())
}

pub(super) fn set_include(shape: &mut ShapeOptions, given: &Given<'_, '_>) -> PyResult<()> {
    if !given.value.is_instance_of::<PyList>() && !given.value.is_instance_of::<PyTuple>() {
        return Err(given.wrong_type("a list of names"));
    }
    let names = given.value.try_iter()?;
    let include = names.map(|name| Ok(Include::parse(given.name, text(given.name, &name?)?)?));
    shape.include = Some(include.collect::<PyResult<Vec<Include>>>()?);
    Ok(())
}

pub(super) fn set_exception(shape: &mut ShapeOptions, given: &Given<'_, '_>) -> PyResult<()> {
    shape.exception = Some(ExceptionForm::parse(given.name, given.text()?)?);
    Ok(())
}
