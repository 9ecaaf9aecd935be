//! One call, from its arguments to the queue, the synchronous files and the Python sinks.
//!
//! This runs on the caller's thread. The record is encoded into the thread's scratch buffer and copied into the queue
//! while the GIL is held. Files are written with the GIL released.

use std::cell::Cell;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::clock;
use crate::logger::wants::Wants;
use crate::process::hanging;
use crate::python::call::arrived::{Call, Raised, is_exc_info};
use crate::python::call::callsite::CallSite;
use crate::python::call::names::{process_name, task_name, thread_name};
use crate::python::call::surroundings;
use crate::python::entry::python_sinks;
use crate::python::exception::section;
use crate::python::lane::offer;
use crate::python::py::context_variable;
use crate::python::py::gil::{attached, thread_ident};
use crate::python::py::interrupt::Interrupt;
use crate::python::py::text::{text_bytes, utf8};
use crate::python::record::interpolated::Unfolded;
use crate::python::record::message::{is_shown, put_message, unused_arguments};
use crate::python::record::records::Objects;
use crate::python::record::versions::Versions;
use crate::python::sink::enqueue::{enqueue, enqueue_kept, enqueue_routed, wait_for_files};
use crate::python::value::capture::Capture;
use crate::record::encoded::{Encoder, Header, Kind, Section, put_bytes, put_none};
use crate::report;
use crate::site::NO_SITE;

/// A scratch buffer larger than this is freed after use, so that one long message does not hold its memory permanently.
const LARGEST_SCRATCH: usize = 64 * 1024;

thread_local! {
    static SCRATCH: Cell<Vec<u8>> = first_scratch();
}

/// Creates the buffer of a thread that logs for the first time, and has the thread watched from then on. So no other
/// call has to do that.
fn first_scratch() -> Cell<Vec<u8>> {
    hanging::watch();
    Cell::new(Vec::new())
}

/// Runs `work` with this thread's scratch buffer, emptied first.
#[inline]
pub(super) fn with_scratch(work: impl Fn(&mut Vec<u8>) -> Interrupt) -> Interrupt {
    let logged = SCRATCH.try_with(|scratch| {
        // Take the buffer, do not borrow it: a value's `__str__` may log, and then finds an empty buffer here.
        let mut buffer = scratch.take();
        buffer.clear();
        let interrupt = work(&mut buffer);
        if buffer.capacity() <= LARGEST_SCRATCH {
            scratch.set(buffer);
        }
        interrupt
    });
    // While a thread ends, its scratch buffer no longer exists.
    logged.unwrap_or_else(|_| work(&mut Vec::new()))
}

/// Encodes a call's record.
#[expect(clippy::inline_always, reason = "calls with options share it; others must not pay for a function call")]
#[inline(always)]
pub fn encode(call: &Call<'_, '_>, call_site: &CallSite, buffer: &mut Vec<u8>, capture: &mut Capture) {
    let header =
        Header { level: call.level, site: call_site.id(), time_ns: clock::now_ns(), thread: thread_ident(call.py) };
    let mut encoder = Encoder::start(buffer, Kind::Record, &header);
    if header.site == NO_SITE {
        put_site(call_site, &mut encoder);
    }
    put_message(call, call_site, &mut encoder, capture);
    if let Some(bound) = call.logger.bound() {
        encoder.section(Section::Bound, &bound.get().encoded);
    }
    if context_variable::is_used() {
        surroundings::put(call.py, call.logger, &mut encoder, capture);
    }
    put_fields(call, call_site, &mut encoder, capture);
    if capture.wants.has(Wants::NAMES.or(Wants::RARE)) || !matches!(call.raised, Raised::No) {
        attached(call.py, || put_rare(call, call_site, &mut encoder, capture));
    }
    encoder.finish();
}

/// Writes the place of a record whose site has no number.
#[cold]
fn put_site(call_site: &CallSite, encoder: &mut Encoder<'_>) {
    if let Some(site) = call_site.inline_site() {
        encoder.inline_site(&site.location());
    }
}

