//! Lanes as Python meets them: what a call hands over, and what a lane's thread takes out.
//!
//! The threads are Python's (`python/logly/_lanes.py`), and what they call they call from there: native frames below the program's
//! functions would not survive the end of the interpreter. Here they wait without the interpreter lock, and are paced.

mod work;

use crate::lane::live;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::wrap_pyfunction;

use crate::lane::chunks::{Item, Load};
use crate::lane::live::wait_all;
use crate::lane::order;
use crate::lane::pacing;
use crate::lane::pacing::Return;
use crate::lane::queue::{Lane, Outcome, Pushed, length_with};
use crate::logger::core::Core;
use crate::process::gate;
use crate::process::parking;
use crate::process::thread_time::ThreadId;
use crate::python::abrupt::{make_way, settle};
use crate::python::context;
use crate::python::interpreter::{Kept, imported, is_finalizing};
use crate::python::lane::work::{Followed, Work};
use crate::python::py_sink::Inside;
use crate::python::receiver::{ROLE, Receiver, Role, Taken, is_inside, is_reentrant, obstacle, receiver, role};
use crate::python::telling;
use crate::python::values::{Interrupt, attached};
use crate::python::versions::Versions;
use crate::python::waiting::Wait;
use crate::record::encoded::header_of;
use crate::report;
use crate::stats::Loss;
use crate::sync::Mutex;
use crate::writer::snapshot::{ActiveSink, Sink, Snapshot};

/// How long threads that are on their way back to Python are waited for at the end.
const LAST_WAIT: Duration = Duration::from_secs(1);

static START: Kept<Py<PyAny>> = Kept::new();
static DRAIN: Kept<Py<PyAny>> = Kept::new();

/// Gives a record to the lanes of all callbacks and sinks that have one.
#[inline]
pub fn offer(py: Python<'_>, core: &Core, record: &[u8], versions: &Versions) -> Interrupt {
    let snapshot = core.load();
    let role = role(py);
    let is_too_late = Inside::is_closed_to(py);
    let mut interrupt = None;
    let number = order::next_number();
    for active in &snapshot.lanes {
        let Some(slot) = active.sink.lane.as_ref().filter(|_| !active.sink.is_prepared) else { continue };
        let lane = slot.get();
        let record = versions.for_sink(active.sink.id, record);
        if !active.takes(&snapshot.settings, header_of(record).level) {
            lane.counts().add_filtered(1);
        } else if role != Role::Caller && is_reentrant(role, &active.sink) {
            lane.count_lost(Loss::Reentrant);
        } else if is_too_late {
            lane.count_lost(Loss::Closed);
        } else {
            interrupt = give(py, active, lane, (record, number), &snapshot, None).or(interrupt);
        }
    }
    interrupt
}

/// Gives the lane of one sink a record, with what its caller made of it.
#[expect(clippy::inline_always, reason = "calls with a callback must not pay for a call more")]
#[inline(always)]
pub fn give(
    py: Python<'_>,
    active: &ActiveSink,
    lane: &Arc<Lane>,
    (record, number): (&[u8], u64),
    snapshot: &Arc<Snapshot>,
    mut load: Option<Load>,
) -> Interrupt {
    match lane.push(record, number, snapshot, &mut load) {
        Pushed::Done => None,
        pushed => attached(py, || see_to(py, active, pushed, (record, number), snapshot, load)),
    }
}

/// Whether this thread's records reach the lane of a sink; those that do not are counted.
pub fn is_open(py: Python<'_>, active: &ActiveSink) -> bool {
    let role = role(py);
    let loss = if role != Role::Caller && is_reentrant(role, &active.sink) {
        Loss::Reentrant
    } else if Inside::is_closed_to(py) {
        Loss::Closed
    } else {
        return true;
    };
    active.sink.lose(loss);
    false
}

