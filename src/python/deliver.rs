//! One call, from its arguments to the queue, the synchronous files and the Python sinks.
//!
//! Runs on the caller's thread. The record is encoded into this thread's scratch buffer and copied into the queue while the GIL is
//! held; files are written with it released.

use std::cell::Cell;

use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::logger::wants;
use crate::python::callsite::{self, Place};
use crate::python::context;
use crate::python::entry::{Call, thread_ident};
use crate::python::exceptions;
use crate::python::lane;
use crate::python::message::put_message;
use crate::python::pushing::{push, push_routed, wait_for_files};
use crate::python::synchronous;
use crate::python::values::{Capture, Interrupt, attached, text_bytes};
use crate::record::{Encoder, Header, Kind, Section, put_bytes};
use crate::sink::clock;

/// A scratch buffer larger than this is given back, so that one long message does not cost memory for ever.
const LARGEST_SCRATCH: usize = 64 * 1024;

thread_local! {
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Logs one call. What it gives back is to be raised; everything else is contained.
#[inline]
pub fn emit(call: &Call<'_, '_>) -> Interrupt {
    if call.logger.core().wants() & wants::ACTIVATION != 0 && is_silent(call) {
        return None;
    }
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

/// Whether the calls of this place are switched off. It is looked for once more then, so that other programs pay for no branch
/// between the place and the record.
#[cold]
fn is_silent(call: &Call<'_, '_>) -> bool {
    !call.logger.core().is_active(callsite::find(call).site())
}

#[inline]
fn log(call: &Call<'_, '_>, buffer: &mut Vec<u8>) -> Interrupt {
    let core = call.logger.core();
    buffer.clear();
    let mut capture = Capture::new(core.wants(), core.most_message_bytes());
    let place = callsite::find(call);
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
        encoder.inline_site(&site.location());
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
        encoder.section(Section::ThreadName, capture.told_by(py, thread_name(py)).as_bytes());
    }
    if capture.wants & wants::TASK != 0 {
        encoder.section(Section::Task, capture.told_by(py, task_name(py)).as_bytes());
    }
}

pub fn thread_name(py: Python<'_>) -> PyResult<String> {
    py.import("threading")?.call_method0("current_thread")?.getattr("name")?.extract()
}

/// The running asyncio task's name; asyncio is not imported for it.
fn task_name(py: Python<'_>) -> PyResult<String> {
    let asyncio = py.import("sys")?.getattr("modules")?.get_item("asyncio")?;
    asyncio.call_method0("current_task")?.call_method0("get_name")?.extract()
}

#[inline]
fn deliver(call: &Call<'_, '_>, place: &Place, record: &[u8], capture: &mut Capture) {
    let core = call.logger.core();
    let bits = capture.wants;
    if bits & wants::QUEUE != 0
        && let Some(interrupt) = push(call.py, core.queued(), record)
    {
        capture.interrupt = Some(interrupt);
    }
    if bits & wants::INLINE != 0
        && let Some(interrupt) = push(call.py, core.inline(), record)
    {
        capture.interrupt = Some(interrupt);
    }
    if bits & wants::ROUTED != 0
        && let Some(interrupt) = push_routed(call.py, core, record)
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
    if bits & wants::SYNC != 0
        && call.level.no >= core.sync_level()
        && let Some(interrupt) = attached(call.py, || wait_for_files(call.py, core, call.level.no))
    {
        capture.interrupt = Some(interrupt);
    }
}
