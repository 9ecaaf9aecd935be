//! Tells which sinks a strand is writing to, for records of `logging` that come back from a sink.

use pyo3::prelude::*;
use pyo3::wrap_pyfunction;

use crate::python::call::state::PyLogger;
use crate::python::py::inside::is_writing;
use crate::python::py::role::Role;
use crate::python::py::{role, strand};
use crate::python::sink::py_sink::PySink;
use crate::python::sink::stream::Stream;
use crate::writer::snapshot::ActiveSink;

/// Which of a logger's sinks this strand is writing to: 0 if it writes to no sink at all, 1 if a console is among them,
/// 3 if it writes to all enabled sinks, 2 otherwise.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (logger, /))]
fn _sinks_in_hand(py: Python<'_>, logger: &Bound<'_, PyLogger>) -> u8 {
    // Records logged on the lane of a sink reach no sink with a lane.
    let is_on_lane = role::role(py) == Role::Sinks;
    if !is_on_lane && !is_writing(py) {
        return 0;
    }
    let strand = strand::current(py);
    let snapshot = logger.get().core().snapshot();
    let sinks = || snapshot.sinks.iter().filter(|active| active.is_enabled);
    if sinks().any(|active| entered(active, strand).is_some_and(|sink| matches!(sink.stream, Stream::Console(_)))) {
        return 1;
    }
    let are_all = sinks().all(|active| (is_on_lane && active.sink.lane.is_some()) || entered(active, strand).is_some());
    if are_all { 3 } else { 2 }
}

fn entered(active: &ActiveSink, strand: u64) -> Option<&PySink> {
    PySink::of(&active.sink).filter(|sink| sink.is_entered(strand))
}

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_sinks_in_hand, module)?)
}
