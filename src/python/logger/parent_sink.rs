//! Adds sinks and callbacks that exist only in the process that started this one.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3::wrap_pyfunction;

use crate::config::sink::SinkOptions;
use crate::python::call::state::PyLogger;
use crate::python::lane::inline;
use crate::python::options::callback_options::CallbackParts;
use crate::python::options::sink_options::SinkParts;
use crate::python::sink::parent_sink::ParentSink;
use crate::writer::snapshot::{Sink, Target};

/// The parts of a record that the parent's sink may show, which callers keep because this format names them.
const SHOWN: &str = "{thread.name} {task} {process.name} {message}";

/// Adds a sink or callback of the parent process. `remote` sends its records there, `number` is its id there, and `name`
/// its name in reports.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (logger, remote, number, name, options, /, *, is_callback))]
fn _add_parent_sink(
    logger: &Bound<'_, PyLogger>,
    remote: &Bound<'_, PyAny>,
    number: u32,
    name: String,
    options: &Bound<'_, PyDict>,
    is_callback: bool,
) -> PyResult<u32> {
    let (py, slf) = (logger.py(), logger.get());
    let core = slf.core();
    let settings = core.settings();
    let (callback, parsed) = if is_callback {
        let parts = CallbackParts::parse(&settings.levels, options)?;
        (parts.name, parts.options)
    } else {
        (None, SinkParts::parse(&settings.levels, options)?.options)
    };
    slf.sets_up(py, true)?;
    let shown = SinkOptions { is_async: true, format: Some(SHOWN.to_owned()), json: None, ..parsed };
    let target = ParentSink::new((remote.clone().unbind(), number), name, callback, settings.redactor.clone());
    let make = |id| Sink::new(id, shown, Target::python(target));
    let id = if is_callback { core.add_callback(|_| false, make)? } else { core.add(make)? };
    slf.note_added(id, remote, options)?;
    if let Some(sink) = core.find(id) {
        inline::begin(py, &sink);
    }
    Ok(id)
}

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_add_parent_sink, module)?)
}
