//! Batches of a lane: its thread takes many records at a time as one encoded request, and counts their outcome later.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::clock;
use crate::lane::chunks::Item;
use crate::lane::queue::{Lane, Outcome};
use crate::process::exit_barrier;
use crate::python::lane::work::{Followed, Work};
use crate::python::py::interpreter::name;
use crate::python::py::telling;
use crate::python::sink::export_sink::ExportSink;
use crate::python::sink::receiver::Receiver;
use crate::record::notice;
use crate::stats::Loss;
use crate::writer::snapshot::Sink;

/// Encoded records, with the number of those that are to be counted and of those that were cut.
pub(super) type Request = (Vec<u8>, u64, u64);

/// The next request. None if there are no records. A thread of the lane waits and encodes without the interpreter lock;
/// a caller that empties the lane keeps it.
pub(super) fn next_request(
    py: Python<'_>,
    (lane, sink): (&Lane, &Arc<Sink>),
    work: &mut Work,
    is_caller: bool,
) -> Option<Request> {
    let export = ExportSink::of(sink)?;
    if is_caller {
        name_threads(py, work);
        return request(lane, sink, export, work);
    }
    let limits = export.limits;
    let leaving = py.detach(|| {
        lane.wait_for_batch(limits.records, limits.bytes, limits.linger);
        exit_barrier::leave()
    });
    drop(leaving);
    name_threads(py, work);
    let (request, leaving) = py.detach(|| (request(lane, sink, export, work), exit_barrier::leave()));
    drop(leaving);
    request
}

/// Notes the names of the threads. Callers do not: looking a name up takes longer than the rest of their work.
fn name_threads(py: Python<'_>, work: &mut Work) {
    let names = || -> PyResult<Vec<(u64, Box<[u8]>)>> {
        let active = py.import("threading")?.getattr("_active")?.cast_into::<PyDict>()?.copy()?;
        let name_of = |(thread, object): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
            let name = object.getattr(name!(py, "name")).ok()?.extract::<String>().ok()?;
            Some((thread.extract().ok()?, name.into_bytes().into()))
        };
        Ok(active.iter().filter_map(name_of).collect())
    };
    // Without the list, records have no names of threads.
    work.gathered.batch.known.name_threads(names().unwrap_or_default());
}

fn request(lane: &Lane, sink: &Arc<Sink>, export: &ExportSink, work: &mut Work) -> Option<Request> {
    let limits = export.limits;
    let own = std::process::id();
    let (mut taken, mut held) = (0, 0);
    while taken < limits.records && work.gathered.bytes() < limits.bytes {
        let mut load = None;
        let Some((snapshot, item)) = lane.take(&mut work.record, &mut load) else { break };
        if let Some(snapshot) = snapshot.and_then(|followed| followed.downcast().ok()) {
            work.follow(&snapshot, sink);
        }
        let Some(Followed { part, active, .. }) = &work.followed else {
            drop(lane.finish(Outcome::Lost(Loss::Closed)));
            continue;
        };
        taken += 1;
        let is_taken = match item {
            Item::Record => export.push(&mut work.gathered, &work.record, active, (part, own)),
            Item::Notice(count) => {
                let notice = notice::encode(count, clock::now_ns());
                export.push_notice(&mut work.gathered, &notice, active, (part, own));
                true
            }
        };
        if is_taken {
            held += lane.hold();
        } else {
            drop(lane.finish(Outcome::Filtered));
        }
    }
    lane.tell_room();
    export.take(&mut work.gathered, own).map(|(request, cut)| (request, held, cut))
}

/// Drops the records that a sink has left and all later ones, and reports how many are left. Returns how many.
pub fn drop_rest(py: Python<'_>, lane: &Lane, sink: &Sink, loss: Loss) -> u64 {
    lane.close();
    // Reported first: once no record is left, the process may end at any moment.
    let told = match lane.left_untold() {
        0 => None,
        1 => Some("1 record is dropped at the end".to_owned()),
        left => Some(format!("{left} records are dropped at the end")),
    };
    if let (Some(told), Some(export)) = (told, ExportSink::of(sink)) {
        drop(telling::tell(py, &format!("{}: {told}", export.name(py))));
    }
    lane.abandon(loss)
}

/// The outcome with this name: None if the records were written, or else the reason of their loss.
pub(super) fn outcome(loss: Option<&str>) -> Outcome {
    loss.map_or(Outcome::Written, |name| Outcome::Lost(named(name)))
}

/// The reason with this name.
pub(super) fn named(loss: &str) -> Loss {
    Loss::ALL.into_iter().find(|known| known.name() == loss).unwrap_or(Loss::SinkError)
}
