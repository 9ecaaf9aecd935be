//! The value of `redact`, for `configure` and `add`.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyList, PyString, PyTuple};

use crate::environment;
use crate::error::{Error, nearest, quoted};
use crate::python::options::parameter::Given;
use crate::python::value::arguments::{text, wrong_type};
use crate::redaction::keys::Keys;
use crate::redaction::mask::Mask;
use crate::redaction::patterns::Patterns;
use crate::redaction::redactor::Redactor;

/// The variable of the environment with the key of hashes.
const KEY_VARIABLE: &str = "LOGLY_REDACT_KEY";

const PARTS: [&str; 4] = ["keys", "patterns", "mask", "key"];

/// Reads the value. False is None.
pub fn redactor(given: &Given<'_, '_>) -> PyResult<Option<Arc<Redactor>>> {
    if let Ok(flag) = given.value.cast::<PyBool>() {
        let redactor = if flag.is_true() { Some(Arc::new(Redactor::standard()?)) } else { None };
        return Ok(redactor);
    }
    let Ok(parts) = given.value.cast::<PyDict>() else {
        // The value is not shown: a key may be in it.
        let kind = given.value.get_type().name()?;
        let expected = "True, False or a dict of keys, patterns, mask and key";
        return Err(Error::type_(given.name, expected, format!("an object of type {kind}")).into());
    };
    of_dict(given.name, parts).map(|redactor| Some(Arc::new(redactor)))
}

fn of_dict(name: &str, parts: &Bound<'_, PyDict>) -> PyResult<Redactor> {
    for key in parts.keys() {
        let known = text(name, &key)?;
        if !PARTS.contains(&known) {
            let expected = format!("a dict of {}", PARTS.join(", "));
            return Err(Error::value(name, expected, quoted(known) + &nearest(known, PARTS)).into());
        }
    }
    let part = |part: &str| Ok::<_, PyErr>(parts.get_item(part)?.filter(|value| !value.is_none()));
    let keys = match part("keys")? {
        Some(given) => {
            let keys = texts(&format!("{name}: keys"), &given)?;
            Keys::parse(&format!("{name}: keys"), keys.iter().map(String::as_str))?
        }
        None => Keys::standard(),
    };
    let patterns = match part("patterns")? {
        Some(given) => {
            let patterns = texts(&format!("{name}: patterns"), &given)?;
            Patterns::parse(&format!("{name}: patterns"), patterns.iter().map(String::as_str))?
        }
        None => Patterns::standard()?,
    };
    let mask = mask(name, part("mask")?.as_ref(), part("key")?.as_ref())?;
    Ok(Redactor::new(keys, patterns, mask))
}

fn texts(argument: &str, given: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    if !given.is_instance_of::<PyList>() && !given.is_instance_of::<PyTuple>() {
        return Err(wrong_type(argument, "a list of str", given));
    }
    given.try_iter()?.map(|item| Ok(text(argument, &item?)?.to_owned())).collect()
}

fn mask(name: &str, given: Option<&Bound<'_, PyAny>>, key: Option<&Bound<'_, PyAny>>) -> PyResult<Mask> {
    let argument = format!("{name}: mask");
    let mask = given.map(|mask| text(&argument, mask).map(str::to_owned)).transpose()?;
    match mask.as_deref() {
        Some("hash") => hash(name, key),
        _ if key.is_some() => {
            let expected = "mask \"hash\", which alone uses a key";
            Err(Error::value(&argument, expected, mask.map_or_else(|| "none".to_owned(), |mask| quoted(&mask))).into())
        }
        Some("last4") => Ok(Mask::Last4),
        Some(mask) => Ok(Mask::text(&argument, mask)?),
        None => Ok(Mask::default()),
    }
}

/// Errors show no key.
fn hash(name: &str, key: Option<&Bound<'_, PyAny>>) -> PyResult<Mask> {
    let argument = format!("{name}: key");
    let key = match key {
        Some(key) => match (key.cast::<PyString>(), key.cast::<PyBytes>()) {
            (Ok(key), _) => key.to_string_lossy().into_owned().into_bytes(),
            (_, Ok(key)) => key.as_bytes().to_vec(),
            _ => {
                let kind = key.get_type().name()?;
                return Err(Error::type_(&argument, "a str or bytes", format!("an object of type {kind}")).into());
            }
        },
        None => environment::variable(KEY_VARIABLE).unwrap_or_default().into_bytes(),
    };
    if key.is_empty() {
        let expected =
            format!("a secret of at least {} bytes, here or in {KEY_VARIABLE}, for mask \"hash\"", Mask::LEAST_KEY);
        return Err(Error::value(&argument, expected, "none").into());
    }
    Ok(Mask::hash(&argument, &key)?)
}
