//! Delivery of a record to the sinks that need Python: consoles, objects and functions, and files whose filter or
//! format is a function.
//!
//! Lines are made and written on the caller's thread with the GIL held. Sinks in the background get there the item
//! that their lane will write.

use std::borrow::Cow;
use std::sync::Arc;

use pyo3::prelude::*;

use crate::python::call::arrived::Call;
use crate::python::call::callsite::CallSite;
use crate::python::entry::filters_and_formats::{begins_file, line, passes};
use crate::python::entry::live_record::LiveRecord;
use crate::python::lane::{notices, offer};
use crate::python::py::inside::Inside;
use crate::python::record::records::Objects;
use crate::python::record::versions::Versions;
use crate::python::sink::enqueue::enqueue;
use crate::python::sink::export_sink::{self, ExportSink};
use crate::python::sink::hooks::PythonHooks;
use crate::python::sink::item::{Item, Task};
use crate::python::sink::lane_entry::LaneEntry;
use crate::python::sink::py_sink::PySink;
use crate::python::value::capture::Capture;
use crate::record::decoded::Record;
use crate::record::encoded::{Encoder, Header, Kind, header_of};
use crate::site;
use crate::stats::Loss;
use crate::volume::of_sink::Volume;
use crate::writer::snapshot::{ActiveSink, Snapshot, StreamStyle};

/// Gives a record to every sink that needs Python, in their order. Changes by filters and format functions go to
/// `versions`.
pub(super) fn deliver<'py>(
    call: &Call<'_, 'py>,
    call_site: &CallSite<'_>,
    bytes: &[u8],
    capture: &mut Capture,
    objects: Option<&Objects<'py>>,
    versions: &Versions,
) {
    let snapshot = call.logger.core().snapshot();
    let masked = Versions::default();
    let mut record = LiveRecord::new(call, call_site, &snapshot, (bytes, versions, &masked), objects, capture);
    let inside = Inside::enter(call.py);
    for active in snapshot.sinks.iter().filter(|active| active.sink.is_met_by_callers()) {
        match &inside {
            Some(inside) => {
                record.serve(active);
                give(&mut record, active, inside.strand());
            }
            None => active.sink.lose(Loss::Closed),
        }
    }
}

/// Gives a record of another process to one sink.
pub(super) fn deliver_to<'py>(
    call: &Call<'_, 'py>,
    active: &ActiveSink,
    snapshot: &Arc<Snapshot>,
    bytes: &[u8],
    (objects, capture): (&Objects<'py>, &mut Capture),
) {
    let Some(inside) = Inside::enter(call.py) else { return active.sink.lose(Loss::Closed) };
    let (versions, masked) = (Versions::default(), Versions::default());
    let parts = (bytes, &versions, &masked);
    let mut record = LiveRecord::new(call, &CallSite::Nowhere, snapshot, parts, Some(objects), capture);
    record.serve(active);
    give(&mut record, active, inside.strand());
}

fn give(record: &mut LiveRecord<'_, '_, '_>, active: &ActiveSink, strand: u64) {
    let (sink, snapshot) = (&active.sink, record.snapshot);
    let is_wanted =
        active.takes(&snapshot.settings, record.record.header.level) && active.accepts(snapshot, &record.record);
    if !is_wanted {
        return sink.skip();
    }
    if sink.is_prepared && !offer::is_open(record.call.py, active) {
        return;
    }
    let hooks = PythonHooks::of(sink);
    if !hooks.is_none_or(|hooks| passes(record, active, hooks)) {
        return sink.skip();
    }
    if let Some(volume) = &sink.volume
        && !is_taken(record, active, volume, strand)
    {
        return;
    }
    if let Some(sink) = PySink::of(sink) {
        give_python(record, active, sink, strand);
    } else if ExportSink::of(sink).is_some() {
        give_bytes(record, active);
    } else if let Some(hooks) = hooks {
        give_file(record, active, hooks);
    }
}

/// Whether a sink takes a record that it wants. Gives the sink the notices that are due.
#[cold]
fn is_taken(record: &mut LiveRecord<'_, '_, '_>, active: &ActiveSink, volume: &Volume, strand: u64) -> bool {
    let asked = volume.ask(&record.record);
    let notices = volume.due(record.record.header.time_ns);
    if PySink::of(&active.sink).is_some() || ExportSink::of(&active.sink).is_some() {
        record.interrupt(notices::tell(record.call.py, strand, active, record.snapshot, &notices));
    } else if let Some(hooks) = PythonHooks::of(&active.sink) {
        for told in &notices {
            give_notice(record, active, hooks, told);
        }
    }
    match asked {
        Ok(None) => true,
        Ok(Some(rate)) => {
            record.show_rate(rate);
            true
        }
        Err(loss) => {
            active.sink.lose(loss);
            false
        }
    }
}

