//! One Python sink, and the strands that run its code.
//!
//! One thread or greenlet writes at a time (`python/sink/write_lock.rs`). A sink that logs to itself is not entered
//! again.

use std::time::Instant;

use pyo3::prelude::*;

use crate::lane::queue::Last;
use crate::level::LevelRef;
use crate::process::per_process::{PerProcess, ProcessMark};
use crate::python::py::callable::function_name;
use crate::python::py::gil::thread_ident;
use crate::python::py::inside::{is_writing, within};
use crate::python::py::interpreter::{name, sys};
use crate::python::py::streams::write_and_flush;
use crate::python::py::text::type_name;
use crate::python::py::wait::{Pause, Wait, wait_in_steps};
use crate::python::py::{fork_barrier, strand};
use crate::python::sink::line_maker::LineMaker;
use crate::python::sink::stream::{Stream, handle, prepare, style_of};
use crate::python::sink::write_lock::{Owner, Waiting, WriteLock, WriteState};
use crate::report::Trouble;
use crate::stats::{Loss, SinkCounts};
use crate::sync::Mutex;
use crate::sys::descriptors::MUST_CONSOLES_BE_ASKED;
use crate::writer::python_sink::PythonSink;
use crate::writer::snapshot::{ActiveSink, Sink, Snapshot, StreamStyle, Target};

pub(crate) use crate::python::call::state::Coloring;

/// Closes a removed Python sink for new lines, and waits until it has written the lines it has. There is no wait from
/// inside a sink, which may be this very one.
pub fn close_removed(py: Python<'_>, sink: &Sink, deadline: Instant) -> PyResult<()> {
    let Some(target) = PySink::of(sink) else { return Ok(()) };
    target.close(py);
    let is_over = |wait: &Wait<'_>| (is_writing(py) || target.is_idle(py, wait.until())).then_some(());
    if wait_in_steps(py, Some(deadline), Pause::SignalsAndGreenlets, is_over)?.is_none() {
        target.abandon(sink.counts());
    }
    Ok(())
}

pub struct PySink {
    pub stream: Stream,
    pub lines: LineMaker,
    pub process: ProcessMark,
    coloring: Coloring,
    write_lock: PerProcess<WriteLock>,
    pub trouble: Mutex<Trouble>,
    /// The stream that was asked last, and the answer.
    style: Mutex<Option<(Py<PyAny>, StreamStyle)>>,
}

impl PythonSink for PySink {
    /// Without a thread there is no event loop either.
    fn last(&self) -> Last {
        if matches!(self.stream, Stream::Coroutine { .. }) { Last::Dropped } else { Last::Inline }
    }

    fn is_ordered(&self) -> bool {
        false
    }
}

impl PySink {
    pub fn new(stream: Stream, coloring: Coloring) -> Self {
        Self {
            stream,
            lines: LineMaker::default(),
            process: ProcessMark::current(),
            coloring,
            write_lock: PerProcess::new(),
            trouble: Mutex::default(),
            style: Mutex::default(),
        }
    }

    /// The Python sink that a sink writes to; None for files and callbacks.
    pub fn of(sink: &Sink) -> Option<&Self> {
        match &sink.target {
            Target::Python(target) => target.of_type(),
            Target::File(_) => None,
        }
    }

