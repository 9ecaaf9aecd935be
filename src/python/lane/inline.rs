//! The threads that empty lanes, and callers that wait for them or do their work.

use crate::lane::pacing;
use crate::lane::queue::Lane;
use crate::python::lane::of_sink::{obstacle, receiver};
use crate::python::lane::py_lane::PyLane;
use crate::python::py::imports::imported;
use crate::python::py::inside::Inside;
use crate::python::py::interpreter::{Kept, is_finalizing};
use crate::python::py::role::{ROLE, Role, is_inside};
use crate::python::py::wait::Wait;
use crate::python::sink::receiver::Receiver;
use crate::report;
use crate::stats::Loss;
use crate::writer::snapshot::Sink;
use pyo3::prelude::*;
use std::sync::Arc;
use std::time::Instant;

static DRAIN: Kept<Py<PyAny>> = Kept::new();

pub static START: Kept<Py<PyAny>> = Kept::new();

/// Waits until `deadline`, with a look for Ctrl-C now and then, for what was accepted before to be handled; true when it is.
pub fn wait_for(py: Python<'_>, sink: &Arc<Sink>, deadline: Option<Instant>) -> PyResult<bool> {
    let Some(slot) = &sink.lane else { return Ok(true) };
    wait_handled(py, sink, slot.get(), deadline, is_inside(py))
}

/// As `wait_for`; from inside a sink it only looks.
pub fn wait_handled(
    py: Python<'_>,
    sink: &Arc<Sink>,
    lane: &Arc<Lane>,
    deadline: Option<Instant>,
    is_inside: bool,
) -> PyResult<bool> {
    let ticket = lane.pushed();
    let wait = Wait::new(py, deadline);
    loop {
        let is_hopeless = is_inside || obstacle(py, sink).is_some();
        let until = if is_hopeless { Instant::now() } else { wait.until() };
        if py.detach(|| lane.wait_handled(ticket, until)) {
            return Ok(true);
        }
        if is_hopeless || wait.is_over() {
            return Ok(false);
        }
        wait.look()?;
        if lane.lacks_thread() {
            drain_inline(py, sink, lane);
        }
    }
}

/// Empties a lane on this thread, unless another does so; false when that cannot be done, which is told.
pub fn drain_inline(py: Python<'_>, sink: &Arc<Sink>, lane: &Arc<Lane>) -> bool {
    let Some(_inside) = Inside::enter(py) else { return true };
    if is_finalizing(py) {
        lane.abandon(Loss::Closed);
    }
    // The end of the process may have begun meanwhile: what calls them then are no threads but the main one.
    while ROLE.get() == Role::Caller && !Inside::is_closed_to(py) && !lane.is_empty() && lane.attend() {
        ROLE.set(receiver(sink).map_or(Role::Callbacks, Receiver::role));
        let drained = PyLane::new(py, sink, lane)
            .and_then(|lane| imported(py, &DRAIN, "logly._lanes.lanes", "drain")?.call1((lane,)));
        ROLE.set(Role::Caller);
        pacing::forget_thread();
        lane.empty_inline();
        if let Err(error) = drained {
            lane.abandon(Loss::SinkError);
            let (whose, what) = titles(sink);
            let why = format!("{whose} cannot be {what}, and their records are dropped: {error}");
            report::tell_once(&why, &why);
            return false;
        }
    }
    true
}

/// What reports call all of a kind, and how their records are handled.
pub fn titles(sink: &Sink) -> (&'static str, &'static str) {
    match receiver(sink).map(Receiver::role) {
        Some(Role::Sinks) => ("sinks in the background", "written"),
        _ => ("callbacks", "called"),
    }
}

/// Has a thread of Python's empty a lane that nobody empties.
pub fn start_thread(py: Python<'_>, sink: &Arc<Sink>, lane: &Arc<Lane>) {
    let started = PyLane::new(py, sink, lane)
        .and_then(|lane| imported(py, &START, "logly._lanes.lanes", "start")?.call1((lane,))?.extract::<bool>());
    if matches!(started, Ok(true)) {
        return;
    }
    lane.empty_inline();
    // What kept a thread from being made may keep callers from the work as well: that shows when there is some.
    let is_known = started.is_ok() || !lane.is_empty();
    if drain_inline(py, sink, lane) && is_known {
        let (whose, what) = titles(sink);
        report::tell_once(whose, &format!("no thread can be started for {whose}; they are {what} by those who log"));
    }
}

/// Has a lane emptied from before the first record on.
pub fn begin(py: Python<'_>, sink: &Arc<Sink>) {
    if let Some(slot) = &sink.lane
        && slot.get().begin()
    {
        start_thread(py, sink, slot.get());
    }
}
