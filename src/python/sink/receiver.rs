//! What lanes call: callbacks, and Python sinks in the background. And who logs, since what is logged from in there is not for all of
//! them.

use crate::python::py::role::Role;
use std::sync::Arc;

use pyo3::prelude::*;

use crate::lane::chunks::Load;
use crate::python::sink::callback_record::RecordMaker;
use crate::report::Trouble;
use crate::sync::Mutex;
use crate::writer::snapshot::{ActiveSink, Sink, Snapshot};

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

    /// How `_lanes/lanes.py` runs it, and what it calls.
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
