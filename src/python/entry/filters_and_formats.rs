//! Calls the filter, format and rotation functions of a sink, on the thread that logs, and contains their exceptions.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::format::escape::Multiline;
use crate::format::formatter::Layout;
use crate::format::text::put_value;
use crate::python::entry::live_record::LiveRecord;
use crate::python::record::templates::{compiled, filled_by_python};
use crate::python::sink::hooks::PythonHooks;
use crate::python::sink::item::{Source, with_line_break};
use crate::python::sink::line_maker::LineMaker;
use crate::python::sink::rotation::RotationRule;
use crate::record::decoded::Record;
use crate::writer::snapshot::{ActiveSink, StreamStyle};

const A_PATTERN: &str = "a format function returned a pattern, which is written as it is: return the finished line, or give format=logly.template(function)";

/// The beginnings of the placeholders that such patterns contain.
const TOKENS: [&str; 5] = ["{message", "{level", "{time", "{extra[", "{exception"];

impl<'d, 'py> Source<'d, 'py> for LiveRecord<'d, '_, 'py> {
    fn py(&self) -> Python<'py> {
        self.call.py
    }

    fn record(&self) -> &Record<'d> {
        &self.record
    }

    fn dict(&mut self) -> PyResult<Bound<'py, PyDict>> {
        LiveRecord::dict(self)
    }

    fn line(&mut self, active: &ActiveSink, lines: &LineMaker, style: StreamStyle) -> Vec<u8> {
        line(self, active, lines, style)
    }

    fn tell(&mut self, whose: &str, error: PyErr) {
        LiveRecord::tell(self, whose, error);
    }
}

/// Calls a filter function. If it raises, the record passes: the filter's answer is unknown, and the record may be the
/// last.
pub fn passes(record: &mut LiveRecord<'_, '_, '_>, active: &ActiveSink, hooks: &PythonHooks) -> bool {
    let Some(filter) = &hooks.filter else { return true };
    let answer = record.ask(active, "a filter", filter).and_then(|answer| answer.is_truthy());
    answer.unwrap_or_else(|error| {
        record.tell("a filter", error);
        record.snapshot.settings.dialect.passes_unfiltered()
    })
}

/// The finished line in UTF-8: that of the format function, or that of the sink's pattern.
pub fn line(
    record: &mut LiveRecord<'_, '_, '_>,
    active: &ActiveSink,
    lines: &LineMaker,
    style: StreamStyle,
) -> Vec<u8> {
    let hooks = PythonHooks::of(&active.sink).filter(|_| !record.record.is_raw);
    if let Some(hooks) = hooks
        && let Some(format) = &hooks.format
    {
        match record.ask(active, "a format function", format).and_then(|text| text.str()) {
            Ok(text) if active.sink.options.has_templates => return filled_in(record, active, hooks, style, &text),
            Ok(text) => {
                let line = with_line_break(&text);
                look_for_pattern(record, &line);
                return line;
            }
            Err(error) => record.tell("a format function", error),
        }
    }
    lines.make(active.layout_for(style), &record.record, record.snapshot)
}

/// Makes the line from the template that a function returned, or from the sink's own pattern if the template is
/// invalid.
fn filled_in(
    record: &mut LiveRecord<'_, '_, '_>,
    active: &ActiveSink,
    hooks: &PythonHooks,
    style: StreamStyle,
    text: &Bound<'_, PyString>,
) -> Vec<u8> {
    let base = active.layout_for(style);
    match layout(record, base, hooks, text) {
        Ok(layout) => {
            let mut line = hooks.lines.make(&layout, &record.record, record.snapshot);
            // A template may end in a line break, or in a placeholder for a traceback that the record does not have.
            if !base.is_exact() && line.ends_with(b"\n\n") {
                line.pop();
            }
            line
        }
        Err(error) => {
            record.tell("a template", error);
            hooks.lines.make(base, &record.record, record.snapshot)
        }
    }
}

/// The layout of a template. Placeholders that need Python are filled in first, if the dialect has them.
fn layout(
    record: &mut LiveRecord<'_, '_, '_>,
    base: &Arc<Layout>,
    hooks: &PythonHooks,
    text: &Bound<'_, PyString>,
) -> PyResult<Arc<Layout>> {
    match hooks.templates.layout(&text.to_string_lossy(), base) {
        Err(_) if record.snapshot.settings.dialect.shows_attributes() => {
            let filled = filled_by_python(text, &record.dict()?)?;
            Ok(compiled(&filled.str()?.to_string_lossy(), base)?)
        }
        found => Ok(found?),
    }
}

/// Reports a format function that returns a pattern, as Loguru's functions do, instead of the line.
fn look_for_pattern(record: &mut LiveRecord<'_, '_, '_>, line: &[u8]) {
    let is_in = |text: &[u8], token: &str| memchr::memmem::find(text, token.as_bytes()).is_some();
    let mut tokens = TOKENS.iter().filter(|token| is_in(line, token)).peekable();
    if tokens.peek().is_none() {
        return;
    }
    let mut message = Vec::new();
    record.record.message(|value| put_value(&mut message, value, Multiline::Raw));
    if tokens.any(|token| !is_in(&message, token)) {
        record.tell_once(A_PATTERN);
    }
}

/// Calls a file's rotation functions: whether the line begins a new file. If one raises, it does not.
/// The line has this many bytes in the file.
pub(super) fn begins_file(
    record: &mut LiveRecord<'_, '_, '_>,
    rule: &RotationRule,
    line: &[u8],
    length: usize,
) -> bool {
    let is_first = record.dict().and_then(|dict| rule.is_due(&dict, line)).unwrap_or_else(|error| {
        record.tell("a rotation function", error);
        false
    });
    rule.count(length, is_first);
    is_first
}
