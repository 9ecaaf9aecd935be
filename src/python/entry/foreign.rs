//! Records of other libraries: place, time, thread, process and exception are given by the library, not taken from the
//! call.
//!
//! Python code hands them over: a handler of `logging`, and hooks for errors and warnings. Once encoded, they are
//! treated like any other record. Only interrupts are raised to the code that logged there.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use pyo3::wrap_pyfunction;

use crate::logger::wants::Wants;
use crate::python::call::arrived::{Call, Raised};
use crate::python::call::callsite::CallSite;
use crate::python::call::state::PyLogger;
use crate::python::call::{names, options, surroundings, taking_over};
use crate::python::entry::deliver::{deliver, put_name, with_scratch};
use crate::python::exception::{given, section};
use crate::python::py::context_variable;
use crate::python::py::gil::{attached, thread_ident};
use crate::python::py::interrupt::Interrupt;
use crate::python::py::text::text_bytes;
use crate::python::record::patching;
use crate::python::record::patching::Patched;
use crate::python::record::records::Objects;
use crate::python::value::capture::Capture;
use crate::record::encoded::{Encoder, Header, Kind, Section, put_bytes};
use crate::site::{Location, NO_SITE, Site};
use crate::{clock, report};

/// The attributes of a `ForeignRecord` from `python/logly/_stdlib/foreign.py`.
#[derive(FromPyObject)]
struct Given<'py> {
    level: i32,
    /// Nanoseconds since the epoch; None stands for now.
    time_ns: Option<i64>,
    message: Bound<'py, PyString>,
    module: Bound<'py, PyString>,
    function: Bound<'py, PyString>,
    path: Bound<'py, PyString>,
    line: u32,
    thread: Option<u64>,
    thread_name: Option<Bound<'py, PyString>>,
    task: Option<Bound<'py, PyString>>,
    process: u32,
    process_name: Bound<'py, PyString>,
    fields: Bound<'py, PyDict>,
    /// The exception, or Python's text of it if the exception is not available.
    exception: Option<Bound<'py, PyAny>>,
    /// Python's text of the caller's stack, and its frames.
    stack: Option<(Bound<'py, PyString>, Bound<'py, PyAny>)>,
    trail: Bound<'py, PyString>,
}

/// Logs a record of another library, as if it had been logged here.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (logger, record, /))]
fn _log_foreign(logger: &Bound<'_, PyLogger>, record: &Bound<'_, PyAny>) -> PyResult<()> {
    let level: i32 = record.getattr("level")?.extract()?;
    if level < logger.get().gate() {
        return Ok(());
    }
    if let Some(interrupt) = taking_over::settle(logger.py(), logger.get()) {
        return Err(*interrupt);
    }
    if level < logger.get().core().lowest() {
        return Ok(());
    }
    let given: Given<'_> = record.extract()?;
    match catch_unwind(AssertUnwindSafe(|| emit_foreign(logger.get(), &given))) {
        Ok(Ok(None)) => Ok(()),
        Ok(Ok(Some(interrupt))) => Err(*interrupt),
        Ok(Err(error)) => Err(error),
        Err(_) => {
            report::tell_once("panic", "a logging call failed inside logly and was dropped; this is a bug in logly");
            Ok(())
        }
    }
}

fn emit_foreign(logger: &PyLogger, given: &Given<'_>) -> PyResult<Interrupt> {
    let py = given.message.py();
    let exception_text = given.exception.as_ref().and_then(text_bytes);
    let level = logger.core().load().settings.levels.by_number(given.level);
    let raised = given.exception.as_ref().filter(|_| exception_text.is_none()).map_or(Raised::No, Raised::Given);
    let thread_name = given.thread_name.as_ref().map(bytes);
    let task = given.task.as_ref().map(bytes);
    let (module, function, path) = (bytes(&given.module), bytes(&given.function), bytes(&given.path));
    let call = Call { py, logger, level, positional: &[], names: None, named: &[], raised };
    let mut capture = Capture::new(logger.core().wants(), logger.core().most_message_bytes());
    let foreign = Foreign {
        site: NO_SITE,
        time_ns: given.time_ns,
        message: &bytes(&given.message),
        location: Location { module: &module, function: &function, path: &path, line: given.line },
        thread: given.thread,
        thread_name: &match thread_name {
            Some(name) => name,
            None => capture.told_by(py, names::thread_name(py)).into_bytes(),
        },
        task: task.as_deref(),
        process: given.process,
        process_name: &bytes(&given.process_name),
        trail: &bytes(&given.trail),
        fields: Some(given.fields.as_borrowed()).filter(|fields| !fields.is_empty()),
        exception_text: exception_text.as_deref(),
        stack: given.stack.as_ref(),
    };
    emit_parts(&call, &foreign, &mut Vec::new(), &mut capture)?;
    Ok(capture.interrupt)
}

