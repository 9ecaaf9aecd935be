//! Sinks as `add` makes them of what it was given, and as `sink_info` shows them.

use std::sync::atomic::AtomicBool;

use pyo3::exceptions::PyNotImplementedError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::backend::snapshot::{ActiveSink, Opened, Sink, Target};
use crate::config::sink::SinkOptions;
use crate::format::Layout;
use crate::python::logger::PyLogger;
use crate::python::options::SinkParts;
use crate::python::py_sink::PySink;
use crate::python::stream::Stream;
use crate::python::synchronous::{Decision, LineMaker};
use crate::stats::SinkCounts;

/// `LOGLY_SYNC=1` makes every file synchronous.
pub fn is_sync_forced() -> bool {
    std::env::var("LOGLY_SYNC")
        .is_ok_and(|value| !matches!(value.to_lowercase().as_str(), "" | "0" | "false" | "no" | "off"))
}

pub fn check_synchronous(parts: &SinkParts) -> PyResult<()> {
    if parts.async_write == Some(true) && !is_sync_forced() {
        return Err(PyNotImplementedError::new_err(format!(
            "async_write: not yet available for sinks that are not files in logly {}",
            env!("CARGO_PKG_VERSION")
        )));
    }
    Ok(())
}

pub fn decision(py: Python<'_>, parts: &SinkParts) -> Option<Box<dyn std::any::Any + Send + Sync>> {
    let copy = |object: &Option<Py<PyAny>>| object.as_ref().map(|object| object.clone_ref(py));
    let (filter, format) = (copy(&parts.filter), copy(&parts.format));
    Decision { filter, format, rotation: None, lines: LineMaker::default() }.boxed()
}

pub fn python_sink(
    id: u32,
    stream: Stream,
    options: SinkOptions,
    python: Option<Box<dyn std::any::Any + Send + Sync>>,
) -> Sink {
    Sink {
        id,
        options,
        target: Target::Python(Box::new(PySink::new(stream))),
        python,
        is_console: false,
        is_implicit: false,
        opened: Opened::new(None),
        wants_reopen: AtomicBool::new(false),
        all_counts: SinkCounts::default(),
        lane: None,
    }
}

pub fn console_sink(
    id: u32,
    name: &'static str,
    options: SinkOptions,
    python: Option<Box<dyn std::any::Any + Send + Sync>>,
    is_implicit: bool,
) -> Sink {
    Sink { is_console: true, is_implicit, ..python_sink(id, Stream::Console(name), options, python) }
}

/// What a sink is, and what it is called.
pub fn kind_and_name(py: Python<'_>, sink: &Sink) -> (&'static str, String) {
    match &sink.target {
        Target::File(file) => ("file", file.options.path.display().to_string()),
        Target::Python(target) => match target.downcast_ref::<PySink>() {
            Some(target) => (target.stream().kind(), target.name(py)),
            None => ("sink", String::new()),
        },
    }
}

/// One sink as `sink_info` shows it.
pub fn describe<'py>(py: Python<'py>, logger: &PyLogger, active: &ActiveSink) -> PyResult<Bound<'py, PyDict>> {
    let sink = &active.sink;
    let info = PyDict::new(py);
    let (kind, name) = kind_and_name(py, sink);
    let levels = logger.core().settings().levels;
    let level = levels.by_number(active.level);
    info.set_item("id", sink.id)?;
    info.set_item("kind", kind)?;
    info.set_item("name", name)?;
    info.set_item("level", levels.get(level.id).map_or_else(|| level.no.to_string(), |level| level.name.clone()))?;
    info.set_item("level_no", active.level)?;
    info.set_item("enabled", active.is_enabled)?;
    info.set_item("json", matches!(*active.layout, Layout::Json { .. }))?;
    info.set_item("format", sink.options.format.as_deref())?;
    info.set_item("async_write", sink.options.is_async)?;
    info.set_item("implicit", sink.is_implicit)?;
    info.set_item("written", sink.counts().written())?;
    info.set_item("filtered", sink.counts().filtered())?;
    info.set_item("dropped", sink.counts().all_dropped())?;
    Ok(info)
}