#[cold]
fn see_to(
    py: Python<'_>,
    active: &ActiveSink,
    pushed: Pushed,
    (record, number): (&[u8], u64),
    snapshot: &Arc<Snapshot>,
    load: Option<Load>,
) -> Interrupt {
    let lane = active.sink.lane.as_ref()?.get();
    match pushed {
        Pushed::Done => None,
        Pushed::Awaited => settle(py, &active.sink, lane),
        Pushed::Pressed => {
            make_way(py);
            None
        }
        Pushed::Closed => {
            lane.count_lost(Loss::Closed);
            if live::is_ending() {
                make_way(py);
            }
            None
        }
        Pushed::Unattended => {
            start_thread(py, &active.sink, lane);
            if lane.is_awaited() { settle(py, &active.sink, lane) } else { None }
        }
        Pushed::Inline => {
            drain_inline(py, &active.sink, lane);
            None
        }
        Pushed::Full => blocked(py, active, (record, number), snapshot, load),
    }
}

/// Waits for room without the GIL, looking for Ctrl-C; drops the record when there is none for too long.
fn blocked(
    py: Python<'_>,
    active: &ActiveSink,
    (record, number): (&[u8], u64),
    snapshot: &Arc<Snapshot>,
    mut load: Option<Load>,
) -> Interrupt {
    let lane = active.sink.lane.as_ref()?.get();
    let wait = Wait::new(py, Instant::now().checked_add(lane.options().block_timeout));
    let length = length_with(record, load.as_ref());
    loop {
        let is_hopeless = obstacle(py, &active.sink).is_some();
        let until = if is_hopeless { Instant::now() } else { wait.until() };
        let is_worth_trying = py.detach(|| lane.wait_for_room(length, until));
        match lane.push(record, number, snapshot, &mut load) {
            Pushed::Full => {}
            pushed => return see_to(py, active, pushed, (record, number), snapshot, load),
        }
        let interrupt = wait.look().err().map(Box::new);
        let is_late = wait.is_over();
        if interrupt.is_some() || is_hopeless || !is_worth_trying || is_late {
            lane.give_up(is_late);
            return interrupt;
        }
    }
}

/// Has a thread of Python's empty a lane that nobody empties.
pub fn start_thread(py: Python<'_>, sink: &Arc<Sink>, lane: &Arc<Lane>) {
    let started = PyLane::new(py, sink, lane)
        .and_then(|lane| imported(py, &START, "logly._lanes", "start")?.call1((lane,))?.extract::<bool>());
    if matches!(started, Ok(true)) {
        return;
    }
    lane.empty_inline();
    // What kept a thread from being made may keep callers from the work as well: that shows when there is some.
    let is_known = started.is_ok() || !lane.is_empty();
    if drain_inline(py, sink, lane) && is_known {
        let (whose, what) = titles(sink);
        report::tell_once(whose, &format!("no thread can be started for {whose}; they are {what} by those who log"));
    }
}

/// What reports call all of a kind, and how their records are handled.
fn titles(sink: &Sink) -> (&'static str, &'static str) {
    match receiver(sink).map(Receiver::role) {
        Some(Role::Sinks) => ("sinks in the background", "written"),
        _ => ("callbacks", "called"),
    }
}

/// Has a lane emptied from before the first record on.
pub fn begin(py: Python<'_>, sink: &Arc<Sink>) {
    if let Some(slot) = &sink.lane
        && slot.get().begin()
    {
        start_thread(py, sink, slot.get());
    }
}

