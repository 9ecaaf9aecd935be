//! Adds sinks that send records to a collector.

use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyDictMethods};

use crate::config::logger::DEFAULT_MESSAGE_BYTES;
use crate::config::shape::ShapeOptions;
use crate::config::sink::SinkOptions;
use crate::export::batch;
use crate::format::json::JsonStyle;
use crate::format::shape::kind::{ExceptionForm, Include, Kind};
use crate::python::call::fields::Fields;
use crate::python::call::state::PyLogger;
use crate::python::lane::{inline, notices};
use crate::python::options::sink_options::SinkParts;
use crate::python::py::imports::load;
use crate::python::record::templates::Templates;
use crate::python::sink::export_sink::{ExportSink, Limits};
use crate::python::sink::hooks::PythonHooks;
use crate::python::sink::line_maker::LineMaker;
use crate::writer::snapshot::{Sink, Target};

/// The parts of a record that a request shows. Callers keep them because the sink's layout names them.
const SHOWN: [Include; 4] = [Include::Function, Include::Path, Include::Line, Include::Thread];

impl PyLogger {
    /// Adds a sink that sends records to a collector. `endpoint` is that of the sink's name, if it has one.
    pub(super) fn add_export(&self, py: Python<'_>, endpoint: Option<&str>, parts: SinkParts) -> PyResult<u32> {
        let exporter = exporter(py, endpoint, &parts)?;
        let shape = ShapeOptions {
            include: Some(SHOWN.to_vec()),
            exception: Some(ExceptionForm::Both),
            ..ShapeOptions::default()
        };
        let json = Some(Some(JsonStyle::Of(Kind::Otel)));
        let options = SinkOptions { is_async: true, json, shape, ..parts.options };
        let hooks = PythonHooks {
            filter: parts.filter,
            format: None,
            rotation: None,
            lines: LineMaker::default(),
            templates: Templates::default(),
        };
        let hooks = hooks.boxed();
        // Callers ask functions, and decide which records the sink leaves out.
        let has_limit = options.limit.is_some();
        let is_prepared = hooks.is_some() || has_limit || options.sample.is_some();
        if has_limit {
            notices::register(&self.shared);
        }
        let target = Target::python(sink_of(&exporter)?);
        let added = self.core().add(|id| Sink { hooks, is_prepared, ..Sink::new(id, options, target) });
        if added.is_err() {
            exporter.call_method0("close")?;
        }
        let id = added?;
        if let Some(sink) = self.core().find(id) {
            inline::begin(py, &sink);
        }
        Ok(id)
    }
}

/// Checks the options, and makes the object that sends requests.
fn exporter<'py>(py: Python<'py>, endpoint: Option<&str>, parts: &SinkParts) -> PyResult<Bound<'py, PyAny>> {
    let given = PyDict::new(py);
    for (name, value) in &parts.export {
        given.set_item(name, value)?;
    }
    load(py, "logly._export.exporter", "make")?.call1((endpoint, given))
}

fn sink_of(exporter: &Bound<'_, PyAny>) -> PyResult<ExportSink> {
    let (records, bytes, seconds): (u64, usize, f64) = exporter.getattr("batch")?.extract()?;
    let linger = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    let resource = exporter.getattr("resource")?.cast_into::<PyDict>()?;
    let has_process = resource.contains("process.pid")?;
    let encoded = batch::resource(&Fields::new(&resource, DEFAULT_MESSAGE_BYTES)?.encoded);
    let endpoint = exporter.getattr("endpoint")?.extract()?;
    let limits = Limits { records, bytes, linger };
    Ok(ExportSink::new(exporter.clone().unbind(), endpoint, (encoded, has_process), limits))
}
