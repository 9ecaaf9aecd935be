//! Calls of a logger that has options, or whose records are patched.
//!
//! This does the work of `python/entry/deliver.rs` without slowing down calls that have no options. The record is
//! encoded as usual and then changed, section by section.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::clock;
use crate::format::finished::Finished;
use crate::logger::throttle::Key;
use crate::logger::wants::Wants;
use crate::message::first_bits;
use crate::python::call::arrived::{Call, Raised};
use crate::python::call::callsite::CallSite;
use crate::python::call::options::CallOptions;
use crate::python::call::{callsite, options};
use crate::python::entry::deliver::{deliver, encode, put_unused, with_scratch};
use crate::python::py::imports::imported;
use crate::python::py::interpreter::{Kept, name};
use crate::python::py::interrupt::Interrupt;
use crate::python::py::text::text_bytes;
use crate::python::py::{fork_barrier, interrupt, telling};
use crate::python::record::interpolated::{Interpolated, Unfolded};
use crate::python::record::patching::Patched;
use crate::python::record::records::Objects;
use crate::python::record::{patching, records};
use crate::python::value::capture::Capture;
use crate::python::value::lazy::Lazy;
use crate::record::decoded::Record;
use crate::record::encoded::{Encoder, Section, put_bytes, put_int};
use crate::site::NO_SITE;

static RENDER: Kept<Py<PyAny>> = Kept::new();
static STACK: Kept<Py<PyAny>> = Kept::new();

/// Logs one call according to the options of its logger.
pub(super) fn emit(call: &Call<'_, '_>) -> Interrupt {
    match Unfolded::of(call) {
        Some(unfolded) => emit_once(&unfolded.call(call, &unfolded.slices())),
        None => emit_once(call),
    }
}

fn emit_once(call: &Call<'_, '_>) -> Interrupt {
    let py = call.py;
    let options = call.logger.options().map_or(&options::NONE, Py::get);
    let core = call.logger.core();
    let call_site = callsite::find_behind(call, options.depth);
    if core.wants().has(Wants::ACTIVATION) && !core.is_active(call_site.site()) {
        return None;
    }
    let suppressed = suppressed(call, &call_site, options)?;
    let wrapped = Wrapped::of(call, options);
    let positional: Vec<_> = wrapped.positional.iter().map(Bound::as_borrowed).collect();
    let named: Vec<_> = wrapped.named.iter().map(Bound::as_borrowed).collect();
    let given = options.exception.as_ref().map(|exception| exception.bind(py).clone());
    let raised = given.as_ref().map_or(call.raised, Raised::Given);
    let call = Call { raised, positional: &positional, named: &named, ..*call };
    with_scratch(|buffer| emit_with_options(&call, &call_site, (options, suppressed), buffer))
}

/// The arguments of a call, with the lazy ones marked.
struct Wrapped<'py> {
    positional: Vec<Bound<'py, PyAny>>,
    named: Vec<Bound<'py, PyAny>>,
}

impl<'py> Wrapped<'py> {
    fn of(call: &Call<'_, 'py>, options: &CallOptions) -> Self {
        let wrap = |value: &Bound<'py, PyAny>| {
            let is_lazy = options.is_lazy && value.is_callable();
            if is_lazy { Lazy::of(value) } else { value.clone() }
        };
        let message = call.positional.first().map(|message| (*message).to_owned());
        let arguments = call.arguments().iter().map(|value| wrap(value));
        let named = call.named.iter().map(|value| wrap(value)).collect();
        Self { positional: message.into_iter().chain(arguments).collect(), named }
    }
}

/// The number of records suppressed since the last one that was not. None if this record is suppressed.
fn suppressed(call: &Call<'_, '_>, call_site: &CallSite, options: &CallOptions) -> Option<u64> {
    if options.throttles.is_empty() {
        return Some(0);
    }
    let now = clock::now_ns();
    options.throttles.iter().try_fold(0, |suppressed, throttled| {
        let key = throttled.key.clone().unwrap_or_else(|| key_of(call_site));
        call.logger.throttle().ask(throttled.rule, key, now, suppressed)
    })
}

