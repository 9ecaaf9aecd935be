//! What lanes call: callbacks, and Python sinks in the background. And who logs, since what is logged from in there is not for all of
//! them.

use std::cell::Cell;
use std::sync::Arc;

use pyo3::prelude::*;

use crate::lane::chunks::Load;
use crate::python::callback_record::RecordMaker;
use crate::python::callbacks::Callback;
use crate::python::context;
use crate::python::py_sink::{PySink, is_within_sink};
use crate::report::Trouble;
use crate::sync::Mutex;
use crate::writer::snapshot::{ActiveSink, Sink, Snapshot, Target};

thread_local! {
    pub static ROLE: Cell<Role> = const { Cell::new(Role::Caller) };
}

/// What a thread is to lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Any thread of the program.
    Caller,
    /// It runs callbacks: what it logs reaches no callback.
    Callbacks,
    /// It writes to sinks: what it logs reaches no lane at all.
    Sinks,
}

/// What the things that lanes call have in common.
pub trait Receiver {
    /// What it is called with; None when it does not want the record after all.
    fn item<'py>(
        &self,
        py: Python<'py>,
        active: &ActiveSink,
        snapshot: &Arc<Snapshot>,
        taken: Taken<'_>,
        maker: &mut RecordMaker,
    ) -> PyResult<Option<Bound<'py, PyAny>>>;

    /// What it is called in reports and names of threads.
    fn name(&self, py: Python<'_>) -> String;

    fn role(&self) -> Role;

    /// What stands in the way of whoever waits for it.
    fn obstacle(&self, _py: Python<'_>) -> Option<Obstacle> {
        None
    }

    /// Its run of failures, whose end is told too; None where each stands alone.
    fn trouble(&self) -> Option<&Mutex<Trouble>> {
        None
    }

    /// How `_lanes.py` runs it, and what it calls.
    fn runner<'py>(&self, py: Python<'py>, sink: &Sink) -> PyResult<(&'static str, Bound<'py, PyAny>)>;
}

/// Why what a lane has cannot be handled while this thread waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// This thread runs the event loop that it needs.
    OwnLoop,
    /// Nobody runs that loop.
    IdleLoop,
}

/// What was taken out of a lane.
pub enum Taken<'a> {
    /// An encoded record.
    Record(&'a [u8]),
    /// What its caller made of a record.
    Prepared(Load),
    /// So many records were dropped here.
    Notice(u64),
}

/// What a sink's lane calls.
pub fn receiver(sink: &Sink) -> Option<&dyn Receiver> {
    let Target::Python(target) = &sink.target else { return None };
    match target.downcast_ref::<PySink>() {
        Some(sink) => Some(sink),
        None => target.downcast_ref::<Callback>().map(|callback| callback as &dyn Receiver),
    }
}

/// Whether this thread empties a lane, or runs what a lane or a sink calls: waiting for lanes from there would be waiting for
/// itself, since a callback may wait for the sink.
pub fn is_inside(py: Python<'_>) -> bool {
    role(py) != Role::Caller || is_within_sink(py)
}

/// On an event loop it is not the thread that tells.
#[inline]
pub fn role(py: Python<'_>) -> Role {
    match ROLE.get() {
        Role::Caller | Role::Callbacks if context::is_in_sink_task(py) => Role::Sinks,
        role => role,
    }
}

pub fn obstacle(py: Python<'_>, sink: &Sink) -> Option<Obstacle> {
    receiver(sink).and_then(|receiver| receiver.obstacle(py))
}

/// Whether what is logged in this role is not for this sink: it might never end.
#[cold]
pub fn is_reentrant(role: Role, sink: &Sink) -> bool {
    role == Role::Sinks || receiver(sink).is_some_and(|receiver| receiver.role() == Role::Callbacks)
}
