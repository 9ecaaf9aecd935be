//! One record on the lane of a background Python sink, as the lane's thread sees it.
//!
//! Nothing here runs the program's code: `python/logly/_sinks/background.py` calls that code, from Python. The line and
//! the dict are made under the snapshot that was current when the record was accepted.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3::wrap_pyfunction;

use crate::format::formatter::Layout;
use crate::lane::chunks::Load;
use crate::lane::queue::{Lane, Outcome};
use crate::process::parking;
use crate::python::py::imports::imported;
use crate::python::py::interpreter::Kept;
use crate::python::py::text::to_python;
use crate::python::py::trampoline::watch_at_drop;
use crate::python::record::records;
use crate::python::sink::load_size::load_size;
use crate::python::sink::py_sink::PySink;
use crate::record::decoded::Record;
use crate::record::encoded::header_of;
use crate::site;
use crate::stats::Loss;
use crate::style::color::is_color_wanted;
use crate::writer::snapshot::{ActiveSink, Sink, Snapshot, StreamStyle, Target};

static COPY_CONTEXT: Kept<Py<PyAny>> = Kept::new();

#[pyclass(frozen, name = "_LaneEntry", module = "logly._logly")]
pub struct LaneEntry {
    pub bytes: Vec<u8>,
    pub snapshot: Arc<Snapshot>,
    pub active: ActiveSink,
}

watch_at_drop!(LaneEntry);

/// The item that the caller made from a record, for the lane's thread to write.
#[pyclass(frozen, name = "_Prepared", module = "logly._logly")]
pub struct Prepared {
    /// A line, a line that carries its record, or a `LogRecord` with its trail.
    item: Py<PyAny>,
    /// A copy of the caller's context. The item is written in this context.
    context: Py<PyAny>,
    sink: Arc<Sink>,
}

watch_at_drop!(Prepared);

impl Prepared {
    /// Makes a load from the item and a copy of the caller's context.
    pub fn load(item: &Bound<'_, PyAny>, sink: &Arc<Sink>) -> PyResult<Load> {
        let py = item.py();
        let context = imported(py, &COPY_CONTEXT, "_contextvars", "copy_context")?.call0()?.unbind();
        let made = Self { item: item.clone().unbind(), context, sink: Arc::clone(sink) };
        Ok(Load { item: Box::new(Py::new(py, made)?), bytes: load_size(item) })
    }

    /// The object that `load` put into the load.
    pub fn of(py: Python<'_>, load: Load) -> Option<Bound<'_, PyAny>> {
        let made = load.item.downcast::<Py<Self>>().ok()?;
        Some(made.into_bound(py).into_any())
    }

    fn settle(&self, outcome: Outcome) {
        if let Some(slot) = &self.sink.lane {
            slot.get().settle(outcome);
        }
    }
}

#[pymethods]
#[pyo3(crate = "crate::python::py::trampoline::watched")]
impl Prepared {
    #[getter]
    fn item(&self, py: Python<'_>) -> Py<PyAny> {
        parking::watch();
        self.item.clone_ref(py)
    }

    #[getter]
    fn context(&self, py: Python<'_>) -> Py<PyAny> {
        parking::watch();
        self.context.clone_ref(py)
    }

    /// Whether more records wait in the lane.
    #[getter]
    fn has_more(&self) -> bool {
        parking::watch();
        self.sink.lane.as_ref().is_some_and(|slot| !slot.get().is_empty())
    }

    /// Settles the record as filtered: the sink did not want it.
    fn skip(&self) {
        self.settle(Outcome::Filtered);
    }

    /// Settles the record as lost: there is nothing to write it to.
    fn lose(&self) {
        self.settle(Outcome::Lost(Loss::Closed));
    }
}

#[pymethods]
#[pyo3(crate = "crate::python::py::trampoline::watched")]
impl LaneEntry {
    /// None: the entry is written in the thread's own context.
    #[classattr]
    fn context() -> Option<Py<PyAny>> {
        None
    }

    /// Whether the record is written without a format.
    #[getter]
    fn is_raw(&self) -> bool {
        parking::watch();
        self.decode().is_raw
    }

