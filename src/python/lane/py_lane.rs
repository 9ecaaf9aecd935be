//! Lanes as Python sees them: the class through which a lane's thread takes records out.
//!
//! The threads are Python threads (`python/logly/_lanes/lanes.py`), and they call sinks and callbacks from Python.
//! Native frames below the program's functions would not survive the end of the interpreter. Here the threads wait
//! without the interpreter lock, and are paced.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use pyo3::wrap_pyfunction;

use crate::lane::chunks::Item;
use crate::lane::live::wait_all;
use crate::lane::pacing::Return;
use crate::lane::queue::{Lane, Outcome};
use crate::lane::{live, pacing};
use crate::process::{exit_barrier, hanging};
use crate::python::lane::batches;
use crate::python::lane::of_sink::receiver;
use crate::python::lane::work::{Followed, Work};
use crate::python::py::inside::Inside;
use crate::python::py::role::{ROLE, Role};
use crate::python::py::trampoline::watch_at_drop;
use crate::python::py::wait::{Pause, wait_in_steps};
use crate::python::py::{context_variable, imports, telling};
use crate::python::sink::outcome::{tell_failure, tell_recovery};
use crate::python::sink::receiver::{Entry, Receiver, Taken};
use crate::stats::Loss;
use crate::sync::Mutex;
use crate::sys::thread::ThreadId;
use crate::writer::snapshot::{Sink, Snapshot};

/// How long the end of the process waits for threads that are on their way back to Python.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// A lane, for the thread that empties it.
#[pyclass(frozen, name = "_Lane", module = "logly._logly")]
pub struct PyLane {
    lane: Arc<Lane>,
    sink: Arc<Sink>,
    /// Taken out while it is used, so that its lock is not held while Python runs.
    work: Mutex<Option<Work>>,
}

watch_at_drop!(PyLane);

impl PyLane {
    pub(crate) fn new<'py>(py: Python<'py>, sink: &Arc<Sink>, lane: &Arc<Lane>) -> PyResult<Bound<'py, Self>> {
        let work = Mutex::new(Some(Work::default()));
        Bound::new(py, Self { lane: Arc::clone(lane), sink: Arc::clone(sink), work })
    }

    fn next<'py>(&self, py: Python<'py>, work: &mut Work, is_paced: bool) -> Option<Bound<'py, PyAny>> {
        let receiver = receiver(&self.sink)?;
        loop {
            if is_paced && !work.pace.goes_on() {
                return None;
            }
            let mut load = None;
            let (snapshot, item) = self.lane.take(&mut work.record, &mut load)?;
            if let Some(snapshot) = snapshot.and_then(|followed| followed.downcast::<Snapshot>().ok()) {
                work.follow(&snapshot, &self.sink);
            }
            let Some(Followed { part, active, .. }) = &work.followed else {
                drop(self.lane.finish(Outcome::Lost(Loss::Closed)));
                continue;
            };
            let taken = match item {
                Item::Record => load.map_or(Taken::Record(&work.record), Taken::Prepared),
                Item::Notice(count) => Taken::Notice(count),
            };
            match receiver.item(py, Entry { active, snapshot: part, taken }, &mut work.maker) {
                Ok(Some(item)) => return Some(item),
                Ok(None) => drop(self.lane.finish(Outcome::Filtered)),
                Err(error) => self.fail(py, &error),
            }
        }
    }

    fn recover(&self, py: Python<'_>) {
        let Some(receiver) = receiver(&self.sink) else { return };
        if let Some(trouble) = receiver.trouble() {
            // A lane's thread has no caller that could be interrupted.
            drop(tell_recovery(py, trouble, || receiver.name(py)));
        }
    }

    fn fail(&self, py: Python<'_>, error: &PyErr) {
        if let Some(receiver) = receiver(&self.sink) {
            let told = match receiver.trouble() {
                Some(trouble) => trouble.lock().failed(),
                None => self.lane.failed(),
            };
            // As in `recover`, there is no caller to interrupt.
            drop(tell_failure(py, told, || receiver.name(py), error));
        }
        // Dropping the nudge wakes the next lane.
        drop(self.lane.finish(Outcome::Lost(Loss::SinkError)));
    }
}

