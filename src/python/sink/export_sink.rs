//! A sink that sends records to a collector: the form of its requests, and the Python object that sends them.
//!
//! Its lane's thread takes records out in batches, which are encoded here without the interpreter lock.
//! `python/logly/_export` sends the requests.

use std::time::Duration;

use pyo3::prelude::*;

use crate::export::batch::{self, Batch};
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

pub struct ExportSink {
    /// The `Exporter` of `python/logly/_export/exporter.py`.
    exporter: Py<PyAny>,
    pub endpoint: String,
    /// The encoded `Resource`.
    resource: Vec<u8>,
    /// Whether the program gave a number of the process for the resource.
    has_process: bool,
    pub limits: Limits,
    trouble: Mutex<Trouble>,
}

impl ExportSink {
    pub fn new(
        exporter: Py<PyAny>,
        endpoint: String,
        (resource, has_process): (Vec<u8>, bool),
        limits: Limits,
    ) -> Self {
        Self { exporter, endpoint, resource, has_process, limits, trouble: Mutex::default() }
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

    /// The encoded `Resource` of the process with this number.
    pub fn resource_of(&self, process: u32) -> Vec<u8> {
        let mut resource = self.resource.clone();
        if !self.has_process {
            batch::put_process(&mut resource, process);
        }
        resource
    }

    /// Encodes a record, unless the sink's filter refuses it. For a prepared sink, callers have asked filters and
    /// masked secrets already. `own` is the number of this process.
    pub fn push(batch: &mut Batch, bytes: &[u8], active: &ActiveSink, snapshot: &Snapshot, own: u32) -> bool {
        let settings = &snapshot.settings;
        let is_ready = active.sink.is_prepared;
        let masked = if is_ready { None } else { active.redacted(settings, bytes) };
        let record = decode(masked.as_deref().unwrap_or(bytes), snapshot);
        if !is_ready && !active.accepts(snapshot, &record) {
            return false;
        }
        batch.push(&record, &settings.levels, own);
        true
    }

    /// Encodes the notice that records were dropped.
    pub fn push_notice(batch: &mut Batch, bytes: &[u8], snapshot: &Snapshot, own: u32) {
        batch.push(&decode(bytes, snapshot), &snapshot.settings.levels, own);
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
        format!("otlp {}", self.endpoint)
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
