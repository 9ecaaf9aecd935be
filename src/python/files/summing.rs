//! Counts of logs for Python: `_Summary`, which `python -m logly stats` steps through.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Mutex;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::clock::local_zone;
use crate::format::time::pattern::TimeZone;
use crate::python::files::choosing::{Chosen, counts_by_name};
use crate::python::py::trampoline::watch_at_drop;
use crate::view::summary::Summary;
use crate::view::summary::counting::Counting;
use crate::view::times::Times;

/// Logs that are read and counted a part at a time.
#[pyclass(name = "_Summary", module = "logly._logly")]
pub struct PySummary(Mutex<Box<Counting>>);

watch_at_drop!(PySummary);

/// What is counted besides.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Counted {
    by: Vec<String>,
    is_utc: bool,
}

#[pymethods]
#[pyo3(crate = "crate::python::py::trampoline::watched")]
impl PySummary {
    /// `paths` are files; None is the standard input.
    #[new]
    fn new(paths: Vec<Option<PathBuf>>, given: &Bound<'_, PyDict>) -> PyResult<Self> {
        let (chosen, counted): (Chosen, Counted) = (given.extract()?, given.extract()?);
        let zone = if counted.is_utc { TimeZone::UTC } else { local_zone() };
        let choice = chosen.choice(&zone)?;
        let feeds = chosen.feeds(paths, choice.since)?;
        let counting = Counting::new(feeds, choice, Times::new(local_zone()), Summary::new(counted.by, zone));
        // On the heap, as Python aligns objects less than some searches need.
        Ok(Self(Mutex::new(Box::new(counting))))
    }

    /// Reads a part. Returns whether there is more.
    fn step(&self, py: Python<'_>) -> bool {
        py.detach(|| self.counting().step())
    }

    /// What the user should know about files since the last call.
    fn notes(&self) -> Vec<String> {
        std::mem::take(&mut self.counting().reading.notes)
    }

    /// What was read and left out, by name.
    fn counts(&self) -> HashMap<&'static str, u64> {
        let counting = self.counting();
        counts_by_name(counting.summary.entries(), counting.reading.counts).into_iter().collect()
    }

    /// All counts as a JSON object, with `top` values of each kind and a histogram of `steps`.
    fn result<'py>(&self, py: Python<'py>, top: usize, steps: usize) -> Bound<'py, PyBytes> {
        let mut out = Vec::new();
        let mut counting = self.counting();
        let counts = counting.reading.counts;
        counting.summary.put_json(counts, top, steps, &mut out);
        PyBytes::new(py, &out)
    }
}

impl PySummary {
    fn counting(&self) -> std::sync::MutexGuard<'_, Box<Counting>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
