//! `PyLogger`, the native class below `logly.Logger`: levels, binding, and the configuration that `python/logly` calls.
//!
//! Bound loggers are objects of their own that share one `Shared`. Everything here runs with the GIL held, except
//! waits.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict, PyList, PyString, PyTuple, PyType};

use crate::config::sink::SinkOptions;
use crate::dialect::Dialect;
use crate::level::LevelRef;
use crate::logger::core::Core;
use crate::logger::throttle::Throttle;
use crate::logger::wants::Wants;
use crate::process::hanging;
use crate::python::call::callsite;
use crate::python::call::fields::Fields;
use crate::python::call::options::{CallOptions, Throttled};
use crate::python::call::state::{Coloring, NUMBERS, PyLogger, Shared};
use crate::python::call::variables::Variables;
use crate::python::files::archiving;
use crate::python::lane::callbacks;
use crate::python::logger::flush;
use crate::python::logger::sinks::describe;
use crate::python::options::destination::Destination;
use crate::python::options::settings;
use crate::python::options::sink_options::SinkParts;
use crate::python::py::interpreter::name;
use crate::python::py::role;
use crate::python::py::wait::LONGEST_CLOSE;
use crate::python::record::{patching, records};
use crate::python::sink::py_sink::PySink;
use crate::python::sink::stream::Stream;
use crate::python::value::arguments;
use crate::python::value::arguments::{refuse_named, wrong_type};
use crate::sync::Mutex;
use crate::writer::snapshot::{Sink, Target};

impl PyLogger {
    /// Whether any sink wants records of a level from the calling module.
    pub fn is_enabled(&self, level: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.settled(level.py())?;
        let wanted = self.parse_level("level", level)?;
        let core = self.core();
        let is_active = !core.wants().has(Wants::ACTIVATION)
            || core.snapshot().settings.activation.allows(&callsite::module(level.py()));
        Ok(is_active && wanted.no >= core.lowest() && self.is_wanted(level.py(), wanted))
    }

    fn own_options(&self, py: Python<'_>) -> CallOptions {
        self.options.as_ref().map_or_else(CallOptions::default, |own| own.get().copy(py))
    }

    /// A level by name or number, as `log` takes it.
    pub fn parse_level(&self, argument: &str, given: &Bound<'_, PyAny>) -> PyResult<LevelRef> {
        arguments::level(argument, &self.core().snapshot().settings.levels, given)
    }

    /// An independent logger with the implicit console.
    fn independent() -> PyResult<Self> {
        let logger = Self::of_dialect(Dialect::default());
        logger.add_implicit_console()?;
        Ok(logger)
    }

    /// An independent logger without sinks.
    fn of_dialect(dialect: Dialect) -> Self {
        let shared = Shared {
            core: Core::of(dialect),
            abandon: flush::abandon,
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            color_callback: Coloring::default(),
            extra: Mutex::default(),
            variables: Variables::default(),
            patcher: Mutex::default(),
            throttle: Mutex::default(),
            journal: Mutex::default(),
            notes: Mutex::default(),
        };
        Self { shared: Arc::new(shared), bound: None, options: None }
    }

    pub(super) fn add_implicit_console(&self) -> PyResult<()> {
        self.core().add(|id| self.implicit_console(id))?;
        Ok(())
    }

    fn implicit_console(&self, id: u32) -> Sink {
        let target = PySink::new(Stream::Console("stdout"), self.coloring());
        let sink = Sink::new(id, SinkOptions::default(), Target::python(target));
        Sink { is_console: true, is_implicit: true, ..sink }
    }

    /// Makes a sink's options and target from a list that gets its records.
    fn capture(&self, records: &Bound<'_, PyList>, level: &Bound<'_, PyAny>) -> PyResult<(SinkOptions, Target)> {
        let options = SinkOptions { level: Some(self.parse_level("level", level)?.no), ..SinkOptions::default() };
        records::preload(records.py())?;
        let stream = Stream::Capture(records.clone().unbind());
        Ok((options, Target::python(PySink::new(stream, self.coloring()))))
    }