/// A record of another library, in parts. Its level, logger and exception are those of the call.
pub struct Foreign<'a, 'py> {
    /// The number of a site with this location, or `NO_SITE`.
    pub site: u32,
    /// Nanoseconds since the epoch; None stands for now.
    pub time_ns: Option<i64>,
    /// The message is taken verbatim: the other library has already filled it in, and braces in it are data.
    pub message: &'a [u8],
    pub location: Location<'a>,
    /// None stands for this thread.
    pub thread: Option<u64>,
    pub thread_name: &'a [u8],
    pub task: Option<&'a [u8]>,
    pub process: u32,
    pub process_name: &'a [u8],
    pub trail: &'a [u8],
    pub fields: Option<Borrowed<'a, 'py, PyDict>>,
    /// Python's text of an exception that is not available itself.
    pub exception_text: Option<&'a [u8]>,
    /// Python's text of the caller's stack, and its frames.
    pub stack: Option<&'a (Bound<'py, PyString>, Bound<'py, PyAny>)>,
}

/// Encodes a record of another library, and gives it to all sinks and callbacks. Returns the error to be raised.
#[inline]
pub fn emit_now(call: &Call<'_, '_>, foreign: &Foreign<'_, '_>) -> Interrupt {
    let core = call.logger.core();
    with_scratch(|buffer| {
        let mut capture = Capture::new(core.wants(), core.most_message_bytes());
        match emit_parts(call, foreign, buffer, &mut capture) {
            Ok(()) => capture.interrupt,
            Err(error) => Some(Box::new(error)),
        }
    })
}

/// Encodes a record of another library in the empty buffer, and gives it to all sinks and callbacks.
fn emit_parts(
    call: &Call<'_, '_>,
    foreign: &Foreign<'_, '_>,
    buffer: &mut Vec<u8>,
    capture: &mut Capture,
) -> PyResult<()> {
    let core = call.logger.core();
    if capture.wants.has(Wants::ACTIVATION) && !core.is_active(&foreign.site()) {
        return Ok(());
    }
    let is_for_queue_alone =
        call.logger.options().is_none() && !capture.wants.has(Wants::PATCHER.or(Wants::BESIDE_QUEUE));
    // Only engines find sites by their numbers here.
    let site = if is_for_queue_alone { foreign.site } else { NO_SITE };
    foreign.encode(call, site, buffer, capture);
    if !is_for_queue_alone {
        return attached(call.py, || deliver_with_objects(call, foreign, buffer, capture));
    }
    deliver(call, &CallSite::Nowhere, buffer, capture, None);
    Ok(())
}

/// Delivers a record to patchers and to sinks that may see its objects.
#[cold]
fn deliver_with_objects(
    call: &Call<'_, '_>,
    foreign: &Foreign<'_, '_>,
    buffer: &mut Vec<u8>,
    capture: &mut Capture,
) -> PyResult<()> {
    let py = call.py;
    let call_site = CallSite::New(Box::new(foreign.site()));
    let (keys, values) = match foreign.fields {
        Some(fields) => (Some(PyTuple::new(py, fields.keys())?), fields.values().iter().collect()),
        None => (None, Vec::new()),
    };
    let named: Vec<_> = values.iter().map(Bound::as_borrowed).collect();
    let call = Call { names: keys.as_ref().map(Bound::as_borrowed), named: &named, ..*call };
    let options = call.logger.options().map_or(&options::NONE, Py::get);
    let patchers = patching::patchers_of(call.logger, options, py);
    if patchers.is_empty() {
        deliver(&call, &call_site, buffer, capture, None);
        return Ok(());
    }
    let objects = Objects::of(&call, true, capture)?;
    let record = Patched { bytes: std::mem::take(buffer), objects, level: call.level };
    let patched = patching::run(&call, &call_site, record, &patchers, capture);
    let call = Call { level: patched.level, ..call };
    deliver(&call, &call_site, &patched.bytes, capture, Some(&patched.objects));
    Ok(())
}

