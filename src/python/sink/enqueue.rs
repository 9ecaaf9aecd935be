//! Enqueues entries into pipelines, and waits for pipelines: for room in a queue, or for files to have the records that
//! calls wait for.
//!
//! All waits release the GIL and check for Ctrl-C every 50 ms.

use std::sync::Arc;
use std::time::Instant;

use pyo3::prelude::*;

use crate::logger::core::Core;
use crate::logger::wants::sync_level;
use crate::process::exiting;
use crate::python::py::gil::{GilLock, attached};
use crate::python::py::interrupt::Interrupt;
use crate::python::py::telling;
use crate::python::py::wait::Wait;
use crate::report;
use crate::writer::pipeline::{EnqueueResult, Flushed, Pipeline};

/// Enqueues an entry into a pipeline, and writes it if that is the caller's job.
#[expect(clippy::inline_always, reason = "every logging call enqueues an entry, and must not pay for another call")]
#[inline(always)]
pub fn enqueue(py: Python<'_>, pipeline: &Arc<Pipeline>, entry: &[u8]) -> Interrupt {
    match pipeline.enqueue(&GilLock(py), entry) {
        EnqueueResult::Queued | EnqueueResult::Dropped => None,
        EnqueueResult::MustPump => {
            py.detach(|| pipeline.pump());
            learn_end(py);
            None
        }
        EnqueueResult::Full => blocked(py, pipeline, entry),
    }
}

/// Asks Python how the process is to end, if that is not known yet.
#[inline]
pub fn learn_end(py: Python<'_>) {
    if exiting::is_unknown() {
        attached(py, || {
            // Imports fail while the process ends, and the answer is not needed then.
            let _ = py.import("logly._process.lifecycle").and_then(|lifecycle| lifecycle.call_method0("learn_end"));
        });
    }
}

/// Enqueues a record into every pipeline other than the default ones.
#[inline(never)]
pub fn enqueue_routed(py: Python<'_>, core: &Core, record: &[u8]) -> Interrupt {
    let mut interrupt = None;
    for route in core.routes().iter() {
        let Some(pipeline) = route.for_records(|| core.snapshot()) else { continue };
        // The sinks of this pipeline may have been removed while an earlier pipeline blocked.
        let own = if pipeline.is_closing() { None } else { enqueue(py, pipeline, record) };
        interrupt = own.or(interrupt);
    }
    interrupt
}

/// Waits for room. Drops the entry if there is no room for too long, or if no sink wants the entry any more.
///
/// A signal handler may fork during the wait. The record then belongs to the parent alone, and the child leaves the
/// parent's queue as it is.
#[cold]
fn blocked(py: Python<'_>, pipeline: &Arc<Pipeline>, entry: &[u8]) -> Interrupt {
    let before = pipeline.latest();
    let wait = attached(py, || Wait::new(py, deadline(pipeline)));
    let mut interrupt = None;
    while interrupt.is_none() && pipeline.is_own() && !pipeline.is_stuck() && !wait.is_over() {
        let until = wait.until();
        py.detach(|| pipeline.wait_for_room(until));
        if !pipeline.is_awaited(entry) {
            pipeline.drop_closed(&before, entry);
            return None;
        }
        match pipeline.enqueue(&GilLock(py), entry) {
            EnqueueResult::Full => interrupt = attached(py, || wait.look().err().map(Box::new)),
            EnqueueResult::Queued | EnqueueResult::Dropped => return None,
            EnqueueResult::MustPump => {
                py.detach(|| pipeline.pump());
                return None;
            }
        }
    }
    if !pipeline.is_own() {
        return interrupt;
    }
    pipeline.drop_new(entry);
    if interrupt.is_some() {
        return interrupt;
    }
    pipeline.set_stuck();
    let line = "the queue stayed full; records are dropped and counted until there is room";
    report::failed("queue full").and_then(|told| attached(py, || telling::tell(py, &told.line(line))))
}

/// Waits until the files whose `sync_level` is at or below `level` have everything logged before. It waits no longer
/// than a full queue would block. If a file hangs, later calls do not wait for it until it makes progress.
#[cold]
pub fn wait_for_files(py: Python<'_>, core: &Core, level: i32) -> Interrupt {
    let snapshot = core.snapshot();
    let mut waited: Vec<Arc<Pipeline>> = Vec::new();
    for active in snapshot.sinks.iter().filter(|active| sync_level(active).is_some_and(|from| level >= from)) {
        let Some(pipeline) = core.pipeline_of(&active.sink.options) else { continue };
        if waited.iter().any(|known| Arc::ptr_eq(known, &pipeline)) {
            continue;
        }
        if let Some(interrupt) = wait_for(py, &pipeline) {
            return Some(interrupt);
        }
        waited.push(pipeline);
    }
    None
}

fn wait_for(py: Python<'_>, pipeline: &Arc<Pipeline>) -> Interrupt {
    let ticket = pipeline.request_flush();
    let wait = Wait::new(py, deadline(pipeline));
    while !pipeline.is_stuck() {
        let until = wait.until();
        if let Flushed::Done(_) = py.detach(|| pipeline.wait_flush(ticket, until)) {
            return None;
        }
        if let Err(interrupt) = wait.look() {
            return Some(Box::new(interrupt));
        }
        if wait.is_over() {
            pipeline.set_stuck();
            let line = "a file did not take its lines in time; calls do not wait for it";
            return report::failed("sync level").and_then(|told| telling::tell(py, &told.line(line)));
        }
    }
    None
}

/// The instant at which a caller gives up; None means never.
fn deadline(pipeline: &Pipeline) -> Option<Instant> {
    Instant::now().checked_add(pipeline.block_timeout())
}