fn key_of(call_site: &CallSite) -> Key {
    match call_site {
        CallSite::Known(entry) if entry.id != NO_SITE => Key::Site(entry.id),
        CallSite::Known(_) | CallSite::New(_) | CallSite::Nowhere => {
            Key::Place(call_site.site().path.clone(), call_site.site().line)
        }
    }
}

fn emit_with_options(
    call: &Call<'_, '_>,
    call_site: &CallSite,
    (options, suppressed): (&CallOptions, u64),
    buffer: &mut Vec<u8>,
) -> Interrupt {
    let py = call.py;
    let core = call.logger.core();
    let mut capture = Capture::new(core.wants(), core.most_message_bytes());
    // A template string is filled in already.
    let is_unfolded = call.positional.first().is_some_and(|message| message.is_instance_of::<Interpolated>());
    let has_record = options.has_record && !is_unfolded;
    // A message that shows the record is rendered later, once the record exists.
    let draft = Call { positional: if has_record { &[] } else { call.positional }, ..*call };
    encode(&draft, call_site, buffer, &mut capture);
    put_extras(py, options, buffer);
    let patchers = patching::patchers_of(call.logger, options, py);
    let mut objects = Objects::of(call, !options.is_uncaptured, &mut capture)
        .unwrap_or_else(|_| Objects { fields: PyDict::new(py), exception: None });
    if has_record || options.has_markup || options.is_uncaptured || !patchers.is_empty() {
        finish_message(call, call_site, (options, has_record), &objects, buffer, &mut capture);
    }
    if has_record || options.is_uncaptured {
        let mut encoder = Encoder::resume(buffer);
        put_unused(call, &mut encoder, &mut capture, Some(&objects.fields));
        encoder.finish();
    }
    if suppressed > 0 {
        put_suppressed(suppressed, &objects, buffer);
    }
    let mut level = call.level;
    if !patchers.is_empty() {
        let record = Patched { bytes: std::mem::take(buffer), objects, level };
        let patched = patching::run(call, call_site, record, &patchers, &mut capture);
        (*buffer, objects, level) = (patched.bytes, patched.objects, patched.level);
    }
    let call = Call { level, ..*call };
    deliver(&call, call_site, buffer, &mut capture, Some(&objects));
    capture.interrupt
}

/// Adds the sections that depend on the options alone.
fn put_extras(py: Python<'_>, options: &CallOptions, buffer: &mut Vec<u8>) {
    let mut encoder = Encoder::resume(buffer);
    if options.is_raw {
        encoder.section(Section::Raw, b"");
    }
    if options.stack > 0
        && let Some((text, json)) = stack(py, options)
    {
        let mark = encoder.begin(Section::Stack);
        put_bytes(encoder.buffer(), &text);
        put_bytes(encoder.buffer(), &json);
        encoder.end(mark);
    }
    encoder.finish();
}

/// Adds the field that says how many records were suppressed before this one.
fn put_suppressed(count: u64, objects: &Objects<'_>, buffer: &mut Vec<u8>) {
    let mut encoder = Encoder::resume(buffer);
    let mark = encoder.begin(Section::Call);
    put_bytes(encoder.buffer(), b"suppressed");
    put_int(encoder.buffer(), i64::try_from(count).unwrap_or(i64::MAX));
    encoder.end(mark);
    encoder.finish();
    // This fails only if memory runs out; the record's bytes have the field.
    let _ = objects.fields.set_item(name!(objects.fields.py(), "suppressed"), count);
}

