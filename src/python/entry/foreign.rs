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
use crate::python::entry::deliver::{deliver, put_fields};
use crate::python::exception::{given, section};
use crate::python::py::context_variable;
use crate::python::py::gil::thread_ident;
use crate::python::py::interrupt::Interrupt;
use crate::python::py::text::text_bytes;
use crate::python::record::patching;
use crate::python::record::patching::Patched;
use crate::python::record::records::Objects;
use crate::python::value::capture::Capture;
use crate::record::encoded::{Encoder, Header, Kind, Section, put_bytes};
use crate::site::Site;
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
    let core = logger.core();
    let site = given.site();
    if core.wants().has(Wants::ACTIVATION) && !core.is_active(&site) {
        return Ok(None);
    }
    let level = core.load().settings.levels.by_number(given.level);
    let names = PyTuple::new(py, given.fields.keys())?;
    let values: Vec<_> = given.fields.values().iter().collect();
    let values: Vec<_> = values.iter().map(Bound::as_borrowed).collect();
    let message = [given.message.as_any().as_borrowed()];
    let names = (!values.is_empty()).then(|| names.as_borrowed());
    let raised = given.exception.as_ref().filter(|_| given.exception_text().is_none());
    let raised = raised.map_or(Raised::No, Raised::Given);
    let call = Call { py, logger, level, positional: &message, names, named: &values, raised };
    let mut capture = Capture::new(core.wants(), core.most_message_bytes());
    let call_site = CallSite::New(Box::new(site));
    let mut buffer = Vec::new();
    given.encode(&call, &call_site, &mut buffer, &mut capture);
    let options = logger.options().map_or(&options::NONE, Py::get);
    let patchers = patching::patchers_of(logger, options, py);
    if patchers.is_empty() {
        deliver(&call, &call_site, &buffer, &mut capture, None);
    } else {
        let objects = Objects::of(&call, true, &mut capture)?;
        let record = Patched { bytes: buffer, objects, level };
        let patched = patching::run(&call, &call_site, record, &patchers, &mut capture);
        let call = Call { level: patched.level, ..call };
        deliver(&call, &call_site, &patched.bytes, &mut capture, Some(&patched.objects));
    }
    Ok(capture.interrupt)
}

impl Given<'_> {
    fn site(&self) -> Site {
        Site {
            module: bytes(&self.module).into(),
            function: bytes(&self.function).into(),
            path: bytes(&self.path).into(),
            line: self.line,
            ..Site::default()
        }
    }

    fn encode(&self, call: &Call<'_, '_>, call_site: &CallSite, buffer: &mut Vec<u8>, capture: &mut Capture) {
        let header = Header {
            level: call.level,
            site: call_site.id(),
            time_ns: clock::frozen().or(self.time_ns).unwrap_or_else(clock::now_ns),
            thread: self.thread.unwrap_or_else(|| thread_ident(call.py)),
        };
        let mut encoder = Encoder::start(buffer, Kind::Record, &header);
        encoder.inline_site(&call_site.site().location());
        // The message is taken verbatim: the other library has already filled it in, and braces in it are data.
        encoder.section(Section::Message, &capture.cut(bytes(&self.message)));
        if let Some(bound) = call.logger.bound() {
            encoder.section(Section::Bound, &bound.get().encoded);
        }
        if context_variable::is_used() {
            surroundings::put(call.py, call.logger, &mut encoder, capture);
        }
        put_fields(call, call_site, &mut encoder, capture);
        self.put_exception(call, &mut encoder, capture);
        if let Some((text, frames)) = &self.stack {
            let json = Capture::everything(capture.most).json(frames, None);
            let mark = encoder.begin(Section::Stack);
            put_bytes(encoder.buffer(), &capture.cut(bytes(text)));
            put_bytes(encoder.buffer(), &json);
            encoder.end(mark);
        }
        self.put_origin(call, &mut encoder, capture);
        encoder.finish();
    }

    fn put_exception(&self, call: &Call<'_, '_>, encoder: &mut Encoder<'_>, capture: &mut Capture) {
        if let Some(text) = self.exception_text() {
            return put_exception_text(encoder, &capture.cut(text));
        }
        if let Some(exception) = section::of(call, capture) {
            let rules = call.logger.core().load();
            section::put_exception(encoder, &exception, &rules.settings.frames, capture);
        }
    }

    fn put_origin(&self, call: &Call<'_, '_>, encoder: &mut Encoder<'_>, capture: &mut Capture) {
        let thread_name = match &self.thread_name {
            Some(name) => bytes(name),
            None => capture.told_by(call.py, names::thread_name(call.py)).into_bytes(),
        };
        encoder.section(Section::ThreadName, &thread_name);
        if let Some(task) = &self.task {
            encoder.section(Section::Task, &bytes(task));
        }
        let mark = encoder.begin(Section::Origin);
        encoder.buffer().extend_from_slice(&self.process.to_ne_bytes());
        put_bytes(encoder.buffer(), &bytes(&self.process_name));
        put_bytes(encoder.buffer(), &bytes(&self.trail));
        encoder.end(mark);
    }

    /// The text of an exception that did not come as an object, such as one from another process.
    fn exception_text(&self) -> Option<Vec<u8>> {
        text_bytes(self.exception.as_ref()?)
    }
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