#[pymethods]
#[pyo3(crate = "crate::python::py::trampoline::watched")]
impl PyLane {
    /// Waits without the interpreter lock until there is something to take and the pace allows it. False if the thread
    /// is to end. Does not return if it is too late to go back to Python.
    fn wait(&self, py: Python<'_>) -> bool {
        if !self.lane.is_own() {
            return false;
        }
        ROLE.set(receiver(&self.sink).map_or(Role::Callbacks, Receiver::role));
        let Some(mut work) = self.work.lock().take() else { return false };
        let not_before = work.pace.not_before();
        work.waiter = Some(ThreadId::current());
        let nudge = std::mem::take(&mut work.nudge);
        let (goes_on, leaving, way) = py.detach(|| {
            drop(nudge);
            // A thread without work releases the interpreter for longer anyway.
            if !self.lane.is_empty() {
                let pause = not_before.saturating_duration_since(Instant::now());
                std::thread::sleep(pause.min(pacing::BREATH));
            }
            let goes_on = self.lane.wait(not_before);
            (goes_on, exit_barrier::leave(), Return::begin())
        });
        drop(leaving);
        work.pace.came_back(&way);
        if !goes_on {
            pacing::forget_thread();
        }
        *self.work.lock() = Some(work);
        goes_on
    }

    /// The next item to handle. This also finishes the item before as written. None if no item waits or a pause is due;
    /// `wait` comes next.
    #[pyo3(signature = (is_paced=true))]
    fn take<'py>(&self, py: Python<'py>, is_paced: bool) -> Option<Bound<'py, PyAny>> {
        let inside = Inside::enter(py)?;
        if !self.lane.is_own() {
            return None;
        }
        let mut work = self.work.lock().take()?;
        if std::mem::take(&mut work.is_out) {
            // The recovery is reported first, so that threads that wait for the lane see the report.
            self.recover(py);
            let nudge = self.lane.finish(Outcome::Written);
            if self.lane.is_empty() && work.waiter == Some(ThreadId::current()) {
                // Most likely `wait` is next.
                work.nudge = nudge;
            }
        }
        let item = self.next(py, &mut work, is_paced);
        work.is_out = item.is_some();
        if item.is_some() {
            drop(std::mem::take(&mut work.nudge));
        }
        if item.is_none() {
            work.pace.end();
        }
        *self.work.lock() = Some(work);
        drop(inside);
        item
    }

    /// The next request of a sink that sends batches, the number of its records, and that of those which were cut. None
    /// if no record waits. A caller that empties the lane does not wait for more records.
    #[pyo3(signature = (is_caller=false, /))]
    fn take_batch<'py>(&self, py: Python<'py>, is_caller: bool) -> Option<(Bound<'py, PyBytes>, u64, u64)> {
        if !self.lane.is_own() {
            return None;
        }
        let mut work = self.work.lock().take()?;
        let request = batches::next_request(py, (&self.lane, &self.sink), &mut work, is_caller);
        *self.work.lock() = Some(work);
        request.map(|(request, count, cut)| (PyBytes::new(py, &request), count, cut))
    }

    /// Counts records of batches as written, or as lost for a reason. Returns how many were not counted yet.
    #[pyo3(signature = (count, loss=None, /))]
    fn settle(&self, count: u64, loss: Option<&str>) -> u64 {
        if self.lane.is_own() { self.lane.settle(count, batches::outcome(loss)) } else { 0 }
    }

    /// Drops the records that are left and all later ones for a reason, and reports how many are left. Returns how many.
    #[pyo3(signature = (loss, /))]
    fn drop_rest(&self, py: Python<'_>, loss: &str) -> u64 {
        if !self.lane.is_own() {
            return 0;
        }
        batches::drop_rest(py, &self.lane, &self.sink, batches::named(loss))
    }

    /// Waits for at most `timeout` seconds until every record is handled. True if they are.
    fn wait_handled(&self, py: Python<'_>, timeout: f64) -> bool {
        let until = Instant::now() + Duration::try_from_secs_f64(timeout).unwrap_or_default();
        let (is_handled, leaving) =
            py.detach(|| (self.lane.wait_handled(self.lane.enqueued(), until), exit_barrier::leave()));
        drop(leaving);
        is_handled
    }

    /// Reports a failure that concerns no single record, if a report is due.
    fn tell_failure(&self, py: Python<'_>, what: &str) {
        let Some(receiver) = receiver(&self.sink).filter(|_| self.lane.is_own()) else { return };
        if let Some(told) = receiver.trouble().and_then(|trouble| trouble.lock().failed()) {
            drop(telling::tell(py, &told.line(&format!("{}: {what}", receiver.name(py)))));
        }
    }

    /// Reports a line about the sink.
    fn tell(&self, py: Python<'_>, what: &str) {
        if let Some(receiver) = receiver(&self.sink).filter(|_| self.lane.is_own()) {
            drop(telling::tell(py, &format!("{}: {what}", receiver.name(py))));
        }
    }

    /// Reports that the sink works again, if a failure was reported.
    fn tell_recovery(&self, py: Python<'_>) {
        if self.lane.is_own() {
            self.recover(py);
        }
    }

    /// Reports that the item taken last raised an error.
    fn failed(&self, py: Python<'_>, error: Bound<'_, PyAny>) {
        if self.lane.is_own() {
            if let Some(work) = self.work.lock().as_mut() {
                work.is_out = false;
            }
            self.fail(py, &PyErr::from_value(error));
        }
    }

    /// Marks the running task as one that calls this lane's sink, wherever the event loop runs.
    fn enter_task(&self, py: Python<'_>) -> PyResult<()> {
        if receiver(&self.sink).is_some_and(|receiver| receiver.role() == Role::Sinks) {
            context_variable::enter_sink(py)?;
        }
        Ok(())
    }

    /// Drops the waiting records and all later ones, and reports why, unless that was reported.
    #[pyo3(signature = (why, /))]
    fn lose(&self, py: Python<'_>, why: Option<&str>) {
        if self.lane.is_own() {
            // Who waits for the records finds them counted, and has been told why.
            if let Some(why) = why {
                let name = receiver(&self.sink).map_or_else(String::new, |receiver| receiver.name(py));
                drop(telling::tell(py, &format!("{name}: {why}; what was not written and what comes is dropped")));
            }
            self.lane.abandon(Loss::Closed);
        }
    }

    /// Whether more items wait after the one that was taken.
    #[getter]
    fn has_more(&self) -> bool {
        hanging::watch();
        self.lane.is_own() && !self.lane.is_empty()
    }

    #[getter]
    fn name(&self, py: Python<'_>) -> String {
        hanging::watch();
        receiver(&self.sink).map_or_else(String::new, |receiver| receiver.name(py))
    }

    /// The name of the runner, and the object that it calls.
    #[getter]
    fn runner<'py>(&self, py: Python<'py>) -> PyResult<Option<(&'static str, Bound<'py, PyAny>)>> {
        hanging::watch();
        receiver(&self.sink).map(|receiver| receiver.runner(py)).transpose()
    }
}

