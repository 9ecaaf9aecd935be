//! Adding and removing callbacks, and waiting for their lanes.

use std::sync::Arc;
use std::time::Instant;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use pyo3::wrap_pyfunction;

use crate::logger::core::Core;
use crate::python::call::state::PyLogger;
use crate::python::lane::callback::Callback;
use crate::python::lane::inline;
use crate::python::options::callback_options::CallbackParts;
use crate::python::py::callable::{COROUTINE, GENERATORS, code_flags};
use crate::python::py::role;
use crate::python::py::wait::LONGEST_CLOSE;
use crate::python::sink::export_sink::ExportSink;
use crate::python::sink::parent_sink::ParentSink;
use crate::python::value::arguments::{is_integer, wrong_type};
use crate::stats::Loss;
use crate::writer::snapshot::{ActiveSink, Sink, Target};

#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _add_callback(
    logger: &Bound<'_, PyLogger>,
    callback: &Bound<'_, PyAny>,
    given: &Bound<'_, PyDict>,
) -> PyResult<u32> {
    let py = logger.py();
    let core = logger.get().core();
    let flags = code_flags(callback);
    if !callback.is_callable() || flags & GENERATORS != 0 {
        return Err(wrong_type("callback", "a function or a coroutine function", callback));
    }
    logger.get().sets_up(py, true)?;
    let CallbackParts { name, options } = CallbackParts::parse(&core.snapshot().settings.levels, given)?;
    let function = callback.clone().unbind();
    let given_name = name.clone();
    let is_replaced = |sink: &Sink| given_name.is_some() && name_of(sink) == given_name.as_ref();
    let replaced: Vec<u32> =
        core.callbacks().iter().filter(|active| is_replaced(&active.sink)).map(|a| a.sink.id).collect();
    let target = Callback { function, name, is_coroutine: flags & COROUTINE != 0 };
    let id = core.add_callback(is_replaced, |id| Sink::new(id, options, Target::python(target)))?;
    logger.get().note_removed(py, |id| replaced.contains(&id))?;
    logger.get().note_added(id, callback, given)?;
    if let Some(sink) = core.find(id) {
        inline::begin(py, &sink);
    }
    Ok(id)
}

#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _remove_callback(logger: &Bound<'_, PyLogger>, callback: &Bound<'_, PyAny>) -> PyResult<bool> {
    let core = logger.get().core();
    logger.get().settled(logger.py())?;
    let Some(id) = find(core, callback) else { return Ok(false) };
    logger.get().note_removed(logger.py(), |known| known == id)?;
    remove_where(logger.py(), core, |sink| sink.id == id)
}

/// The id of a callback, given by its id or its name. An id may be given as text.
fn find(core: &Core, wanted: &Bound<'_, PyAny>) -> Option<u32> {
    let callbacks = core.callbacks();
    let by_id = |id: u32| callbacks.iter().any(|active| active.sink.id == id).then_some(id);
    if is_integer(wanted) {
        return wanted.extract().ok().and_then(by_id);
    }
    let text = wanted.cast::<PyString>().ok()?.to_str().ok()?;
    let is_named = |active: &&ActiveSink| name_of(&active.sink).is_some_and(|name| name == text);
    let named = callbacks.iter().find(is_named).map(|active| active.sink.id);
    named.or_else(|| text.parse().ok().and_then(by_id))
}

/// The name that was given to a callback, here or in the parent process.
fn name_of(sink: &Sink) -> Option<&String> {
    let of_parent = || ParentSink::of(sink).and_then(|parent| parent.callback.as_ref());
    Callback::of(sink).map_or_else(of_parent, |callback| callback.name.as_ref())
}

/// Removes callbacks after they have finished the records they have. Records that are left after 5 seconds are dropped.
/// Callbacks wait neither for each other nor for themselves.
pub fn remove_where(py: Python<'_>, core: &Core, is_gone: impl Fn(&Sink) -> bool) -> PyResult<bool> {
    let gone = core.remove_callbacks(is_gone)?;
    finish(py, core, &gone, Instant::now() + LONGEST_CLOSE)?;
    Ok(!gone.is_empty())
}

/// Waits for the lanes of removed sinks. Sinks that send requests drop what is left when they are closed.
pub fn finish(py: Python<'_>, core: &Core, gone: &[Arc<Sink>], deadline: Instant) -> PyResult<()> {
    if role::is_inside(py) {
        return Ok(());
    }
    for sink in gone {
        if !inline::wait_for(py, sink, Some(deadline))?
            && let Some(slot) = &sink.lane
            && !core.is_held(sink)
            && ExportSink::of(sink).is_none()
        {
            slot.get().abandon(Loss::Closed);
        }
    }
    Ok(())
}

/// Waits until everything accepted before is handled, also by callbacks that were removed since. False if it is not
/// handled in time, or if a callback or a sink calls this.
pub fn wait(py: Python<'_>, core: &Core, deadline: Option<Instant>) -> PyResult<bool> {
    if role::is_inside(py) {
        return Ok(false);
    }
    let mut all = true;
    for sink in core.with_lanes() {
        all &= inline::wait_for(py, &sink, deadline)?;
    }
    Ok(all)
}

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_add_callback, module)?)?;
    module.add_function(wrap_pyfunction!(_remove_callback, module)?)
}
