//! `PyLogger`, the native class below `logly.Logger`: what a call needs, binding, and the configuration `python/logly` calls.
//!
//! Bound loggers are objects of their own that share one `Shared`. Everything here runs with the GIL held, except waits.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple, PyType};

use crate::backend::pipeline::Flushed;
use crate::backend::snapshot::{Sink, Target};
use crate::config::sink::SinkOptions;
use crate::level::LevelRef;
use crate::logger::{Core, Saved, wants};
use crate::python::archiving;
use crate::python::arguments;
use crate::python::callbacks;
use crate::python::callsite;
use crate::python::context::Fields;
use crate::python::destination::Destination;
use crate::python::interpreter::name;
use crate::python::lane;
use crate::python::options::SinkParts;
use crate::python::py_sink::{self, Coloring, PySink};
use crate::python::receiver;
use crate::python::records;
use crate::python::settings;
use crate::python::sinks::{console_sink, describe, python_sink};
use crate::python::stream::Stream;
use crate::python::waiting::{LONGEST_CLOSE, is_over, next_look};
use crate::sync::Mutex;

/// What a logger and everything bound to it have in common.
struct Shared {
    core: Core,
    color_callback: Coloring,
    /// The objects of `configure(extra=)`, for records that Python code sees.
    extra: Mutex<Option<Py<PyDict>>>,
}

#[pyclass(frozen, subclass, weakref, module = "logly._logly")]
pub struct PyLogger {
    shared: Arc<Shared>,
    bound: Option<Py<Fields>>,
}

impl PyLogger {
    #[inline]
    pub fn core(&self) -> &Core {
        &self.shared.core
    }

    #[inline]
    pub fn gate(&self) -> i32 {
        self.shared.core.gate()
    }

    #[inline]
    pub fn bound(&self) -> Option<&Py<Fields>> {
        self.bound.as_ref()
    }

    pub fn extra<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyDict>> {
        self.shared.extra.lock().as_ref().map(|extra| extra.bind(py).clone())
    }

    pub fn coloring(&self) -> Coloring {
        Arc::clone(&self.shared.color_callback)
    }

    /// A level by name or number, as `log` takes it.
    pub fn parse_level(&self, argument: &str, given: &Bound<'_, PyAny>) -> PyResult<LevelRef> {
        arguments::level(argument, &self.core().snapshot().settings.levels, given)
    }

    /// An independent logger with the implicit console.
    fn independent() -> PyResult<Self> {
        let shared = Shared { core: Core::new(), color_callback: Coloring::default(), extra: Mutex::default() };
        let logger = Self { shared: Arc::new(shared), bound: None };
        logger.add_implicit_console()?;
        Ok(logger)
    }

    fn add_implicit_console(&self) -> PyResult<()> {
        self.core().add(|id| console_sink(id, ("stdout", self.coloring()), SinkOptions::default(), None, true))?;
        Ok(())
    }

    pub fn remove_implicit_console(&self) -> PyResult<()> {
        self.core().remove(|sink| sink.is_implicit)?;
        Ok(())
    }

    /// Waits until sinks took everything accepted before; false when they did not, or not by the deadline.
    pub fn flush(&self, py: Python<'_>, deadline: Option<Instant>) -> PyResult<bool> {
        let mut all = self.wait_for_files(py, deadline)?;
        for active in self.core().sinks() {
            all &= lane::wait_for(py, &active.sink, deadline)?;
        }
        Ok(all)
    }

    /// As `flush`, for sinks that have no lane.
    pub fn wait_for_files(&self, py: Python<'_>, deadline: Option<Instant>) -> PyResult<bool> {
        if receiver::is_inside(py) {
            return Ok(false);
        }
        let mut all = self.wait_for_streams(py, deadline)?;
        for pipeline in self.core().pipelines() {
            let ticket = pipeline.request_flush();
            all &= loop {
                match py.detach(|| pipeline.wait_flush(ticket, next_look(deadline))) {
                    Flushed::Done(is_done) => break is_done,
                    Flushed::Busy if is_over(deadline) => break false,
                    Flushed::Busy => py.check_signals()?,
                }
            };
        }
        Ok(all)
    }

