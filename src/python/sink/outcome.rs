//! The outcome of a write to a Python sink: counts, and reports of failures and recoveries.

use pyo3::prelude::*;

use crate::python::py::interrupt::{Interrupt, is_for_caller};
use crate::python::py::telling;
use crate::python::sink::py_sink::PySink;
use crate::report::{self, Told, Trouble};
use crate::stats::Loss;
use crate::sync::Mutex;
use crate::writer::snapshot::ActiveSink;

/// Reports a failure of a sink or callback, if it is due.
pub fn tell_failure(py: Python<'_>, told: Option<Told>, title: impl FnOnce() -> String, error: &PyErr) -> Interrupt {
    let line = told?.line(&format!("{} raised {}", title(), telling::describe(py, error)));
    telling::tell(py, &line)
}

/// Reports that a sink works again, if it failed before.
pub fn tell_recovery(py: Python<'_>, trouble: &Mutex<Trouble>, title: impl FnOnce() -> String) -> Interrupt {
    if !trouble.lock().is_failing() {
        return None;
    }
    let failures = trouble.lock().recovered();
    telling::tell(py, &report::recovery(&title(), failures?))
}

impl PySink {
    /// Counts the outcome and reports failures: the first at once, later ones seldom.
    pub fn note(
        &self,
        py: Python<'_>,
        active: &ActiveSink,
        (result, level): (PyResult<bool>, Option<u16>),
        interrupt: &mut PyResult<()>,
    ) {
        let (counts, records) = (active.sink.counts(), u64::from(level.is_some()));
        if let Some(level) = level.filter(|_| !matches!(result, Ok(false))) {
            counts.levels().add(level);
        }
        let told = match result {
            Ok(false) => {
                counts.add_filtered(records);
                None
            }
            Ok(true) => {
                counts.add_written(records);
                tell_recovery(py, &self.trouble, || self.title(py))
            }
            Err(error) => {
                counts.add_dropped(Loss::SinkError, records);
                self.tell_failure(py, active, error)
            }
        };
        if let Some(raised) = told {
            *interrupt = Err(*raised);
        }
    }

    /// Reports an exception of the sink, or returns it if it is for the caller.
    pub fn tell_failure(&self, py: Python<'_>, active: &ActiveSink, error: PyErr) -> Interrupt {
        if active.sink.options.lets_errors_out || is_for_caller(py, &error) {
            return Some(Box::new(error));
        }
        let told = self.trouble.lock().failed();
        tell_failure(py, told, || self.title(py), &error)
    }
}
