//! Gives records to lanes, on the caller's thread.

use std::sync::Arc;
use std::time::Instant;

use pyo3::prelude::*;

use crate::lane::chunks::Load;
use crate::lane::queue::{EnqueueResult, Lane, length_with};
use crate::lane::{live, order};
use crate::logger::core::Core;
use crate::python::lane::abrupt::{await_last, make_way};
use crate::python::lane::inline::{drain_inline, start_thread};
use crate::python::lane::of_sink::{is_reentrant, obstacle};
use crate::python::py::gil::attached;
use crate::python::py::inside::Inside;
use crate::python::py::interrupt::Interrupt;
use crate::python::py::role::{Role, role};
use crate::python::py::wait::{Pause, wait_in_steps};
use crate::python::record::versions::Versions;
use crate::record::encoded::header_of;
use crate::stats::Loss;
use crate::writer::snapshot::{ActiveSink, Snapshot};

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

/// Gives a record of another process to the lane of one callback or sink.
pub fn offer_one(
    py: Python<'_>,
    active: &ActiveSink,
    lane: &Arc<Lane>,
    record: &[u8],
    snapshot: &Arc<Snapshot>,
) -> Interrupt {
    if !active.takes(&snapshot.settings, header_of(record).level) {
        lane.counts().add_filtered(1);
    } else if Inside::is_closed_to(py) {
        lane.count_lost(Loss::Closed);
    } else {
        return give(py, active, lane, (record, order::next_number()), snapshot, None);
    }
    None
}

/// Gives the lane of one sink a record, with the load that its caller made from it.
#[expect(clippy::inline_always, reason = "logging calls with a callback must not pay for another call")]
#[inline(always)]
pub fn give(
    py: Python<'_>,
    active: &ActiveSink,
    lane: &Arc<Lane>,
    (record, number): (&[u8], u64),
    snapshot: &Arc<Snapshot>,
    mut load: Option<Load>,
) -> Interrupt {
    match lane.enqueue(record, number, snapshot, &mut load) {
        EnqueueResult::Done => None,
        result => attached(py, || see_to(py, active, result, (record, number), snapshot, load)),
    }
}

/// Whether this thread's records reach the lane of a sink. Records that do not are counted.
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
pub(super) fn see_to(
    py: Python<'_>,
    active: &ActiveSink,
    result: EnqueueResult,
    (record, number): (&[u8], u64),
    snapshot: &Arc<Snapshot>,
    load: Option<Load>,
) -> Interrupt {
    let lane = active.sink.lane.as_ref()?.get();
    match result {
        EnqueueResult::Done => None,
        EnqueueResult::Awaited => await_last(py, &active.sink, lane),
        EnqueueResult::Pressed => {
            make_way(py);
            None
        }
        EnqueueResult::Closed => {
            lane.count_lost(Loss::Closed);
            if live::is_ending() {
                make_way(py);
            }
            None
        }
        EnqueueResult::Unattended => {
            start_thread(py, &active.sink, lane);
            if lane.is_awaited() { await_last(py, &active.sink, lane) } else { None }
        }
        EnqueueResult::Inline => {
            drain_inline(py, &active.sink, lane);
            None
        }
        EnqueueResult::Full => blocked(py, active, (record, number), snapshot, load),
    }
}

/// Waits for room without the GIL, and checks for Ctrl-C. Drops the record if there is no room for too long.
pub fn blocked(
    py: Python<'_>,
    active: &ActiveSink,
    (record, number): (&[u8], u64),
    snapshot: &Arc<Snapshot>,
    mut load: Option<Load>,
) -> Interrupt {
    let lane = active.sink.lane.as_ref()?.get();
    let deadline = Instant::now().checked_add(lane.options().block_timeout);
    let length = length_with(record, load.as_ref());
    let waited = wait_in_steps(py, deadline, Pause::SignalsAndGreenlets, |wait| {
        let is_hopeless = obstacle(py, &active.sink).is_some();
        let until = if is_hopeless { Instant::now() } else { wait.until() };
        let is_worth_trying = py.detach(|| lane.wait_for_room(length, until));
        let result = lane.enqueue(record, number, snapshot, &mut load);
        let is_vain = result == EnqueueResult::Full && !wait.is_over() && (is_hopeless || !is_worth_trying);
        (is_vain || result != EnqueueResult::Full).then_some(result)
    });
    match waited {
        Ok(Some(EnqueueResult::Full)) => lane.give_up(false),
        Ok(Some(result)) => return see_to(py, active, result, (record, number), snapshot, load),
        Ok(None) => lane.give_up(true),
        Err(interrupt) => {
            lane.give_up(false);
            return Some(Box::new(interrupt));
        }
    }
    None
}
