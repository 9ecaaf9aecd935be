//! Saved states of a logger that tests can restore, with the objects that Python gave it.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3::wrap_pyfunction;

use crate::logger::saved::Saved;
use crate::python::call::journal::Journal;
use crate::python::call::state::PyLogger;
use crate::python::call::variables::SavedVariables;
use crate::python::py::trampoline::watch_at_drop;
use crate::sync::Mutex;

/// A saved state, until it is restored.
#[pyclass(frozen, name = "_Saved", module = "logly._logly")]
pub struct PySaved(Mutex<Option<Parts>>);

watch_at_drop!(PySaved);

struct Parts {
    saved: Saved,
    extra: Option<Py<PyDict>>,
    color_callback: Option<Py<PyAny>>,
    patcher: Option<Py<PyAny>>,
    variables: SavedVariables,
    journal: Journal,
}

/// Saves the state for `_restore`. Sinks of this state that are removed before then are only hidden.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (logger, /))]
fn _save(logger: &Bound<'_, PyLogger>) -> PySaved {
    let (py, logger) = (logger.py(), logger.get());
    let shared = logger.shared();
    let extra = shared.extra.lock().as_ref().map(|extra| extra.clone_ref(py));
    let color_callback = shared.color_callback.lock().as_ref().map(|callback| callback.clone_ref(py));
    let patcher = shared.patcher.lock().as_ref().map(|patcher| patcher.clone_ref(py));
    let variables = shared.variables.save(py);
    let journal = shared.journal.lock().copy(py);
    PySaved(Mutex::new(Some(Parts { saved: logger.core().save(), extra, color_callback, patcher, variables, journal })))
}

/// Restores a state that `_save` saved. False if it was already restored.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (logger, saved, /))]
fn _restore(logger: &Bound<'_, PyLogger>, saved: &Bound<'_, PySaved>) -> PyResult<bool> {
    let (py, logger) = (logger.py(), logger.get());
    let Some(parts) = saved.get().0.lock().take() else { return Ok(false) };
    let Parts { saved, extra, color_callback, patcher, variables, journal } = parts;
    let gone = logger.core().restore(saved)?;
    let shared = logger.shared();
    shared.variables.restore(py, variables);
    let extra = std::mem::replace(&mut *shared.extra.lock(), extra);
    let callback = std::mem::replace(&mut *shared.color_callback.lock(), color_callback);
    let patcher = std::mem::replace(&mut *shared.patcher.lock(), patcher);
    let journal = std::mem::replace(&mut *shared.journal.lock(), journal);
    drop((extra, callback, patcher, journal));
    logger.close(py, &gone)?;
    Ok(true)
}

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PySaved>()?;
    module.add_function(wrap_pyfunction!(_save, module)?)?;
    module.add_function(wrap_pyfunction!(_restore, module)?)
}
