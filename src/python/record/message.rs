//! Messages: choosing a call's template, and rendering the placeholders that need the call's objects.
//!
//! A plain `{name}` is left to the writer. Conversions, specs, positional arguments and `%` are rendered at the call.

use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use crate::logger::wants::Wants;
use crate::message::{Name, Style, Template, first_bits};
use crate::python::call::arrived::Call;
use crate::python::call::callsite::CallSite;
use crate::python::call::site_table::entry::Entry;
use crate::python::py::gil::attached;
use crate::python::py::interpreter::name;
use crate::python::py::text::{to_python, utf8};
use crate::python::record::interpolated::{Interpolated, is_template_string};
use crate::python::record::parsed::parsed;
use crate::python::record::rendering::{evaluated, is_named, put_rendered};
use crate::python::value::capture::Capture;
use crate::python::value::known::is_mapping;
use crate::record::encoded::{Encoder, Section};
use crate::site::NO_SITE;

/// Writes the message's sections. If `unused_arguments` has some, `capture.wants` says so; also if the message is a
/// template string, which has none.
#[expect(clippy::inline_always, reason = "as `encode`, its only caller, which is inlined twice")]
#[inline(always)]
pub fn put_message(call: &Call<'_, '_>, call_site: &CallSite, encoder: &mut Encoder<'_>, capture: &mut Capture) {
    let Some(message) = call.positional.first().copied() else {
        return encoder.section(Section::Message, b"");
    };
    // The same place may also be called without keywords (`**fields`); the message is then verbatim.
    if let (CallSite::Known(entry), true, Some(_)) = (call_site, call.arguments().is_empty(), call.names)
        && entry.has_message(message)
    {
        if entry.needs_caller {
            put_known(call, entry, message, encoder, capture);
        }
        return;
    }
    if let Ok(text) = message.cast_exact::<PyString>()
        && let Some(text) = utf8(text)
        && text.len() <= capture.most
        && call.arguments().is_empty()
        && (call.names.is_none() || memchr::memchr2(b'{', b'}', text.as_bytes()).is_none())
    {
        return encoder.section(Section::Message, text.as_bytes());
    }
    put_other(call, call_site, message, encoder, capture);
}

/// Writes the caller's part of a message that is known at its place.
#[cold]
fn put_known(
    call: &Call<'_, '_>,
    entry: &Entry,
    message: Borrowed<'_, '_, PyAny>,
    encoder: &mut Encoder<'_>,
    capture: &mut Capture,
) {
    let Some(template) = &entry.site.template else { return };
    if entry.id == NO_SITE
        && let Ok(text) = message.cast::<PyString>()
    {
        put_source(text.to_str().unwrap_or_default().as_bytes(), template.style, encoder);
    }
    if entry.site.needs_objects {
        put_rendered(call, template, encoder, capture);
    }
}

fn put_source(text: &[u8], style: Style, encoder: &mut Encoder<'_>) {
    let mark = encoder.begin(Section::Template);
    encoder.buffer().push(style as u8);
    encoder.buffer().extend_from_slice(text);
    encoder.end(mark);
}

/// Writes a message that is not a plain string, is too long, has surrogates, has positional arguments, or has a
/// template that varies.
#[cold]
fn put_other(
    call: &Call<'_, '_>,
    call_site: &CallSite,
    message: Borrowed<'_, '_, PyAny>,
    encoder: &mut Encoder<'_>,
    capture: &mut Capture,
) {
    let is_verbatim = call.arguments().is_empty() && call.names.is_none();
    if let Ok(exact) = message.cast_exact::<PyString>()
        && let Some(text) = utf8(exact)
        && text.len() <= capture.most
        && !is_verbatim
    {
        if let CallSite::Known(entry) = call_site
            && entry.has_positional(message, call.arguments().len(), call.names.is_some())
            && let Some(template) = &entry.site.template
            && (template.style == Style::Braces || call.logger.core().dialect().has_percent())
        {
            let source = (entry.id == NO_SITE).then_some(text);
            return put_filled(call, text, (template, source), encoder, capture);
        }
        if let Some(parsed) = attached(call.py, || parsed(call, &exact, text)) {
            put_filled(call, text, (&parsed.template, Some(text)), encoder, capture);
            return capture.leave_unused(capture.unused | parsed.unused);
        }
    }
    attached(call.py, || put_rare(call, &message, encoder, capture));
}

/// Writes the parts of a template, and its source if there is one. If a conversion refused its argument, as `%d` refuses
/// text, the braces of the message are tried.
fn put_filled(
    call: &Call<'_, '_>,
    text: &str,
    (template, source): (&Template, Option<&str>),
    encoder: &mut Encoder<'_>,
    capture: &mut Capture,
) {
    let start = encoder.buffer().len();
    if let Some(source) = source {
        put_source(source.as_bytes(), template.style, encoder);
    }
    let rendered = put_placeholders(call, template, encoder, capture);
    if template.style != Style::Braces && rendered < template.count_of_caller() {
        encoder.truncate(start);
        attached(call.py, || put_in_braces(call, text.as_bytes(), encoder, capture));
    }
}

