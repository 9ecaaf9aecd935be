//! Background Python sinks: the items that their lanes hand out, and the Python objects that handle them.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::clock;
use crate::python::py::imports::load;
use crate::python::py::role::Role;
use crate::python::py::strand;
use crate::python::sink::callback_record::RecordMaker;
use crate::python::sink::lane_entry::LaneEntry;
use crate::python::sink::py_sink::PySink;
use crate::python::sink::receiver::{Entry, ItemResult, Obstacle, Receiver, Taken};
use crate::python::sink::stream::Stream;
use crate::record::notice;
use crate::report::Trouble;
use crate::sync::Mutex;

impl Receiver for PySink {
    fn item<'py>(&self, py: Python<'py>, entry: Entry<'_>, _maker: &mut RecordMaker) -> ItemResult<'py> {
        let Entry { active, snapshot, taken } = entry;
        let (bytes, is_notice) = match taken {
            Taken::Record(bytes) => (bytes.to_vec(), false),
            Taken::Prepared(load) => return Ok(LaneEntry::loaded(py, load)),
            Taken::Notice(count) => (notice::encode(count, clock::now_ns()), true),
        };
        let entry = LaneEntry::encoded(bytes, snapshot, active);
        if !is_notice && !entry.passes() {
            return Ok(None);
        }
        Ok(Some(Bound::new(py, entry)?.into_any()))
    }

    fn name(&self, py: Python<'_>) -> String {
        self.title(py)
    }

    fn role(&self) -> Role {
        Role::Sinks
    }

    fn obstacle(&self, py: Python<'_>) -> Option<Obstacle> {
        let event_loop = self.event_loop(py)?;
        // The answer is unknown if the program's loop raises an error. An unknown answer is no obstacle.
        let asks = |method: &str| event_loop.call_method0(method).and_then(|answer| answer.is_truthy()).ok();
        if running_loop(py).is_some_and(|running| running.is(&event_loop)) && !runs_in_other_greenlet(py, &event_loop) {
            return Some(Obstacle::OwnLoop);
        }
        // A closed loop is no obstacle: its records are dropped, which takes only a moment.
        let is_idle = asks("is_closed") == Some(false) && asks("is_running") == Some(false);
        is_idle.then_some(Obstacle::IdleLoop)
    }

    fn trouble(&self) -> Option<&Mutex<Trouble>> {
        Some(&self.trouble)
    }

    fn runner<'py>(&self, py: Python<'py>) -> PyResult<(&'static str, Bound<'py, PyAny>)> {
        let function = match &self.stream {
            Stream::Console(_) | Stream::Object(_) => "write",
            Stream::Function(_) => "call",
            Stream::Coroutine { .. } => "call_coroutine",
            Stream::Handler { .. } => "handle",
            Stream::Capture(_) => {
                let why = "captures run on the caller's thread; this is a bug in logly";
                return Err(PyRuntimeError::new_err(why));
            }
        };
        let function = load(py, "logly._sinks.background", function)?;
        Ok(match &self.stream {
            Stream::Coroutine { event_loop: Some(_), .. } => {
                ("given loop", (function, self.event_loop(py)).into_pyobject(py)?.into_any())
            }
            Stream::Coroutine { .. } => ("coroutine", function),
            _ => ("function", function),
        })
    }
}

impl PySink {
    /// The program's event loop that the sink runs on. A forked child inherits the loop, but no thread that runs it.
    fn event_loop<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        match &self.stream {
            Stream::Coroutine { event_loop: Some(event_loop), .. } if self.process.is_current() => {
                Some(event_loop.bind(py).clone())
            }
            _ => None,
        }
    }
}

/// The event loop that this thread runs.
fn running_loop(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    let running = py.import("asyncio").and_then(|asyncio| asyncio.call_method0("_get_running_loop")).ok()?;
    Some(running).filter(|running| !running.is_none())
}

/// Whether another greenlet of this thread runs the loop. The loop then goes on while this greenlet waits.
fn runs_in_other_greenlet(py: Python<'_>, event_loop: &Bound<'_, PyAny>) -> bool {
    let are_apart = || -> PyResult<bool> {
        let me = py.import("threading")?.call_method0("get_ident")?;
        event_loop.getattr("_thread_id")?.ne(me)
    };
    strand::are_greenlets_loaded(py) && are_apart().unwrap_or(false)
}