/// Writes the fields of the call. Sites do not remember an `exc_info` among the keywords; `capture.wants` says that
/// there is one.
#[expect(clippy::inline_always, reason = "as `encode`")]
#[inline(always)]
fn put_fields(call: &Call<'_, '_>, call_site: &CallSite, encoder: &mut Encoder<'_>, capture: &mut Capture) {
    let Some(names) = call.names else { return };
    if let CallSite::Known(entry) = call_site
        && entry.has_names(names)
    {
        let mark = encoder.begin(Section::CallValues);
        for (at, value) in call.named.iter().enumerate() {
            if !capture.put_at_once(encoder.buffer(), *value) {
                put_odd(call, call_site, at, encoder, capture);
            }
        }
        return encoder.end(mark);
    }
    put_named(call, call_site, names, encoder, capture);
}

/// Writes a field that is not a plain value. Its text is made if the message shows it, regardless of the sinks.
#[cold]
fn put_odd(call: &Call<'_, '_>, call_site: &CallSite, at: usize, encoder: &mut Encoder<'_>, capture: &mut Capture) {
    let wants = capture.wants;
    if wants.has(Wants::UNFOLD) {
        return put_none(encoder.buffer());
    }
    if is_shown(call, call_site, at) {
        capture.wants = capture.wants.or(Wants::TEXT);
    }
    capture.put(encoder.buffer(), call.named[at]);
    capture.wants = wants;
}

/// Writes the fields of a call whose names vary, or that has an `exc_info`.
#[inline(never)]
fn put_named(
    call: &Call<'_, '_>,
    call_site: &CallSite,
    names: Borrowed<'_, '_, PyTuple>,
    encoder: &mut Encoder<'_>,
    capture: &mut Capture,
) {
    let mark = encoder.begin(Section::Call);
    for (at, (name, value)) in names.iter_borrowed().zip(call.named).enumerate() {
        if is_exc_info(&name) && call.logger.core().dialect().has_exc_info() {
            capture.wants = capture.wants.or(Wants::RARE);
            continue;
        }
        put_name(encoder.buffer(), &name);
        if !capture.put_at_once(encoder.buffer(), *value) {
            put_odd(call, call_site, at, encoder, capture);
        }
    }
    encoder.end(mark);
}

pub(super) fn put_name(out: &mut Vec<u8>, name: &Bound<'_, PyAny>) {
    match name.cast::<PyString>().map(|name| utf8(name.as_borrowed())) {
        Ok(Some(name)) => put_bytes(out, name.as_bytes()),
        _ => put_bytes(out, &attached(name.py(), || text_bytes(name)).unwrap_or_default()),
    }
}

/// Writes the positional arguments that the message has no place for as a field, and adds that field to `fields`.
pub(super) fn put_unused(
    call: &Call<'_, '_>,
    encoder: &mut Encoder<'_>,
    capture: &mut Capture,
    fields: Option<&Bound<'_, PyDict>>,
) {
    let unused = unused_arguments(call, capture);
    if let Some((name, values)) = capture.told_by(call.py, unused) {
        // This fails only if memory runs out; the record's bytes have the field.
        let _ = fields.map(|fields| fields.set_item(&name, &values));
        let mark = encoder.begin(Section::Call);
        put_bytes(encoder.buffer(), name.as_bytes());
        capture.put(encoder.buffer(), values.as_any().as_borrowed());
        encoder.end(mark);
    }
}

/// Logs a call whose message is a template string as one with keywords. The call itself then has no destination.
#[cold]
fn unfold(call: &Call<'_, '_>, call_site: &CallSite, capture: &mut Capture) {
    capture.wants = Wants::default();
    let Some(unfolded) = Unfolded::of(call) else {
        // Only a lack of memory leads here.
        return report::tell_once(
            "template string",
            "a template string cannot be read; records of such calls are dropped",
        );
    };
    let (slices, core) = (unfolded.slices(), call.logger.core());
    let call = unfolded.call(call, &slices);
    capture.interrupt = with_scratch(|buffer| {
        let mut capture = Capture::new(core.wants(), core.most_message_bytes());
        encode(&call, call_site, buffer, &mut capture);
        deliver(&call, call_site, buffer, &mut capture, None);
        capture.interrupt
    });
}