/// Empties a lane on this thread, unless another does so; false when that cannot be done, which is told.
fn drain_inline(py: Python<'_>, sink: &Arc<Sink>, lane: &Arc<Lane>) -> bool {
    let Some(_inside) = Inside::enter(py) else { return true };
    if is_finalizing(py) {
        lane.abandon(Loss::Closed);
    }
    // The end of the process may have begun meanwhile: what calls them then are no threads but the main one.
    while ROLE.get() == Role::Caller && !Inside::is_closed_to(py) && !lane.is_empty() && lane.attend() {
        ROLE.set(receiver(sink).map_or(Role::Callbacks, Receiver::role));
        let drained =
            PyLane::new(py, sink, lane).and_then(|lane| imported(py, &DRAIN, "logly._lanes", "drain")?.call1((lane,)));
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

/// Waits until `deadline`, with a look for Ctrl-C now and then, for what was accepted before to be handled; true when it is.
pub fn wait_for(py: Python<'_>, sink: &Arc<Sink>, deadline: Option<Instant>) -> PyResult<bool> {
    let Some(slot) = &sink.lane else { return Ok(true) };
    wait_handled(py, sink, slot.get(), deadline, is_inside(py))
}

/// As `wait_for`; from inside a sink it only looks.
pub fn wait_handled(
    py: Python<'_>,
    sink: &Arc<Sink>,
    lane: &Arc<Lane>,
    deadline: Option<Instant>,
    is_inside: bool,
) -> PyResult<bool> {
    let ticket = lane.pushed();
    let wait = Wait::new(py, deadline);
    loop {
        let is_hopeless = is_inside || obstacle(py, sink).is_some();
        let until = if is_hopeless { Instant::now() } else { wait.until() };
        if py.detach(|| lane.wait_handled(ticket, until)) {
            return Ok(true);
        }
        if is_hopeless || wait.is_over() {
            return Ok(false);
        }
        wait.look()?;
        if lane.lacks_thread() {
            drain_inline(py, sink, lane);
        }
    }
}

/// A lane, for the thread that empties it.
#[pyclass(frozen, name = "_Lane", module = "logly._logly")]
pub struct PyLane {
    lane: Arc<Lane>,
    sink: Arc<Sink>,
    /// Taken out while it is used: its lock is not held while Python runs.
    work: Mutex<Option<Work>>,
}

impl PyLane {
    fn new<'py>(py: Python<'py>, sink: &Arc<Sink>, lane: &Arc<Lane>) -> PyResult<Bound<'py, Self>> {
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
            if let Some(snapshot) = snapshot {
                work.follow(&snapshot, &self.sink);
            }
            let Some(Followed { part, active, .. }) = &work.followed else {
                drop(self.lane.settle(Outcome::Lost(Loss::Closed)));
                continue;
            };
            let taken = match item {
                Item::Record => load.map_or(Taken::Record(&work.record), Taken::Prepared),
                Item::Notice(count) => Taken::Notice(count),
            };
            match receiver.item(py, active, part, taken, &mut work.maker) {
                Ok(Some(item)) => return Some(item),
                Ok(None) => drop(self.lane.settle(Outcome::Filtered)),
                Err(error) => self.fail(py, &error),
            }
        }
    }

    fn recover(&self, py: Python<'_>) {
        let Some(receiver) = receiver(&self.sink) else { return };
        if let Some(trouble) = receiver.trouble()
            && trouble.lock().is_failing()
        {
            let recovered = trouble.lock().recovered();
            if let Some(failures) = recovered {
                // Nothing calls a lane's thread that could be interrupted.
                drop(telling::tell(py, &report::recovery(&receiver.name(py), failures)));
            }
        }
    }

    fn fail(&self, py: Python<'_>, error: &PyErr) {
        if let Some(receiver) = receiver(&self.sink) {
            let told = match receiver.trouble() {
                Some(trouble) => trouble.lock().failed(),
                None => self.lane.failed(),
            };
            if let Some(told) = told {
                let line = told.line(&format!("{} raised {}", receiver.name(py), telling::describe(py, error)));
                // As above.
                drop(telling::tell(py, &line));
            }
        }
        // As in `take`.
        drop(self.lane.settle(Outcome::Lost(Loss::SinkError)));
    }
}

