//! The roles of threads: a thread of the program, or a thread that runs callbacks or sinks.

use std::cell::Cell;

use pyo3::prelude::*;

use crate::python::py::context_variable;
use crate::python::py::inside::is_within_sink;

thread_local! {
    pub static ROLE: Cell<Role> = const { Cell::new(Role::Caller) };
}

/// The role of a thread, as lanes see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Any thread of the program.
    Caller,
    /// A thread that runs callbacks. Its records reach no callback.
    Callbacks,
    /// A thread that writes to sinks. Its records reach no lane at all.
    Sinks,
}

/// The role of the running code. On an event loop the task decides it, since the thread does not tell.
#[inline]
pub fn role(py: Python<'_>) -> Role {
    match ROLE.get() {
        Role::Caller | Role::Callbacks if context_variable::is_in_sink_task(py) => Role::Sinks,
        role => role,
    }
}

/// Whether this thread empties a lane, or runs code that a lane or a sink calls. A wait for lanes from there would be a
/// wait for itself, since a callback may wait for the sink.
pub fn is_inside(py: Python<'_>) -> bool {
    role(py) != Role::Caller || is_within_sink(py)
}
