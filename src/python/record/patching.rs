//! Patchers: functions of the program that may change a record before anything else sees it.
//!
//! Each patcher is called with the record's dict. The parts that it changed (`python/record/found.rs`) are encoded again.
//! If a patcher raises, the record stays as it was. Records that a patcher logs on this
//! thread are not patched. Changes by filters and format functions are applied in the same way
//! (`python/record/changes.rs`).

use std::borrow::Cow;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::config::tracebacks::FrameRules;
use crate::level::LevelRef;
use crate::logger::wants::Wants;
use crate::python::call::arrived::Call;
use crate::python::call::callsite::CallSite;
use crate::python::call::options::CallOptions;
use crate::python::call::state::PyLogger;
use crate::python::exception::section;
use crate::python::py::callable::function_name;
use crate::python::py::strand::Inside;
use crate::python::py::text::{text_bytes, type_name, utf8};
use crate::python::py::{interrupt, strand, telling};
use crate::python::record::changes::Before;
use crate::python::record::found;
use crate::python::record::found::{Changes, found};
use crate::python::record::records;
use crate::python::record::records::Objects;
use crate::python::value::capture::Capture;
use crate::record::decoded::Record;
use crate::record::encoded::{Encoder, Header, Kind, Section, Value, put_bytes, put_value, sections, set_parts};
use crate::report;
use crate::site::{Location, NO_SITE};

/// The bytes that a patcher's changes usually add to a record.
const ROOM: usize = 128;

thread_local! {
    /// The greenlets that are in a patcher. Records logged there are not patched.
    static PATCHING: Inside<()> = const { Inside::new() };
}

/// A record on its way through the patchers.
pub struct Patched<'py> {
    pub bytes: Vec<u8>,
    pub objects: Objects<'py>,
    pub level: LevelRef,
}

/// Imports the functions that patchers need, once there is a patcher and not at the first record.
pub fn preload(py: Python<'_>) -> PyResult<()> {
    records::preload(py)?;
    found::preload(py)
}

/// The patchers of a call in their order: the one of `configure`, then those of its logger.
pub fn patchers_of<'py>(logger: &PyLogger, options: &CallOptions, py: Python<'py>) -> Vec<Bound<'py, PyAny>> {
    if PATCHING.with(|inside| !inside.is_empty() && inside.contains(strand::current(py), |()| true)) {
        return Vec::new();
    }
    let configured = if logger.core().wants().has(Wants::PATCHER) { logger.patcher(py) } else { None };
    configured.into_iter().chain(options.patchers.iter().map(|patcher| patcher.bind(py).clone())).collect()
}

/// Gives a record with a finished message to the patchers.
pub fn run<'py>(
    call: &Call<'_, 'py>,
    call_site: &CallSite<'_>,
    mut record: Patched<'py>,
    patchers: &[Bound<'py, PyAny>],
    capture: &mut Capture,
) -> Patched<'py> {
    for patcher in patchers {
        match patched(call, call_site, &record, patcher, capture) {
            Ok(changed) => record = changed,
            Err(error) if interrupt::is_for_caller(call.py, &error) => capture.interrupt = Some(Box::new(error)),
            Err(error) => {
                let line = |described: &str| format!("a patcher raised {described}; the record goes on as it was");
                let key = format!("a patcher {}", function_name(patcher));
                capture.interrupt = telling::raised(call.py, &key, &error, line).or(capture.interrupt.take());
            }
        }
    }
    record
}

fn patched<'py>(
    call: &Call<'_, 'py>,
    call_site: &CallSite<'_>,
    before: &Patched<'py>,
    patcher: &Bound<'py, PyAny>,
    capture: &mut Capture,
) -> PyResult<Patched<'py>> {
    let py = call.py;
    let snapshot = call.logger.core().snapshot();
    let record = Record::decode(&before.bytes, call_site.decoding_site(), &snapshot.settings.extra);
    let dict = records::build(py, &record, &snapshot, &before.objects, capture)?;
    let kept = Before::of(&dict)?;
    let me = strand::current(py);
    PATCHING.with(|inside| inside.push(me, ()));
    let answer = patcher.call1((&dict,));
    let changes = answer.and_then(|_| found(&kept, &dict, record.stack.is_some()));
    PATCHING.with(|inside| inside.remove(me, &()));
    applied(call, before, &record, &changes?, "a patcher", capture)
}

/// Makes a record from a dict that a filter or a format function changed from `before` to `after`. The record's message
/// is finished.
pub fn changed<'py>(
    call: &Call<'_, 'py>,
    call_site: &CallSite<'_>,
    record: &Patched<'py>,
    (before, after): (&Before<'py>, &Bound<'py, PyDict>),
    whose: &str,
    capture: &mut Capture,
) -> PyResult<Patched<'py>> {
    let snapshot = call.logger.core().snapshot();
    let decoded = Record::decode(&record.bytes, call_site.decoding_site(), &snapshot.settings.extra);
    let changes = found(before, after, decoded.stack.is_some())?;
    applied(call, record, &decoded, &changes, whose, capture)
}

fn applied<'py>(
    call: &Call<'_, 'py>,
    before: &Patched<'py>,
    record: &Record<'_>,
    changes: &Changes<'py>,
    whose: &str,
    capture: &mut Capture,
) -> PyResult<Patched<'py>> {
    for (key, expected, given) in &changes.refused {
        tell_refused(call.py, whose, (key, expected, given), capture);
    }
    let level = level_of(call, changes, whose, capture).unwrap_or(before.level);
    let exception = if changes.has_exception { changes.exception.clone() } else { before.objects.exception.clone() };
    let bytes = encode(before, record, changes, level, &call.logger.core().load().settings.frames, capture)?;
    Ok(Patched { bytes, objects: Objects { fields: changes.fields.clone(), exception }, level })
}

