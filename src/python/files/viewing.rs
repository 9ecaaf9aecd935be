//! Views of logs for Python: `_Viewer`, which `python -m logly view` steps through.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Mutex;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::clock::local_zone;
use crate::error::Error;
use crate::format::time::pattern::TimeZone;
use crate::level::Levels;
use crate::python::files::choosing::{Chosen, counts_by_name};
use crate::python::py::trampoline::watch_at_drop;
use crate::view::show::Show;
use crate::view::show::options::{Options, Style};
use crate::view::times::Times;
use crate::view::viewer::{Progress, Viewer};

/// Logs that are read, merged and shown a part at a time.
#[pyclass(name = "_Viewer", module = "logly._logly")]
pub struct PyViewer(Mutex<Box<Viewer>>);

watch_at_drop!(PyViewer);

/// How entries are shown.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Shown {
    style: String,
    is_colored: bool,
    is_terminal: bool,
    is_utc: bool,
    fields: Option<Vec<String>>,
    hide: Vec<String>,
    longest: usize,
}

#[pymethods]
#[pyo3(crate = "crate::python::py::trampoline::watched")]
impl PyViewer {
    /// `paths` are files; None is the standard input.
    #[new]
    fn new(paths: Vec<Option<PathBuf>>, given: &Bound<'_, PyDict>) -> PyResult<Self> {
        let (chosen, shown): (Chosen, Shown) = (given.extract()?, given.extract()?);
        let zone = if shown.is_utc { TimeZone::UTC } else { local_zone() };
        let choice = chosen.choice(&zone)?;
        let feeds = chosen.feeds(paths, choice.since)?;
        let (tail, context) = chosen.tail_and_context();
        let viewer =
            Viewer::new(feeds, choice, Show::new(options(shown, zone)?), Times::new(local_zone()), tail, context);
        // On the heap, as Python aligns objects less than some searches need.
        Ok(Self(Mutex::new(Box::new(viewer))))
    }

    /// The next part of what is shown, and whether there is `"more"`, none yet (`"wait"`), or no more (`"done"`).
    fn step<'py>(&self, py: Python<'py>) -> (Bound<'py, PyBytes>, &'static str) {
        let mut out = Vec::new();
        let progress = py.detach(|| self.viewer().step(&mut out));
        let progress = match progress {
            Progress::More => "more",
            Progress::Wait => "wait",
            Progress::Done => "done",
        };
        (PyBytes::new(py, &out), progress)
    }

    /// What the user should know about files since the last call.
    fn notes(&self) -> Vec<String> {
        std::mem::take(&mut self.viewer().reading.notes)
    }

    /// What was read and left out, by name.
    fn counts(&self) -> HashMap<&'static str, u64> {
        let viewer = self.viewer();
        counts_by_name(viewer.shown, viewer.reading.counts).into_iter().collect()
    }
}

impl PyViewer {
    fn viewer(&self) -> std::sync::MutexGuard<'_, Box<Viewer>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn options(shown: Shown, zone: TimeZone) -> Result<Options, Error> {
    let style = match shown.style.as_str() {
        "text" => Style::Text,
        "raw" => Style::Raw,
        "json" => Style::Json,
        "csv" => Style::Csv,
        "rows" => Style::Rows,
        other => {
            return Err(Error::value(
                "style",
                "\"text\", \"raw\", \"json\", \"csv\" or \"rows\"",
                format!("{other:?}"),
            ));
        }
    };
    Ok(Options {
        style,
        colors: shown.is_colored.then(Levels::default),
        is_terminal: shown.is_terminal,
        zone,
        fields: shown.fields,
        hidden: shown.hide.into_iter().collect::<HashSet<_>>(),
        longest: shown.longest,
    })
}
