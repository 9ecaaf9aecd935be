//! The receiver of a sink: the object that the sink's lane calls.

use pyo3::prelude::*;

use crate::python::lane::callback::Callback;
use crate::python::py::role::Role;
use crate::python::sink::export_sink::ExportSink;
use crate::python::sink::parent_sink::ParentSink;
use crate::python::sink::py_sink::PySink;
use crate::python::sink::receiver::{Obstacle, Receiver};
use crate::writer::snapshot::Sink;

/// The object that a sink's lane calls.
pub fn receiver(sink: &Sink) -> Option<&dyn Receiver> {
    if let Some(sink) = PySink::of(sink) {
        return Some(sink);
    }
    if let Some(sink) = ExportSink::of(sink) {
        return Some(sink);
    }
    if let Some(sink) = ParentSink::of(sink) {
        return Some(sink);
    }
    Callback::of(sink).map(|callback| callback as &dyn Receiver)
}

pub fn obstacle(py: Python<'_>, sink: &Sink) -> Option<Obstacle> {
    receiver(sink).and_then(|receiver| receiver.obstacle(py))
}

/// Whether records logged in this role must not reach this sink, because logging might never end.
#[cold]
pub(super) fn is_reentrant(role: Role, sink: &Sink) -> bool {
    role == Role::Sinks || receiver(sink).is_some_and(|receiver| receiver.role() == Role::Callbacks)
}
