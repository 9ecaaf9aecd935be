//! Adds sinks that send records to another program: a collector, syslog or the journal.

use std::sync::Arc;
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyDictMethods};

use crate::config::logger::DEFAULT_MESSAGE_BYTES;
use crate::config::shape::ShapeOptions;
use crate::config::sink::SinkOptions;
use crate::dialect::Dialect;
use crate::export::batch;
use crate::export::frames::{Form, Framing};
use crate::export::journal::Journal;
use crate::export::syslog::{Standard, Syslog};
use crate::format::json::JsonStyle;
use crate::format::shape::kind::{ExceptionForm, Include, Kind};
use crate::python::call::fields::Fields;
use crate::python::call::state::PyLogger;
use crate::python::lane::py_lane::PyLane;
use crate::python::lane::{inline, notices};
use crate::python::options::export_options::Remote;
use crate::python::options::sink_options::SinkParts;
use crate::python::py::imports::load;
use crate::python::record::templates::Templates;
use crate::python::sink::export_sink::{ExportSink, Limits, Protocol};
use crate::python::sink::hooks::PythonHooks;
use crate::python::sink::line_maker::LineMaker;
use crate::writer::snapshot::{Sink, Target};

/// The parts of a record that a request shows. Callers keep them because the sink's layout names them.
const SHOWN: [Include; 4] = [Include::Function, Include::Path, Include::Line, Include::Thread];

impl PyLogger {
    /// Adds a sink that sends records to another program. `address` is that of the sink's name, if it has one.
    pub(super) fn add_export(
        &self,
        py: Python<'_>,
        (remote, address): (Remote, Option<&str>),
        parts: SinkParts,
    ) -> PyResult<u32> {
        let exporter = exporter(py, (remote, address), &parts)?;
        let options = with_form(&exporter, remote, SinkOptions { is_async: true, ..parts.options });
        let made = options.and_then(|options| Ok((options, sink_of(&exporter, remote)?)));
        let (options, export) = made.or_else(|error| exporter.call_method0("close").and(Err(error)))?;
        let hooks = PythonHooks {
            filter: parts.filter,
            format: None,
            rotation: None,
            encoder: None,
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
        let target = Target::python(export);
        let added = self.core().add(|id| Sink { hooks, is_prepared, ..Sink::new(id, options, target) });
        if added.is_err() {
            exporter.call_method0("close")?;
        }
        let id = added?;
        if let Some(sink) = self.core().find(id) {
            inline::begin(py, &sink);
            if remote == Remote::Otlp {
                begin(py, &exporter, &sink)?;
            }
        }
        Ok(id)
    }
}

/// Has the requests sent that an earlier process left in the spool.
fn begin(py: Python<'_>, exporter: &Bound<'_, PyAny>, sink: &Arc<Sink>) -> PyResult<()> {
    let Some(slot) = &sink.lane else { return Ok(()) };
    let lane = PyLane::new(py, sink, slot.get())?;
    exporter.call_method1("begin", (lane,)).map(drop)
}

/// Checks the options, and makes the object that sends.
fn exporter<'py>(
    py: Python<'py>,
    (remote, address): (Remote, Option<&str>),
    parts: &SinkParts,
) -> PyResult<Bound<'py, PyAny>> {
    let given = PyDict::new(py);
    for (name, value) in &parts.export {
        given.set_item(name, value)?;
    }
    let module = if remote == Remote::Otlp { "logly._export.exporter" } else { "logly._export.delivery" };
    let address = address.unwrap_or_else(|| if remote == Remote::Otlp { "" } else { remote.name() });
    let address = Some(address).filter(|address| !address.is_empty());
    load(py, module, "make")?.call1((address, given))
}

/// The options with the form of the text, if the program gave none. OTLP has a form of its own.
fn with_form(exporter: &Bound<'_, PyAny>, remote: Remote, options: SinkOptions) -> PyResult<SinkOptions> {
    if remote == Remote::Otlp {
        let (include, exception) = (Some(SHOWN.to_vec()), Some(ExceptionForm::Both));
        let shape = ShapeOptions { include, exception, ..ShapeOptions::default() };
        return Ok(SinkOptions { json: Some(Some(JsonStyle::Of(Kind::Otel))), shape, ..options });
    }
    let has_form = options.format.is_some() || matches!(options.json, Some(Some(_)));
    let format = if has_form { options.format } else { Some(exporter.getattr("format")?.extract()?) };
    Ok(SinkOptions { format, ..options })
}

fn sink_of(exporter: &Bound<'_, PyAny>, remote: Remote) -> PyResult<ExportSink> {
    let (records, bytes, seconds): (u64, usize, f64) = exporter.getattr("batch")?.extract()?;
    let limits = Limits { records, bytes, linger: Duration::try_from_secs_f64(seconds).unwrap_or_default() };
    let protocol = match remote {
        Remote::Otlp => otlp(exporter)?,
        Remote::Syslog => syslog(exporter)?,
        Remote::Journal => {
            let journal = Journal::new(ascii(exporter, "app_name")?, exporter.getattr("facility")?.extract()?);
            Protocol::Frames(Form::Journal(journal), Framing::Datagrams)
        }
    };
    let endpoint = exporter.getattr("endpoint")?.extract()?;
    Ok(ExportSink::new(exporter.clone().unbind(), (remote.name(), endpoint), protocol, limits))
}

fn otlp(exporter: &Bound<'_, PyAny>) -> PyResult<Protocol> {
    let resource = exporter.getattr("resource")?.cast_into::<PyDict>()?;
    let has_process = resource.contains("process.pid")?;
    let resource = batch::resource(&Fields::new(&resource, DEFAULT_MESSAGE_BYTES, Dialect::default())?.encoded);
    Ok(Protocol::Otlp { resource, has_process })
}

fn syslog(exporter: &Bound<'_, PyAny>) -> PyResult<Protocol> {
    let is_stream = exporter.getattr("is_stream")?.extract()?;
    let framing = if is_stream { Framing::OctetCounting } else { Framing::Datagrams };
    let standard = match exporter.getattr("syslog_format")?.extract::<String>()?.as_str() {
        "rfc3164" => Standard::Rfc3164 { has_host: !exporter.getattr("is_local")?.extract::<bool>()? },
        _ => Standard::Rfc5424,
    };
    let (facility, limit) = (exporter.getattr("facility")?.extract()?, exporter.getattr("message_limit")?.extract()?);
    let syslog = Syslog::new(standard, facility, ascii(exporter, "host")?, ascii(exporter, "app_name")?, limit);
    Ok(Protocol::Frames(Form::Syslog(syslog), framing))
}

fn ascii(exporter: &Bound<'_, PyAny>, name: &str) -> PyResult<Box<[u8]>> {
    Ok(exporter.getattr(name)?.extract::<String>()?.into_bytes().into())
}