fn tell_refused(py: Python<'_>, whose: &str, (key, expected, given): (&str, &str, &str), capture: &mut Capture) {
    let line = format!("{whose} set \"{key}\" to a value of type {given}, which is left out: expected {expected}");
    let interrupt = if report::is_new(&line) { telling::tell(py, &line) } else { None };
    capture.interrupt = interrupt.or(capture.interrupt.take());
}

/// The level that was set. A level that does not exist is left out.
fn level_of(call: &Call<'_, '_>, changes: &Changes<'_>, whose: &str, capture: &mut Capture) -> Option<LevelRef> {
    if let Some(no) = changes.level_no {
        return Some(call.logger.core().load().settings.levels.by_number(no));
    }
    let level = changes.level.as_ref()?;
    let known = call.logger.parse_level("level", level).ok();
    if known.is_none() {
        tell_refused(call.py, whose, ("level", "the name or number of a level", &type_name(level)), capture);
    }
    known
}

fn encode(
    before: &Patched<'_>,
    record: &Record<'_>,
    changes: &Changes<'_>,
    level: LevelRef,
    rules: &FrameRules,
    capture: &mut Capture,
) -> PyResult<Vec<u8>> {
    let mut header = Header { level, ..record.header };
    header.time_ns = changes.time_ns.unwrap_or(header.time_ns);
    header.thread = changes.thread.unwrap_or(header.thread);
    if changes.has_place {
        header.site = NO_SITE;
    }
    let mut bytes = Vec::with_capacity(before.bytes.len() + ROOM);
    let mut encoder = Encoder::start(&mut bytes, Kind::Record, &header);
    for (tag, content) in sections(&before.bytes) {
        if is_kept(tag, changes) {
            encoder.copy(tag, content);
        }
    }
    put_place(&mut encoder, changes);
    put_parts(&mut encoder, record, changes);
    if let Some(message) = &changes.message {
        encoder.section(Section::Message, &capture.text(message).unwrap_or_default());
    }
    if let Some(stack) = &changes.stack {
        let mark = encoder.begin(Section::Stack);
        put_bytes(encoder.buffer(), &capture.text(stack).unwrap_or_default());
        put_bytes(encoder.buffer(), b"[]");
        encoder.end(mark);
    }
    encoder.section(Section::Alone, b"");
    put_fields(&mut encoder, record, changes, capture);
    if let Some(exception) = &changes.exception {
        section::put_given(&mut encoder, exception, rules, capture)?;
    }
    encoder.finish();
    Ok(bytes)
}

/// Whether a section of the record is kept. All fields are written again.
fn is_kept(tag: u8, changes: &Changes<'_>) -> bool {
    let is = |section: Section| tag == section as u8;
    let is_message = is(Section::Message) || is(Section::Styles) || is(Section::Filled);
    let is_fields = [Section::Bound, Section::Context, Section::Call, Section::CallValues].into_iter().any(is);
    !(is_fields
        || is(Section::Alone)
        || is(Section::Set)
        || is_message && changes.message.is_some()
        || is(Section::InlineSite) && changes.has_place
        || is(Section::Stack) && changes.has_stack
        || (is(Section::Exception) || is(Section::Traceback)) && changes.has_exception)
}

fn put_place(encoder: &mut Encoder<'_>, changes: &Changes<'_>) {
    if let (true, [module, function, path]) = (changes.has_place, &changes.place[..]) {
        let [module, function, path] = [module, function, path].map(|text| text_bytes(text).unwrap_or_default());
        let location = Location { module: &module, function: &function, path: &path, line: changes.line };
        encoder.inline_site(&location);
    }
}

/// Writes the parts that the program set explicitly: those set now, and earlier ones that were not set again.
fn put_parts(encoder: &mut Encoder<'_>, record: &Record<'_>, changes: &Changes<'_>) {
    let mark = encoder.begin(Section::Set);
    for (tag, text) in &changes.parts {
        encoder.buffer().push(*tag);
        put_bytes(encoder.buffer(), &text_bytes(text).unwrap_or_default());
    }
    for (tag, text) in set_parts(record.all_set()).filter(|(tag, _)| !changes.parts.contains_key(tag)) {
        encoder.buffer().push(tag);
        put_bytes(encoder.buffer(), text);
    }
    encoder.end(mark);
}

/// Writes the fields. Unchanged values are not captured again, unless they may have changed inside.
fn put_fields(encoder: &mut Encoder<'_>, record: &Record<'_>, changes: &Changes<'_>, capture: &mut Capture) {
    // Their names are in the order of the fields.
    let mut same = changes.same.iter().peekable();
    let mark = encoder.begin(Section::Call);
    for (name, value) in changes.fields.iter() {
        let is_same = same.next_if(|same| same.is(&name)).is_some();
        let text = name.cast::<PyString>().ok().and_then(|name| utf8(name.as_borrowed()));
        let name = match text {
            Some(text) => Cow::Borrowed(text.as_bytes()),
            None => Cow::Owned(text_bytes(&name).unwrap_or_else(|| capture.display(&name))),
        };
        put_bytes(encoder.buffer(), &name);
        match record.field(&name).map(|field| field.value).filter(|_| is_same) {
            None | Some(Value::Odd { .. }) => capture.put(encoder.buffer(), value.as_borrowed()),
            Some(known) => put_value(encoder.buffer(), known),
        }
    }
    encoder.end(mark);
}
