//! Gives Python sinks the notices of records that a limit held back.

use std::sync::{Arc, Weak};

use pyo3::prelude::*;
use pyo3::wrap_pyfunction;

use crate::clock;
use crate::logger::core::Core;
use crate::python::call::state::Shared;
use crate::python::lane::offer;
use crate::python::py::inside::Inside;
use crate::python::py::interrupt::Interrupt;
use crate::python::sink::export_sink::{self, ExportSink};
use crate::python::sink::lane_entry::LaneEntry;
use crate::python::sink::py_sink::PySink;
use crate::sync::Mutex;
use crate::volume::of_sink::Volume;
use crate::writer::snapshot::{ActiveSink, Sink, Snapshot};

/// The loggers that have had Python sinks with limits.
static LIMITED: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());

/// Remembers a logger for the end of the process.
pub fn register(shared: &Arc<Shared>) {
    let mut limited = LIMITED.lock();
    limited.retain(|known| known.strong_count() > 0);
    if !limited.iter().any(|known| std::ptr::eq(known.as_ptr(), Arc::as_ptr(shared))) {
        limited.push(Arc::downgrade(shared));
    }
}

/// Gives all Python sinks all their notices, at the end of the process.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _tell_held_back(py: Python<'_>) -> PyResult<()> {
    let limited: Vec<_> = LIMITED.lock().iter().filter_map(Weak::upgrade).collect();
    limited.iter().try_for_each(|shared| tell_rest(py, &shared.core, |_| true))
}

/// Gives a sink its notices, whatever its level and filters.
pub fn tell(
    py: Python<'_>,
    strand: u64,
    active: &ActiveSink,
    snapshot: &Arc<Snapshot>,
    notices: &[Vec<u8>],
) -> Interrupt {
    if ExportSink::of(&active.sink).is_some() {
        return notices.iter().fold(None, |interrupt, told| tell_export(py, active, snapshot, told).or(interrupt));
    }
    let sink = PySink::of(&active.sink)?;
    notices.iter().fold(None, |interrupt, told| tell_one(py, strand, (active, sink), snapshot, told).or(interrupt))
}

fn tell_one(
    py: Python<'_>,
    strand: u64,
    (active, sink): (&ActiveSink, &PySink),
    snapshot: &Arc<Snapshot>,
    told: &[u8],
) -> Interrupt {
    let entry = LaneEntry::encoded(told.to_vec(), snapshot, active);
    if let Some(slot) = &active.sink.lane {
        return match entry.notice(py) {
            Ok(load) => offer::give(py, active, slot.get(), (told, 0), snapshot, Some(load)),
            Err(error) => sink.tell_failure(py, active, error),
        };
    }
    match entry.item(py, sink) {
        Ok(Some(made)) => {
            let written = sink.write_in_turn(py, strand, active, made.item.unbind(), None);
            written.err().map(Box::new)
        }
        Ok(None) => None,
        Err(error) => sink.tell_failure(py, active, error),
    }
}

fn tell_export(py: Python<'_>, active: &ActiveSink, snapshot: &Arc<Snapshot>, told: &[u8]) -> Interrupt {
    let slot = active.sink.lane.as_ref()?;
    offer::give(py, active, slot.get(), (told, 0), snapshot, Some(export_sink::load(true)))
}

/// Gives the Python sinks that are meant all their notices, because they end.
pub fn tell_rest(py: Python<'_>, core: &Core, is_meant: impl Fn(&Sink) -> bool) -> PyResult<()> {
    tell_some(py, core, |sink, volume| if is_meant(sink) { volume.rest(clock::now_ns()) } else { Vec::new() })
}

/// Gives Python sinks the notices that are due.
pub fn tell_due(py: Python<'_>, core: &Core) -> PyResult<()> {
    tell_some(py, core, |_, volume| volume.due(clock::now_ns()))
}

fn tell_some(py: Python<'_>, core: &Core, take: impl Fn(&Sink, &Volume) -> Vec<Vec<u8>>) -> PyResult<()> {
    let is_limited = |sink: &Sink| sink.volume.as_ref().is_some_and(|volume| volume.has_limit());
    for active in core.sinks().iter().filter(|active| is_limited(&active.sink)) {
        let is_python = PySink::of(&active.sink).is_some() || ExportSink::of(&active.sink).is_some();
        let Some(volume) = active.sink.volume.as_ref().filter(|_| is_python) else { continue };
        let Some(inside) = Inside::enter(py) else { return Ok(()) };
        let notices = take(&active.sink, volume);
        if let Some(interrupt) = tell(py, inside.strand(), active, &core.snapshot(), &notices) {
            return Err(*interrupt);
        }
    }
    Ok(())
}

/// Adds the function above to the extension module.
pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_tell_held_back, module)?)
}
