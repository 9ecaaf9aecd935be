//! A sink or callback that exists only in the process that started this one, which gets the records for it.
//!
//! The sink's lane in this process hands out frames: a length, the parent's id of the sink, the level's name and the record.
//! `python/logly/_process/feed.py` sends them. The parent filters, formats and writes.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::clock;
use crate::format::standalone::standalone;
use crate::lane::queue::Last;
use crate::python::py::role::Role;
use crate::python::sink::callback_record::RecordMaker;
use crate::python::sink::receiver::{Entry, ItemResult, Receiver, Taken};
use crate::record::decoded::Record;
use crate::record::encoded::{header_of, put_bytes};
use crate::record::notice;
use crate::redaction::encoded::redact;
use crate::redaction::redactor::Redactor;
use crate::report::Trouble;
use crate::site;
use crate::sync::Mutex;
use crate::writer::python_sink::PythonSink;
use crate::writer::snapshot::{Sink, Snapshot, Target};

pub struct ParentSink {
    /// The `RemoteSink` of `python/logly/_process/feed.py`.
    remote: Py<PyAny>,
    /// The sink's id in the parent process. Here it may have another one.
    number: u32,
    /// The name in the parent process.
    pub name: String,
    /// The name of a callback, if it has one.
    pub callback: Option<String>,
    /// The parent's redactor. The parent masks secrets itself, unless this process changed the rules.
    redactor: Option<Arc<Redactor>>,
    trouble: Mutex<Trouble>,
}

impl ParentSink {
    pub fn new(
        (remote, number): (Py<PyAny>, u32),
        name: String,
        callback: Option<String>,
        redactor: Option<Arc<Redactor>>,
    ) -> Self {
        Self { remote, number, name, callback, redactor, trouble: Mutex::default() }
    }

    /// The sink of the parent process that a sink stands for; None for other sinks.
    pub fn of(sink: &Sink) -> Option<&Self> {
        match &sink.target {
            Target::Python(target) => target.of_type(),
            Target::File(_) => None,
        }
    }

    /// Masks secrets by the rules of this process, if they are not the parent's.
    fn redacted(&self, bytes: &[u8], snapshot: &Snapshot) -> Option<Vec<u8>> {
        let redactor = snapshot.settings.redactor.as_ref()?;
        let is_of_parent = self.redactor.as_ref().is_some_and(|known| Arc::ptr_eq(known, redactor));
        if is_of_parent { None } else { redact(redactor, bytes, &decode(bytes, snapshot)) }
    }
}

fn decode<'r>(bytes: &'r [u8], snapshot: &'r Snapshot) -> Record<'r> {
    Record::decode(bytes, site::find(header_of(bytes).site), &snapshot.settings.extra)
}

fn frame(number: u32, bytes: &[u8], snapshot: &Snapshot) -> Vec<u8> {
    let record = decode(bytes, snapshot);
    let mut out = vec![0; 4];
    out.extend_from_slice(&number.to_ne_bytes());
    let levels = &snapshot.settings.levels;
    put_bytes(&mut out, levels.get(record.header.level.id).map_or(b"", |level| level.name.as_bytes()));
    out.extend_from_slice(&standalone(bytes, &record, std::process::id()));
    let length = (out.len() - 4) as u32;
    out[..4].copy_from_slice(&length.to_ne_bytes());
    out
}

impl PythonSink for ParentSink {
    fn last(&self) -> Last {
        Last::Inline
    }

    fn is_ordered(&self) -> bool {
        false
    }
}

impl Receiver for ParentSink {
    fn item<'py>(&self, py: Python<'py>, entry: Entry<'_>, _maker: &mut RecordMaker) -> ItemResult<'py> {
        let Entry { active, snapshot, taken } = entry;
        let made;
        let bytes = match taken {
            Taken::Prepared(_) => return Ok(None),
            Taken::Record(bytes) if !active.accepts(snapshot, &decode(bytes, snapshot)) => return Ok(None),
            Taken::Record(bytes) => bytes,
            Taken::Notice(count) => {
                made = notice::encode(count, clock::now_ns());
                &made
            }
        };
        let masked = self.redacted(bytes, snapshot);
        let frame = frame(self.number, masked.as_deref().unwrap_or(bytes), snapshot);
        Ok(Some(PyBytes::new(py, &frame).into_any()))
    }

    fn name(&self, _py: Python<'_>) -> String {
        format!("{} of the parent process", self.name)
    }

    fn role(&self) -> Role {
        Role::Sinks
    }

    fn trouble(&self) -> Option<&Mutex<Trouble>> {
        Some(&self.trouble)
    }

    fn runner<'py>(&self, py: Python<'py>) -> PyResult<(&'static str, Bound<'py, PyAny>)> {
        Ok(("export", self.remote.bind(py).clone()))
    }
}