/// The stack at the record's place, as text and as JSON.
fn stack(py: Python<'_>, options: &CallOptions) -> Option<(Vec<u8>, Vec<u8>)> {
    let frame = callsite::frame_behind(py, options.depth)?;
    let render = imported(py, &STACK, "logly._calls.stack", "render").ok()?;
    let _importing = fork_barrier::enter(py);
    let (text, frames): (Bound<'_, PyAny>, Bound<'_, PyAny>) =
        render.call1((frame, options.stack)).ok()?.extract().ok()?;
    let json = Capture::everything(crate::config::logger::DEFAULT_MESSAGE_BYTES).json(&frames, None);
    Some((text_bytes(&text).unwrap_or_default(), json))
}

/// Replaces the record's message with a finished one. Leaves out the call's fields if they only fill in the message.
fn finish_message(
    call: &Call<'_, '_>,
    call_site: &CallSite,
    (options, has_record): (&CallOptions, bool),
    objects: &Objects<'_>,
    buffer: &mut Vec<u8>,
    capture: &mut Capture,
) {
    let snapshot = call.logger.core().snapshot();
    let record = Record::decode(buffer, call_site.decoding_site(), &snapshot.settings.extra);
    let finished = if has_record {
        rendered(call, options, &record, objects, capture)
    } else {
        Finished::of(&record, options.has_markup)
    };
    let left_out: &[Section] = if options.is_uncaptured { &[Section::Call, Section::CallValues] } else { &[] };
    let bytes = finished.replace_in(buffer, left_out);
    drop(record);
    *buffer = bytes;
}

/// Renders the message by `str.format` with the record available. If that fails, the message is kept as it was given.
fn rendered(
    call: &Call<'_, '_>,
    options: &CallOptions,
    record: &Record<'_>,
    objects: &Objects<'_>,
    capture: &mut Capture,
) -> Finished {
    let mut finished = Finished::new(options.has_markup);
    let Some(message) = call.positional.first() else { return finished };
    match render(call, message, record, objects, capture) {
        Ok((pieces, used, places)) => {
            capture.unused =
                places.iter().fold(first_bits(call.arguments().len()), |unused, call_site| match call_site {
                    0..32 => unused & !(1 << call_site),
                    _ => unused,
                });
            for (literal, value, name) in pieces {
                finished.literal(&capture.cut(text_bytes(&literal).unwrap_or_default()));
                let start = finished.text.len();
                finished
                    .value(crate::record::encoded::Value::Str(&capture.cut(text_bytes(&value).unwrap_or_default())));
                finished.fills(start, &text_bytes(&name).unwrap_or_default());
            }
            for name in used.iter().filter_map(text_bytes) {
                finished.uses(&name);
            }
        }
        Err(error) if interrupt::is_interrupt(call.py, &error) => capture.interrupt = Some(Box::new(error)),
        Err(error) => {
            let line =
                |described: &str| format!("a message that shows its record raised {described}; it stands as it is");
            capture.interrupt = telling::raised(call.py, "record", &error, line).or(capture.interrupt.take());
            capture.unused = first_bits(call.arguments().len());
            finished.literal(&text_bytes(message).unwrap_or_else(|| capture.display(message)));
        }
    }
    finished
}

/// A text, a value, and the value's name.
type Piece<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>, Bound<'py, PyAny>);

/// The pieces, the names of the fields shown, and the places of the arguments shown.
type Rendered<'py> = (Vec<Piece<'py>>, Vec<Bound<'py, PyAny>>, Vec<usize>);

fn render<'py>(
    call: &Call<'_, 'py>,
    message: &Bound<'py, PyAny>,
    record: &Record<'_>,
    objects: &Objects<'py>,
    capture: &mut Capture,
) -> PyResult<Rendered<'py>> {
    let py = call.py;
    let dict = records::build(py, record, &call.logger.core().snapshot(), objects, capture)?;
    dict.set_item(name!(py, "message"), message)?;
    let arguments: PyResult<Vec<_>> = call.arguments().iter().map(|value| Lazy::value_of(value)).collect();
    let fields = PyDict::new(py);
    records::put_keywords(call, &fields, capture)?;
    let render = imported(py, &RENDER, "logly._records.record_message", "render")?;
    render.call1((message, arguments?, fields, dict))?.extract()
}
