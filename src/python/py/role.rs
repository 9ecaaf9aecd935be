//! What a thread is to lanes: one of the program's, or one that runs callbacks or sinks.

use crate::python::py::context;
use crate::python::py::inside::is_within_sink;
use pyo3::prelude::*;
use std::cell::Cell;

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

/// On an event loop it is not the thread that tells.
#[inline]
pub fn role(py: Python<'_>) -> Role {
    match ROLE.get() {
        Role::Caller | Role::Callbacks if context::is_in_sink_task(py) => Role::Sinks,
        role => role,
    }
}

/// Whether this thread empties a lane, or runs what a lane or a sink calls: waiting for lanes from there would be waiting for
/// itself, since a callback may wait for the sink.
pub fn is_inside(py: Python<'_>) -> bool {
    role(py) != Role::Caller || is_within_sink(py)
}
