//! Rotation that functions of the program decide: asked on the caller's thread, before the record's line goes to the queue.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::config::sink::FileOptions;

/// The functions of one file's `rotation`, and what they are told.
pub struct RotationRule {
    functions: Vec<Py<PyAny>>,
    path: PathBuf,
    limit: Option<u64>,
    /// Bytes of the file once everything before is written, as far as functions and size decide.
    size: AtomicU64,
}

impl RotationRule {
    /// None without functions.
    pub fn new(functions: Vec<Py<PyAny>>, file: &FileOptions) -> Option<Self> {
        if functions.is_empty() {
            return None;
        }
        let size = std::fs::metadata(&file.path).map_or(0, |found| found.len());
        Some(Self { functions, path: file.path.clone(), limit: file.rotation.size, size: AtomicU64::new(size) })
    }

    /// Whether a record's line is to begin a new file.
    pub fn is_due(&self, record: &Bound<'_, PyDict>) -> PyResult<bool> {
        let size = self.size.load(Ordering::Relaxed);
        for function in &self.functions {
            if function.bind(record.py()).call1((record, self.path.as_os_str(), size))?.is_truthy()? {
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
