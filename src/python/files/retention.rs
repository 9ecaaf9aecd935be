//! The function that `Logger.retention_preview` calls: lists the archives of a file that would be deleted, and why.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3::wrap_pyfunction;

use crate::archive::retention::doomed;
use crate::clock;
use crate::error::Error;
use crate::python::call::state::PyLogger;
use crate::python::files::methods::FileSink;
use crate::python::options::file_options::adopted;

/// An archive that would be deleted.
struct Doomed {
    path: PathBuf,
    size: u64,
    reason: String,
}

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_retention_preview, module)?)
}

/// The archives that would be deleted now, or with `adopt` as the sink's setting, oldest first. None if the sink is not
/// a file or does not exist.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (logger, id, adopt, /))]
fn _retention_preview<'py>(
    logger: &Bound<'py, PyLogger>,
    id: &Bound<'py, PyAny>,
    adopt: &Bound<'py, PyAny>,
) -> PyResult<Option<Vec<Bound<'py, PyDict>>>> {
    let py = logger.py();
    let adopt = if adopt.is_none() { None } else { Some(adopted("adopt", adopt)?) };
    let Some(FileSink { series, .. }) = FileSink::find(logger, id)? else { return Ok(None) };
    let listed = py.detach(|| {
        let mut archives = adopt.map_or_else(|| series.archives(), |adopt| series.archives_adopting(adopt))?;
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
