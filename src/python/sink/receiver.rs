//! The interface of the objects that lanes call: callbacks, and Python sinks in the background.
//!
//! It includes the role of the calling thread, because records logged from inside these objects do not go to all of
//! them.

use std::sync::Arc;

use pyo3::prelude::*;

use crate::lane::chunks::Load;
use crate::python::py::role::Role;
use crate::python::sink::callback_record::RecordMaker;
use crate::report::Trouble;
use crate::sync::Mutex;
use crate::writer::snapshot::{ActiveSink, Snapshot};

/// The common interface of the objects that lanes call.
pub trait Receiver {
    /// The argument that the object is called with; None if it does not want the record after all.
    fn item<'py>(&self, py: Python<'py>, entry: Entry<'_>, maker: &mut RecordMaker) -> ItemResult<'py>;

    /// The name in reports and thread names.
    fn name(&self, py: Python<'_>) -> String;

    fn role(&self) -> Role;

    /// The obstacle for a thread that waits for this object, if there is one.
    fn obstacle(&self, _py: Python<'_>) -> Option<Obstacle> {
        None
    }

    /// The current run of failures, whose end is reported too. None if each failure stands alone.
    fn trouble(&self) -> Option<&Mutex<Trouble>> {
        None
    }

    /// The name of the runner in `_lanes/lanes.py`, and the object that it calls.
    fn runner<'py>(&self, py: Python<'py>) -> PyResult<(&'static str, Bound<'py, PyAny>)>;
}

/// The reason why a lane's records cannot be handled while this thread waits for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// This thread runs the event loop that the lane needs.
    OwnLoop,
    /// No thread runs that loop.
    IdleLoop,
    /// The server that the sink sends to could not be reached, and is tried again later.
    Unreachable,
}

/// The argument for an object; None if the object does not want the record after all.
pub type ItemResult<'py> = PyResult<Option<Bound<'py, PyAny>>>;

/// An entry that was taken out of a lane, and the sink it is for.
pub struct Entry<'a> {
    pub active: &'a ActiveSink,
    pub snapshot: &'a Arc<Snapshot>,
    pub taken: Taken<'a>,
}

/// The content of an entry.
pub enum Taken<'a> {
    /// An encoded record.
    Record(&'a [u8]),
    /// The load that the caller made from a record.
    Prepared(Load),
    /// The number of records that were dropped here.
    Notice(u64),
}
