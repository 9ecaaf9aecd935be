//! Starts the threads that empty lanes. Callers wait for lanes here, or empty them.

use std::sync::Arc;
use std::time::Instant;

use pyo3::prelude::*;

use crate::lane::pacing;
use crate::lane::queue::Lane;
use crate::python::lane::of_sink::{obstacle, receiver};
use crate::python::lane::py_lane::PyLane;
use crate::python::py::imports::imported;
use crate::python::py::inside::Inside;
use crate::python::py::interpreter::{Kept, is_finalizing};
use crate::python::py::role::{ROLE, Role, is_inside};
use crate::python::py::wait::{Pause, wait_in_steps};
use crate::python::sink::receiver::Receiver;
use crate::report;
use crate::stats::Loss;
use crate::writer::snapshot::Sink;

static DRAIN: Kept<Py<PyAny>> = Kept::new();

pub static START: Kept<Py<PyAny>> = Kept::new();

/// Waits until `deadline` for everything accepted before to be handled, and checks for Ctrl-C now and then. True if
/// everything is handled.
pub fn wait_for(py: Python<'_>, sink: &Arc<Sink>, deadline: Option<Instant>) -> PyResult<bool> {
    let Some(slot) = &sink.lane else { return Ok(true) };
    wait_handled(py, sink, slot.get(), deadline, is_inside(py))
}

/// As `wait_for`, but returns at once from inside a sink.
pub fn wait_handled(
    py: Python<'_>,
    sink: &Arc<Sink>,
    lane: &Arc<Lane>,
    deadline: Option<Instant>,
    is_inside: bool,
) -> PyResult<bool> {
    let ticket = lane.enqueued();
    let mut is_first = true;
    let is_handled = wait_in_steps(py, deadline, Pause::SignalsAndGreenlets, |wait| {
        if !std::mem::take(&mut is_first) && lane.lacks_thread() {
            drain_inline(py, sink, lane);
        }
        let is_hopeless = is_inside || obstacle(py, sink).is_some();
        let until = if is_hopeless { Instant::now() } else { wait.until() };
        let is_handled = py.detach(|| lane.wait_handled(ticket, until));
        (is_handled || is_hopeless).then_some(is_handled)
    })?;
    Ok(is_handled == Some(true))
}

/// Empties a lane on this thread, unless another thread does so. False if the lane cannot be emptied, which is
/// reported.
pub(super) fn drain_inline(py: Python<'_>, sink: &Arc<Sink>, lane: &Arc<Lane>) -> bool {
    let Some(_inside) = Inside::enter(py) else { return true };
    if is_finalizing(py) {
        lane.abandon(Loss::Closed);
    }
    // The process may have begun to end. From then on, only the main thread calls receivers.
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

/// The words for reports: the name of this kind of sink, and how its records are handled.
pub(super) fn titles(sink: &Sink) -> (&'static str, &'static str) {
    match receiver(sink).map(Receiver::role) {
        Some(Role::Sinks) => ("sinks in the background", "written"),
        _ => ("callbacks", "called"),
    }
}

/// Starts a Python thread for a lane that no thread empties.
pub fn start_thread(py: Python<'_>, sink: &Arc<Sink>, lane: &Arc<Lane>) {
    let started = PyLane::new(py, sink, lane)
        .and_then(|lane| imported(py, &START, "logly._lanes.lanes", "start")?.call1((lane,))?.extract::<bool>());
    if matches!(started, Ok(true)) {
        return;
    }
    lane.empty_inline();
    // The problem that prevented the thread may prevent inline calls as well. That shows once there are records.
    let is_known = started.is_ok() || !lane.is_empty();
    if drain_inline(py, sink, lane) && is_known {
        let (whose, what) = titles(sink);
        report::tell_once(whose, &format!("no thread can be started for {whose}; they are {what} by those who log"));
    }
}

/// Starts the lane's thread before the first record.
pub fn begin(py: Python<'_>, sink: &Arc<Sink>) {
    if let Some(slot) = &sink.lane
        && slot.get().begin()
    {
        start_thread(py, sink, slot.get());
    }
}
