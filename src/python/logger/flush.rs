//! Flushes sinks, and removes them afterwards.
//!
//! All waits release the GIL and check for Ctrl-C now and then.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::logger::core::Core;
use crate::process::exiting::Expected;
use crate::python::call::state::PyLogger;
use crate::python::lane::{batches, callbacks, inline, notices};
use crate::python::py::inside::Inside;
use crate::python::py::interpreter::{is_finalizing, sys};
use crate::python::py::interrupt::is_for_caller;
use crate::python::py::wait::{LONGEST_CLOSE, Pause, Wait, wait_in_steps};
use crate::python::py::{role, telling};
use crate::python::sink::export_sink::ExportSink;
use crate::python::sink::py_sink::PySink;
use crate::python::sink::stream::Stream;
use crate::python::sink::{py_sink, stream};
use crate::stats::Loss;
use crate::writer::ending;
use crate::writer::snapshot::Sink;

/// How long sinks that take over wait for callers whose records have found no room yet.
const LONGEST_BLOCKED: Duration = Duration::from_secs(1);

/// How long threads that are about to call a sink have for it once others have taken over.
const LAST_CALLS: Duration = Duration::from_millis(20);

/// Stops the objects that are a logger's sinks, at the end of the process.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (logger, /))]
pub fn _stop_sinks(py: Python<'_>, logger: &Bound<'_, PyLogger>) -> PyResult<()> {
    let sinks = logger.get().core().sinks();
    // `logging` closes its handlers itself.
    sinks.iter().filter(|active| !is_handler(&active.sink)).try_for_each(|active| stop(py, &active.sink))
}

/// Waits for the sinks of a logger that is gone, and stops them. Does nothing once the interpreter ends, because
/// `logging` has closed its handlers by then.
pub fn abandon(py: Python<'_>, core: &Core) {
    if is_finalizing(py) {
        return;
    }
    let mut sinks: Vec<_> = core.sinks().into_iter().map(|active| active.sink).collect();
    let is_limited = sinks.iter().any(|sink| sink.volume.is_some());
    sinks.retain(|sink| has_end(py, sink));
    if sinks.is_empty() && !is_limited {
        return;
    }
    // The logger may be dropped at any point, even while an exception is on its way.
    let raised = PyErr::take(py);
    let deadline = Some(Instant::now() + LONGEST_CLOSE);
    let stop_all = || {
        sinks.iter().try_for_each(|sink| {
            end_export(py, sink)?;
            inline::wait_for(py, sink, deadline)?;
            drop_rest(py, sink)?;
            stop(py, sink)
        })
    };
    let ended = notices::tell_rest(py, core, |_| true).and_then(|()| stop_all());
    match (ended, raised) {
        (_, Some(raised)) => raised.restore(py),
        (Err(interrupt), None) => interrupt.restore(py),
        _ => {}
    }
}

fn stream_of(sink: &Sink) -> Option<(&PySink, &Stream)> {
    PySink::of(sink).map(|target| (target, &target.stream))
}

fn is_handler(sink: &Sink) -> bool {
    matches!(stream_of(sink), Some((_, Stream::Handler { .. })))
}

/// The `stop()` of an object, if it has one.
fn stop_of<'py>(py: Python<'py>, object: &Py<PyAny>) -> Option<Bound<'py, PyAny>> {
    object.bind(py).getattr_opt("stop").ok().flatten().filter(PyAnyMethods::is_callable)
}

/// Whether the lane of a sink, if it has one, holds no record.
fn is_through(sink: &Sink) -> bool {
    sink.lane.as_ref().is_none_or(|slot| slot.get().wait_handled(slot.get().enqueued(), Instant::now()))
}

/// Whether there is anything to call once the sink gets no more lines.
fn has_end(py: Python<'_>, sink: &Sink) -> bool {
    match stream_of(sink) {
        None => ExportSink::of(sink).is_some(),
        Some((_, Stream::Handler { .. })) => true,
        Some((_, Stream::Object(object))) => stop_of(py, object).is_some(),
        _ => false,
    }
}

