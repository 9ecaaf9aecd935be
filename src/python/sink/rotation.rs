//! Rotation decided by functions of the program. They are called on the caller's thread, before the record's line goes
//! to the queue.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::config::sink::FileOptions;
use crate::python::py::imports::load;
use crate::python::py::text::to_python;

/// A function of record, path and size, or a function of message and file, as in Loguru.
pub struct RotationFunction {
    function: Py<PyAny>,
    is_of_message: bool,
}

impl RotationFunction {
    /// Tells the two kinds apart by the number of arguments that the function takes.
    pub fn of(function: &Bound<'_, PyAny>) -> PyResult<Self> {
        let adapted = load(function.py(), "logly._files.rotating", "of_message")?.call1((function,))?;
        let is_of_message = !adapted.is_none();
        let function = if is_of_message { adapted } else { function.clone() };
        Ok(Self { function: function.unbind(), is_of_message })
    }
}

/// The functions of one file's `rotation`, and the values they are called with.
pub struct RotationRule {
    functions: Vec<RotationFunction>,
    path: PathBuf,
    limit: Option<u64>,
    /// The size of the file in bytes once all earlier lines are written. It takes only functions and the size limit
    /// into account.
    size: AtomicU64,
}

impl RotationRule {
    /// None if there are no functions.
    pub fn new(functions: Vec<RotationFunction>, file: &FileOptions) -> Option<Self> {
        if functions.is_empty() {
            return None;
        }
        let size = std::fs::metadata(&file.path).map_or(0, |found| found.len());
        Some(Self { functions, path: file.path.clone(), limit: file.rotation.size, size: AtomicU64::new(size) })
    }

    /// Whether a record's line is to begin a new file.
    pub fn is_due(&self, record: &Bound<'_, PyDict>, line: &[u8]) -> PyResult<bool> {
        let py = record.py();
        let (path, size) = (self.path.as_os_str(), self.size.load(Ordering::Relaxed));
        for RotationFunction { function, is_of_message } in &self.functions {
            let function = function.bind(py);
            let answer = if *is_of_message {
                function.call1((to_python(py, line), record, path, size))?
            } else {
                function.call1((record, path, size))?
            };
            if answer.is_truthy()? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Counts a line on its way to the file.
    pub fn count(&self, length: usize, is_first: bool) {
        let length = length as u64;
        let size = self.size.load(Ordering::Relaxed) + length;
        let is_over = self.limit.is_some_and(|limit| size > limit);
        self.size.store(if is_first || is_over { length } else { size }, Ordering::Relaxed);
    }
}
