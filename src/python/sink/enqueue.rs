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
use crate::python::py::gil::{attached, producing};
use crate::python::py::interrupt::Interrupt;
use crate::python::py::telling;
use crate::python::py::wait::{Pause, wait_in_steps};
use crate::report;
use crate::writer::pipeline::{EnqueueResult, Pipeline};
use crate::writer::snapshot::Snapshot;

/// Enqueues an entry into a pipeline, and writes it if that is the caller's job.
#[expect(clippy::inline_always, reason = "every logging call enqueues an entry, and must not pay for another call")]
#[inline(always)]
pub fn enqueue(py: Python<'_>, pipeline: &Arc<Pipeline>, entry: &[u8]) -> Interrupt {
    let result = pipeline.enqueue(&producing(py, pipeline), entry);
    settle(py, pipeline, entry, result)
}

/// Does the caller's part after an entry was enqueued.
#[expect(clippy::inline_always, reason = "as `enqueue`")]
#[inline(always)]
fn settle(py: Python<'_>, pipeline: &Arc<Pipeline>, entry: &[u8], result: EnqueueResult) -> Interrupt {
    match result {
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

/// Enqueues a record into the first queue that outlives the process.
#[inline(never)]
pub fn enqueue_kept(py: Python<'_>, core: &Core, record: &[u8]) -> Interrupt {
    let pipeline = core.kept()?;
    let result = pipeline.enqueue_kept(&producing(py, pipeline), record);
    if result == EnqueueResult::Queued { None } else { settle_kept(py, pipeline, record, result) }
}

#[cold]
#[inline(never)]
fn settle_kept(py: Python<'_>, pipeline: &Arc<Pipeline>, record: &[u8], result: EnqueueResult) -> Interrupt {
    settle(py, pipeline, record, result)
}

/// Enqueues a record into every pipeline other than the default ones.
#[inline(never)]
pub fn enqueue_routed(py: Python<'_>, core: &Core, record: &[u8]) -> Interrupt {
    let mut interrupt = None;
    for route in core.routes().iter() {
        let Some(pipeline) = route.for_records(|| core.snapshot()) else { continue };
        let result = {
            let lock = producing(py, pipeline);
            // The sinks of this pipeline may have been removed while an earlier pipeline blocked.
            if pipeline.is_closing() { EnqueueResult::Queued } else { pipeline.enqueue(&lock, record) }
        };
        interrupt = settle(py, pipeline, record, result).or(interrupt);
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
    let _blocked = pipeline.block();
    let wait_for_room = || {
        wait_in_steps(py, deadline(pipeline), Pause::SignalsAndGreenlets, |wait| {
            if !pipeline.is_own() || pipeline.is_stuck() || wait.is_over() {
                return Some(false);
            }
            let until = wait.until();
            py.detach(|| pipeline.wait_for_room(until));
            is_settled(py, pipeline, &before, entry).then_some(true)
        })
    };
    let interrupt = match attached(py, wait_for_room) {
        Ok(Some(true)) => return None,
        Ok(_) => None,
        Err(interrupt) => Some(Box::new(interrupt)),
    };
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

/// Tries once more to enqueue an entry. False if there is no room.
fn is_settled(py: Python<'_>, pipeline: &Arc<Pipeline>, before: &Snapshot, entry: &[u8]) -> bool {
    let result = {
        let lock = producing(py, pipeline);
        pipeline.is_awaited(entry).then(|| pipeline.enqueue(&lock, entry))
    };
    let Some(result) = result else {
        pipeline.drop_closed(before, entry);
        return true;
    };
    if result == EnqueueResult::MustPump {
        py.detach(|| pipeline.pump());
    }
    result != EnqueueResult::Full
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
    let waited = wait_in_steps(py, deadline(pipeline), Pause::SignalsAndGreenlets, |wait| {
        let until = wait.until();
        let is_over = || pipeline.is_stuck() || pipeline.wait_flush(ticket, until).is_some();
        py.detach(is_over).then_some(())
    });
    match waited {
        Ok(Some(())) => None,
        Ok(None) => {
            pipeline.set_stuck();
            let line = "a file did not take its lines in time; calls do not wait for it";
            report::failed("sync level").and_then(|told| telling::tell(py, &told.line(line)))
        }
        Err(interrupt) => Some(Box::new(interrupt)),
    }
}

/// The instant at which a caller gives up; None means never.
fn deadline(pipeline: &Pipeline) -> Option<Instant> {
    Instant::now().checked_add(pipeline.block_timeout())
}