    /// The callback that colours lines in place of the pattern.
    pub fn color_callback<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        self.coloring.lock().as_ref().map(|callback| callback.bind(py).clone())
    }

    pub fn stream(&self) -> &Stream {
        &self.stream
    }

    /// The object that lines are written to; None if the console has no stream.
    pub fn target<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        match &self.stream {
            Stream::Console(name) => {
                let stream = sys(py)?.getattr(*name).ok()?;
                Some(stream).filter(|stream| !stream.is_none())
            }
            Stream::Object(object)
            | Stream::Function(object)
            | Stream::Handler { handler: object, .. }
            | Stream::Coroutine { function: object, .. } => Some(object.bind(py).clone()),
            Stream::Capture(list) => Some(list.bind(py).clone().into_any()),
        }
    }

    /// Whether the stream is a terminal, if that matters, and whether its lines are coloured. The error is an
    /// interrupt.
    pub fn style(
        &self,
        stream: &Bound<'_, PyAny>,
        active: &ActiveSink,
        snapshot: &Snapshot,
        level: LevelRef,
    ) -> PyResult<StreamStyle> {
        let color = active.color(&snapshot.settings, level);
        let is_stream = matches!(self.stream, Stream::Console(_) | Stream::Object(_));
        let is_asked = is_stream && (color.is_none() || active.on_terminal.is_some() || MUST_CONSOLES_BE_ASKED);
        let style = if is_asked { self.style_once(stream)? } else { StreamStyle::default() };
        Ok(StreamStyle { is_colored: color.unwrap_or(style.is_colored), ..style })
    }

    /// Asks each stream once. If `sys.stdout` changes, it is another object.
    fn style_once(&self, stream: &Bound<'_, PyAny>) -> PyResult<StreamStyle> {
        let known = self.style.lock().as_ref().filter(|(known, _)| known.is(stream)).map(|(_, style)| *style);
        if let Some(style) = known {
            return Ok(style);
        }
        let style = style_of(stream)?;
        let before = self.style.lock().replace((stream.clone().unbind(), style));
        drop(before);
        Ok(style)
    }

    /// The last item whose call returned before it was written, for `is_written`. Items of calls that have not returned
    /// must not be waited for: such a call may wait for this caller.
    pub fn left_behind(&self) -> u64 {
        self.write_lock.existing().map_or(0, |write_lock| write_lock.state.lock().left)
    }

    /// Waits until `until`, without the GIL, for the first `ticket` items to be written.
    pub fn is_written(&self, py: Python<'_>, ticket: u64, until: Instant) -> bool {
        let write_lock = self.write_lock.get();
        if write_lock.state.lock().written >= ticket {
            return true;
        }
        py.detach(|| {
            let mut state = write_lock.state.lock();
            while state.written < ticket && !write_lock.released.wait_until(&mut state, until).timed_out() {}
            state.written >= ticket
        })
    }

    /// Refuses further lines, for a sink that was removed.
    pub fn close(&self, py: Python<'_>) {
        let me = strand::current(py);
        self.write_lock.get().state.lock().closed_by = Some(me);
    }

    /// Waits until `until`, without the GIL, for the last line to be written.
    pub fn is_idle(&self, py: Python<'_>, until: Instant) -> bool {
        let is_idle = |state: &WriteState| state.owner.is_none() && state.waiting.is_empty();
        let write_lock = self.write_lock.get();
        if is_idle(&write_lock.state.lock()) {
            return true;
        }
        py.detach(|| {
            let mut state = write_lock.state.lock();
            while !is_idle(&state) && !write_lock.released.wait_until(&mut state, until).timed_out() {}
            is_idle(&state)
        })
    }

    /// Gives up the lines that wait for a line that takes too long.
    pub fn abandon(&self, counts: &SinkCounts) {
        let write_lock = self.write_lock.get();
        let abandoned = write_lock.state.lock().give_up();
        counts.add_dropped(Loss::Closed, abandoned.len() as u64);
        write_lock.released.notify_all();
    }

    /// Writes one item after all items before it. Records have a level, by which they are counted; notices have none. The
    /// error is an interrupt.
    pub fn write_in_turn(
        &self,
        py: Python<'_>,
        strand: u64,
        active: &ActiveSink,
        item: Py<PyAny>,
        level: Option<u16>,
    ) -> PyResult<()> {
        let lost = |loss| active.sink.counts().add_dropped(loss, u64::from(level.is_some()));
        let me = Owner { strand, thread: thread_ident(py) };
        let write_lock = self.write_lock.get();
        let ticket = {
            let mut state = write_lock.state.lock();
            if state.closed_by.is_some_and(|closer| closer != strand) {
                drop(state);
                lost(Loss::Closed);
                return Ok(());
            }
            let is_echo = state.owner == Some(me) || self.is_entered(strand);
            if is_echo && (state.is_echo || !matches!(self.stream, Stream::Console(_))) {
                drop(state);
                lost(Loss::Reentrant);
                return Ok(());
            }
            state.enqueue(Waiting { line: item, level, is_echo });
            if is_echo {
                return Ok(());
            }
            state.enqueued
        };
        let (is_mine, waited) = write_lock.acquire(py, me, ticket);
        let written = if is_mine { self.write_waiting(py, strand, active, ticket) } else { Ok(()) };
        waited.and(written)
    }

    /// Writes the waiting items, as the owner of the lock.
    fn write_waiting(&self, py: Python<'_>, strand: u64, active: &ActiveSink, ticket: u64) -> PyResult<()> {
        let mut interrupt = Ok(());
        loop {
            let Some(Waiting { line, level, .. }) = self.write_lock.get().next(ticket) else { return interrupt };
            let process = ProcessMark::current();
            within(|inside| inside.push(strand, Some(self.address())));
            let result = self.write(line.bind(py));
            within(|inside| inside.remove(strand, &Some(self.address())));
            if !process.is_current() && level.is_some() {
                // A child that was forked during the write counts the item it finishes, so it also counts it as
                // accepted.
                active.sink.counts().add_accepted(1);
            }
            // The sink may have forked: this may be the child, which has another write lock.
            let write_lock = self.write_lock.get();
            write_lock.state.lock().count_written();
            write_lock.released.notify_all();
            self.note(py, active, (result, level), &mut interrupt);
        }
    }

    /// Whether this strand is in the middle of writing to the sink.
    pub fn is_entered(&self, strand: u64) -> bool {
        within(|inside| inside.contains(strand, |sink| *sink == Some(self.address())))
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// The object that the lane gets for an item; None if a handler does not want the record.
    pub fn prepared<'py>(&self, item: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        match &self.stream {
            Stream::Handler { handler, is_formatted, logger } => {
                prepare(handler.bind(item.py()), item, *is_formatted, *logger)
            }
            _ => Ok(Some(item.clone())),
        }
    }

    /// Writes one item. False if a handler did not want it.
    fn write(&self, item: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = item.py();
        let Some(target) = self.target(py) else { return Ok(true) };
        match &self.stream {
            Stream::Handler { is_formatted, logger, .. } => return handle(&target, item, *is_formatted, *logger),
            Stream::Function(_) => target.call1((item,)).map(drop),
            Stream::Capture(_) => target.call_method1("append", (item,)).map(drop),
            Stream::Console(_) | Stream::Object(_) => {
                let _writing = fork_barrier::write_to(&target);
                write_and_flush(&target, item)
            }
            // Calling a coroutine function runs none of its code.
            Stream::Coroutine { .. } => Ok(()),
        }?;
        Ok(true)
    }

    /// The sink's name in `sink_info` and `stats`.
    pub fn name(&self, py: Python<'_>) -> String {
        match &self.stream {
            Stream::Console(name) => (*name).to_owned(),
            Stream::Object(object) => type_name(object.bind(py)),
            Stream::Handler { handler, .. } => {
                let handler = handler.bind(py);
                let own = handler.getattr_opt(name!(py, "sink_name")).ok().flatten();
                own.and_then(|name| name.extract().ok()).unwrap_or_else(|| type_name(handler))
            }
            Stream::Function(function) | Stream::Coroutine { function, .. } => function_name(function.bind(py)),
            Stream::Capture(_) => "capture".to_owned(),
        }
    }

    /// The sink's name in reports and thread names. It says "sink" where the name alone would be unclear.
    pub fn title(&self, py: Python<'_>) -> String {
        match &self.stream {
            Stream::Console(_) | Stream::Capture(_) => self.name(py),
            _ => format!("sink {}", self.name(py)),
        }
    }
}
