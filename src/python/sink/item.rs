//! The item that a Python sink is given for a record: its line, the line with its record, or the record alone.
//!
//! The thread that logs and the thread of a lane make items by the same steps. They know different parts of the
//! record, which a `Source` gives them.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::format::escape::{Multiline, put_text};
use crate::format::formatter::Layout;
use crate::python::py::interpreter::{is_finalizing, name};
use crate::python::py::text::{text_bytes, to_python};
use crate::python::record::records::message_with_record;
use crate::python::sink::line_maker::LineMaker;
use crate::python::sink::py_sink::PySink;
use crate::python::sink::stream::{Stream, is_plain};
use crate::python::value::copied::copied;
use crate::record::decoded::Record;
use crate::writer::snapshot::{ActiveSink, Snapshot, StreamStyle};

/// A record, as the thread that makes an item knows it.
pub trait Source<'r, 'py> {
    fn py(&self) -> Python<'py>;

    fn record(&self) -> &Record<'r>;

    /// The record as Python code sees it.
    fn dict(&mut self) -> PyResult<Bound<'py, PyDict>>;

    /// The line in UTF-8, before `color_callback`.
    fn line(&mut self, active: &ActiveSink, lines: &LineMaker, style: StreamStyle) -> Vec<u8>;

    /// Reports an exception of the program's code. The record is delivered all the same.
    fn tell(&mut self, whose: &str, error: PyErr);
}

/// The object to write or to call, and the item for it.
pub struct Item<'py> {
    pub target: Bound<'py, PyAny>,
    pub item: Bound<'py, PyAny>,
}

/// A sink that is to have a record, and the settings of the record.
#[derive(Clone, Copy)]
pub struct Task<'t> {
    pub active: &'t ActiveSink,
    pub sink: &'t PySink,
    pub snapshot: &'t Snapshot,
}

impl Task<'_> {
    /// None if there is nothing to write to.
    pub fn item<'r, 'py>(self, source: &mut impl Source<'r, 'py>) -> PyResult<Option<Item<'py>>> {
        let stream = &self.sink.stream;
        if matches!(stream, Stream::Function(_) | Stream::Handler { .. }) && is_finalizing(source.py()) {
            return Ok(None);
        }
        let Some(target) = self.sink.target(source.py()) else { return Ok(None) };
        let item = match stream {
            Stream::Capture(_) => source.dict()?.into_any(),
            Stream::Handler { is_formatted: false, .. } => {
                let record = source.dict()?;
                let message = record.as_any().get_item(name!(source.py(), "message"))?;
                message_with_record(&message, &record)?
            }
            Stream::Console(_) => self.line(source, &target),
            Stream::Object(_) if is_plain(&target) => self.line(source, &target),
            _ => {
                let line = self.line(source, &target);
                self.with_record(source, line)
            }
        };
        Ok(Some(Item { target, item }))
    }

    /// The finished line, in the colours of its stream.
    fn line<'r, 'py>(self, source: &mut impl Source<'r, 'py>, stream: &Bound<'py, PyAny>) -> Bound<'py, PyAny> {
        let level = source.record().header.level;
        let style = self.sink.style(stream, self.active, self.snapshot, level).unwrap_or_else(|interrupt| {
            source.tell("a stream", interrupt);
            StreamStyle::default()
        });
        let callback = self.color_callback(source, style);
        let style = StreamStyle { is_colored: style.is_colored && callback.is_none(), ..style };
        let line = to_python(source.py(), &source.line(self.active, &self.sink.lines, style));
        match callback {
            Some(callback) => self.colored(source, &callback, line),
            None => line,
        }
    }

    /// The callback that colours the line in place of the pattern. JSON has no colours, and neither has a level whose
    /// colour is off.
    fn color_callback<'r, 'py>(self, source: &impl Source<'r, 'py>, style: StreamStyle) -> Option<Bound<'py, PyAny>> {
        let record = source.record();
        let is_level_colored = self.snapshot.settings.switches(record.header.level.id).color != Some(false);
        let is_text = matches!(**self.active.layout_for(style), Layout::Text { .. });
        let is_wanted = style.is_colored && is_level_colored && is_text && !record.is_raw;
        if is_wanted { self.sink.color_callback(source.py()) } else { None }
    }

    /// Returns the line as `color_callback(level, text)` returns it.
    fn colored<'r, 'py>(
        self,
        source: &mut impl Source<'r, 'py>,
        callback: &Bound<'py, PyAny>,
        line: Bound<'py, PyAny>,
    ) -> Bound<'py, PyAny> {
        let name = source.record().level_name(&self.snapshot.settings.levels).into_owned();
        let colored = line
            .call_method1("rstrip", ("\n",))
            .and_then(|text| callback.call1((name, text))?.str())
            .map(|text| to_python(source.py(), &with_line_break(&text)));
        colored.unwrap_or_else(|error| {
            source.tell("color_callback", error);
            line
        })
    }

    /// Returns the line with its record, or the line alone if the record is not available, for example when an
    /// exception comes from another thread.
    fn with_record<'r, 'py>(self, source: &mut impl Source<'r, 'py>, line: Bound<'py, PyAny>) -> Bound<'py, PyAny> {
        // A line that is written later keeps the record as it is now.
        let own = |dict: Bound<'py, PyDict>| if self.active.sink.is_prepared { copied(&dict) } else { Ok(dict) };
        let message = source.dict().and_then(own).and_then(|dict| message_with_record(&line, &dict));
        message.unwrap_or_else(|error| {
            source.tell("a sink's record", error);
            line
        })
    }
}

/// A text of the program as a line in UTF-8. Lone surrogates become escapes, and a missing line break is added.
pub fn with_line_break(text: &Bound<'_, PyString>) -> Vec<u8> {
    let mut line = text_bytes(text).unwrap_or_default();
    if std::str::from_utf8(&line).is_err() {
        let raw = std::mem::take(&mut line);
        put_text(&mut line, &raw, Multiline::Raw);
    }
    if line.last() != Some(&b'\n') {
        line.push(b'\n');
    }
    line
}
