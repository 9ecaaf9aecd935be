//! Adds Python sinks, and describes sinks for `sink_info`.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::config::queue::PREPARED_BYTES;
use crate::config::sink::SinkOptions;
use crate::environment;
use crate::python::call::state::PyLogger;
use crate::python::lane::{inline, notices};
use crate::python::options::export_options::Remote;
use crate::python::options::sink_options::SinkParts;
use crate::python::options::sink_parameters::SINK_PARAMETERS;
use crate::python::record::templates::Templates;
use crate::python::sink::export_sink::ExportSink;
use crate::python::sink::hooks::PythonHooks;
use crate::python::sink::line_maker::LineMaker;
use crate::python::sink::parent_sink::ParentSink;
use crate::python::sink::py_sink::PySink;
use crate::python::sink::stream::{Stream, claim};
use crate::writer::snapshot::{ActiveSink, Sink, Target};

/// Whether every file is synchronous, as `LOGLY_SYNC=1` demands.
pub(super) fn is_sync_forced() -> bool {
    environment::variable("LOGLY_SYNC")
        .is_some_and(|value| !matches!(value.to_lowercase().as_str(), "" | "0" | "false" | "no" | "off"))
}

impl PyLogger {
    /// Adds a Python sink. A background sink gets its thread.
    pub(super) fn add_python(
        &self,
        py: Python<'_>,
        mut stream: Stream,
        is_console: bool,
        parts: SinkParts,
    ) -> PyResult<u32> {
        let is_asked_for = parts.async_write == Some(true) && !is_sync_forced();
        let is_async = is_asked_for || matches!(stream, Stream::Coroutine { .. });
        let mut handler = None;
        if let Stream::Handler { handler: given, logger, .. } = &mut stream {
            *logger = self.number();
            handler = Some(given.clone_ref(py));
        }
        let mut options = SinkOptions { is_async, ..parts.options };
        let hooks = PythonHooks {
            filter: parts.filter,
            format: parts.format,
            rotation: None,
            encoder: None,
            lines: LineMaker::default(),
            templates: Templates::default(),
        };
        let hooks = hooks.boxed();
        // Callers also decide which records a sink leaves out.
        let is_waiting = options.is_waiting;
        let has_limit = options.limit.is_some();
        let has_volume = has_limit || options.sample.is_some();
        let is_prepared = is_async && (hooks.is_some() || has_volume || stream.needs_caller(py));
        if is_prepared {
            options.queue.bytes = parts.queue_bytes.unwrap_or(PREPARED_BYTES);
        }
        let target = PySink::new(stream, self.coloring());
        let id = self.core().add(|id| Sink {
            hooks,
            is_console,
            is_prepared,
            ..Sink::new(id, options, Target::python(target))
        })?;
        if is_console && !is_waiting {
            self.remove_implicit_console()?;
        }
        if let Some(handler) = &handler {
            claim(handler.bind(py), self.number())?;
        }
        if is_async && handler.is_some() {
            // This registers the exit function once more. The function registered last is called first, and `logging`
            // closes its handlers at exit.
            py.import("logly._process.lifecycle")?.call_method0("install")?;
        }
        if has_limit {
            notices::register(&self.shared);
        }
        if let Some(sink) = self.core().find(id) {
            inline::begin(py, &sink);
        }
        Ok(id)
    }
}

impl PyLogger {
    /// Removes the sinks taken over from the parent process that lead to the same place as this new one.
    pub(super) fn replace_taken(&self, py: Python<'_>, id: u32) -> PyResult<()> {
        let taken = self.shared().journal.lock().taken();
        let Some(new) = self.core().find(id).filter(|_| !taken.is_empty() && !taken.contains(&id)) else {
            return Ok(());
        };
        let place = kind_and_name(py, &new);
        let is_same = |sink: &Sink| taken.contains(&sink.id) && kind_and_name(py, sink) == place;
        self.remove_where(py, is_same).map(drop)
    }
}

/// The kind and the name of a sink.
pub(super) fn kind_and_name(py: Python<'_>, sink: &Sink) -> (&'static str, String) {
    match &sink.target {
        Target::File(file) => {
            let kind = if sink.standard().is_some() { "direct" } else { "file" };
            (kind, file.options.path.display().to_string())
        }
        Target::Python(_) => match PySink::of(sink) {
            Some(target) => (target.stream().kind(), target.name(py)),
            None => match (ExportSink::of(sink), ParentSink::of(sink)) {
                (Some(export), _) => (export.kind, export.endpoint.clone()),
                (None, Some(parent)) => ("parent", parent.name.clone()),
                (None, None) => ("sink", String::new()),
            },
        },
    }
}

/// One sink as `sink_info` shows it.
pub fn describe<'py>(py: Python<'py>, logger: &PyLogger, active: &ActiveSink) -> PyResult<Bound<'py, PyDict>> {
    let sink = &active.sink;
    let info = PyDict::new(py);
    let (kind, name) = kind_and_name(py, sink);
    let settings = logger.core().settings();
    let levels = &settings.levels;
    let level = levels.by_number(active.own_level.unwrap_or(settings.level));
    info.set_item("id", sink.id)?;
    info.set_item("kind", kind)?;
    info.set_item("name", name)?;
    info.set_item("level", levels.get(level.id).map_or_else(|| level.no.to_string(), |level| level.name.clone()))?;
    info.set_item("level_no", level.no)?;
    info.set_item("enabled", active.is_enabled)?;
    let is_otlp = ExportSink::of(sink).is_some_and(|export| export.kind == Remote::Otlp.name());
    let is_json = active.layout.is_json() && active.on_terminal.is_none() && !is_otlp;
    info.set_item("json", is_json)?;
    let given = |name: &str| sink.options.given.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str());
    info.set_item("format", given("format").or_else(|| settings.format_of(&sink.options)))?;
    info.set_item("path", sink.file_at_path().map(|file| file.path.display().to_string()))?;
    for parameter in SINK_PARAMETERS.iter().filter(|parameter| parameter.is_shown) {
        info.set_item(parameter.name, given(parameter.name))?;
    }
    info.set_item("async_write", sink.options.is_async)?;
    info.set_item("implicit", sink.is_implicit)?;
    let tally = logger.core().tally(sink);
    info.set_item("written", tally.written)?;
    info.set_item("filtered", tally.filtered)?;
    info.set_item("dropped", tally.dropped.iter().sum::<u64>())?;
    Ok(info)
}
