//! One record on the lane of a background Python sink, as the lane's thread sees it.
//!
//! `python/logly/_sinks/background.py` takes the item out of the entry, and gives it to the stream, function or
//! handler. An item that is made here is made under the snapshot that was current when the record was accepted.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::lane::chunks::Load;
use crate::lane::queue::Outcome;
use crate::process::hanging;
use crate::python::py::imports::imported;
use crate::python::py::interpreter::Kept;
use crate::python::py::telling;
use crate::python::py::trampoline::watch_at_drop;
use crate::python::record::records;
use crate::python::sink::item::{Item, Source, Task};
use crate::python::sink::line_maker::LineMaker;
use crate::python::sink::load_size::load_size;
use crate::python::sink::py_sink::PySink;
use crate::record::decoded::Record;
use crate::record::encoded::header_of;
use crate::site;
use crate::stats::Loss;
use crate::writer::snapshot::{ActiveSink, Sink, Snapshot, StreamStyle};

static COPY_CONTEXT: Kept<Py<PyAny>> = Kept::new();

#[pyclass(frozen, name = "_LaneEntry", module = "logly._logly")]
pub struct LaneEntry {
    sink: Arc<Sink>,
    content: Content,
}

watch_at_drop!(LaneEntry);

enum Content {
    /// The item that the caller made: a line, a line that carries its record, or a `LogRecord` with its trail.
    Made {
        item: Py<PyAny>,
        /// A copy of the caller's context. The item is written in this context.
        context: Py<PyAny>,
    },
    /// A record for which bytes are enough, or the notice that records were dropped.
    Encoded { bytes: Vec<u8>, snapshot: Arc<Snapshot>, active: ActiveSink },
}

impl LaneEntry {
    /// Makes a load from the item and a copy of the caller's context.
    pub fn load(item: &Bound<'_, PyAny>, sink: &Arc<Sink>) -> PyResult<Load> {
        let py = item.py();
        let context = imported(py, &COPY_CONTEXT, "_contextvars", "copy_context")?.call0()?.unbind();
        let made = Content::Made { item: item.clone().unbind(), context };
        let entry = Py::new(py, Self { sink: Arc::clone(sink), content: made })?;
        Ok(Load { item: Box::new(entry), bytes: load_size(item), is_notice: false })
    }

    /// Makes a load from a notice.
    pub fn notice(self, py: Python<'_>) -> PyResult<Load> {
        let bytes = if let Content::Encoded { bytes, .. } = &self.content { bytes.len() } else { 0 };
        Ok(Load { item: Box::new(Py::new(py, self)?), bytes, is_notice: true })
    }

    /// The entry that `load` put into the load.
    pub fn loaded(py: Python<'_>, load: Load) -> Option<Bound<'_, PyAny>> {
        let entry = load.item.downcast::<Py<Self>>().ok()?;
        Some(entry.into_bound(py).into_any())
    }

    /// The entry of an encoded record.
    pub fn encoded(bytes: Vec<u8>, snapshot: &Arc<Snapshot>, active: &ActiveSink) -> Self {
        let masked = active.redacted(&snapshot.settings, &bytes);
        let bytes = masked.unwrap_or(bytes);
        let content = Content::Encoded { bytes, snapshot: Arc::clone(snapshot), active: active.clone() };
        Self { sink: Arc::clone(&active.sink), content }
    }

    /// Whether the sink's own filter lets an encoded record through. Filters that are functions are not called.
    pub fn passes(&self) -> bool {
        match &self.content {
            Content::Made { .. } => true,
            Content::Encoded { bytes, snapshot, active } => active.accepts(snapshot, &decode(bytes, snapshot)),
        }
    }

    /// The object to write to or to call, and the item for it.
    pub fn item<'py>(&self, py: Python<'py>, sink: &PySink) -> PyResult<Option<Item<'py>>> {
        match &self.content {
            Content::Made { item, .. } => {
                Ok(sink.target(py).map(|target| Item { target, item: item.bind(py).clone() }))
            }
            Content::Encoded { bytes, snapshot, active } => {
                let mut source = EncodedRecord { py, record: decode(bytes, snapshot), snapshot, sink: self.sink.id };
                Task { active, sink, snapshot }.item(&mut source)
            }
        }
    }

    /// Finishes the record. In a child that was forked since then, the lane is a new one that knows nothing of the
    /// record.
    fn finish(&self, outcome: Outcome) {
        if let Some(slot) = &self.sink.lane {
            drop(slot.get().finish(outcome));
        }
    }
}

#[pymethods]
#[pyo3(crate = "crate::python::py::trampoline::watched")]
impl LaneEntry {
    /// The context to write the item in. None means the thread's own.
    #[getter]
    fn context(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        hanging::watch();
        match &self.content {
            Content::Made { context, .. } => Some(context.clone_ref(py)),
            Content::Encoded { .. } => None,
        }
    }

    /// A number that no other sink of the process has. Ids are unique within one logger only.
    #[getter]
    fn sink(&self) -> usize {
        hanging::watch();
        Arc::as_ptr(&self.sink).addr()
    }

    /// Whether more records wait in the lane.
    #[getter]
    fn has_more(&self) -> bool {
        hanging::watch();
        self.sink.lane.as_ref().is_some_and(|slot| !slot.get().is_empty())
    }

    /// The object to write to or to call, and the item for it. None if the record is finished: there is nothing to
    /// write to, or a handler does not want the record.
    fn take<'py>(&self, py: Python<'py>) -> PyResult<Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)>> {
        let Some(sink) = PySink::of(&self.sink) else { return Ok(None) };
        let Some(Item { target, item }) = self.item(py, sink)? else {
            self.finish(Outcome::Lost(Loss::Closed));
            return Ok(None);
        };
        if matches!(self.content, Content::Made { .. }) {
            return Ok(Some((target, item)));
        }
        let prepared = sink.prepared(&item)?;
        if prepared.is_none() {
            self.skip();
        }
        Ok(prepared.map(|item| (target, item)))
    }

    /// Finishes the record as filtered: the sink did not want it.
    fn skip(&self) {
        self.finish(Outcome::Filtered);
    }
}

fn decode<'r>(bytes: &'r [u8], snapshot: &'r Snapshot) -> Record<'r> {
    Record::decode(bytes, site::find(header_of(bytes).site), &snapshot.settings.extra)
}

/// A record that has left its caller.
struct EncodedRecord<'r, 'py> {
    py: Python<'py>,
    record: Record<'r>,
    snapshot: &'r Snapshot,
    /// The id of the sink.
    sink: u32,
}

impl<'r, 'py> Source<'r, 'py> for EncodedRecord<'r, 'py> {
    fn py(&self) -> Python<'py> {
        self.py
    }

    fn record(&self) -> &Record<'r> {
        &self.record
    }

    fn dict(&mut self) -> PyResult<Bound<'py, PyDict>> {
        records::build_encoded(self.py, &self.record, self.snapshot)
    }

    fn line(&mut self, active: &ActiveSink, lines: &LineMaker, style: StreamStyle) -> Vec<u8> {
        lines.make(active.layout_for(style), &self.record, self.snapshot)
    }

    fn tell(&mut self, whose: &str, error: PyErr) {
        // A lane's thread has no caller that could be interrupted.
        drop(telling::of_delivery(self.py, whose, self.sink, &error));
    }
}

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<LaneEntry>()
}