    /// Whether more records wait in the lane.
    #[getter]
    fn has_more(&self) -> bool {
        parking::watch();
        self.lane().is_some_and(|lane| !lane.is_empty())
    }

    /// Settles the record as filtered: the sink did not want it.
    fn skip(&self) {
        self.settle(Outcome::Filtered);
    }

    /// Settles the record as lost: there is nothing to write it to.
    fn lose(&self) {
        self.settle(Outcome::Lost(Loss::Closed));
    }

    /// The record as Python code sees it; a new dict each time.
    fn record<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        records::build_encoded(py, &self.decode(), &self.snapshot)
    }

    /// The finished line, for the stream properties that `_look_of` returned.
    #[pyo3(signature = (is_terminal=false, takes_color=false))]
    fn line<'py>(&self, py: Python<'py>, is_terminal: bool, takes_color: bool) -> Bound<'py, PyAny> {
        let Some(sink) = self.sink() else { return to_python(py, b"\n") };
        let style = self.style(is_terminal, takes_color);
        let is_colored = style.is_colored && self.coloring_of(py, sink, style).is_none();
        let layout = self.active.layout_for(StreamStyle { is_colored, ..style });
        to_python(py, &sink.lines.make(layout, &self.decode(), &self.snapshot))
    }

    /// The callback that colours the line in place of the pattern, and the level's name. None if there is no such
    /// callback.
    #[pyo3(signature = (is_terminal=false, takes_color=false))]
    fn coloring<'py>(
        &self,
        py: Python<'py>,
        is_terminal: bool,
        takes_color: bool,
    ) -> Option<(Bound<'py, PyAny>, String)> {
        let style = self.style(is_terminal, takes_color);
        let callback = self.coloring_of(py, self.sink()?, style).filter(|_| style.is_colored)?;
        Some((callback, self.decode().level_name(&self.snapshot.settings.levels).into_owned()))
    }
}

impl LaneEntry {
    /// Whether the sink's own filter lets the record through. Filters that are functions are not called.
    pub fn passes(&self) -> bool {
        self.active.accepts(&self.snapshot.settings, &self.decode())
    }

    /// Settles the record. In a child that was forked since then, the lane is a new one that knows nothing of the
    /// record.
    fn settle(&self, outcome: Outcome) {
        if let Some(lane) = self.lane() {
            drop(lane.settle(outcome));
        }
    }

    fn lane(&self) -> Option<&Lane> {
        self.active.sink.lane.as_ref().map(|slot| slot.get().as_ref())
    }

    fn decode(&self) -> Record<'_> {
        Record::decode(&self.bytes, site::find(header_of(&self.bytes).site), &self.snapshot.settings.extra)
    }

    fn sink(&self) -> Option<&PySink> {
        match &self.active.sink.target {
            Target::Python(target) => target.downcast_ref(),
            Target::File(_) => None,
        }
    }

    fn style(&self, is_terminal: bool, takes_color: bool) -> StreamStyle {
        let color = self.active.color(&self.snapshot.settings, header_of(&self.bytes).level);
        StreamStyle { is_terminal, is_colored: color.unwrap_or(takes_color) }
    }

    /// The callback that colours the line. JSON has no colours, nor has a level whose colour is off.
    fn coloring_of<'py>(&self, py: Python<'py>, sink: &PySink, style: StreamStyle) -> Option<Bound<'py, PyAny>> {
        let is_level_colored = self.snapshot.settings.switches(header_of(&self.bytes).level.id).color != Some(false);
        let is_text = matches!(**self.active.layout_for(style), Layout::Text { .. });
        if is_level_colored && is_text && !self.decode().is_raw { sink.color_callback(py) } else { None }
    }
}

/// Whether a stream takes colours, according to the environment and the terminal.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _takes_color(is_terminal: bool) -> bool {
    is_color_wanted(None, is_terminal)
}

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<LaneEntry>()?;
    module.add_class::<Prepared>()?;
    module.add_function(wrap_pyfunction!(_takes_color, module)?)
}