fn put_rare(call: &Call<'_, '_>, message: &Bound<'_, PyAny>, encoder: &mut Encoder<'_>, capture: &mut Capture) {
    if is_template_string(message) {
        capture.wants = Wants::UNFOLD.or(Wants::RARE);
        return;
    }
    if let Ok(unfolded) = message.cast::<Interpolated>() {
        let Interpolated { template, source } = unfolded.get();
        capture.leave_unused(first_bits(call.arguments().len()));
        put_template(call, source, template, encoder, capture);
        return;
    }
    let text = if message.is_exact_instance_of::<PyString>() {
        capture.text(message).unwrap_or_default()
    } else {
        evaluated(message, capture).map_or_else(|marker| marker, |value| capture.display(&value))
    };
    let is_verbatim = (call.arguments().is_empty() && call.names.is_none()) || !is_template(message);
    if is_verbatim {
        capture.leave_unused(first_bits(call.arguments().len()));
        return encoder.section(Section::Message, &text);
    }
    if !put_percent(call, &text, encoder, capture) {
        put_in_braces(call, &text, encoder, capture);
    }
}

/// Whether a message may have placeholders. It may if it is text, a subclass of text, or an object that stands for
/// text, such as a lazy translation. The text of an exception or any other object is data.
fn is_template(message: &Bound<'_, PyAny>) -> bool {
    message.is_instance_of::<PyString>()
        || (!message.is_instance_of::<PyBaseException>()
            && message.hasattr(name!(message.py(), "format_map")).unwrap_or(false))
}

/// Whether the message known at the place shows field number `at`. For other messages that show fields, `capture.wants`
/// has `TEXT` set.
pub fn is_shown(call: &Call<'_, '_>, call_site: &CallSite, at: usize) -> bool {
    let CallSite::Known(entry) = call_site else { return false };
    let Some(template) = &entry.site.template else { return false };
    let is_known = call.positional.first().is_some_and(|message| entry.has_message(*message));
    let name = call.names.and_then(|names| names.get_item(at).ok());
    is_known
        && name.is_some_and(|name| {
            let shows = |key: &[u8]| is_named(&name, key);
            template.placeholders().any(|one| matches!(&one.name, Name::Key(key) if one.is_plain_key() && shows(key)))
        })
}

/// Returns the positional arguments that the message has no place for, as a list, and the name of their field. The name
/// is `args`, unless the call has a field of that name.
pub fn unused_arguments<'py>(
    call: &Call<'_, 'py>,
    capture: &mut Capture,
) -> PyResult<Option<(String, Bound<'py, PyList>)>> {
    if capture.unused == 0 || !call.logger.core().dialect().keeps_unused() {
        return Ok(None);
    }
    let list = PyList::empty(call.py);
    for (index, argument) in call.arguments().iter().enumerate() {
        if capture.unused >> index.min(31) & 1 == 1 {
            match evaluated(argument, capture) {
                Ok(value) => list.append(value)?,
                Err(marker) => list.append(to_python(call.py, &marker))?,
            }
        }
    }
    let mut name = "args".to_owned();
    let is_taken = |name: &str| {
        call.names.is_some_and(|names| names.iter_borrowed().any(|known| is_named(&known, name.as_bytes())))
    };
    while is_taken(&name) {
        name.push('_');
    }
    Ok(Some((name, list)))
}

/// Writes the source of a template and its parts. Returns the number of placeholders that were filled in.
fn put_template(
    call: &Call<'_, '_>,
    text: &[u8],
    template: &Template,
    encoder: &mut Encoder<'_>,
    capture: &mut Capture,
) -> usize {
    put_source(text, template.style, encoder);
    put_placeholders(call, template, encoder, capture)
}

/// Writes the placeholders that the caller fills in, and returns the number of those that it could fill in.
fn put_placeholders(
    call: &Call<'_, '_>,
    template: &Template,
    encoder: &mut Encoder<'_>,
    capture: &mut Capture,
) -> usize {
    if template.has_plain_keys() {
        capture.wants = capture.wants.or(Wants::TEXT);
    }
    if template.needs_objects() { put_rendered(call, template, encoder, capture) } else { 0 }
}

fn put_in_braces(call: &Call<'_, '_>, text: &[u8], encoder: &mut Encoder<'_>, capture: &mut Capture) {
    let template = Template::parse(text, Style::Braces);
    capture.leave_unused(template.unused(call.arguments().len()));
    put_template(call, text, &template, encoder, capture);
}

/// Applies `%`-formatting if the conversions fit the positional arguments. Otherwise returns false and writes nothing.
fn put_percent(call: &Call<'_, '_>, text: &[u8], encoder: &mut Encoder<'_>, capture: &mut Capture) -> bool {
    let has_percent = call.logger.core().dialect().has_percent();
    if call.arguments().is_empty() || !has_percent || !text.contains(&b'%') {
        return false;
    }
    let style = if call.names.is_some() { Style::PercentAndBraces } else { Style::Percent };
    let template = Template::parse(text, style);
    let takes_mapping = template.takes_mapping();
    let fits = if takes_mapping {
        call.arguments().len() == 1 && capture.told_by(call.py, is_mapping(&call.arguments()[0]))
    } else {
        template.percent_arguments() == call.arguments().len()
    };
    if !fits {
        return false;
    }
    let start = encoder.buffer().len();
    let rendered = put_template(call, text, &template, encoder, capture);
    // A conversion that refused its argument (`%d` of text) wrote no rendering; the braces are tried then. Names that a
    // mapping lacks stay literal.
    if takes_mapping && rendered == 0 {
        capture.leave_unused(first_bits(1));
    }
    let is_done = takes_mapping || rendered >= template.count_of_caller();
    if !is_done {
        encoder.truncate(start);
    }
    is_done
}