    pub(super) fn remove_implicit_console(&self) -> PyResult<()> {
        self.core().remove(|sink| sink.is_implicit)?;
        Ok(())
    }

    /// Whether some sink takes this level from the calling module, under the settings for modules and single levels.
    fn is_wanted(&self, py: Python<'_>, level: LevelRef) -> bool {
        let snapshot = self.core().snapshot();
        let settings = &snapshot.settings;
        let mut sinks = snapshot.sinks.iter().chain(&snapshot.lanes);
        if settings.module_levels.is_empty() && sinks.clone().all(|active| active.is_plain) {
            return true;
        }
        let module = callsite::module(py);
        sinks.any(|active| {
            active.takes(settings, level) && (active.is_plain || active.accepts_module(settings, level, &module))
        })
    }

    /// Adds a sink of any kind.
    pub(super) fn add_sink(&self, py: Python<'_>, destination: Destination, parts: SinkParts) -> PyResult<u32> {
        if parts.has_functions() || matches!(destination, Destination::Stream(..)) {
            records::preload(py)?;
        }
        match destination {
            Destination::File(name) => self.add_file(py, name, parts),
            Destination::Direct(standard) => self.add_direct(py, standard, parts),
            Destination::Console(name) => self.add_python(py, Stream::Console(name), true, parts),
            Destination::Stream(stream, is_console) => self.add_python(py, stream, is_console, parts),
            Destination::Export(remote, address) => self.add_export(py, (remote, address.as_deref()), parts),
        }
    }
}

#[pymethods]
#[pyo3(crate = "crate::python::py::trampoline::watched")]
impl PyLogger {
    #[new]
    #[pyo3(signature = (parent=None, fields=None, options=None, /))]
    fn new(
        parent: Option<Bound<'_, PyLogger>>,
        fields: Option<Bound<'_, PyDict>>,
        options: Option<Bound<'_, CallOptions>>,
    ) -> PyResult<Self> {
        let Some(parent) = parent else { return Self::independent() };
        let (py, parent) = (parent.py(), parent.get());
        let bound = match fields {
            Some(fields) if fields.is_empty() => None,
            Some(fields) => {
                let core = parent.core();
                Some(Py::new(py, Fields::new(&fields, core.most_message_bytes(), core.dialect())?)?)
            }
            None => parent.bound.as_ref().map(|bound| bound.clone_ref(py)),
        };
        let options = options.map(Bound::unbind).or_else(|| parent.options.as_ref().map(|own| own.clone_ref(py)));
        Ok(Self { shared: Arc::clone(&parent.shared), bound, options })
    }

