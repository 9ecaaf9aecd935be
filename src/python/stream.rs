//! Sinks that are Python: consoles, objects with `write()`, functions; and files whose filter or format is a function.
//!
//! Lines are made and written on the caller's thread with the GIL held. One thread at a time writes to a sink; another that comes
//! meanwhile leaves its line in the sink's own short queue, so that lines keep the order in which records were accepted, and waits
//! without the GIL until its line is out, but never for ever. A sink that logs to itself is not entered again.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::backend::fork;
use crate::backend::snapshot::{ActiveSink, Snapshot, Target};
use crate::format::color::is_color_wanted;
use crate::format::time::local_zone;
use crate::format::{Formatter, Layout, Surroundings};
use crate::python::callsite::Place;
use crate::python::deliver::push;
use crate::python::entry::{Call, thread_ident};
use crate::python::exceptions::{is_interrupt, kind_of};
use crate::python::records;
use crate::python::target::{Stream, is_finalizing, is_terminal, sys, write_and_flush};
use crate::python::values::{Capture, text_bytes, to_python, type_name};
use crate::record::{Encoder, Header, Kind, Record};
use crate::report::{self, Trouble};
use crate::site::Site;

/// How long a caller waits for another thread to write its line; after that the line is that thread's business.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

thread_local! {
    /// How many Python sinks this thread is inside of.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Whether this thread runs a sink's code: waiting for logly from there would be waiting for itself.
pub fn is_within_sink() -> bool {
    DEPTH.with(Cell::get) > 0
}

/// What only Python can decide about a sink's records.
pub struct Decision {
    pub filter: Option<Py<PyAny>>,
    pub format: Option<Py<PyAny>>,
    pub lines: LineMaker,
}

/// A formatter behind a lock that is never held while Python runs.
#[derive(Default)]
pub struct LineMaker {
    formatter: Mutex<Option<(Arc<Layout>, Formatter)>>,
}

pub struct PySink {
    stream: Stream,
    lines: LineMaker,
    turn: Mutex<Turn>,
    turn_over: Condvar,
    trouble: Mutex<Trouble>,
    /// The console stream looked at last, and whether it takes colours.
    colors: Mutex<Option<(Py<PyAny>, bool)>>,
}

/// Whose turn it is to write, and what waits.
#[derive(Default)]
struct Turn {
    /// The process this holds for: a forked child has none of the threads it speaks of.
    generation: u32,
    owner: Option<u64>,
    waiting: VecDeque<Waiting>,
    pushed: u64,
    written: u64,
    /// The last item whose caller returned before it was written.
    left: u64,
    /// Whether the line being written was logged from inside this sink.
    is_echo: bool,
}

impl Turn {
    /// Counts an item; in a child that was forked while it was written there is none to count.
    fn count_written(&mut self) {
        self.written = (self.written + 1).min(self.pushed);
    }
}

struct Waiting {
    line: Py<PyAny>,
    is_echo: bool,
}

/// Everything about one record that its Python sinks need; the dict is built when first asked for.
struct Delivery<'d, 'r, 'a, 'py> {
    call: &'d Call<'a, 'py>,
    record: &'d Record<'r>,
    snapshot: &'d Snapshot,
    capture: &'d mut Capture,
    dict: Option<Bound<'py, PyDict>>,
}

/// Gives a record to every sink that needs Python.
pub fn deliver(call: &Call<'_, '_>, place: &Place, bytes: &[u8], capture: &mut Capture) {
    let snapshot = call.logger.core().snapshot();
    let unknown = Site::unknown();
    let site = if let Place::Known(entry) = place { entry.site } else { &unknown };
    let record = Record::decode(bytes, site, &snapshot.settings.extra);
    let mut delivery = Delivery { call, record: &record, snapshot: &snapshot, capture, dict: None };
    for active in snapshot.sinks.iter().filter(|active| !active.sink.is_native()) {
        delivery.give(active);
    }
}

impl<'py> Delivery<'_, '_, '_, 'py> {
    fn give(&mut self, active: &ActiveSink) {
        let sink = &active.sink;
        let level = self.record.header.level;
        let decision = sink.python.as_ref().and_then(|python| python.downcast_ref::<Decision>());
        let is_wanted = active.takes(&self.snapshot.settings, level)
            && sink.options.filter.accepts(level.no, &self.record.location)
            && decision.is_none_or(|decision| self.passes(decision));
        if !is_wanted {
            return sink.counts.add_filtered(1);
        }
        match &sink.target {
            Target::File(_) => self.give_line(active, decision),
            Target::Python(target) => {
                if let Some(target) = target.downcast_ref::<PySink>() {
                    self.give_stream(active, target, decision);
                }
            }
        }
    }

    /// Asks a filter function. One that raises lets the record through: what it says is unknown, and the record may be the last.
    fn passes(&mut self, decision: &Decision) -> bool {
        let Some(filter) = &decision.filter else { return true };
        let py = self.call.py;
        let verdict = self.dict().and_then(|dict| filter.bind(py).call1((dict,))?.is_truthy());
        verdict.unwrap_or_else(|error| {
            self.tell("a filter", error);
            true
        })
    }

    fn dict(&mut self) -> PyResult<Bound<'py, PyDict>> {
        if self.dict.is_none() {
            self.dict = Some(records::build(self.call, self.record, self.snapshot, self.capture)?);
        }
        Ok(self.dict.clone().unwrap_or_else(|| PyDict::new(self.call.py)))
    }

    /// Contains what a filter or format raised; interrupts are passed on after the record was taken.
    fn tell(&mut self, whose: &str, error: PyErr) {
        let py = self.call.py;
        if is_interrupt(py, &error) {
            self.capture.interrupt = Some(error);
        } else {
            report::tell_once(
                whose,
                &format!("{whose} raised {}; the record is delivered all the same", kind_of(py, &error)),
            );
        }
    }

    /// The finished line in UTF-8.
    fn line(
        &mut self,
        active: &ActiveSink,
        maker: &LineMaker,
        decision: Option<&Decision>,
        is_colored: bool,
    ) -> Vec<u8> {
        if let Some(format) = decision.and_then(|decision| decision.format.as_ref()) {
            let py = self.call.py;
            let text = self.dict().and_then(|dict| format.bind(py).call1((dict,))?.str());
            match text {
                Ok(text) => return with_line_break(&text),
                Err(error) => self.tell("a format function", error),
            }
        }
        let layout = if is_colored { &active.colored } else { &active.layout };
        maker.make(layout, self.record, self.snapshot)
    }

    /// A file's line goes through its pipeline, in order with everything else.
    fn give_line(&mut self, active: &ActiveSink, decision: Option<&Decision>) {
        let Some(decision) = decision else { return };
        let line = self.line(active, &decision.lines, Some(decision), false);
        let header = Header { site: active.sink.id, ..self.record.header };
        let mut entry = Vec::new();
        let mut encoder = Encoder::start(&mut entry, Kind::Line, &header);
        encoder.buffer().extend_from_slice(&line);
        encoder.finish();
        let core = self.call.logger.core();
        let pipeline = if active.sink.options.is_async { core.queued() } else { core.inline() };
        if let Err(interrupt) = push(self.call.py, core, pipeline, &entry) {
            self.capture.interrupt = Some(interrupt);
        }
    }

    fn give_stream(&mut self, active: &ActiveSink, sink: &PySink, decision: Option<&Decision>) {
        let py = self.call.py;
        match self.item(active, sink, decision) {
            Ok(Some(item)) => {
                if let Err(interrupt) = sink.write_in_turn(py, active, item.unbind()) {
                    self.capture.interrupt = Some(interrupt);
                }
            }
            Ok(None) => active.sink.counts.add_dropped(1),
            Err(error) => {
                active.sink.counts.add_dropped(1);
                self.tell("a sink's record", error);
            }
        }
    }

    /// What is written: a line, a line that carries its record, or a record. None when there is nothing to write to.
    fn item(
        &mut self,
        active: &ActiveSink,
        sink: &PySink,
        decision: Option<&Decision>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = self.call.py;
        if matches!(sink.stream, Stream::Capture(_)) {
            return Ok(Some(self.dict()?.into_any()));
        }
        if matches!(sink.stream, Stream::Function(_)) && is_finalizing(py) {
            return Ok(None);
        }
        let Some(stream) = sink.target(py) else { return Ok(None) };
        let is_colored = sink.is_colored(&stream, active, self.snapshot);
        let callback = self.color_callback(active, is_colored);
        let line = self.line(active, &sink.lines, decision, is_colored && callback.is_none());
        let mut line = to_python(py, &line);
        if let Some(callback) = callback {
            line = self.through(&callback, line);
        }
        match sink.stream {
            Stream::Console(_) => Ok(Some(line)),
            _ => records::message_with_record(&line, &self.dict()?).map(Some),
        }
    }

    /// What colours the line instead of the pattern. JSON has no colours, nor has a level whose colour is off.
    fn color_callback(&self, active: &ActiveSink, is_colored: bool) -> Option<Bound<'py, PyAny>> {
        let is_level_colored = self.snapshot.settings.switches(self.record.header.level.id).color;
        let is_text = matches!(*active.layout, Layout::Text { .. });
        let is_wanted = is_colored && is_level_colored && is_text;
        if is_wanted { self.call.logger.color_callback(self.call.py) } else { None }
    }

    /// The line as `color_callback(level, text)` gives it back.
    fn through(&mut self, callback: &Bound<'py, PyAny>, line: Bound<'py, PyAny>) -> Bound<'py, PyAny> {
        let level = self.snapshot.settings.levels.get(self.record.header.level.id);
        let name = level.map_or_else(String::new, |level| level.name.clone());
        let colored = line
            .call_method1("rstrip", ("\n",))
            .and_then(|text| callback.call1((name, text))?.str())
            .map(|text| to_python(self.call.py, &with_line_break(&text)));
        colored.unwrap_or_else(|error| {
            self.tell("color_callback", error);
            line
        })
    }
}

