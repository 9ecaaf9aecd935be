//! Fields in two forms: the values as they were given, and the bytes that records carry.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::dialect::Dialect;
use crate::logger::wants::Wants;
use crate::python::py::text::text_bytes;
use crate::python::py::trampoline::watch_at_drop;
use crate::python::value::capture::Capture;
use crate::python::value::copied;
use crate::record::encoded::put_bytes;

/// Fields as they were given, and as records carry them.
#[pyclass(frozen, name = "_Fields", module = "logly._logly")]
pub struct Fields {
    pub encoded: Box<[u8]>,
    pub values: Py<PyDict>,
}

watch_at_drop!(Fields);

impl Fields {
    /// Captures the values now, so that later changes to them have no effect. Each value is cut after `most` bytes.
    pub fn new(values: &Bound<'_, PyDict>, most: usize, dialect: Dialect) -> PyResult<Self> {
        let mut capture = Capture::everything(most);
        capture.wants = capture.wants.or(Wants::REPR.when(dialect.is_loguru()));
        let mut encoded = Vec::new();
        for (key, value) in values.iter() {
            put_bytes(&mut encoded, &text_bytes(&key).unwrap_or_else(|| capture.display(&key)));
            capture.put(&mut encoded, value.as_borrowed());
        }
        match capture.interrupt {
            Some(interrupt) => Err(*interrupt),
            None => Ok(Self { encoded: encoded.into(), values: copied::copied(values)?.unbind() }),
        }
    }
}
