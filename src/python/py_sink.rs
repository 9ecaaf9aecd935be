//! One Python sink, and whose turn it is to write to it.
//!
//! One thread at a time writes; another that comes meanwhile leaves its line in the sink's own short queue, so that lines keep the
//! order in which records were accepted, and waits without the GIL until its line is out, but never for ever. A sink that logs to
//! itself is not entered again.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pyo3::prelude::*;

use crate::backend::fork;
use crate::backend::per_process::PerProcess;
use crate::backend::snapshot::{ActiveSink, Sink, Snapshot, Target};
use crate::format::color::is_color_wanted;
use crate::python::entry::thread_ident;
use crate::python::exceptions::{is_interrupt, kind_of};
use crate::python::interpreter::sys;
use crate::python::stream::{Stream, is_terminal, write_and_flush};
use crate::python::synchronous::LineMaker;
use crate::python::values::type_name;
use crate::report::Trouble;
use crate::stats::{Loss, SinkCounts};
use crate::sync::Condvar;
use crate::sync::Mutex;

/// Between looks for Ctrl-C while waiting.
const SIGNAL_TICK: Duration = Duration::from_millis(50);

/// How long a caller waits for another thread to write its line; after that the line is that thread's business.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

thread_local! {
    /// How many Python sinks this thread is inside of.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Threads that are giving a record to Python sinks.
static INSIDE: AtomicUsize = AtomicUsize::new(0);

/// The thread that ends the process; 0 before that.
static EXIT_THREAD: AtomicU64 = AtomicU64::new(0);

/// Leave to run the code of sinks, filters and formats.
pub struct Inside;

impl Inside {
    /// None for other threads than the main one once the process ends: CPython kills them wherever they wait for the
    /// interpreter, and a thread killed with native frames below it takes the process along.
    pub fn enter(py: Python<'_>) -> Option<Self> {
        let exit_thread = EXIT_THREAD.load(Ordering::Relaxed);
        if exit_thread != 0 && exit_thread != thread_ident(py) {
            return None;
        }
        INSIDE.fetch_add(1, Ordering::Relaxed);
        Some(Self)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.fetch_sub(1, Ordering::Release);
    }
}

/// The end of the process: no other thread enters Python sinks from here on; those inside get a second to come out.
pub fn begin_exit(py: Python<'_>) {
    EXIT_THREAD.store(thread_ident(py), Ordering::Relaxed);
    let deadline = Instant::now() + LONGEST_WAIT;
    py.detach(|| {
        while INSIDE.load(Ordering::Acquire) > 0 && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
    });
}

/// Whether this thread runs a sink's code: waiting for logly from there would be waiting for itself.
pub fn is_within_sink() -> bool {
    DEPTH.with(Cell::get) > 0
}

/// Has a removed Python sink take no more lines and waits until it wrote those it has; not from inside a sink, which may be
/// this very one.
pub fn close_removed(py: Python<'_>, sink: &Sink, deadline: Instant) -> PyResult<()> {
    let Target::Python(target) = &sink.target else { return Ok(()) };
    let Some(target) = target.downcast_ref::<PySink>() else { return Ok(()) };
    target.close(py);
    while !is_within_sink() && !target.is_idle(py, deadline.min(Instant::now() + SIGNAL_TICK)) {
        if Instant::now() >= deadline {
            target.abandon(sink.counts());
            break;
        }
        py.check_signals()?;
    }
    Ok(())
}

pub struct PySink {
    pub stream: Stream,
    pub lines: LineMaker,
    desk: PerProcess<Desk>,
    trouble: Mutex<Trouble>,
    /// The console stream looked at last, and whether it takes colours.
    colors: Mutex<Option<(Py<PyAny>, bool)>>,
}

/// Where callers wait for their turn. A forked child has a new one: the parent's threads, and a lock that one of them may have
/// held, are not its own.
#[derive(Default)]
struct Desk {
    turn: Mutex<Turn>,
    turn_over: Condvar,
}

/// Whose turn it is to write, and what waits.
#[derive(Default)]
struct Turn {
    owner: Option<u64>,
    waiting: VecDeque<Waiting>,
    /// Threads in `take_turn`.
    callers: usize,
    pushed: u64,
    written: u64,
    /// The last item whose caller returned before it was written.
    left: u64,
    /// Whether the line being written was logged from inside this sink.
    is_echo: bool,
    /// The thread that removed the sink. What others bring now was logged under an older snapshot, at that moment; a filter that
    /// removes its own sink lets its record through.
    closed_by: Option<u64>,
}

impl Desk {
    /// Whether it is this thread's turn; false when another wrote the item meanwhile, or will.
    fn take_turn(&self, py: Python<'_>, me: u64, ticket: u64) -> bool {
        let try_take = || {
            let mut turn = self.turn.lock();
            if turn.owner.is_none() && turn.written < ticket {
                turn.owner = Some(me);
            }
            (turn.owner == Some(me), turn.written >= ticket)
        };
        let deadline = Instant::now() + LONGEST_WAIT;
        self.turn.lock().callers += 1;
        loop {
            match try_take() {
                (is_mine, is_written) if is_mine || is_written => {
                    self.turn.lock().callers -= 1;
                    return is_mine;
                }
                _ if Instant::now() >= deadline => {
                    let mut turn = self.turn.lock();
                    turn.callers -= 1;
                    turn.left = ticket;
                    return false;
                }
                _ => py.detach(|| {
                    let mut turn = self.turn.lock();
                    if turn.owner.is_some() && turn.written < ticket {
                        self.turn_over.wait_until(&mut turn, deadline);
                    }
                }),
            }
        }
    }
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

impl PySink {
    pub fn new(stream: Stream) -> Self {
        Self {
            stream,
            lines: LineMaker::default(),
            desk: PerProcess::new(),
            trouble: Mutex::default(),
            colors: Mutex::default(),
        }
    }

    pub fn stream(&self) -> &Stream {
        &self.stream
    }

    /// The object written to; None when the console has none.
    pub fn target<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        match &self.stream {
            Stream::Console(name) => {
                let stream = sys(py)?.getattr(*name).ok()?;
                Some(stream).filter(|stream| !stream.is_none())
            }
            Stream::Object(object) | Stream::Function(object) => Some(object.bind(py).clone()),
            Stream::Capture(list) => Some(list.bind(py).clone().into_any()),
        }
    }

    pub fn is_colored(&self, stream: &Bound<'_, PyAny>, active: &ActiveSink, snapshot: &Snapshot) -> bool {
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

    /// The last item whose call returned before it was written, for `is_written`. What is being written for a call that has
    /// not returned is nobody's to wait for: that call may wait for whoever asks.
    pub fn left_behind(&self) -> u64 {
        self.desk.get().turn.lock().left
    }

    /// Waits until `until`, without the GIL, for the first `ticket` items to be written.
    pub fn is_written(&self, py: Python<'_>, ticket: u64, until: Instant) -> bool {
        let desk = self.desk.get();
        if desk.turn.lock().written >= ticket {
            return true;
        }
        py.detach(|| {
            let mut turn = desk.turn.lock();
            while turn.written < ticket && !desk.turn_over.wait_until(&mut turn, until).timed_out() {}
            turn.written >= ticket
        })
    }

    /// Takes no more lines, for a sink that was removed.
    pub fn close(&self, py: Python<'_>) {
        self.desk.get().turn.lock().closed_by = Some(thread_ident(py));
    }

    /// Waits until `until`, without the GIL, for the last line to be written.
    pub fn is_idle(&self, py: Python<'_>, until: Instant) -> bool {
        let is_idle = |turn: &Turn| turn.owner.is_none() && turn.waiting.is_empty();
        let desk = self.desk.get();
        if is_idle(&desk.turn.lock()) {
            return true;
        }
        py.detach(|| {
            let mut turn = desk.turn.lock();
            while !is_idle(&turn) && !desk.turn_over.wait_until(&mut turn, until).timed_out() {}
            is_idle(&turn)
        })
    }

    /// Gives up what waits for a line that takes too long.
    pub fn abandon(&self, counts: &SinkCounts) {
        let desk = self.desk.get();
        let abandoned = {
            let mut turn = desk.turn.lock();
            turn.written = (turn.written + turn.waiting.len() as u64).min(turn.pushed);
            std::mem::take(&mut turn.waiting)
        };
        counts.add_dropped(Loss::Closed, abandoned.len() as u64);
        desk.turn_over.notify_all();
    }

    /// Writes one item when all before it are written. The error is an interrupt.
    pub fn write_in_turn(&self, py: Python<'_>, active: &ActiveSink, item: Py<PyAny>) -> PyResult<()> {
        let me = thread_ident(py);
        let desk = self.desk.get();
        let ticket = {
            let mut turn = desk.turn.lock();
            if turn.closed_by.is_some_and(|closer| closer != me) {
                drop(turn);
                active.sink.counts().add_dropped(Loss::Closed, 1);
                return Ok(());
            }
            let is_echo = turn.owner == Some(me);
            if is_echo && (turn.is_echo || !matches!(self.stream, Stream::Console(_))) {
                drop(turn);
                active.sink.counts().add_dropped(Loss::Reentrant, 1);
                return Ok(());
            }
            turn.waiting.push_back(Waiting { line: item, is_echo });
            turn.pushed += 1;
            if is_echo {
                return Ok(());
            }
            turn.pushed
        };
        if desk.take_turn(py, me, ticket) { self.write_waiting(py, active, ticket) } else { Ok(()) }
    }

    /// Writes what waits: up to this thread's own item, and on as long as no other caller is there to do it.
    fn write_waiting(&self, py: Python<'_>, active: &ActiveSink, ticket: u64) -> PyResult<()> {
        let mut interrupt = Ok(());
        let mut desk = self.desk.get();
        loop {
            let next = {
                let mut turn = desk.turn.lock();
                let is_handed_over = turn.written >= ticket && turn.callers > 0;
                let next = if is_handed_over { None } else { turn.waiting.pop_front() };
                if let Some(waiting) = &next {
                    turn.is_echo = waiting.is_echo;
                } else {
                    turn.owner = None;
                    turn.is_echo = false;
                    desk.turn_over.notify_all();
                }
                next
            };
            let Some(Waiting { line, .. }) = next else { return interrupt };
            let process = fork::generation();
            DEPTH.set(DEPTH.get() + 1);
            let result = self.write(line.bind(py));
            DEPTH.set(DEPTH.get() - 1);
            if process != fork::generation() {
                // A child that was forked in there counts what it finishes, and so was offered it.
                active.sink.counts().add_accepted(1);
            }
            desk = self.desk.get();
            desk.turn.lock().count_written();
            desk.turn_over.notify_all();
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
                active.sink.counts().add_written(1);
                if self.trouble.lock().is_failing() {
                    self.trouble.lock().recovered(|| self.name(py));
                }
            }
            Err(error) if is_interrupt(py, &error) => {
                active.sink.counts().add_dropped(Loss::SinkError, 1);
                *interrupt = Err(error);
            }
            Err(error) => {
                active.sink.counts().add_dropped(Loss::SinkError, 1);
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