impl Foreign<'_, '_> {
    fn site(&self) -> Site {
        let Location { module, function, path, line } = self.location;
        Site { module: module.into(), function: function.into(), path: path.into(), line, ..Site::default() }
    }

    fn encode(&self, call: &Call<'_, '_>, site: u32, buffer: &mut Vec<u8>, capture: &mut Capture) {
        let header = Header {
            level: call.level,
            site,
            time_ns: clock::frozen().or(self.time_ns).unwrap_or_else(clock::now_ns),
            thread: self.thread.unwrap_or_else(|| thread_ident(call.py)),
        };
        let mut encoder = Encoder::start(buffer, Kind::Record, &header);
        if site == NO_SITE {
            encoder.inline_site(&self.location);
        }
        if self.message.len() <= capture.most {
            encoder.section(Section::Message, self.message);
        } else {
            encoder.section(Section::Message, &capture.cut(self.message.to_vec()));
        }
        if let Some(bound) = call.logger.bound() {
            encoder.section(Section::Bound, &bound.get().encoded);
        }
        if context_variable::is_used() {
            surroundings::put(call.py, call.logger, &mut encoder, capture);
        }
        if let Some(fields) = self.fields {
            attached(call.py, || put_all(&fields, &mut encoder, capture));
        }
        if self.exception_text.is_some() || !matches!(call.raised, Raised::No) {
            attached(call.py, || self.put_exception(call, &mut encoder, capture));
        }
        if let Some((text, frames)) = self.stack {
            let json = Capture::everything(capture.most).json(frames, None);
            let mark = encoder.begin(Section::Stack);
            put_bytes(encoder.buffer(), &capture.cut(bytes(text)));
            put_bytes(encoder.buffer(), &json);
            encoder.end(mark);
        }
        self.put_origin(&mut encoder);
        encoder.finish();
    }

    #[cold]
    fn put_exception(&self, call: &Call<'_, '_>, encoder: &mut Encoder<'_>, capture: &mut Capture) {
        if let Some(text) = self.exception_text {
            return put_exception_text(encoder, &capture.cut(text.to_vec()));
        }
        if let Some(exception) = section::of(call, capture) {
            let rules = call.logger.core().load();
            section::put_exception(encoder, &exception, &rules.settings.frames, capture);
        }
    }

    fn put_origin(&self, encoder: &mut Encoder<'_>) {
        encoder.section(Section::ThreadName, self.thread_name);
        if let Some(task) = self.task {
            encoder.section(Section::Task, task);
        }
        let mark = encoder.begin(Section::Origin);
        encoder.buffer().extend_from_slice(&self.process.to_ne_bytes());
        put_bytes(encoder.buffer(), self.process_name);
        put_bytes(encoder.buffer(), self.trail);
        encoder.end(mark);
    }
}

/// Writes fields. The values' own code may change the dict meanwhile.
fn put_all(fields: &Bound<'_, PyDict>, encoder: &mut Encoder<'_>, capture: &mut Capture) {
    let fields: Vec<_> = fields.iter().collect();
    let mark = encoder.begin(Section::Call);
    for (name, value) in &fields {
        put_name(encoder.buffer(), name);
        capture.put(encoder.buffer(), value.as_borrowed());
    }
    encoder.end(mark);
}

fn bytes(text: &Bound<'_, PyString>) -> Vec<u8> {
    text_bytes(text.as_any()).unwrap_or_default()
}

fn put_exception_text(encoder: &mut Encoder<'_>, text: &[u8]) {
    let text = text.trim_ascii_end();
    section::put_exception_text(encoder, &[text, b"\n"].concat(), &given::json_of(text));
}

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_log_foreign, module)?)
}