    /// Waits for lines that callers left to other threads because their Python sink was too slow.
    fn wait_for_streams(&self, py: Python<'_>, deadline: Option<Instant>) -> PyResult<bool> {
        let mut all = true;
        for active in self.core().sinks() {
            let Target::Python(target) = &active.sink.target else { continue };
            let Some(target) = target.downcast_ref::<PySink>() else { continue };
            let ticket = target.left_behind();
            all &= loop {
                match target.is_written(py, ticket, next_look(deadline)) {
                    true => break true,
                    false if is_over(deadline) => break false,
                    false => py.check_signals()?,
                }
            };
        }
        Ok(all)
    }

    /// Takes sinks away after they wrote what they had.
    fn remove_where(&self, py: Python<'_>, is_gone: impl Fn(&Sink) -> bool) -> PyResult<usize> {
        let gone = self.core().remove(is_gone)?;
        self.close(py, &gone)?;
        Ok(gone.len())
    }

    /// Has what was taken away write what it has; what is only hidden stays open.
    fn close(&self, py: Python<'_>, gone: &[Arc<Sink>]) -> PyResult<()> {
        let deadline = Instant::now() + LONGEST_CLOSE;
        for sink in gone.iter().filter(|sink| !self.core().is_held(sink)) {
            py_sink::close_removed(py, sink, deadline)?;
        }
        if !gone.is_empty() {
            let flushed = self.wait_for_files(py, Some(deadline));
            self.core().end_unused();
            flushed?;
            callbacks::finish(py, self.core(), gone, deadline)?;
        }
        Ok(())
    }
}

#[pymethods]
impl PyLogger {
    #[new]
    #[pyo3(signature = (parent=None, fields=None, /))]
    fn new(parent: Option<Bound<'_, PyLogger>>, fields: Option<Bound<'_, PyDict>>) -> PyResult<Self> {
        let Some(parent) = parent else { return Self::independent() };
        let py = parent.py();
        let bound = match fields.filter(|fields| !fields.is_empty()) {
            Some(fields) => Some(Py::new(py, Fields::new(&fields, parent.get().core().most_message_bytes())?)?),
            None => None,
        };
        Ok(Self { shared: Arc::clone(&parent.get().shared), bound })
    }

    #[pyo3(signature = (level, /))]
    fn is_enabled(&self, level: &Bound<'_, PyAny>) -> PyResult<bool> {
        let no = self.parse_level("level", level)?.no;
        let core = self.core();
        let is_active = core.wants() & wants::ACTIVATION == 0
            || core.snapshot().settings.activation.allows(&callsite::module(level.py()));
        Ok(is_active && no >= self.gate())
    }

    #[pyo3(signature = (**fields))]
    fn bind<'py>(slf: &Bound<'py, Self>, fields: Option<Bound<'py, PyDict>>) -> PyResult<Bound<'py, PyAny>> {
        let merged = slf.get().fields(slf.py())?;
        if let Some(fields) = fields {
            merged.update(fields.as_mapping())?;
        }
        derive(slf, merged)
    }