#[pymethods]
#[pyo3(crate = "crate::python::entry::watched")]
impl PyLane {
    /// Waits without the interpreter lock until there is something to take, and until the pace allows it. False when the thread is
    /// to end; when it is too late to go back to Python this does not return.
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
            // With nothing to do it lets go of the interpreter for longer anyway.
            if !self.lane.is_empty() {
                let pause = not_before.saturating_duration_since(Instant::now());
                std::thread::sleep(pause.min(pacing::BREATH));
            }
            let goes_on = self.lane.wait(not_before);
            (goes_on, gate::leave(), Return::begin())
        });
        drop(leaving);
        work.pace.came_back(&way);
        if !goes_on {
            pacing::forget_thread();
        }
        *self.work.lock() = Some(work);
        goes_on
    }

    /// What is to be called next; the item before is done with by that. None when nothing waits or it is time for a pause: `wait`
    /// comes next.
    #[pyo3(signature = (is_paced=true))]
    fn take<'py>(&self, py: Python<'py>, is_paced: bool) -> Option<Bound<'py, PyAny>> {
        let inside = Inside::enter(py)?;
        if !self.lane.is_own() {
            return None;
        }
        let mut work = self.work.lock().take()?;
        if std::mem::take(&mut work.is_out) {
            // Whoever waits for the lane finds it told.
            self.recover(py);
            let nudge = self.lane.settle(Outcome::Written);
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

    /// The item taken last was not taken well.
    fn failed(&self, py: Python<'_>, error: Bound<'_, PyAny>) {
        if self.lane.is_own() {
            if let Some(work) = self.work.lock().as_mut() {
                work.is_out = false;
            }
            self.fail(py, &PyErr::from_value(error));
        }
    }

    /// Notes that the running task calls what this lane calls, wherever the event loop runs.
    fn enter_task(&self, py: Python<'_>) -> PyResult<()> {
        if receiver(&self.sink).is_some_and(|receiver| receiver.role() == Role::Sinks) {
            context::enter_sink(py)?;
        }
        Ok(())
    }

    /// Drops what waits and takes nothing any more, and says why.
    fn lose(&self, py: Python<'_>, why: &str) {
        if self.lane.is_own() {
            self.lane.abandon(Loss::Closed);
            let name = receiver(&self.sink).map_or_else(String::new, |receiver| receiver.name(py));
            drop(telling::tell(py, &format!("{name}: {why}; what was not written and what comes is dropped")));
        }
    }

    /// Whether more waits than what was taken.
    #[getter]
    fn has_more(&self) -> bool {
        parking::watch();
        self.lane.is_own() && !self.lane.is_empty()
    }

    #[getter]
    fn name(&self, py: Python<'_>) -> String {
        parking::watch();
        receiver(&self.sink).map_or_else(String::new, |receiver| receiver.name(py))
    }

    /// How it is run, and what it calls.
    #[getter]
    fn runner<'py>(&self, py: Python<'py>) -> PyResult<Option<(&'static str, Bound<'py, PyAny>)>> {
        parking::watch();
        receiver(&self.sink).map(|receiver| receiver.runner(py, &self.sink)).transpose()
    }
}

/// Notes that this thread runs callbacks, as the threads of lanes do.
#[pyfunction(crate = "crate::python::entry::watched")]
pub fn _enter_lane() {
    ROLE.set(Role::Callbacks);
}

/// Notes in the running context that a sink runs in it.
#[pyfunction(crate = "crate::python::entry::watched")]
pub fn _enter_sink(py: Python<'_>) -> PyResult<()> {
    context::enter_sink(py)
}

/// Waits, for so many seconds at most, until lanes have handled what they have. They go on taking records.
#[pyfunction(crate = "crate::python::entry::watched")]
pub fn _wait_for_lanes(py: Python<'_>, timeout: f64) -> PyResult<()> {
    let deadline = Instant::now() + Duration::try_from_secs_f64(timeout).unwrap_or_default();
    let wait = Wait::new(py, Some(deadline));
    let tickets = live::tickets();
    if !wait.is_cooperative() {
        py.detach(|| wait_all(&tickets, deadline));
        return Ok(());
    }
    loop {
        let until = wait.until();
        if py.detach(|| wait_all(&tickets, until)) || wait.is_over() {
            return Ok(());
        }
        wait.look()?;
    }
}

/// Keeps the threads of lanes and archives from coming back to Python, which is about to be torn down.
#[pyfunction(crate = "crate::python::entry::watched")]
pub fn _seal(py: Python<'_>) {
    py.detach(|| gate::seal(Instant::now() + LAST_WAIT));
}

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyLane>()?;
    module.add_function(wrap_pyfunction!(_enter_lane, module)?)?;
    module.add_function(wrap_pyfunction!(_enter_sink, module)?)?;
    module.add_function(wrap_pyfunction!(_wait_for_lanes, module)?)?;
    module.add_function(wrap_pyfunction!(_seal, module)?)
}