impl LineMaker {
    fn make(&self, layout: &Arc<Layout>, record: &Record<'_>, snapshot: &Snapshot) -> Vec<u8> {
        let mut formatter = self.formatter.lock();
        let is_current = formatter.as_ref().is_some_and(|(known, _)| Arc::ptr_eq(known, layout));
        if !is_current {
            *formatter = Some((Arc::clone(layout), Formatter::new((**layout).clone())));
        }
        let zone = local_zone();
        let switches = snapshot.settings.switches(record.header.level.id);
        let around = Surroundings {
            levels: &snapshot.settings.levels,
            zone: &zone,
            process: std::process::id(),
            start_ns: snapshot.start_ns,
            is_timed: switches.time,
            is_colored: switches.color,
        };
        let mut line = Vec::new();
        if let Some((_, formatter)) = formatter.as_mut() {
            formatter.put_line(&mut line, record, &around);
        }
        line
    }
}

impl PySink {
    pub fn new(stream: Stream) -> Self {
        Self {
            stream,
            lines: LineMaker::default(),
            turn: Mutex::default(),
            turn_over: Condvar::new(),
            trouble: Mutex::default(),
            colors: Mutex::default(),
        }
    }

    pub fn stream(&self) -> &Stream {
        &self.stream
    }

    /// The object written to; None when the console has none.
    fn target<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        match &self.stream {
            Stream::Console(name) => {
                let stream = sys(py)?.getattr(*name).ok()?;
                Some(stream).filter(|stream| !stream.is_none())
            }
            Stream::Object(object) | Stream::Function(object) => Some(object.bind(py).clone()),
            Stream::Capture(list) => Some(list.bind(py).clone().into_any()),
        }
    }

    fn is_colored(&self, stream: &Bound<'_, PyAny>, active: &ActiveSink, snapshot: &Snapshot) -> bool {
        if let Some(color) = active.sink.options.color.or(snapshot.settings.color) {
            return color;
        }
        if matches!(self.stream, Stream::Function(_)) {
            return false;
        }
        // A stream is asked once; sys.stdout changes by being another object.
        let known = self.colors.lock().as_ref().filter(|(known, _)| known.is(stream)).map(|(_, colored)| *colored);
        known.unwrap_or_else(|| {
            let is_colored = is_color_wanted(None, is_terminal(stream));
            let before = self.colors.lock().replace((stream.clone().unbind(), is_colored));
            drop(before);
            is_colored
        })
    }

    /// The turn, as this process knows it. What a forked child inherits is the parent's to write: it is leaked, not dropped,
    /// since dropping may run Python.
    fn turn(&self) -> MutexGuard<'_, Turn> {
        let mut turn = self.turn.lock();
        if turn.generation != fork::generation() {
            std::mem::forget(std::mem::take(&mut turn.waiting));
            *turn = Turn { generation: fork::generation(), ..Turn::default() };
        }
        turn
    }

    /// The last item whose call returned before it was written, for `is_written`. What is being written for a call that has
    /// not returned is nobody's to wait for: that call may wait for whoever asks.
    pub fn left_behind(&self) -> u64 {
        self.turn().left
    }

    /// Waits until `until`, without the GIL, for the first `ticket` items to be written.
    pub fn is_written(&self, py: Python<'_>, ticket: u64, until: Instant) -> bool {
        if self.turn().written >= ticket {
            return true;
        }
        py.detach(|| {
            let mut turn = self.turn();
            while turn.written < ticket && !self.turn_over.wait_until(&mut turn, until).timed_out() {}
            turn.written >= ticket
        })
    }

    /// Writes one item when all before it are written. The error is an interrupt.
    fn write_in_turn(&self, py: Python<'_>, active: &ActiveSink, item: Py<PyAny>) -> PyResult<()> {
        let me = thread_ident(py);
        let ticket = {
            let mut turn = self.turn();
            let is_echo = turn.owner == Some(me);
            if is_echo && (turn.is_echo || !matches!(self.stream, Stream::Console(_))) {
                drop(turn);
                active.sink.counts.add_dropped(1);
                return Ok(());
            }
            turn.waiting.push_back(Waiting { line: item, is_echo });
            turn.pushed += 1;
            if is_echo {
                return Ok(());
            }
            turn.pushed
        };
        if self.take_turn(py, me, ticket) { self.write_waiting(py, active) } else { Ok(()) }
    }

    /// Whether it is this thread's turn; false when another wrote the item meanwhile, or will.
    fn take_turn(&self, py: Python<'_>, me: u64, ticket: u64) -> bool {
        let try_take = || {
            let mut turn = self.turn();
            if turn.owner.is_none() && turn.written < ticket {
                turn.owner = Some(me);
            }
            (turn.owner == Some(me), turn.written >= ticket)
        };
        let deadline = Instant::now() + LONGEST_WAIT;
        loop {
            match try_take() {
                (true, _) => return true,
                (false, true) => return false,
                (false, false) if Instant::now() >= deadline => {
                    self.turn().left = ticket;
                    return false;
                }
                (false, false) => py.detach(|| {
                    let mut turn = self.turn();
                    if turn.owner.is_some() && turn.written < ticket {
                        self.turn_over.wait_until(&mut turn, deadline);
                    }
                }),
            }
        }
    }

    fn write_waiting(&self, py: Python<'_>, active: &ActiveSink) -> PyResult<()> {
        let mut interrupt = Ok(());
        loop {
            let next = {
                let mut turn = self.turn();
                let next = turn.waiting.pop_front();
                if let Some(waiting) = &next {
                    turn.is_echo = waiting.is_echo;
                } else {
                    turn.owner = None;
                    turn.is_echo = false;
                    self.turn_over.notify_all();
                }
                next
            };
            let Some(Waiting { line, .. }) = next else { return interrupt };
            DEPTH.set(DEPTH.get() + 1);
            let result = self.write(line.bind(py));
            DEPTH.set(DEPTH.get() - 1);
            self.turn().count_written();
            self.turn_over.notify_all();
            self.note(py, active, result, &mut interrupt);
        }
    }

    fn write(&self, item: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = item.py();
        let Some(target) = self.target(py) else { return Ok(()) };
        match &self.stream {
            Stream::Function(_) => target.call1((item,)).map(drop),
            Stream::Capture(_) => target.call_method1("append", (item,)).map(drop),
            Stream::Console(_) | Stream::Object(_) => write_and_flush(&target, item),
        }
    }

    /// Counts the outcome and tells of failures, the first at once and then seldom.
    fn note(&self, py: Python<'_>, active: &ActiveSink, result: PyResult<()>, interrupt: &mut PyResult<()>) {
        match result {
            Ok(()) => {
                active.sink.counts.add_written(1);
                if self.trouble.lock().is_failing() {
                    self.trouble.lock().recovered(|| self.name(py));
                }
            }
            Err(error) if is_interrupt(py, &error) => {
                active.sink.counts.add_dropped(1);
                *interrupt = Err(error);
            }
            Err(error) => {
                active.sink.counts.add_dropped(1);
                let (name, kind) = (self.name(py), kind_of(py, &error));
                self.trouble.lock().failed(|| format!("{name} raised {kind}"));
            }
        }
    }

    /// What the sink is called in `sink_info` and in reports.
    pub fn name(&self, py: Python<'_>) -> String {
        match &self.stream {
            Stream::Console(name) => (*name).to_owned(),
            Stream::Object(object) => format!("sink {}", type_name(object.bind(py))),
            Stream::Function(function) => {
                let name =
                    function.bind(py).getattr("__qualname__").ok().and_then(|name| name.extract::<String>().ok());
                format!("sink {}", name.unwrap_or_else(|| type_name(function.bind(py))))
            }
            Stream::Capture(_) => "capture".to_owned(),
        }
    }
}

fn with_line_break(text: &Bound<'_, PyString>) -> Vec<u8> {
    let mut line = text_bytes(text).unwrap_or_default();
    // What a text sink cannot encode is written as an escape.
    if std::str::from_utf8(&line).is_err() {
        let raw = std::mem::take(&mut line);
        crate::format::escape::put_text(&mut line, &raw, crate::format::escape::Multiline::Raw);
    }
    if line.last() != Some(&b'\n') {
        line.push(b'\n');
    }
    line
}
