//! Delivery of a record to the sinks that need Python: consoles, objects and functions, and files whose filter or
//! format is a function.
//!
//! Lines are made and written on the caller's thread with the GIL held.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::format::escape::Multiline;
use crate::format::finished::Finished;
use crate::format::formatter::Layout;
use crate::format::text::put_value;
use crate::python::call::arrived::Call;
use crate::python::call::callsite::CallSite;
use crate::python::lane::offer;
use crate::python::py::inside::Inside;
use crate::python::py::interpreter::{is_finalizing, name};
use crate::python::py::interrupt::is_for_caller;
use crate::python::py::telling;
use crate::python::py::text::{text_bytes, to_python};
use crate::python::record::asking::Before;
use crate::python::record::patching::Patched;
use crate::python::record::records::Objects;
use crate::python::record::versions::Versions;
use crate::python::record::{patching, records};
use crate::python::sink::enqueue::enqueue;
use crate::python::sink::hooks::PythonHooks;
use crate::python::sink::line_maker::LineMaker;
use crate::python::sink::prepared::Prepared;
use crate::python::sink::py_sink::PySink;
use crate::python::sink::rotation::RotationRule;
use crate::python::sink::stream::{Stream, is_plain};
use crate::python::value::capture::Capture;
use crate::python::value::copied;
use crate::record::decoded::Record;
use crate::record::encoded::{Encoder, Header, Kind};
use crate::report;
use crate::stats::Loss;
use crate::writer::snapshot::{ActiveSink, Snapshot, StreamStyle, Target};

const A_PATTERN: &str = "a format function returned a pattern, which is written as it is: return the finished line, or give format=logly.template(function)";

/// The beginnings of the placeholders that such patterns contain.
const TOKENS: [&str; 5] = ["{message", "{level", "{time", "{extra[", "{exception"];

/// One record with everything its Python sinks need. The dict is built when it is first requested.
struct Delivery<'d, 'a, 'py> {
    call: &'d Call<'a, 'py>,
    call_site: &'d CallSite<'d>,
    snapshot: &'d Arc<Snapshot>,
    /// The changed versions of the record.
    versions: &'d Versions,
    bytes: &'d [u8],
    record: Record<'d>,
    capture: &'d mut Capture,
    objects: Option<&'d Objects<'py>>,
    /// Objects made during delivery: those of the call, or those of a changed record.
    own_objects: Option<Objects<'py>>,
    dict: Option<Bound<'py, PyDict>>,
    /// The strand that logs.
    strand: u64,
    /// The id of the sink that is being served.
    sink: u32,
    /// Whether errors from this sink are passed on to the caller.
    lets_errors_out: bool,
}

/// Gives a record to every sink that needs Python, in their order. Changes by filters and format functions go to
/// `versions`.
pub fn deliver<'py>(
    call: &Call<'_, 'py>,
    call_site: &CallSite<'_>,
    bytes: &[u8],
    capture: &mut Capture,
    objects: Option<&Objects<'py>>,
    versions: &Versions,
) {
    let snapshot = call.logger.core().snapshot();
    let record = Record::decode(bytes, call_site.decoding_site(), &snapshot.settings.extra);
    let mut delivery = Delivery {
        call,
        call_site,
        snapshot: &snapshot,
        versions,
        bytes,
        record,
        capture,
        objects,
        own_objects: None,
        dict: None,
        strand: 0,
        sink: 0,
        lets_errors_out: false,
    };
    let inside = Inside::enter(call.py);
    for active in snapshot.sinks.iter().filter(|active| active.sink.is_met_by_callers()) {
        match &inside {
            Some(inside) => {
                delivery.strand = inside.strand();
                delivery.give(active);
            }
            None => active.sink.lose(Loss::Closed),
        }
    }
}

impl<'py> Delivery<'_, '_, 'py> {
    fn give(&mut self, active: &ActiveSink) {
        let sink = &active.sink;
        self.sink = sink.id;
        self.lets_errors_out = sink.options.lets_errors_out;
        let level = self.record.header.level;
        let hooks = sink.python.as_ref().and_then(|python| python.downcast_ref::<PythonHooks>());
        let is_wanted =
            active.takes(&self.snapshot.settings, level) && active.accepts(&self.snapshot.settings, &self.record);
        if !is_wanted {
            return sink.skip();
        }
        if sink.is_prepared && !offer::is_open(self.call.py, active) {
            return;
        }
        if !hooks.is_none_or(|hooks| self.passes(active, hooks)) {
            return sink.skip();
        }
        match &sink.target {
            Target::File(_) => self.give_line(active, hooks),
            Target::Python(target) => {
                if let Some(target) = target.downcast_ref::<PySink>() {
                    self.give_stream(active, target, hooks);
                }
            }
        }
    }

