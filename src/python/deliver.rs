//! One call, from its arguments to the queue, the synchronous files and the Python sinks.
//!
//! Runs on the caller's thread. The record is encoded into this thread's scratch buffer and copied into the queue while the GIL is
//! held; files are written with it released.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::backend::pipeline::{Pipeline, Pushed};
use crate::logger::{Core, wants};
use crate::python::callsite::{self, Place};
use crate::python::context;
use crate::python::entry::{Call, GilLock, thread_ident};
use crate::python::exceptions;
use crate::python::lane;
use crate::python::message::put_message;
use crate::python::synchronous;
use crate::python::values::{Capture, Interrupt, attached, text_bytes};
use crate::record::{Encoder, Header, Kind, Section, put_bytes};
use crate::report;
use crate::sink::clock;
use crate::site::Site;

/// A scratch buffer larger than this is given back, so that one long message does not cost memory for ever.
const LARGEST_SCRATCH: usize = 64 * 1024;

/// How long a full queue blocks a caller before the record is dropped.
const BLOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// Between looks for Ctrl-C while blocked.
pub const SIGNAL_TICK: Duration = Duration::from_millis(50);

thread_local! {
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Logs one call. What it gives back is to be raised; everything else is contained.
#[inline]
pub fn emit(call: &Call<'_, '_>) -> Interrupt {
    let logged = SCRATCH.try_with(|scratch| {
        // Taken, not borrowed: a value's `__str__` may log, and then finds an empty buffer here.
        let mut buffer = scratch.take();
        let interrupt = log(call, &mut buffer);
        if buffer.capacity() <= LARGEST_SCRATCH {
            scratch.set(buffer);
        }
        interrupt
    });
    // The scratch buffer is gone while its thread ends.
    logged.unwrap_or_else(|_| log(call, &mut Vec::new()))
}

#[inline]
fn log(call: &Call<'_, '_>, buffer: &mut Vec<u8>) -> Interrupt {
    let core = call.logger.core();
    buffer.clear();
    let mut capture = Capture::new(core.wants(), core.most_message_bytes());
    let place = callsite::find(call);
    if capture.wants & wants::ACTIVATION != 0 && !core.is_active(place.site()) {
        return None;
    }
    encode(call, &place, buffer, &mut capture);
    deliver(call, &place, buffer, &mut capture);
    capture.interrupt
}

#[inline]
fn encode(call: &Call<'_, '_>, place: &Place, buffer: &mut Vec<u8>, capture: &mut Capture) {
    let header =
        Header { level: call.level, site: place.id(), time_ns: clock::now_ns(), thread: thread_ident(call.py) };
    let mut encoder = Encoder::start(buffer, Kind::Record, &header);
    if let Place::New(site) = place {
        put_site(&mut encoder, site);
    }
    put_message(call, place, &mut encoder, capture);
    if let Some(bound) = call.logger.bound() {
        encoder.section(Section::Bound, &bound.get().encoded);
    }
    if let Some(fields) = context::current(call.py) {
        encoder.section(Section::Context, &fields.get().encoded);
    }
    if call.names.is_some() {
        put_fields(call, place, &mut encoder, capture);
    }
    if call.with_exception || capture.wants & (wants::THREAD_NAME | wants::TASK) != 0 {
        attached(call.py, || put_rare(call, &mut encoder, capture));
    }
    encoder.finish();
}

#[inline]
fn put_fields(call: &Call<'_, '_>, place: &Place, encoder: &mut Encoder<'_>, capture: &mut Capture) {
    let Some(names) = call.names else { return };
    if let Place::Known(entry) = place
        && entry.has_names(names)
    {
        let mark = encoder.begin(Section::CallValues);
        for value in call.named {
            capture.put(encoder.buffer(), *value);
        }
        return encoder.end(mark);
    }
    let mark = encoder.begin(Section::Call);
    for (name, value) in names.iter_borrowed().zip(call.named) {
        put_name(encoder.buffer(), &name);
        capture.put(encoder.buffer(), *value);
    }
    encoder.end(mark);
}

fn put_name(out: &mut Vec<u8>, name: &Bound<'_, PyAny>) {
    match name.cast::<PyString>().map(|name| name.to_str()) {
        Ok(Ok(name)) => put_bytes(out, name.as_bytes()),
        _ => put_bytes(out, &attached(name.py(), || text_bytes(name)).unwrap_or_default()),
    }
}

fn put_site(encoder: &mut Encoder<'_>, site: &Site) {
    let mark = encoder.begin(Section::InlineSite);
    put_bytes(encoder.buffer(), &site.module);
    put_bytes(encoder.buffer(), &site.function);
    put_bytes(encoder.buffer(), &site.path);
    encoder.buffer().extend_from_slice(&site.line.to_ne_bytes());
    encoder.end(mark);
}

/// What few calls need: the exception, and names that only Python knows.
#[cold]
fn put_rare(call: &Call<'_, '_>, encoder: &mut Encoder<'_>, capture: &mut Capture) {
    let py = call.py;
    if call.with_exception
        && let Some(exception) = exceptions::active(py)
    {
        exceptions::put_exception(encoder, &exception, capture);
    }
    if capture.wants & wants::THREAD_NAME != 0 {
        encoder.section(Section::ThreadName, thread_name(py).unwrap_or_default().as_bytes());
    }
    if capture.wants & wants::TASK != 0 {
        encoder.section(Section::Task, task_name(py).unwrap_or_default().as_bytes());
    }
}

pub fn thread_name(py: Python<'_>) -> Option<String> {
    let thread = py.import("threading").and_then(|module| module.call_method0("current_thread")).ok()?;
    thread.getattr("name").and_then(|name| name.extract()).ok()
}

/// The running asyncio task's name; asyncio is not imported for it.
fn task_name(py: Python<'_>) -> Option<String> {
    let asyncio = py.import("sys").and_then(|sys| sys.getattr("modules")?.get_item("asyncio")).ok()?;
    let task = asyncio.call_method0("current_task").ok()?;
    task.call_method0("get_name").and_then(|name| name.extract()).ok()
}

#[inline]
fn deliver(call: &Call<'_, '_>, place: &Place, record: &[u8], capture: &mut Capture) {
    let core = call.logger.core();
    let bits = capture.wants;
    if bits & wants::QUEUE != 0
        && let Some(interrupt) = push(call.py, core, core.queued(), record)
    {
        capture.interrupt = Some(interrupt);
    }
    if bits & wants::INLINE != 0
        && let Some(interrupt) = push(call.py, core, core.inline(), record)
    {
        capture.interrupt = Some(interrupt);
    }
    if bits & wants::LANES != 0
        && let Some(interrupt) = lane::offer(call.py, core, record)
    {
        capture.interrupt = Some(interrupt);
    }
    if bits & wants::PYTHON != 0 {
        attached(call.py, || synchronous::deliver(call, place, record, capture));
    }
}

/// Hands an entry to a pipeline, and writes it where that is the caller's to do.
#[inline]
pub fn push(py: Python<'_>, core: &Core, pipeline: &Arc<Pipeline>, entry: &[u8]) -> Interrupt {
    match pipeline.push(&GilLock(py), entry) {
        Pushed::Queued => None,
        Pushed::MustPump => {
            py.detach(|| pipeline.pump());
            None
        }
        Pushed::Full => blocked(py, core, pipeline, entry),
    }
}

/// Waits for room without the GIL, looking for Ctrl-C; drops the record when there is none for too long.
#[cold]
fn blocked(py: Python<'_>, core: &Core, pipeline: &Arc<Pipeline>, entry: &[u8]) -> Interrupt {
    let deadline = Instant::now() + BLOCK_TIMEOUT;
    let mut interrupt = None;
    while interrupt.is_none() && !pipeline.is_stuck() && Instant::now() < deadline {
        py.detach(|| pipeline.wait_for_room(SIGNAL_TICK));
        match pipeline.push(&GilLock(py), entry) {
            Pushed::Full => interrupt = attached(py, || py.check_signals().err().map(Box::new)),
            Pushed::Queued => return None,
            Pushed::MustPump => {
                py.detach(|| pipeline.pump());
                return None;
            }
        }
    }
    core.count_dropped(entry, pipeline.is_background());
    if interrupt.is_none() {
        pipeline.set_stuck();
        report::tell_once("queue full", "the queue stayed full; records are dropped and counted until there is room");
    }
    interrupt
}
