//! The state of the global logger as another process takes it over, and the steps of taking it over.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use pyo3::wrap_pyfunction;

use crate::config::logger::{LevelSwitches, Settings};
use crate::level::Levels;
use crate::python::call::state::PyLogger;
use crate::writer::snapshot::ActiveSink;

/// One of the switches of a level.
type Switch = fn(LevelSwitches) -> Option<bool>;

/// One sink or callback: id, object and options, the folder of relative paths, the level set for it, and whether it is
/// enabled. Object and options are None for the implicit console.
type Listed<'py> = (u32, Option<Bound<'py, PyAny>>, Option<Bound<'py, PyDict>>, Option<PathBuf>, Option<i32>, bool);

/// The settings of a logger, once it has taken over those of its parent, as arguments of `configure`, its sinks, its callbacks, and whether it is switched on. None
/// if no process takes it over.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (logger, /))]
#[expect(clippy::type_complexity, reason = "Python gets this tuple")]
fn _state<'py>(
    logger: &Bound<'py, PyLogger>,
) -> PyResult<Option<(Bound<'py, PyDict>, Vec<Listed<'py>>, Vec<Listed<'py>>, bool)>> {
    let (py, logger) = (logger.py(), logger.get());
    logger.settled(py)?;
    let core = logger.core();
    let settings = core.settings();
    if !settings.is_inherited {
        return Ok(None);
    }
    let given = PyDict::new(py);
    put_cumulative(&given, &settings)?;
    let kept = logger.shared().journal.lock().settings(py);
    kept.into_iter().try_for_each(|(name, value)| given.set_item(name, value))?;
    let listed = |active: &ActiveSink| listed(py, logger, active);
    let sinks = core.sinks().iter().filter_map(listed).collect();
    let callbacks = core.callbacks().iter().filter_map(listed).collect();
    Ok(Some((given, sinks, callbacks, core.is_switched_on())))
}

fn listed<'py>(py: Python<'py>, logger: &PyLogger, active: &ActiveSink) -> Option<Listed<'py>> {
    let id = active.sink.id;
    if active.sink.is_implicit {
        return Some((id, None, None, None, active.own_level, active.is_enabled));
    }
    let journal = logger.shared().journal.lock();
    let given = journal.find(id)?;
    let object = given.object.bind(py).clone();
    let options = given.options.bind(py).clone();
    Some((id, Some(object), Some(options), given.folder.clone(), active.own_level, active.is_enabled))
}

/// Puts the settings to which each call of `configure` adds.
fn put_cumulative(given: &Bound<'_, PyDict>, settings: &Settings) -> PyResult<()> {
    let py = given.py();
    given.set_item("level", settings.level)?;
    given.set_item("console", settings.has_console)?;
    given.set_item("levels", levels(py, &settings.levels)?)?;
    given.set_item("activation", settings.activation.rules().collect::<Vec<_>>())?;
    let switches: [(&str, Switch); 5] = [
        ("console_levels", |switches| switches.console),
        ("time_levels", |switches| switches.time),
        ("color_levels", |switches| switches.color),
        ("storage_levels", |switches| switches.storage),
        ("auto_sink_levels", |switches| switches.auto_sink),
    ];
    for (name, switch) in switches {
        let set = PyDict::new(py);
        for (id, known) in settings.levels.names().enumerate() {
            if let Some(flag) = switch(settings.switches(id as u16)) {
                set.set_item(known, flag)?;
            }
        }
        if !set.is_empty() {
            given.set_item(name, set)?;
        }
    }
    Ok(())
}

/// The levels that the program defined or changed, in the order of their ids.
fn levels<'py>(py: Python<'py>, levels: &Levels) -> PyResult<Bound<'py, PyList>> {
    let (list, standard) = (PyList::empty(py), levels.standard());
    for id in 0..levels.len() as u16 {
        let Some(level) = levels.get(id) else { continue };
        let is_changed = standard.get(id).is_none_or(|known| level.has_own_color || level.icon != known.icon);
        if is_changed {
            let entry = PyDict::new(py);
            entry.set_item("name", &level.name)?;
            entry.set_item("no", level.no)?;
            entry.set_item("icon", &level.icon)?;
            if level.has_own_color {
                entry.set_item("color", &level.color)?;
            }
            list.append(entry)?;
        }
    }
    Ok(list)
}

/// Lets the next call of each thread ask for the logger of the parent process first, or ends that.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (logger, /, *, awaits))]
fn _await_state(logger: &Bound<'_, PyLogger>, awaits: bool) -> PyResult<()> {
    Ok(logger.get().core().await_state(awaits)?)
}

/// Has the next sink or callback get the id that it has in the parent process.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (logger, id, /))]
fn _reserve_id(logger: &Bound<'_, PyLogger>, id: u32) {
    logger.get().core().reserve(id);
}

/// Notes which sinks were taken over from the parent process.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (logger, ids, /))]
fn _note_taken(logger: &Bound<'_, PyLogger>, ids: Vec<u32>) {
    logger.get().shared().journal.lock().take_over(ids);
}

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_state, module)?)?;
    module.add_function(wrap_pyfunction!(_await_state, module)?)?;
    module.add_function(wrap_pyfunction!(_reserve_id, module)?)?;
    module.add_function(wrap_pyfunction!(_note_taken, module)?)
}
