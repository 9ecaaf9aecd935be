//! The dict that a callback is called with.
//!
//! The lane's thread makes it natively from the encoded record. Text, numbers, booleans and None are passed as they
//! are. All other values are passed in their JSON form, so that the dict can be sent on as JSON.

use ahash::AHashMap;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::format::time::pattern::{TimeCache, TimePattern, TimeZone};
use crate::python::py::interpreter::name;
use crate::python::py::text::to_python;
use crate::python::record::record_dict::put_message;
use crate::python::record::records::{decoded, exception_dict};
use crate::record::decoded::Record;
use crate::site::{Location, NO_SITE};
use crate::writer::snapshot::Snapshot;

/// The most call sites whose texts are kept. Beyond this number, the texts are made again.
const MOST_SITES: usize = 1024;

/// The record's own keys. They take precedence over fields of the same name.
const RECORD_KEYS: [&[u8]; 9] =
    [b"timestamp", b"level", b"message", b"filename", b"lineno", b"function", b"module", b"extra", b"exception"];

/// Makes the dicts, and keeps its caches from one record to the next.
pub struct RecordMaker {
    sites: AHashMap<u32, SiteTexts>,
    times: TimeCache,
    pattern: TimePattern,
    text: Vec<u8>,
}

/// The texts of a call site.
struct SiteTexts {
    filename: Py<PyAny>,
    lineno: Py<PyAny>,
    function: Py<PyAny>,
    module: Py<PyAny>,
}

impl Default for RecordMaker {
    fn default() -> Self {
        Self { sites: AHashMap::new(), times: TimeCache::new(), pattern: TimePattern::json_utc(), text: Vec::new() }
    }
}

impl RecordMaker {
    pub fn make<'py>(
        &mut self,
        py: Python<'py>,
        record: &Record<'_>,
        snapshot: &Snapshot,
    ) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item(name!(py, "timestamp"), self.timestamp(py, record.header.time_ns))?;
        dict.set_item(name!(py, "level"), &*record.level_name(&snapshot.settings.levels))?;
        dict.set_item(name!(py, "message"), self.message(py, record))?;
        self.put_place(py, &dict, record)?;
        put_fields(py, &dict, record)?;
        if let Some((text, json)) = record.exception {
            dict.set_item(name!(py, "exception"), exception(py, text, json)?)?;
        }
        if let Some((text, _)) = record.stack {
            dict.set_item(name!(py, "stack"), to_python(py, text))?;
        }
        Ok(dict)
    }

    fn timestamp<'py>(&mut self, py: Python<'py>, time_ns: i64) -> Bound<'py, PyAny> {
        self.text.clear();
        self.times.render(&self.pattern, time_ns, &TimeZone::UTC, &mut self.text);
        to_python(py, &self.text)
    }

    /// The rendered message, without escaping.
    fn message<'py>(&mut self, py: Python<'py>, record: &Record<'_>) -> Bound<'py, PyAny> {
        self.text.clear();
        put_message(&mut self.text, record);
        to_python(py, &self.text)
    }

    fn put_place(&mut self, py: Python<'_>, dict: &Bound<'_, PyDict>, record: &Record<'_>) -> PyResult<()> {
        let site = record.header.site;
        if site == NO_SITE {
            return SiteTexts::of(py, &record.location).put(py, dict);
        }
        if self.sites.len() >= MOST_SITES && !self.sites.contains_key(&site) {
            self.sites.clear();
        }
        self.sites.entry(site).or_insert_with(|| SiteTexts::of(py, &record.location)).put(py, dict)
    }
}

impl SiteTexts {
    fn of(py: Python<'_>, location: &Location<'_>) -> Self {
        Self {
            filename: to_python(py, location.path).unbind(),
            lineno: PyString::new(py, itoa::Buffer::new().format(location.line)).into_any().unbind(),
            function: to_python(py, location.function).unbind(),
            module: to_python(py, location.module).unbind(),
        }
    }

    fn put(&self, py: Python<'_>, dict: &Bound<'_, PyDict>) -> PyResult<()> {
        dict.set_item(name!(py, "filename"), &self.filename)?;
        dict.set_item(name!(py, "lineno"), &self.lineno)?;
        dict.set_item(name!(py, "function"), &self.function)?;
        dict.set_item(name!(py, "module"), &self.module)
    }
}

/// Puts all fields into `extra`. Fields that are not named like a record key also go to the top level.
fn put_fields(py: Python<'_>, dict: &Bound<'_, PyDict>, record: &Record<'_>) -> PyResult<()> {
    let extra = PyDict::new(py);
    for field in &record.fields {
        let (key, value) = (to_python(py, field.key), decoded(py, field.value));
        if !RECORD_KEYS.contains(&field.key) {
            dict.set_item(&key, &value)?;
        }
        extra.set_item(key, value)?;
    }
    dict.set_item(name!(py, "extra"), extra)
}

/// The exception as an object with the keys of its JSON form, and `traceback`, the text that Python prints.
fn exception<'py>(py: Python<'py>, text: &[u8], json: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    let object = exception_dict(py, json);
    object.set_item(name!(py, "traceback"), to_python(py, text))?;
    Ok(object)
}