    /// Calls a filter function. If it raises, the record passes: the filter's answer is unknown, and the record may be
    /// the last.
    fn passes(&mut self, active: &ActiveSink, hooks: &PythonHooks) -> bool {
        let Some(filter) = &hooks.filter else { return true };
        let verdict = self.ask(active, "a filter", filter).and_then(|verdict| verdict.is_truthy());
        verdict.unwrap_or_else(|error| {
            self.tell("a filter", error);
            true
        })
    }

    /// Calls a function with the record's dict. Its changes to the dict apply to the record from then on, even if the
    /// function raises or refuses the record.
    fn ask(&mut self, active: &ActiveSink, whose: &str, function: &Py<PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let dict = self.dict()?;
        let before = Before::of(&dict)?;
        let answer = function.bind(self.call.py).call1((&dict,));
        if before.is_changed(&dict, &self.record, self.capture)
            && let Err(error) = self.change(active, whose, &before, &dict)
        {
            self.tell(whose, error);
        }
        answer
    }

    #[cold]
    fn change(
        &mut self,
        active: &ActiveSink,
        whose: &str,
        before: &Before<'py>,
        after: &Bound<'py, PyDict>,
    ) -> PyResult<()> {
        let objects = self.own_objects.as_ref().or(self.objects);
        let objects =
            objects.map_or_else(|| Objects { fields: PyDict::new(after.py()), exception: None }, Objects::share);
        let bytes = Finished::of(&self.record, false).replace_in(self.bytes, &[]);
        let record = Patched { bytes, objects, level: self.record.header.level };
        let dicts = (&before.record, &before.extra, after);
        let changed = patching::changed(self.call, self.call_site, &record, dicts, whose, self.capture)?;
        self.bytes = self.versions.add(active.sink.id, changed.bytes);
        self.record = Record::decode(self.bytes, self.call_site.decoding_site(), &self.snapshot.settings.extra);
        self.own_objects = Some(changed.objects);
        self.dict = None;
        Ok(())
    }

