//! Detection of changes that a filter or a format function made to the dict of a record.
//!
//! Most functions only read the dict. So the cheap check comes first: keys and values are compared by identity with a
//! shallow copy.

use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use pyo3::wrap_pyfunction;

use crate::python::py::abi::dict_version;
use crate::python::py::interpreter::name;
use crate::python::py::text::text_bytes;
use crate::python::value::capture::Capture;
use crate::python::value::copied::is_container;
use crate::record::decoded::Record;
use crate::record::encoded::{Reader, Value};

/// How often the program set an attribute of a part of any record.
static TOUCHED: AtomicU64 = AtomicU64::new(0);

/// The number of such changes so far.
pub fn touched() -> u64 {
    TOUCHED.load(Ordering::Relaxed)
}

/// A copy of a record's dict, made before a function of the program gets the dict.
pub struct Before<'py> {
    pub record: Bound<'py, PyDict>,
    pub extra: Bound<'py, PyDict>,
    /// The versions of the two dicts that were copied.
    versions: [Option<u64>; 2],
    touched: u64,
}

impl<'py> Before<'py> {
    pub fn of(record: &Bound<'py, PyDict>) -> PyResult<Self> {
        let extra = record.as_any().get_item(name!(record.py(), "extra"))?.cast_into::<PyDict>()?;
        let versions = [dict_version(record), dict_version(&extra)];
        Ok(Self { record: record.copy()?, extra: extra.copy()?, versions, touched: touched() })
    }

    /// Whether it has the keys of Loguru's record, which has no fields beside them.
    pub fn is_in_loguru(&self) -> bool {
        let has = self.record.contains(name!(self.record.py(), "timestamp"));
        has.is_ok_and(|has| !has)
    }

    /// Whether the dict itself is certainly as it was. The fields in `extra` may have changed.
    pub fn is_same_record(&self, now: &Bound<'py, PyDict>) -> bool {
        self.versions[0].is_some() && self.versions[0] == dict_version(now)
    }

    /// Whether the dict of fields is as it was.
    fn is_same_extra(&self, now: &Bound<'py, PyDict>) -> bool {
        (self.versions[1].is_some() && self.versions[1] == dict_version(now)) || is_same(&self.extra, now)
    }

    /// Whether an attribute of a part of any record was set since.
    pub fn is_touched(&self) -> bool {
        self.touched != touched()
    }

    /// Whether the dict has changed since. `encoded` is the record from which the dict was made.
    pub fn is_changed(&self, now: &Bound<'py, PyDict>, encoded: &Record<'_>, capture: &mut Capture) -> bool {
        let extra = now.get_item(name!(now.py(), "extra")).ok().flatten();
        let extra = extra.and_then(|extra| extra.cast_into::<PyDict>().ok());
        self.is_touched()
            || !(self.is_same_record(now) || is_same(&self.record, now))
            || extra.is_none_or(|extra| !self.is_same_extra(&extra))
            || self.extra.iter().any(|(name, value)| has_changed_within(&name, &value, encoded, capture))
    }
}

/// Whether two dicts have the same objects in the same order.
fn is_same(one: &Bound<'_, PyDict>, other: &Bound<'_, PyDict>) -> bool {
    one.len() == other.len()
        && one.iter().zip(other.iter()).all(|((key, value), (other_key, other))| key.is(&other_key) && value.is(&other))
}

/// Whether a container differs from its encoded form. The record has its own copies of containers, so a program may
/// change them.
fn has_changed_within(
    name: &Bound<'_, PyAny>,
    value: &Bound<'_, PyAny>,
    encoded: &Record<'_>,
    capture: &mut Capture,
) -> bool {
    if !can_change(value) {
        return false;
    }
    let Some(known) = text_bytes(name).and_then(|name| encoded.field(&name)) else { return false };
    let mut bytes = Vec::new();
    capture.put(&mut bytes, value.as_borrowed());
    !says_the_same(known.value, Reader::new(&bytes).value())
}

fn can_change(value: &Bound<'_, PyAny>) -> bool {
    match value.cast_exact::<PyTuple>() {
        Ok(tuple) => tuple.iter_borrowed().any(|inner| is_container(&inner)),
        Err(_) => is_container(value),
    }
}

/// Compares the forms that both values have. Bound fields may have more forms than sinks need now.
fn says_the_same(one: Value<'_>, other: Value<'_>) -> bool {
    let is_same = |one: &[u8], other: &[u8]| one.is_empty() || other.is_empty() || one == other;
    match (one, other) {
        (Value::Odd { display, json }, Value::Odd { display: other, json: other_json }) => {
            is_same(display, other) && is_same(json, other_json)
        }
        (one, other) => one == other,
    }
}

/// Counts one change to an attribute of a part of a record.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _touch_record() {
    TOUCHED.fetch_add(1, Ordering::Relaxed);
}

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_touch_record, module)?)
}
