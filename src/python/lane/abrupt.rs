//! Calls of a process that ends make way for lanes. Calls of a process that a signal may end at any moment wait for
//! lanes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pyo3::prelude::*;

use crate::lane::queue::Lane;
use crate::python::lane::inline::wait_handled;
use crate::python::lane::of_sink::receiver;
use crate::python::py::inside::{Inside, is_writing};
use crate::python::py::interrupt::Interrupt;
use crate::python::py::role::{Role, role};
use crate::python::sink::enqueue::learn_end;
use crate::python::sink::export_sink::ExportSink;
use crate::writer::snapshot::Sink;

/// How long a thread that logs makes way for lanes at the end, with each record.
const LAST_PAUSE: Duration = Duration::from_millis(10);

/// Waits for the record that was enqueued last, since the process may end at any moment. The waits for callbacks and
/// exports are short, because callbacks and receivers on the network may take any time. One that does not keep up is
/// not waited for; exports have a grace.
pub(super) fn await_last(py: Python<'_>, sink: &Arc<Sink>, lane: &Arc<Lane>) -> Interrupt {
    learn_end(py);
    if !lane.is_awaited() || role(py) != Role::Caller || is_writing(py) {
        return None; // No signal is to end this process, or the lane waits for this thread.
    }
    let is_export = ExportSink::of(sink).is_some();
    let is_callback = receiver(sink).is_none_or(|receiver| receiver.role() != Role::Sinks);
    let longest = match (is_export, is_callback) {
        (true, _) => lane.grace_wait(),
        (_, true) => lane.short_wait(),
        _ => lane.options().block_timeout,
    };
    if longest.is_zero() {
        return None;
    }
    let start = Instant::now();
    let waited = wait_handled(py, sink, lane, start.checked_add(longest), false);
    if is_export {
        lane.spend_grace(start);
    }
    waited.err().map(Box::new)
}

/// Pauses this thread while the process ends. Threads that go on logging would otherwise keep the interpreter from the
/// lanes, which are emptied a last time.
pub(super) fn make_way(py: Python<'_>) {
    // A caller that makes an item for a background sink is within a sink, but writes to none.
    if role(py) == Role::Caller
        && !is_writing(py)
        && let Some(_inside) = Inside::enter(py)
    {
        py.detach(|| std::thread::sleep(LAST_PAUSE));
    }
}