    fn dict(&mut self) -> PyResult<Bound<'py, PyDict>> {
        if self.dict.is_none() {
            if self.objects.is_none() && self.own_objects.is_none() {
                self.own_objects = Some(Objects::of(self.call, true, self.capture)?);
            }
            if let Some(objects) = self.own_objects.as_ref().or(self.objects) {
                let py = self.call.py;
                self.dict = Some(records::build(py, &self.record, self.snapshot, objects, self.capture)?);
            }
        }
        Ok(self.dict.clone().unwrap_or_else(|| PyDict::new(self.call.py)))
    }

    /// Contains an error of a filter or format. Interrupts, and all errors with `catch=False`, are passed on after the
    /// record was taken.
    fn tell(&mut self, whose: &str, error: PyErr) {
        let py = self.call.py;
        if self.lets_errors_out || is_for_caller(py, &error) {
            self.capture.interrupt = Some(Box::new(error));
            return;
        }
        let line = |described: &str| format!("{whose} raised {described}; the record is delivered all the same");
        let interrupt = telling::raised(py, &format!("{whose} of {}", self.sink), &error, line);
        self.capture.interrupt = interrupt.or(self.capture.interrupt.take());
    }

    /// The finished line in UTF-8.
    fn line(
        &mut self,
        active: &ActiveSink,
        maker: &LineMaker,
        hooks: Option<&PythonHooks>,
        style: StreamStyle,
    ) -> Vec<u8> {
        let format = hooks.and_then(|hooks| hooks.format.as_ref());
        if let Some(format) = format.filter(|_| !self.record.is_raw) {
            let text = self.ask(active, "a format function", format).and_then(|text| text.str());
            match text {
                Ok(text) => {
                    if let Some(hooks) = hooks.filter(|_| active.sink.options.has_templates) {
                        return self.filled_in(active, hooks, style, &text);
                    }
                    let line = with_line_break(&text);
                    self.look_for_pattern(&line);
                    return line;
                }
                Err(error) => self.tell("a format function", error),
            }
        }
        maker.make(active.layout_for(style), &self.record, self.snapshot)
    }

    /// Makes the line from the template that a function returned, or from the sink's own pattern if the template is
    /// invalid.
    fn filled_in(
        &mut self,
        active: &ActiveSink,
        hooks: &PythonHooks,
        style: StreamStyle,
        text: &Bound<'_, PyString>,
    ) -> Vec<u8> {
        let base = active.layout_for(style);
        match hooks.templates.layout(&text.to_string_lossy(), base) {
            Ok(layout) => {
                let mut line = hooks.lines.make(&layout, &self.record, self.snapshot);
                // A template may end in a line break, or in a placeholder for a traceback that the record does not
                // have.
                if line.ends_with(b"\n\n") {
                    line.pop();
                }
                line
            }
            Err(error) => {
                self.tell("a template", error.into());
                hooks.lines.make(base, &self.record, self.snapshot)
            }
        }
    }

    /// Reports a format function that returns a pattern, as Loguru's functions do, instead of the line.
    fn look_for_pattern(&mut self, line: &[u8]) {
        let is_in = |text: &[u8], token: &str| memchr::memmem::find(text, token.as_bytes()).is_some();
        let mut tokens = TOKENS.iter().filter(|token| is_in(line, token)).peekable();
        if tokens.peek().is_none() {
            return;
        }
        let mut message = Vec::new();
        self.record.message(|value| put_value(&mut message, value, Multiline::Raw));
        if tokens.any(|token| !is_in(&message, token)) {
            self.tell_once(A_PATTERN);
        }
    }

    fn tell_once(&mut self, line: &str) {
        let interrupt = if report::is_new(line) { telling::tell(self.call.py, line) } else { None };
        self.capture.interrupt = interrupt.or(self.capture.interrupt.take());
    }

    /// Sends a file's line through the file's pipeline, in order with everything else.
    fn give_line(&mut self, active: &ActiveSink, hooks: Option<&PythonHooks>) {
        let Some(hooks) = hooks else { return };
        let line = self.line(active, &hooks.lines, Some(hooks), StreamStyle::default());
        let is_first = hooks.rotation.as_ref().is_some_and(|rule| self.begins_file(rule, &line));
        let header = Header { site: active.sink.id, ..self.record.header };
        let mut entry = Vec::new();
        let kind = if is_first { Kind::FirstLine } else { Kind::Line };
        let mut encoder = Encoder::start(&mut entry, kind, &header);
        encoder.buffer().extend_from_slice(&line);
        encoder.finish();
        // The filter or format may have removed the sink, or a capture may have hidden it.
        let pipeline = self.call.logger.core().pipeline_of(&active.sink.options);
        let Some(pipeline) = pipeline.filter(|pipeline| pipeline.is_awaited(&entry)) else {
            return active.sink.counts().add_lost(Loss::Closed);
        };
        active.sink.counts().add_accepted(1);
        if let Some(interrupt) = enqueue(self.call.py, &pipeline, &entry) {
            self.capture.interrupt = Some(interrupt);
        }
    }

    /// Calls a file's rotation functions. If one raises, the file is not rotated.
    fn begins_file(&mut self, rule: &RotationRule, line: &[u8]) -> bool {
        let is_first = self.dict().and_then(|dict| rule.is_due(&dict, line)).unwrap_or_else(|error| {
            self.tell("a rotation function", error);
            false
        });
        rule.count(line.len(), is_first);
        is_first
    }

    fn give_stream(&mut self, active: &ActiveSink, sink: &PySink, hooks: Option<&PythonHooks>) {
        match self.item(active, sink, hooks) {
            Ok(Some(item)) if active.sink.is_prepared => self.hand_over(active, sink, &item),
            Ok(Some(item)) => {
                active.sink.counts().add_accepted(1);
                if let Err(interrupt) = sink.write_in_turn(self.call.py, self.strand, active, item.unbind()) {
                    self.capture.interrupt = Some(Box::new(interrupt));
                }
            }
            Ok(None) => active.sink.lose(Loss::Closed),
            Err(error) => self.fail(active, error),
        }
    }

    /// Hands an item to the thread of the sink's lane.
    fn hand_over(&mut self, active: &ActiveSink, sink: &PySink, item: &Bound<'py, PyAny>) {
        let prepared =
            sink.prepared(item).and_then(|item| item.map(|item| Prepared::load(&item, &active.sink)).transpose());
        match prepared {
            Ok(Some(load)) => {
                let Some(slot) = &active.sink.lane else { return };
                let record = (self.bytes, 0);
                let interrupt = offer::give(self.call.py, active, slot.get(), record, self.snapshot, Some(load));
                if interrupt.is_some() {
                    self.capture.interrupt = interrupt;
                }
            }
            Ok(None) => active.sink.skip(),
            Err(error) => self.fail(active, error),
        }
    }

    fn fail(&mut self, active: &ActiveSink, error: PyErr) {
        active.sink.lose(Loss::SinkError);
        self.tell("a sink's record", error);
    }

    /// The item to write: a line, a line that carries its record, or a record. It is None if there is nothing to write
    /// to.
    fn item(
        &mut self,
        active: &ActiveSink,
        sink: &PySink,
        hooks: Option<&PythonHooks>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = self.call.py;
        if matches!(sink.stream, Stream::Capture(_)) {
            return Ok(Some(self.dict()?.into_any()));
        }
        match sink.stream {
            Stream::Function(_) | Stream::Handler { .. } if is_finalizing(py) => return Ok(None),
            Stream::Handler { is_formatted: false, .. } => {
                let record = self.dict()?;
                let message = record.as_any().get_item(name!(py, "message"))?;
                return records::message_with_record(&message, &record).map(Some);
            }
            _ => {}
        }
        let Some(stream) = sink.target(py) else { return Ok(None) };
        let level = self.record.header.level;
        let style = sink.style(&stream, active, self.snapshot, level).unwrap_or_else(|interrupt| {
            self.capture.interrupt = Some(Box::new(interrupt));
            StreamStyle::default()
        });
        let callback = self.color_callback(active, sink, style);
        let own = StreamStyle { is_colored: style.is_colored && callback.is_none(), ..style };
        let line = self.line(active, &sink.lines, hooks, own);
        let mut line = to_python(py, &line);
        if let Some(callback) = callback {
            line = self.through(&callback, line);
        }
        match sink.stream {
            Stream::Console(_) => Ok(Some(line)),
            Stream::Object(_) if is_plain(&stream) => Ok(Some(line)),
            _ => Ok(Some(self.with_record(active, line))),
        }
    }

    /// Returns the line with its record, or the line alone if the record is not available, for example when an
    /// exception comes from another thread.
    fn with_record(&mut self, active: &ActiveSink, line: Bound<'py, PyAny>) -> Bound<'py, PyAny> {
        // A line that is written later keeps the record as it is now.
        let own = |dict: Bound<'py, PyDict>| if active.sink.is_prepared { copied::copied(&dict) } else { Ok(dict) };
        let message = self.dict().and_then(own).and_then(|dict| records::message_with_record(&line, &dict));
        message.unwrap_or_else(|error| {
            self.tell("a sink's record", error);
            line
        })
    }

    /// The callback that colours the line in place of the pattern. JSON has no colours, and neither has a level whose
    /// colour is off.
    fn color_callback(&self, active: &ActiveSink, sink: &PySink, style: StreamStyle) -> Option<Bound<'py, PyAny>> {
        let is_level_colored = self.snapshot.settings.switches(self.record.header.level.id).color != Some(false);
        let is_text = matches!(**active.layout_for(style), Layout::Text { .. });
        let is_wanted = style.is_colored && is_level_colored && is_text && !self.record.is_raw;
        if is_wanted { sink.color_callback(self.call.py) } else { None }
    }

    /// Returns the line as `color_callback(level, text)` returns it.
    fn through(&mut self, callback: &Bound<'py, PyAny>, line: Bound<'py, PyAny>) -> Bound<'py, PyAny> {
        let name = self.record.level_name(&self.snapshot.settings.levels).into_owned();
        let colored = line
            .call_method1("rstrip", ("\n",))
            .and_then(|text| callback.call1((name, text))?.str())
            .map(|text| to_python(self.call.py, &with_line_break(&text)));
        colored.unwrap_or_else(|error| {
            self.tell("color_callback", error);
            line
        })
    }
}

fn with_line_break(text: &Bound<'_, PyString>) -> Vec<u8> {
    let mut line = text_bytes(text).unwrap_or_default();
    // Text that a text sink cannot encode is written as an escape.
    if std::str::from_utf8(&line).is_err() {
        let raw = std::mem::take(&mut line);
        crate::format::escape::put_text(&mut line, &raw, crate::format::escape::Multiline::Raw);
    }
    if line.last() != Some(&b'\n') {
        line.push(b'\n');
    }
    line
}
