//! What `Logger.retention_preview` calls: which archives of a file would go, and why.

use std::path::PathBuf;
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3::wrap_pyfunction;

use crate::error::Error;
use crate::python::arguments::sink_id;
use crate::python::logger::PyLogger;
use crate::sink::clock;
use crate::sink::retention::doomed;

/// What is not written by then is not waited for.
const LONGEST_FLUSH: Duration = Duration::from_secs(10);

/// An archive that would go.
struct Doomed {
    path: PathBuf,
    size: u64,
    reason: String,
}

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_retention_preview, module)?)
}

/// The archives that would go now, oldest first; None for a sink that is no file or not there.
#[pyfunction]
#[pyo3(signature = (logger, id, /))]
fn _retention_preview<'py>(
    logger: &Bound<'py, PyLogger>,
    id: &Bound<'py, PyAny>,
) -> PyResult<Option<Vec<Bound<'py, PyDict>>>> {
    let py = logger.py();
    let id = sink_id("sink_id", id)?;
    let found = logger.get().core().sinks().into_iter().find(|active| Some(active.sink.id) == id);
    let Some(series) = found.and_then(|active| active.sink.series().cloned()) else { return Ok(None) };
    logger.get().flush(py, Some(LONGEST_FLUSH))?;
    let listed = py.detach(|| {
        let mut archives = series.archives()?;
        let going = doomed(&archives, &series.options().retention, clock::now_ns());
        Ok(going
            .into_iter()
            .map(|(at, reason)| Doomed {
                path: std::mem::take(&mut archives[at].path),
                size: archives[at].size,
                reason: reason.to_string(),
            })
            .collect::<Vec<_>>())
    });
    let listed = listed.map_err(|error| Error::file(series.active().parent().unwrap_or(&series.active()), error))?;
    listed.iter().map(|doomed| as_dict(py, doomed)).collect::<PyResult<_>>().map(Some)
}

fn as_dict<'py>(py: Python<'py>, doomed: &Doomed) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("path", doomed.path.as_os_str())?;
    dict.set_item("size", doomed.size)?;
    dict.set_item("reason", &doomed.reason)?;
    Ok(dict)
}
