//! `Logger.stats()`: counts the outcomes of the records that each sink and callback was offered.

use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3::wrap_pyfunction;

use crate::level::Levels;
use crate::python::call::state::PyLogger;
use crate::python::lane::callback::Callback;
use crate::python::logger::sinks::kind_and_name;
use crate::python::sink::export_sink::ExportSink;
use crate::python::sink::parent_sink::ParentSink;
use crate::stats::levels::COUNTED;
use crate::stats::{Loss, Tally};

/// The key of levels without a count of their own.
const OTHER_LEVELS: &str = "other";

/// The counts by sink and callback. All are of one moment, because no thread logs while the GIL is held.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _stats<'py>(logger: &Bound<'py, PyLogger>) -> PyResult<Bound<'py, PyDict>> {
    let py = logger.py();
    logger.get().settled(py)?;
    let core = logger.get().core();
    // All counts are read first, since names may have to be asked of Python.
    let (of_sinks, of_callbacks) = (core.tallies(), core.callback_tallies());
    let snapshot = core.load();
    let names = level_names(&snapshot.settings.levels);
    let sinks = PyDict::new(py);
    for (sink, tally) in of_sinks {
        let entry = PyDict::new(py);
        let (kind, name) = kind_and_name(py, &sink);
        entry.set_item("kind", kind)?;
        entry.set_item("name", name)?;
        put_tally(&entry, &tally)?;
        put_work(&entry, &tally, &names)?;
        entry.set_item("write_seconds", Duration::from_nanos(tally.write_ns).as_secs_f64())?;
        if let Some(export) = ExportSink::of(&sink) {
            entry.set_item("export", export.exporter(py).call_method0("counts")?)?;
        }
        if sink.options.queue.kept.is_some() {
            let [written, skipped, left_out] = sink.counts().recovered();
            entry.set_item("recovered", written)?;
            entry.set_item("skipped", skipped)?;
            entry.set_item("left_out", left_out)?;
            entry.set_item("durable", core.is_kept(&sink))?;
        }
        sinks.set_item(sink.id, entry)?;
    }
    let callbacks = PyDict::new(py);
    for (sink, tally) in of_callbacks {
        let entry = PyDict::new(py);
        let of_parent = || ParentSink::of(&sink).map(|parent| parent.name.clone());
        entry.set_item("name", Callback::of(&sink).map(|callback| callback.name(py)).or_else(of_parent))?;
        put_tally(&entry, &tally)?;
        put_work(&entry, &tally, &names)?;
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

/// The keys of the counts by level: a name for each place.
fn level_names(levels: &Levels) -> [&str; COUNTED] {
    let mut names = [OTHER_LEVELS; COUNTED];
    names.iter_mut().zip(levels.names()).take(COUNTED - 1).for_each(|(place, name)| *place = name);
    names
}

/// Puts the records by level, under the names of the levels, and the bytes that wait.
fn put_work(entry: &Bound<'_, PyDict>, tally: &Tally, names: &[&str; COUNTED]) -> PyResult<()> {
    let levels = PyDict::new(entry.py());
    for (name, count) in names.iter().zip(tally.levels).filter(|(_, count)| *count > 0) {
        levels.set_item(name, count)?;
    }
    entry.set_item("levels", levels)?;
    entry.set_item("queue_bytes", tally.queue_bytes)
}

/// Adds the function above to the extension module.
pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_stats, module)?)
}