/// Sets whether a signal may end the process at any moment. If so, calls return only when their record is written. None
/// means that this is not known yet: `learn_end` of `_process/lifecycle.py` is asked again at the next records.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (is_by_signal, /))]
pub fn _expect_signal(py: Python<'_>, is_by_signal: Option<bool>) {
    let end = match is_by_signal {
        None => Expected::Unknown,
        Some(true) => Expected::Signal,
        Some(false) => Expected::Order,
    };
    py.detach(|| ending::expect(end));
}

/// Calls the `stop()` of an object that gets no more lines, if it has one, or flushes and closes a handler. Does
/// nothing in a forked child, because its parent still has the object. The error is an interrupt.
fn stop(py: Python<'_>, sink: &Sink) -> PyResult<()> {
    if let Some(export) = ExportSink::of(sink) {
        return tell_end(py, export.exporter(py).call_method0("close"), || "closing a connection".to_owned());
    }
    let Some((target, stream)) = stream_of(sink) else { return Ok(()) };
    let Some(_inside) = Inside::enter(py).filter(|_| target.process.is_current()) else { return Ok(()) };
    let (what, ended) = match stream {
        Stream::Object(object) => ("stop()", stop_of(py, object).map(|stop| stop.call0())),
        // The lane may still hold records for the handler, if the lane's thread removed it.
        Stream::Handler { .. } if !is_through(sink) => return Ok(()),
        Stream::Handler { handler, logger, .. } => ("close()", Some(stream::release(handler.bind(py), *logger))),
        _ => return Ok(()),
    };
    ended.map_or(Ok(()), |ended| tell_end(py, ended, || format!("{what} of {}", target.title(py))))
}

/// Reports an error at the end of a sink, or returns it if it is for the caller.
fn tell_end(py: Python<'_>, ended: PyResult<Bound<'_, PyAny>>, what: impl FnOnce() -> String) -> PyResult<()> {
    match ended {
        Err(error) if is_for_caller(py, &error) => Err(error),
        Err(error) => {
            let line = format!("{} raised {}", what(), telling::describe(py, &error));
            telling::tell(py, &line).map_or(Ok(()), |interrupt| Err(*interrupt))
        }
        Ok(_) => Ok(()),
    }
}

/// Has a removed sink that sends requests try again soon, and send or keep the records it has, for a part of the time.
fn end_export(py: Python<'_>, sink: &Sink) -> PyResult<()> {
    let Some(export) = ExportSink::of(sink).filter(|_| !role::is_inside(py)) else { return Ok(()) };
    let ended = export.exporter(py).call_method1("end", (LONGEST_CLOSE.as_secs_f64() / 2.0,));
    tell_end(py, ended, || "sending the last records".to_owned())
}

/// Has a sink that sends requests keep or drop the records that are left, without a wait.
fn drop_rest(py: Python<'_>, sink: &Sink) -> PyResult<()> {
    let Some(slot) = sink.lane.as_ref().filter(|_| !is_through(sink)) else { return Ok(()) };
    let Some(export) = ExportSink::of(sink) else { return Ok(()) };
    tell_end(py, export.exporter(py).call_method1("end", (0.0,)), || "keeping the last records".to_owned())?;
    batches::drop_rest(py, slot.get(), sink, Loss::Closed);
    Ok(())
}

/// Waits until sinks here have the records that other processes have sent. True if they have.
pub(super) fn take_in(py: Python<'_>, deadline: Option<Instant>) -> PyResult<bool> {
    settle(py, "logly._process.intake", deadline)
}

/// Waits for a module that exchanges records with other processes, if this process uses it.
fn settle(py: Python<'_>, module: &str, deadline: Option<Instant>) -> PyResult<bool> {
    let Some(sys) = sys(py).filter(|_| !role::is_inside(py)) else { return Ok(true) };
    let modules = sys.getattr("modules")?.cast_into::<PyDict>()?;
    let Some(module) = modules.get_item(module)? else { return Ok(true) };
    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()).as_secs_f64());
    module.call_method1("settle", (left,))?.extract()
}

impl PyLogger {
    /// Waits until sinks have taken everything accepted before. False if they did not, or not by the deadline.
    pub fn flush(&self, py: Python<'_>, deadline: Option<Instant>) -> PyResult<bool> {
        let mut all = take_in(py, deadline)?;
        all &= self.wait_for_files(py, deadline)?;
        for active in self.core().sinks() {
            all &= inline::wait_for(py, &active.sink, deadline)?;
        }
        Ok(settle(py, "logly._process.feed", deadline)? && all)
    }

