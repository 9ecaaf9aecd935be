//! The outcome of a write to a Python sink: counts, and reports of failures and recoveries.

use pyo3::prelude::*;

use crate::python::py::interrupt::is_for_caller;
use crate::python::py::telling;
use crate::python::sink::py_sink::PySink;
use crate::report;
use crate::stats::Loss;
use crate::writer::snapshot::ActiveSink;

impl PySink {
    /// Counts the outcome and reports failures: the first at once, later ones seldom.
    pub fn note(&self, py: Python<'_>, active: &ActiveSink, result: PyResult<bool>, interrupt: &mut PyResult<()>) {
        match result {
            Ok(false) => active.sink.counts().add_filtered(1),
            Ok(true) => {
                active.sink.counts().add_written(1);
                if self.trouble.lock().is_failing() {
                    let recovered = self.trouble.lock().recovered();
                    if let Some(failures) = recovered {
                        Self::tell(py, &report::recovery(&self.title(py), failures), interrupt);
                    }
                }
            }
            Err(error) if active.sink.options.lets_errors_out || is_for_caller(py, &error) => {
                active.sink.counts().add_dropped(Loss::SinkError, 1);
                *interrupt = Err(error);
            }
            Err(error) => {
                active.sink.counts().add_dropped(Loss::SinkError, 1);
                let told = self.trouble.lock().failed();
                if let Some(told) = told {
                    let line = told.line(&format!("{} raised {}", self.title(py), telling::describe(py, &error)));
                    Self::tell(py, &line, interrupt);
                }
            }
        }
    }

    fn tell(py: Python<'_>, line: &str, interrupt: &mut PyResult<()>) {
        if let Some(raised) = telling::tell(py, line) {
            *interrupt = Err(*raised);
        }
    }
}