/// Sends a file's line through the file's pipeline, in order with everything else.
fn give_file(record: &mut LiveRecord<'_, '_, '_>, active: &ActiveSink, hooks: &PythonHooks) {
    let line = line(record, active, &hooks.lines, StreamStyle::default());
    let encoded = encoded(record, hooks, &line);
    let is_first = hooks.rotation.as_ref().is_some_and(|rule| begins_file(record, rule, &line, encoded.len()));
    let kind = if is_first { Kind::FirstLine } else { Kind::Line };
    give_line(record, active, (kind, &{ record.record.header }), &encoded);
}

/// A line in the file's encoding. If that fails, which is a mistake in the encoder, it stays in UTF-8.
fn encoded<'l>(record: &mut LiveRecord<'_, '_, '_>, hooks: &PythonHooks, line: &'l [u8]) -> Cow<'l, [u8]> {
    hooks.encoded(record.call.py, line).unwrap_or_else(|error| {
        record.tell("an encoding", error);
        Cow::Borrowed(line)
    })
}

/// Like `give_file`, for a notice. A format function is not called for it.
fn give_notice(record: &mut LiveRecord<'_, '_, '_>, active: &ActiveSink, hooks: &PythonHooks, told: &[u8]) {
    let masked = active.redacted(&record.snapshot.settings, told);
    let told = masked.as_deref().unwrap_or(told);
    let header = header_of(told);
    let notice = Record::decode(told, site::find(header.site), &record.snapshot.settings.extra);
    let line = hooks.lines.make(active.layout_for(StreamStyle::default()), &notice, record.snapshot);
    let line = encoded(record, hooks, &line);
    give_line(record, active, (Kind::Notice, &header), &line);
}

fn give_line(record: &mut LiveRecord<'_, '_, '_>, active: &ActiveSink, (kind, header): (Kind, &Header), line: &[u8]) {
    let header = Header { site: active.sink.id, ..*header };
    let mut entry = Vec::new();
    let mut encoder = Encoder::start(&mut entry, kind, &header);
    encoder.buffer().extend_from_slice(line);
    encoder.finish();
    // The filter or format may have removed the sink, or a capture may have hidden it.
    let pipeline = record.call.logger.core().pipeline_of(&active.sink.options);
    let Some(pipeline) = pipeline.filter(|pipeline| pipeline.is_awaited(&entry)) else {
        if kind != Kind::Notice {
            active.sink.counts().add_lost(Loss::Closed);
        }
        return;
    };
    active.sink.counts().add_accepted(u64::from(kind != Kind::Notice));
    record.interrupt(enqueue(record.call.py, &pipeline, &entry));
}

fn give_python(record: &mut LiveRecord<'_, '_, '_>, active: &ActiveSink, sink: &PySink, strand: u64) {
    match (Task { active, sink, snapshot: record.snapshot }).item(record) {
        Ok(Some(made)) if active.sink.is_prepared => hand_over(record, active, sink, &made),
        Ok(Some(Item { item, .. })) => {
            active.sink.counts().add_accepted(1);
            let level = Some(record.record.header.level.id);
            let written = sink.write_in_turn(record.call.py, strand, active, item.unbind(), level);
            record.interrupt(written.err().map(Box::new));
        }
        Ok(None) => active.sink.lose(Loss::Closed),
        Err(error) => fail(record, active, sink, error),
    }
}

/// Hands the record itself to the thread of the sink's lane.
fn give_bytes(record: &mut LiveRecord<'_, '_, '_>, active: &ActiveSink) {
    let Some(slot) = &active.sink.lane else { return };
    let (py, load) = (record.call.py, export_sink::load(false));
    record.interrupt(offer::give(py, active, slot.get(), (record.bytes, 0), record.snapshot, Some(load)));
}

/// Hands an item to the thread of the sink's lane.
fn hand_over(record: &mut LiveRecord<'_, '_, '_>, active: &ActiveSink, sink: &PySink, made: &Item<'_>) {
    let prepared = sink.prepared(&made.item);
    match prepared.and_then(|item| item.map(|item| LaneEntry::load(&item, &active.sink)).transpose()) {
        Ok(Some(load)) => {
            let Some(slot) = &active.sink.lane else { return };
            let (py, bytes) = (record.call.py, (record.bytes, 0));
            record.interrupt(offer::give(py, active, slot.get(), bytes, record.snapshot, Some(load)));
        }
        Ok(None) => active.sink.skip(),
        Err(error) => fail(record, active, sink, error),
    }
}

/// Counts and reports a record that could not be made for a sink, or that a filter of a handler raised for.
fn fail(record: &mut LiveRecord<'_, '_, '_>, active: &ActiveSink, sink: &PySink, error: PyErr) {
    active.sink.lose(Loss::SinkError);
    record.interrupt(sink.tell_failure(record.call.py, active, error));
}