    #[pyo3(signature = (*names))]
    fn unbind<'py>(slf: &Bound<'py, Self>, names: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
        let kept = slf.get().fields(slf.py())?;
        for name in names.iter() {
            if kept.contains(&name)? {
                kept.del_item(name)?;
            }
        }
        derive(slf, kept)
    }

    /// A copy of the bound fields.
    #[getter(_bound)]
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        match &self.bound {
            Some(bound) => bound.get().values.bind(py).copy(),
            None => Ok(PyDict::new(py)),
        }
    }

    /// Whether both loggers have the same sinks.
    fn _shares_with(&self, other: &Bound<'_, PyLogger>) -> bool {
        Arc::ptr_eq(&self.shared, &other.get().shared)
    }

    fn _add(&self, sink: &Bound<'_, PyAny>, given: &Bound<'_, PyDict>) -> PyResult<u32> {
        let py = sink.py();
        let parts = SinkParts::parse(&self.core().snapshot().settings.levels, given)?;
        let destination = Destination::of(sink, &parts)?;
        if parts.has_functions() || matches!(destination, Destination::Stream(..)) {
            records::preload(py)?;
        }
        match destination {
            Destination::File(name) => self.add_file(py, name, parts),
            Destination::Console(name) => self.add_python(py, Stream::Console(name), true, parts),
            Destination::Stream(stream, is_console) => self.add_python(py, stream, is_console, parts),
        }
    }

    /// True for a known id; with None the number of sinks removed.
    fn _remove(&self, py: Python<'_>, id: Option<Bound<'_, PyAny>>) -> PyResult<usize> {
        let Some(id) = id else { return self.remove_where(py, |_| true) };
        let id = arguments::sink_id("sink_id", &id)?;
        self.remove_where(py, |sink| Some(sink.id) == id)
    }

    fn _configure(&self, given: &Bound<'_, PyDict>) -> PyResult<()> {
        let (parts, extra) = settings::change(self.core(), given)?;
        if let Some(extra) = extra {
            let before = self.shared.extra.lock().replace(extra.values);
            drop(before);
        }
        if let Some(callback) = parts.color_callback {
            let before = std::mem::replace(&mut *self.shared.color_callback.lock(), callback);
            drop(before);
        }
        match parts.console {
            Some(false) => self.remove_implicit_console(),
            Some(true) if !self.core().sinks().iter().any(|active| active.sink.is_console) => {
                self.add_implicit_console()
            }
            _ => Ok(()),
        }
    }

    #[pyo3(signature = (timeout=None))]
    fn _flush(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<bool> {
        let timeout = arguments::timeout("timeout", timeout)?;
        self.flush(py, timeout.map(|timeout| Instant::now() + timeout))
    }

    /// As `_flush`, and waits for callbacks and archives too.
    #[pyo3(signature = (timeout=None))]
    fn _complete(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<bool> {
        let timeout = arguments::timeout("timeout", timeout)?;
        if archiving::is_attendant() || receiver::is_inside(py) {
            return Ok(false);
        }
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        let is_called = callbacks::wait(py, self.core(), deadline)?;
        let is_written = self.flush(py, deadline)?;
        Ok(archiving::wait(py, deadline)? && is_written && is_called)
    }

    /// Has files closed and opened anew once everything before is written; returns how many.
    #[pyo3(signature = (sink_id=None, /))]
    fn _reopen(&self, py: Python<'_>, sink_id: Option<&Bound<'_, PyAny>>) -> PyResult<usize> {
        let wanted = sink_id.map(|id| arguments::sink_id("sink_id", id)).transpose()?;
        let mut sinks = self.core().sinks();
        sinks.retain(|active| active.sink.file().is_some() && wanted.is_none_or(|id| id == Some(active.sink.id)));
        for active in &sinks {
            let sink = &active.sink;
            // Nothing was logged yet: no engine has taken the file.
            let is_taken = !py.detach(|| sink.opened.reopen());
            sink.wants_reopen.store(is_taken, Ordering::Release);
        }
        self.wait_for_files(py, Some(Instant::now() + LONGEST_CLOSE))?;
        Ok(sinks.len())
    }

    fn _sinks<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        self.core().sinks().iter().map(|active| describe(py, self, active)).collect()
    }

    /// Sets the level of one sink, or of all that have none of their own; False for an unknown sink.
    fn _set_level(&self, level: &Bound<'_, PyAny>, sink: Option<Bound<'_, PyAny>>) -> PyResult<bool> {
        let level = self.parse_level("level", level)?.no;
        match sink.map(|sink| arguments::sink_id("sink", &sink)).transpose()? {
            Some(Some(id)) => Ok(self.core().set_sink_level(id, level)?),
            Some(None) => Ok(false),
            None => {
                self.core().configure(|settings| {
                    settings.level = level;
                    Ok(())
                })?;
                Ok(true)
            }
        }
    }

    fn _set_sink_enabled(&self, id: &Bound<'_, PyAny>, is_enabled: bool) -> PyResult<bool> {
        match arguments::sink_id("sink_id", id)? {
            Some(id) => Ok(self.core().set_sink_enabled(id, is_enabled)?),
            None => Ok(false),
        }
    }

    /// Switches the calls of the modules of a name, or without one all.
    #[pyo3(signature = (is_enabled, name=None))]
    fn _set_enabled(&self, is_enabled: bool, name: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let Some(name) = name else { return Ok(self.core().set_enabled(is_enabled)?) };
        let name = arguments::text("name", name)?;
        self.core().configure(|settings| {
            settings.activation.set(name, is_enabled);
            Ok(())
        })?;
        Ok(())
    }

    #[pyo3(signature = (name, no=None, color=None, icon=None))]
    fn _define_level(
        &self,
        name: &Bound<'_, PyAny>,
        no: Option<&Bound<'_, PyAny>>,
        color: Option<&Bound<'_, PyAny>>,
        icon: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let mut levels = self.core().settings().levels;
        settings::define_level(&mut levels, name, no, color, icon)?;
        self.core().configure(|settings| {
            settings.levels = levels;
            Ok(())
        })?;
        Ok(())
    }

    /// Name, number, colour and icon of a level.
    fn _level(&self, name: &str) -> PyResult<(String, i32, String, String)> {
        let levels = self.core().settings().levels;
        let found = levels.by_name("name", name)?;
        let level = levels.get(found.id).cloned();
        Ok(level.map(|level| (level.name, level.no, level.color, level.icon)).unwrap_or_default())
    }

    /// Has only `records`, a list, get the records from `level` up, until `_end_capture`.
    fn _begin_capture(&self, records: &Bound<'_, PyList>, level: &Bound<'_, PyAny>) -> PyResult<u32> {
        let options = SinkOptions { level: Some(self.parse_level("level", level)?.no), ..SinkOptions::default() };
        records::preload(records.py())?;
        let stream = Stream::Capture(records.clone().unbind());
        Ok(self.core().begin_capture(|id| python_sink(id, (stream, self.coloring()), options, None))?)
    }

    /// Has `records`, a list, get the records from `level` up beside all sinks, until `_end_capture`.
    fn _begin_observing(&self, records: &Bound<'_, PyList>, level: &Bound<'_, PyAny>) -> PyResult<u32> {
        let options = SinkOptions { level: Some(self.parse_level("level", level)?.no), ..SinkOptions::default() };
        records::preload(records.py())?;
        let stream = Stream::Capture(records.clone().unbind());
        Ok(self.core().begin_observing(|id| python_sink(id, (stream, self.coloring()), options, None))?)
    }

    fn _end_capture(&self, id: u32) -> PyResult<()> {
        Ok(self.core().end_capture(id)?)
    }

    /// Keeps the state for `_restore`; what there is now is only hidden if it is removed until then.
    fn _save(&self, py: Python<'_>) -> PySaved {
        let extra = self.shared.extra.lock().as_ref().map(|extra| extra.clone_ref(py));
        let color_callback = self.shared.color_callback.lock().as_ref().map(|callback| callback.clone_ref(py));
        PySaved(Mutex::new(Some((self.core().save(), extra, color_callback))))
    }

    /// Goes back to a state that `_save` kept; false when that was done.
    fn _restore(&self, py: Python<'_>, saved: &Bound<'_, PySaved>) -> PyResult<bool> {
        let Some((saved, extra, color_callback)) = saved.get().0.lock().take() else { return Ok(false) };
        let gone = self.core().restore(saved)?;
        let extra = std::mem::replace(&mut *self.shared.extra.lock(), extra);
        let callback = std::mem::replace(&mut *self.shared.color_callback.lock(), color_callback);
        drop((extra, callback));
        self.close(py, &gone)?;
        Ok(true)
    }

    /// The state at import: no sinks but the implicit console, all settings as they were.
    fn _reset(&self, py: Python<'_>) -> PyResult<()> {
        self.remove_where(py, |_| true)?;
        callbacks::remove_where(py, self.core(), |_| true)?;
        self.core().reset()?;
        let extra = self.shared.extra.lock().take();
        let callback = self.shared.color_callback.lock().take();
        drop((extra, callback));
        self.add_implicit_console()
    }
}

/// A state of a logger, with the objects that Python gave it.
#[pyclass(frozen, name = "_Saved", module = "logly._logly")]
pub struct PySaved(Mutex<Option<SavedParts>>);

type SavedParts = (Saved, Option<Py<PyDict>>, Option<Py<PyAny>>);

/// A logger of the same class that shares the sinks and has these fields.
fn derive<'py>(parent: &Bound<'py, PyLogger>, fields: Bound<'py, PyDict>) -> PyResult<Bound<'py, PyAny>> {
    let py = parent.py();
    // The global logger is of a class of its own; what is bound to it is an ordinary logger.
    let class = match parent.get_type().getattr_opt(name!(py, "_bound_class"))? {
        Some(class) => class,
        None => parent.get_type().into_any(),
    };
    // `__new__` of the native class, not a call of the subclass: its `__init__` is the program's business.
    PyType::new::<PyLogger>(py).call_method1("__new__", (class, parent, fields))
}
