//! Crash files and fatal signals, for `python -m logly recover` and `Logger.install_crash_handler`.

use pyo3::exceptions::PyNotImplementedError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use pyo3::wrap_pyfunction;

use crate::archive::series::Series;
use crate::crash::found::{Look, look};
use crate::crash::own::Names;
use crate::process::ending::write_at_fatal_signals;
use crate::python::logger::file_sink::{file_options, kept_queue};
use crate::python::options::sink_options::{SinkParts, file_name};
use crate::sys::support::HAS_FATAL_SIGNALS;

/// The crash files of a log: their paths, states and processes. Those of dead processes have the lowest level of their
/// sink too, the form of its lines, and whether only the program knows which records it takes, and how.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (path, /))]
fn _crash_files<'py>(path: &Bound<'py, PyString>) -> PyResult<Vec<Bound<'py, PyDict>>> {
    let py = path.py();
    let file = file_options(file_name(path)?, &SinkParts::default());
    let kept = kept_queue(&Series::new(&file, None));
    let (paths, _) = Names::new(kept.folder, &kept.log).list();
    let mut found = Vec::new();
    for path in paths {
        let entry = PyDict::new(py);
        entry.set_item("path", &path)?;
        let (state, header) = match look(&path) {
            Look::Dead(dead) => {
                let rules = dead.conditions.is_some_and(|conditions| conditions.has_rules);
                entry.set_item("level", dead.conditions.map(|conditions| conditions.level))?;
                entry.set_item("has_rules", dead.header.has_functions || rules)?;
                entry.set_item("json", &dead.header.form.json)?;
                entry.set_item("format", &dead.header.form.format)?;
                ("dead".to_owned(), Some(dead.header))
            }
            Look::InUse(header) => ("in use".to_owned(), header),
            Look::Refused(reason) => (reason, None),
            Look::Nothing => continue,
        };
        entry.set_item("state", state)?;
        entry.set_item("process", header.map(|header| header.process.number))?;
        found.push(entry);
    }
    Ok(found)
}

/// Has the queues of this process written at a signal that ends it; false if they were before.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _install_crash_handler() -> PyResult<bool> {
    if !HAS_FATAL_SIGNALS {
        let refusal = "install_crash_handler() has nothing to handle on this system";
        return Err(PyNotImplementedError::new_err(refusal));
    }
    Ok(write_at_fatal_signals())
}

/// Adds the functions above to the extension module.
pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_crash_files, module)?)?;
    module.add_function(wrap_pyfunction!(_install_crash_handler, module)?)
}