    /// A logger of the class, without sinks, that behaves as the one of another library.
    #[classmethod]
    fn _of_dialect<'py>(class: &Bound<'py, PyType>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let py = class.py();
        let dialect = if name == "loguru" { Dialect::Loguru } else { Dialect::Logly };
        let made = Py::new(py, Self::of_dialect(dialect))?;
        PyType::new::<PyLogger>(py).call_method1("__new__", (class, made))
    }

    #[doc = include_str!(concat!(env!("OUT_DIR"), "/bind.txt"))]
    #[expect(clippy::doc_markdown, reason = "the docstring is for Python")]
    #[pyo3(signature = (**fields))]
    fn bind<'py>(slf: &Bound<'py, Self>, fields: Option<Bound<'py, PyDict>>) -> PyResult<Bound<'py, PyAny>> {
        let merged = slf.get().fields(slf.py())?;
        if let Some(fields) = fields {
            merged.update(fields.as_mapping())?;
        }
        derive(slf, Some(merged), None)
    }

    #[doc = include_str!(concat!(env!("OUT_DIR"), "/unbind.txt"))]
    #[expect(clippy::doc_markdown, reason = "the docstring is for Python")]
    #[pyo3(signature = (*names, **others), text_signature = "($self, *names)")]
    fn unbind<'py>(
        slf: &Bound<'py, Self>,
        names: &Bound<'py, PyTuple>,
        others: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        refuse_named("Logger.unbind", others, &[])?;
        let kept = slf.get().fields(slf.py())?;
        for name in names.iter() {
            if !name.is_instance_of::<PyString>() {
                return Err(wrong_type("names", "names of fields (str), as in unbind(\"user\")", &name));
            }
            if kept.contains(&name)? {
                kept.del_item(name)?;
            }
        }
        derive(slf, Some(kept), None)
    }

    /// A logger whose calls also have these options.
    fn _opt<'py>(slf: &Bound<'py, Self>, given: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyAny>> {
        let own = slf.get().own_options(slf.py());
        let own = if slf.get().core().dialect().adds_options() { own } else { own.without_opt(slf.py()) };
        let mut options = own.with(given)?;
        options.steps.push(("_opt", PyTuple::new(slf.py(), [given])?.unbind()));
        derive(slf, None, Some(options))
    }

    /// A logger that logs only as often as a rule allows.
    fn _throttle<'py>(
        slf: &Bound<'py, Self>,
        name: &str,
        value: &Bound<'py, PyAny>,
        key: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let mut options = slf.get().own_options(slf.py());
        options.throttles.push(Throttled::parse(name, value, key)?);
        options.steps.push(("_throttle", (name, value, key).into_pyobject(slf.py())?.unbind()));
        derive(slf, None, Some(options))
    }

    /// A logger that passes its records to this function first.
    fn _patch<'py>(slf: &Bound<'py, Self>, patcher: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if !patcher.is_callable() {
            return Err(arguments::wrong_type("patcher", "a function", patcher));
        }
        patching::preload(slf.py())?;
        let mut options = slf.get().own_options(slf.py());
        options.patchers.push(patcher.clone().unbind());
        options.steps.push(("_patch", PyTuple::new(slf.py(), [patcher])?.unbind()));
        derive(slf, None, Some(options))
    }

    /// A copy of the bound fields.
    #[getter(_bound)]
    pub fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        hanging::watch();
        match &self.bound {
            Some(bound) => bound.get().values.bind(py).copy(),
            None => Ok(PyDict::new(py)),
        }
    }

    /// A number that no logger with other sinks has.
    #[getter]
    fn _number(&self) -> u64 {
        hanging::watch();
        self.number()
    }

    /// The object that the Python side keeps for all loggers with these sinks. The function makes it at first use.
    fn _notes<'py>(&self, factory: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = factory.py();
        if let Some(notes) = self.shared.notes.lock().as_ref() {
            return Ok(notes.bind(py).clone());
        }
        // Unlocked, since the function is Python. Another thread may have made one in the meantime.
        let made = factory.call0()?;
        Ok(self.shared.notes.lock().get_or_insert(made.unbind()).bind(py).clone())
    }

    /// The methods that gave this logger its options, with their arguments.
    #[getter(_steps)]
    fn steps<'py>(&self, py: Python<'py>) -> Vec<(&'static str, Bound<'py, PyTuple>)> {
        hanging::watch();
        let steps = self.options.iter().flat_map(|options| &options.get().steps);
        steps.map(|(name, given)| (*name, given.bind(py).clone())).collect()
    }

    /// Whether both loggers have the same sinks.
    fn _shares_with(&self, other: &Bound<'_, PyLogger>) -> bool {
        Arc::ptr_eq(&self.shared, &other.get().shared)
    }

    fn _add(&self, sink: &Bound<'_, PyAny>, given: &Bound<'_, PyDict>) -> PyResult<u32> {
        let mut parts = SinkParts::parse(&self.core().snapshot().settings.levels, given)?;
        let py = sink.py();
        self.check_names(py, parts.options.format.as_deref(), None)?;
        let destination = Destination::of(sink, &mut parts)?;
        self.sets_up(py, true)?;
        let id = self.add_sink(py, destination, parts)?;
        self.note_added(id, sink, given)?;
        self.replace_taken(py, id)?;
        Ok(id)
    }

    /// Removes the sink with this id, or all sinks if it is None. Returns the number of sinks removed.
    fn _remove(&self, py: Python<'_>, id: Option<Bound<'_, PyAny>>) -> PyResult<usize> {
        let id = id.map(|id| arguments::sink_id("sink_id", &id)).transpose()?;
        self.sets_up(py, false)?;
        let Some(id) = id else { return self.remove_where(py, |_| true) };
        self.remove_where(py, |sink| Some(sink.id) == id)
    }

    fn _configure(&self, given: &Bound<'_, PyDict>) -> PyResult<()> {
        self.configure(given)?;
        self.configures(given)
    }

    #[pyo3(signature = (timeout=None))]
    fn _flush(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<bool> {
        let timeout = arguments::timeout("timeout", timeout)?;
        self.flush(py, timeout.map(|timeout| Instant::now() + timeout))
    }

    /// As `_flush`, but also waits for callbacks and archives.
    #[pyo3(signature = (timeout=None))]
    fn _complete(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<bool> {
        let timeout = arguments::timeout("timeout", timeout)?;
        if archiving::is_python_worker() || role::is_inside(py) {
            return Ok(false);
        }
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        let is_taken = flush::take_in(py, deadline)?;
        let is_called = callbacks::wait(py, self.core(), deadline)? && is_taken;
        let is_written = self.flush(py, deadline)?;
        Ok(archiving::wait(py, deadline)? && is_written && is_called)
    }

    /// Closes and reopens files once everything before is written. Returns the number of files.
    #[pyo3(signature = (sink_id=None, /))]
    fn _reopen(&self, py: Python<'_>, sink_id: Option<&Bound<'_, PyAny>>) -> PyResult<usize> {
        let wanted = sink_id.map(|id| arguments::sink_id("sink_id", id)).transpose()?;
        let mut sinks = self.core().sinks();
        sinks.retain(|active| active.sink.file().is_some() && wanted.is_none_or(|id| id == Some(active.sink.id)));
        for active in &sinks {
            let sink = &active.sink;
            // If nothing was logged yet, no engine has taken the file.
            let is_taken = !py.detach(|| sink.opened.reopen());
            sink.wants_reopen.store(is_taken, Ordering::Release);
        }
        self.wait_for_files(py, Some(Instant::now() + LONGEST_CLOSE))?;
        Ok(sinks.len())
    }

    fn _sinks<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        self.settled(py)?;
        self.core().sinks().iter().map(|active| describe(py, self, active)).collect()
    }

    /// Sets the level of one sink, or of all sinks without a level of their own. False for an unknown sink.
    fn _set_level(&self, level: &Bound<'_, PyAny>, sink: Option<Bound<'_, PyAny>>) -> PyResult<bool> {
        let py = level.py();
        let level = self.parse_level("level", level)?.no;
        self.changed(py)?;
        match sink.map(|sink| arguments::sink_id("sink", &sink)).transpose()? {
            Some(Some(id)) => {
                self.settled(py)?;
                Ok(self.core().set_sink_level(id, level)?)
            }
            Some(None) => Ok(false),
            None => {
                self.core().configure(|settings| {
                    settings.level = level;
                    Ok(())
                })?;
                self.configures(&[("level", level)].into_py_dict(py)?)?;
                Ok(true)
            }
        }
    }

    fn _set_sink_enabled(&self, id: &Bound<'_, PyAny>, is_enabled: bool) -> PyResult<bool> {
        self.settled(id.py())?;
        self.changed(id.py())?;
        match arguments::sink_id("sink_id", id)? {
            Some(id) => Ok(self.core().set_sink_enabled(id, is_enabled)?),
            None => Ok(false),
        }
    }

    /// Switches the calls of the modules with this name, or all calls if there is no name.
    #[pyo3(signature = (is_enabled, name=None))]
    fn _set_enabled(&self, py: Python<'_>, is_enabled: bool, name: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        self.changed(py)?;
        let Some(name) = name else {
            self.settled(py)?;
            return Ok(self.core().set_enabled(is_enabled)?);
        };
        let name = arguments::module("name", name)?;
        self.core().configure(|settings| {
            settings.activation.set(name, is_enabled);
            Ok(())
        })?;
        self.configures(&[("activation", vec![(name, is_enabled)])].into_py_dict(py)?)
    }

    /// Switches the calls of modules without a name.
    fn _set_nameless_enabled(&self, py: Python<'_>, is_enabled: bool) -> PyResult<()> {
        self.changed(py)?;
        Ok(self.core().configure(|settings| {
            settings.activation.set_nameless(is_enabled);
            Ok(())
        })?)
    }

    #[pyo3(signature = (name, no=None, color=None, icon=None))]
    fn _define_level(
        &self,
        name: &Bound<'_, PyAny>,
        no: Option<&Bound<'_, PyAny>>,
        color: Option<&Bound<'_, PyAny>>,
        icon: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let py = name.py();
        self.changed(py)?;
        let mut levels = self.core().settings().levels;
        settings::define_level(&mut levels, name, no, color, icon)?;
        self.core().configure(|settings| {
            settings.levels = levels;
            Ok(())
        })?;
        let given = [("name", Some(name)), ("no", no), ("color", color), ("icon", icon)].into_py_dict(py)?;
        self.configures(&[("levels", vec![given])].into_py_dict(py)?)
    }

    /// The number of a level given by name or number. Errors name the given argument.
    fn _level_number(&self, argument: &str, level: &Bound<'_, PyAny>) -> PyResult<i32> {
        Ok(self.parse_level(argument, level)?.no)
    }

    /// Name, number, colour and icon of a level.
    fn _level(&self, name: &Bound<'_, PyAny>) -> PyResult<(String, i32, String, String)> {
        let text = arguments::text("name", name)?;
        if self.core().settings().levels.id_of(text).is_none() {
            self.settled(name.py())?;
        }
        let levels = self.core().settings().levels;
        let found = levels.by_name("name", text)?;
        let level = levels.get(found.id).cloned();
        Ok(level.map(|level| (level.name, level.no, level.color, level.icon)).unwrap_or_default())
    }

    /// Sends records from `level` up only to `records`, a list, until `_end_capture`.
    fn _begin_capture(&self, records: &Bound<'_, PyList>, level: &Bound<'_, PyAny>) -> PyResult<u32> {
        let (options, target) = self.capture(records, level)?;
        Ok(self.core().begin_capture(|id| Sink::new(id, options, target))?)
    }

    /// Sends records from `level` up to `records`, a list, as well as to all sinks, until `_end_capture`.
    fn _begin_observing(&self, records: &Bound<'_, PyList>, level: &Bound<'_, PyAny>) -> PyResult<u32> {
        let (options, target) = self.capture(records, level)?;
        Ok(self.core().begin_observing(|id| Sink::new(id, options, target))?)
    }

    fn _end_capture(&self, id: u32) -> PyResult<()> {
        Ok(self.core().end_capture(id)?)
    }

    /// Restores the state at import: no sinks but the implicit console, and all settings as they were then.
    fn _reset(&self, py: Python<'_>) -> PyResult<()> {
        self.sets_up(py, false)?;
        self.remove_where(py, |_| true)?;
        callbacks::remove_where(py, self.core(), |_| true)?;
        let journal = std::mem::take(&mut *self.shared().journal.lock());
        drop(journal);
        self.core().reset()?;
        let has_console = !self.core().dialect().is_loguru();
        let extra = self.shared.extra.lock().take();
        let callback = self.shared.color_callback.lock().take();
        let patcher = self.shared.patcher.lock().take();
        self.shared.variables.give(py, Vec::new());
        *self.throttle() = Throttle::default();
        drop((extra, callback, patcher));
        if has_console { self.add_implicit_console() } else { Ok(()) }
    }
}

/// A logger of the same class that shares the sinks. If fields or options are missing, it has those of its parent.
fn derive<'py>(
    parent: &Bound<'py, PyLogger>,
    fields: Option<Bound<'py, PyDict>>,
    options: Option<CallOptions>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = parent.py();
    // The global logger has a class of its own. Loggers derived from it are ordinary loggers.
    let class = match parent.get_type().getattr_opt(name!(py, "_bound_class"))? {
        Some(class) => class,
        None => parent.get_type().into_any(),
    };
    let options = options.map(|options| Bound::new(py, options)).transpose()?;
    // This calls `__new__` of the native class and does not call the subclass, since its `__init__` is the program's
    // business.
    PyType::new::<PyLogger>(py).call_method1("__new__", (class, parent, fields, options))
}
