//! A sink that sends records to another program: the form of its messages, and the Python object that sends them.
//!
//! Its lane's thread takes records out in batches, which are encoded here without the interpreter lock.
//! `python/logly/_export` sends the requests of OTLP, and the messages of syslog and of the journal.

use std::time::Duration;

use pyo3::prelude::*;

use crate::clock::local_zone;
use crate::export::batch::{self, Batch};
use crate::export::frames::{Form, Frames, Framing};
use crate::format::context::FormatContext;
use crate::lane::chunks::Load;
use crate::lane::queue::Last;
use crate::python::py::interpreter::name;
use crate::python::py::role::Role;
use crate::python::sink::callback_record::RecordMaker;
use crate::python::sink::receiver::{Entry, ItemResult, Obstacle, Receiver};
use crate::record::decoded::Record;
use crate::record::encoded::header_of;
use crate::report::Trouble;
use crate::site;
use crate::sync::Mutex;
use crate::writer::python_sink::PythonSink;
use crate::writer::snapshot::{ActiveSink, Sink, Snapshot, Target};

/// The limits of one request.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub records: u64,
    pub bytes: usize,
    /// How long records wait for others.
    pub linger: Duration,
}

/// The protocol of a sink.
pub enum Protocol {
    Otlp {
        /// The encoded `Resource`.
        resource: Vec<u8>,
        /// Whether the program gave a number of the process for the resource.
        has_process: bool,
    },
    Frames(Form, Framing),
}

/// The records that a lane's thread has encoded for the next call that sends. A sink uses one of the two.
#[derive(Default)]
pub struct Gathered {
    pub batch: Batch,
    frames: Frames,
}

pub struct ExportSink {
    /// The `Exporter` of `python/logly/_export/exporter.py`, or the `Delivery` of `delivery.py`.
    exporter: Py<PyAny>,
    /// The kind of sink, as `sink_info` shows it.
    pub kind: &'static str,
    pub endpoint: String,
    protocol: Protocol,
    pub limits: Limits,
    trouble: Mutex<Trouble>,
}

impl ExportSink {
    pub fn new(
        exporter: Py<PyAny>,
        (kind, endpoint): (&'static str, String),
        protocol: Protocol,
        limits: Limits,
    ) -> Self {
        Self { exporter, kind, endpoint, protocol, limits, trouble: Mutex::default() }
    }

    /// The exporter that a sink is; None for other sinks.
    pub fn of(sink: &Sink) -> Option<&Self> {
        match &sink.target {
            Target::Python(target) => target.of_type(),
            Target::File(_) => None,
        }
    }

    pub fn exporter<'py>(&self, py: Python<'py>) -> &Bound<'py, PyAny> {
        self.exporter.bind(py)
    }

    /// Encodes a record, unless the sink's filter refuses it. For a prepared sink, callers have asked filters and
    /// masked secrets already. `own` is the number of this process.
    pub fn push(
        &self,
        gathered: &mut Gathered,
        bytes: &[u8],
        active: &ActiveSink,
        (snapshot, own): (&Snapshot, u32),
    ) -> bool {
        let settings = &snapshot.settings;
        let is_ready = active.sink.is_prepared;
        let masked = if is_ready { None } else { active.redacted(settings, bytes) };
        let record = decode(masked.as_deref().unwrap_or(bytes), snapshot);
        if !is_ready && !active.accepts(snapshot, &record) {
            return false;
        }
        self.encode(gathered, &record, active, (snapshot, own));
        true
    }

    /// Encodes the notice that records were dropped.
    pub fn push_notice(
        &self,
        gathered: &mut Gathered,
        bytes: &[u8],
        active: &ActiveSink,
        (snapshot, own): (&Snapshot, u32),
    ) {
        self.encode(gathered, &decode(bytes, snapshot), active, (snapshot, own));
    }

    fn encode(
        &self,
        gathered: &mut Gathered,
        record: &Record<'_>,
        active: &ActiveSink,
        (snapshot, own): (&Snapshot, u32),
    ) {
        let levels = &snapshot.settings.levels;
        let Protocol::Frames(form, framing) = &self.protocol else {
            return gathered.batch.push(record, levels, own);
        };
        let is_timed = snapshot.settings.switches(record.header.level.id).time;
        let (zone, start_ns) = (local_zone(), snapshot.start_ns);
        let context = FormatContext { levels, zone: &zone, process: own, start_ns, is_timed, is_colored: false };
        let thread_name = gathered.batch.known.thread_name(record.header.thread);
        gathered.frames.push((form, *framing), record, &active.layout, (&context, thread_name));
    }

    /// Takes the encoded records out, and the number of those that were cut. None if there are none.
    pub fn take(&self, gathered: &mut Gathered, own: u32) -> Option<(Vec<u8>, u64)> {
        match &self.protocol {
            Protocol::Frames(..) => (!gathered.frames.is_empty()).then(|| gathered.frames.take()),
            Protocol::Otlp { resource, has_process } => (!gathered.batch.is_empty()).then(|| {
                let mut resource = resource.clone();
                if !has_process {
                    batch::put_process(&mut resource, own);
                }
                (gathered.batch.take_request(&resource), 0)
            }),
        }
    }
}

impl Gathered {
    /// The bytes of the encoded records.
    pub fn bytes(&self) -> usize {
        self.batch.bytes() + self.frames.bytes()
    }
}

/// The load of a record, or of a notice, in the lane of a prepared sink. Its bytes are all that is needed.
pub fn load(is_notice: bool) -> Load {
    Load { item: Box::new(()), bytes: 0, is_notice }
}

fn decode<'r>(bytes: &'r [u8], snapshot: &'r Snapshot) -> Record<'r> {
    Record::decode(bytes, site::find(header_of(bytes).site), &snapshot.settings.extra)
}

impl PythonSink for ExportSink {
    fn last(&self) -> Last {
        Last::Inline
    }

    fn is_ordered(&self) -> bool {
        false
    }
}

impl Receiver for ExportSink {
    /// Records are taken in batches, never one by one.
    fn item<'py>(&self, _py: Python<'py>, _entry: Entry<'_>, _maker: &mut RecordMaker) -> ItemResult<'py> {
        Ok(None)
    }

    fn name(&self, _py: Python<'_>) -> String {
        format!("{} {}", self.kind, self.endpoint)
    }

    fn role(&self) -> Role {
        Role::Sinks
    }

    fn obstacle(&self, py: Python<'_>) -> Option<Obstacle> {
        let is_waiting = self.exporter(py).getattr(name!(py, "is_waiting")).and_then(|flag| flag.is_truthy());
        is_waiting.unwrap_or(false).then_some(Obstacle::Unreachable)
    }

    fn trouble(&self) -> Option<&Mutex<Trouble>> {
        Some(&self.trouble)
    }

    fn runner<'py>(&self, py: Python<'py>) -> PyResult<(&'static str, Bound<'py, PyAny>)> {
        Ok(("export", self.exporter(py).clone()))
    }
}