/// Marks this thread as one that runs callbacks, as the threads of lanes do.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
pub(super) fn _enter_lane() {
    ROLE.set(Role::Callbacks);
}

/// Marks the running context as one that a sink runs in.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
pub(super) fn _enter_sink(py: Python<'_>) -> PyResult<()> {
    context_variable::enter_sink(py)
}

/// Waits for at most `timeout` seconds until lanes have handled the records they have. Lanes go on taking records.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
pub(super) fn _wait_for_lanes(py: Python<'_>, timeout: f64) -> PyResult<()> {
    let deadline = Instant::now() + Duration::try_from_secs_f64(timeout).unwrap_or_default();
    let tickets = live::tickets();
    wait_in_steps(py, Some(deadline), Pause::SignalsAndGreenlets, |wait| {
        let until = if wait.is_cooperative() { wait.until() } else { deadline };
        py.detach(|| wait_all(&tickets, until)).then_some(())
    })?;
    Ok(())
}

/// Keeps the threads of lanes and archives from coming back to Python, which is about to be torn down. Waits for the
/// imports of other threads.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
pub(super) fn _seal(py: Python<'_>) {
    imports::await_others(py);
    py.detach(|| exit_barrier::seal(Instant::now() + LAST_WAIT));
}

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyLane>()?;
    module.add_function(wrap_pyfunction!(_enter_lane, module)?)?;
    module.add_function(wrap_pyfunction!(_enter_sink, module)?)?;
    module.add_function(wrap_pyfunction!(_wait_for_lanes, module)?)?;
    module.add_function(wrap_pyfunction!(_seal, module)?)
}