    /// As `flush`, for sinks that have no lane.
    pub fn wait_for_files(&self, py: Python<'_>, deadline: Option<Instant>) -> PyResult<bool> {
        if role::is_inside(py) {
            return Ok(false);
        }
        notices::tell_due(py, self.core())?;
        let mut all = self.wait_for_streams(py, deadline)?;
        for pipeline in self.core().pipelines() {
            let ticket = pipeline.request_flush();
            let is_done = wait_in_steps(py, deadline, Pause::SignalsAndGreenlets, |wait| {
                let until = wait.until();
                py.detach(|| pipeline.wait_flush(ticket, until))
            })?;
            all &= is_done == Some(true);
        }
        Ok(all)
    }

    /// Waits for lines that callers left to other threads because their Python sink was too slow.
    fn wait_for_streams(&self, py: Python<'_>, deadline: Option<Instant>) -> PyResult<bool> {
        let mut all = true;
        for active in self.core().sinks() {
            let Some(target) = PySink::of(&active.sink) else { continue };
            let ticket = target.left_behind();
            let is_written = |wait: &Wait<'_>| target.is_written(py, ticket, wait.until()).then_some(());
            all &= wait_in_steps(py, deadline, Pause::SignalsAndGreenlets, is_written)?.is_some();
        }
        Ok(all)
    }

    /// Removes sinks after they have written the records they had.
    pub fn remove_where(&self, py: Python<'_>, is_gone: impl Fn(&Sink) -> bool) -> PyResult<usize> {
        self.exchange(py, &[], is_gone)
    }

    /// As `remove_where`, and has sinks that waited take records from the same call on.
    pub fn exchange(&self, py: Python<'_>, waiting: &[u32], is_gone: impl Fn(&Sink) -> bool) -> PyResult<usize> {
        notices::tell_rest(py, self.core(), &is_gone)?;
        if !waiting.is_empty() {
            self.await_blocked(py)?;
        }
        let gone = self.core().exchange(waiting, is_gone)?;
        if !waiting.is_empty() && gone.iter().any(|sink| !sink.is_native() && !sink.is_implicit) {
            // Other threads may be about to call the old ones.
            py.detach(|| thread::sleep(LAST_CALLS));
        }
        self.note_removed(py, |id| gone.iter().any(|sink| sink.id == id))?;
        self.close(py, &gone)?;
        Ok(gone.len())
    }

    /// Waits a little until no caller's record waits for room in a queue. The record was accepted for the sinks of now,
    /// and its queue may go with them.
    fn await_blocked(&self, py: Python<'_>) -> PyResult<()> {
        let deadline = Instant::now() + LONGEST_BLOCKED;
        wait_in_steps(py, Some(deadline), Pause::SignalsAndGreenlets, |_| {
            if !self.core().pipelines().iter().any(|pipeline| pipeline.has_blocked()) {
                return Some(());
            }
            py.detach(|| thread::sleep(Duration::from_millis(1)));
            None
        })
        .map(drop)
    }

    /// Waits for removed sinks to write the records they have, and closes them. Sinks that are only hidden stay open.
    pub fn close(&self, py: Python<'_>, gone: &[Arc<Sink>]) -> PyResult<()> {
        let deadline = Instant::now() + LONGEST_CLOSE;
        for sink in gone.iter().filter(|sink| !self.core().is_held(sink)) {
            py_sink::close_removed(py, sink, deadline)?;
        }
        if !gone.is_empty() {
            let flushed = self.wait_for_files(py, Some(deadline));
            let unused = self.core().end_unused();
            py.detach(|| unused.iter().for_each(|pipeline| pipeline.retire()));
            flushed?;
            gone.iter().filter(|sink| !self.core().is_held(sink)).try_for_each(|sink| end_export(py, sink))?;
            callbacks::finish(py, self.core(), gone, deadline)?;
        }
        gone.iter().filter(|sink| !self.core().is_held(sink)).try_for_each(|sink| {
            drop_rest(py, sink)?;
            stop(py, sink)
        })
    }
}