/// Writes the parts that few calls need: unused arguments, the exception, and names that only Python knows.
#[cold]
fn put_rare(call: &Call<'_, '_>, call_site: &CallSite, encoder: &mut Encoder<'_>, capture: &mut Capture) {
    let py = call.py;
    if capture.wants.has(Wants::UNFOLD) {
        return unfold(call, call_site, capture);
    }
    put_unused(call, encoder, capture, None);
    if let Some(exception) = section::of(call, capture) {
        let rules = call.logger.core().load();
        section::put_exception(encoder, &exception, &rules.settings.frames, capture);
    }
    if capture.wants.has(Wants::THREAD_NAME) {
        encoder.section(Section::ThreadName, capture.told_by(py, thread_name(py)).as_bytes());
    }
    if capture.wants.has(Wants::TASK) {
        encoder.section(Section::Task, capture.told_by(py, task_name(py)).as_bytes());
    }
    if capture.wants.has(Wants::PROCESS_NAME) {
        encoder.section(Section::ProcessName, capture.told_by(py, process_name(py)).as_bytes());
    }
}

/// Gives a record to all sinks and callbacks. Without `objects`, Python code sees the objects of the call.
#[expect(clippy::inline_always, reason = "as `encode`")]
#[inline(always)]
pub(super) fn deliver<'py>(
    call: &Call<'_, 'py>,
    call_site: &CallSite,
    record: &[u8],
    capture: &mut Capture,
    objects: Option<&Objects<'py>>,
) {
    let core = call.logger.core();
    let bits = capture.wants;
    if bits.has(Wants::QUEUE)
        && let Some(interrupt) = enqueue(call.py, core.queued(), record)
    {
        capture.interrupt = Some(interrupt);
    }
    if bits.has(Wants::BESIDE_QUEUE) {
        if !bits.is_only_queued() {
            deliver_beside_queue(call, call_site, record, capture, objects);
        } else if let Some(interrupt) = enqueue_kept(call.py, core, record) {
            capture.interrupt = Some(interrupt);
        }
    }
}

/// Delivers a record to all destinations other than the default queue, and waits for files if the call requires it. The
/// destinations are files written by their callers, files with their own queues, callbacks, and Python sinks, including
/// consoles. Most records go only to the default queue and never come here.
#[inline(never)]
fn deliver_beside_queue<'py>(
    call: &Call<'_, 'py>,
    call_site: &CallSite,
    record: &[u8],
    capture: &mut Capture,
    objects: Option<&Objects<'py>>,
) {
    let bits = capture.wants;
    let versions = Versions::default();
    let has_changes = bits.has(Wants::CHANGES);
    if !has_changes {
        enqueue_beside(call, record, capture);
    }
    if bits.has(Wants::PYTHON.or(Wants::CHANGES)) {
        attached(call.py, || python_sinks::deliver(call, call_site, record, capture, objects, &versions));
    }
    if has_changes {
        enqueue_beside_changed(call, &versions.for_files(record), capture);
    }
    let core = call.logger.core();
    // This follows the sinks that the caller writes, so that lines come before the output of callbacks about them.
    if bits.has(Wants::LANES)
        && let Some(interrupt) = offer::offer(call.py, core, record, &versions)
    {
        capture.interrupt = Some(interrupt);
    }
    if bits.has(Wants::SYNC)
        && call.level.no >= core.sync_level()
        && let Some(interrupt) = attached(call.py, || wait_for_files(call.py, core, call.level.no))
    {
        capture.interrupt = Some(interrupt);
    }
}

/// The same as `enqueue_beside`, as a separate function: the steps before it took much longer than the call.
#[inline(never)]
fn enqueue_beside_changed(call: &Call<'_, '_>, whole: &[u8], capture: &mut Capture) {
    enqueue_beside(call, whole, capture);
}

/// Hands a record to the pipelines other than the default one. The default one gets the record here only if sinks
/// before it may change the record.
#[expect(clippy::inline_always, reason = "files that callers write must not pay for a function call")]
#[inline(always)]
fn enqueue_beside(call: &Call<'_, '_>, whole: &[u8], capture: &mut Capture) {
    let core = call.logger.core();
    let bits = capture.wants;
    if bits.has(Wants::QUEUE_LATER)
        && let Some(interrupt) = enqueue(call.py, core.queued(), whole)
    {
        capture.interrupt = Some(interrupt);
    }
    if bits.has(Wants::KEPT)
        && let Some(interrupt) = enqueue_kept(call.py, core, whole)
    {
        capture.interrupt = Some(interrupt);
    }
    if bits.has(Wants::INLINE)
        && let Some(interrupt) = enqueue(call.py, core.inline(), whole)
    {
        capture.interrupt = Some(interrupt);
    }
    if bits.has(Wants::ROUTED)
        && let Some(interrupt) = enqueue_routed(call.py, core, whole)
    {
        capture.interrupt = Some(interrupt);
    }
}
