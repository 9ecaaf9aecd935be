//! `Logger.stats()`: counts the outcomes of the records that each sink and callback was offered.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3::wrap_pyfunction;

use crate::python::call::state::PyLogger;
use crate::python::lane::callback::Callback;
use crate::python::logger::sinks::kind_and_name;
use crate::python::sink::export_sink::ExportSink;
use crate::stats::{Loss, Tally};

/// The counts by sink and callback. All are of one moment, because no thread logs while the GIL is held.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _stats<'py>(logger: &Bound<'py, PyLogger>) -> PyResult<Bound<'py, PyDict>> {
    let py = logger.py();
    logger.get().settled(py)?;
    let core = logger.get().core();
    // All counts are read first, since names may have to be asked of Python.
    let (of_sinks, of_callbacks) = (core.tallies(), core.callback_tallies());
    let sinks = PyDict::new(py);
    for (sink, tally) in of_sinks {
        let entry = PyDict::new(py);
        let (kind, name) = kind_and_name(py, &sink);
        entry.set_item("kind", kind)?;
        entry.set_item("name", name)?;
        put_tally(&entry, &tally)?;
        if let Some(export) = ExportSink::of(&sink) {
            entry.set_item("export", export.exporter(py).call_method0("counts")?)?;
        }
        sinks.set_item(sink.id, entry)?;
    }
    let callbacks = PyDict::new(py);
    for (sink, tally) in of_callbacks {
        let entry = PyDict::new(py);
        entry.set_item("name", Callback::of(&sink).map(|callback| callback.name(py)))?;
        put_tally(&entry, &tally)?;
        callbacks.set_item(sink.id, entry)?;
    }
    let stats = PyDict::new(py);
    stats.set_item("sinks", sinks)?;
    stats.set_item("callbacks", callbacks)?;
    Ok(stats)
}

/// Puts the counts that sinks and callbacks have in common.
pub(super) fn put_tally(entry: &Bound<'_, PyDict>, tally: &Tally) -> PyResult<()> {
    let dropped = PyDict::new(entry.py());
    for (loss, count) in Loss::ALL.iter().zip(tally.dropped) {
        dropped.set_item(loss.name(), count)?;
    }
    entry.set_item("accepted", tally.accepted)?;
    entry.set_item("written", tally.written)?;
    entry.set_item("filtered", tally.filtered)?;
    entry.set_item("dropped", dropped)?;
    entry.set_item("pending", tally.pending())
}

/// Adds the function above to the extension module.
pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_stats, module)?)
}
