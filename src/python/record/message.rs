//! Messages: choosing a call's template, and rendering the placeholders that need the call's objects.
//!
//! A plain `{name}` is left to the writer. Conversions, specs, positional arguments and `%` are rendered here, by
//! Python itself, so that they mean the same as everywhere else. A part that fails stays literal or becomes a marker.

use pyo3::exceptions::{PyBaseException, PyKeyError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use crate::logger::wants::Wants;
use crate::message::{Name, Placeholder, Style, Template};
use crate::python::call::arrived::Call;
use crate::python::call::callsite::CallSite;
use crate::python::call::context;
use crate::python::call::fields::Fields;
use crate::python::call::site_table::Entry;
use crate::python::py::gil::attached;
use crate::python::py::interpreter::name;
use crate::python::py::text::{text_bytes, to_python, utf8};
use crate::python::value::bounded::Bounded;
use crate::python::value::capture::{Capture, MOST_RECORD_BYTES};
use crate::python::value::known::is_mapping;
use crate::python::value::lazy::Lazy;
use crate::record::encoded::{Encoder, Section, put_bytes};
use crate::site::NO_SITE;

/// Writes the message's sections. If `unused_arguments` has some, `capture.wants` says so.
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
            attached(call.py, || put_known(call, entry, message, encoder, capture));
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
    attached(call.py, || put_rare(call, &message, encoder, capture));
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
fn put_rare(call: &Call<'_, '_>, message: &Bound<'_, PyAny>, encoder: &mut Encoder<'_>, capture: &mut Capture) {
    put_varying(call, message, encoder, capture);
    if capture.unused != 0 {
        capture.wants = capture.wants.or(Wants::RARE);
    }
}

fn put_varying(call: &Call<'_, '_>, message: &Bound<'_, PyAny>, encoder: &mut Encoder<'_>, capture: &mut Capture) {
    let text = if message.is_exact_instance_of::<PyString>() {
        capture.text(message).unwrap_or_default()
    } else {
        evaluated(message, capture).map_or_else(|marker| marker, |value| capture.display(&value))
    };
    let is_verbatim = (call.arguments().is_empty() && call.names.is_none()) || !is_template(message);
    if is_verbatim {
        capture.unused = all_of(call.arguments().len());
        return encoder.section(Section::Message, &text);
    }
    if !call.arguments().is_empty() && text.contains(&b'%') && put_percent(call, &text, encoder, capture) {
        return;
    }
    let template = Template::parse(&text, Style::Braces);
    capture.unused = unused_by(&template, call.arguments().len());
    put_template(call, &text, &template, encoder, capture);
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

/// Bits for the first `count` arguments.
pub fn all_of(count: usize) -> u32 {
    1u32.checked_shl(count as u32).map_or(u32::MAX, |bit| bit - 1)
}

/// Bits for the arguments that no placeholder names.
fn unused_by(template: &Template, count: usize) -> u32 {
    let mut unused = all_of(count);
    let mut take = |name: &Name| {
        if let Name::Index(at @ 0..32) = name {
            unused &= !(1 << at);
        }
    };
    for placeholder in template.placeholders() {
        take(&placeholder.name);
        if placeholder.spec.contains(&b'{') {
            Template::parse(&placeholder.spec, Style::Braces).placeholders().for_each(|inner| take(&inner.name));
        }
    }
    unused
}

/// Returns the positional arguments that the message has no place for, as a list, and the name of their field. The name
/// is `args`, unless the call has a field of that name.
pub fn unused_arguments<'py>(
    call: &Call<'_, 'py>,
    capture: &mut Capture,
) -> PyResult<Option<(String, Bound<'py, PyList>)>> {
    if capture.unused == 0 {
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

fn put_template(
    call: &Call<'_, '_>,
    text: &[u8],
    template: &Template,
    encoder: &mut Encoder<'_>,
    capture: &mut Capture,
) {
    put_source(text, template.style, encoder);
    if template.placeholders().any(Placeholder::is_plain_key) {
        capture.wants = capture.wants.or(Wants::TEXT);
    }
    if template.needs_objects() {
        put_rendered(call, template, encoder, capture);
    }
}

/// Applies `%`-formatting if the conversions fit the positional arguments. Otherwise returns false and writes nothing.
fn put_percent(call: &Call<'_, '_>, text: &[u8], encoder: &mut Encoder<'_>, capture: &mut Capture) -> bool {
    let style = if call.names.is_some() { Style::PercentAndBraces } else { Style::Percent };
    let template = Template::parse(text, style);
    let takes_mapping = template.placeholders().any(|placeholder| placeholder.name == Name::PercentKey);
    let fits = if takes_mapping {
        call.arguments().len() == 1 && capture.told_by(call.py, is_mapping(&call.arguments()[0]))
    } else {
        template.percent_arguments() == call.arguments().len()
    };
    if !fits {
        return false;
    }
    let start = encoder.buffer().len();
    put_template(call, text, &template, encoder, capture);
    // A conversion that refused its argument (`%d` of text) wrote no rendering; the braces are tried then. Names that a
    // mapping lacks stay literal.
    let all = template.placeholders().filter(|placeholder| !placeholder.is_plain_key()).count();
    let rendered = rendered_count(&encoder.buffer()[start..]);
    if takes_mapping && rendered == 0 {
        capture.unused = all_of(1);
    }
    let is_done = takes_mapping || rendered >= all;
    if !is_done {
        encoder.truncate(start);
    }
    is_done
}

/// The number of renderings in the sections just written.
fn rendered_count(sections: &[u8]) -> usize {
    let mut reader = crate::record::encoded::Reader::new(sections);
    let mut count = 0;
    while !reader.is_empty() {
        let tag = reader.byte();
        let mut content = crate::record::encoded::Reader::new(reader.bytes());
        while tag == Section::Rendered as u8 && !content.is_empty() {
            content.u32();
            content.bytes();
            count += 1;
        }
    }
    count
}

/// Renders the placeholders that need objects. Those that cannot be filled in are left out and stay literal.
fn put_rendered(call: &Call<'_, '_>, template: &Template, encoder: &mut Encoder<'_>, capture: &mut Capture) {
    let arguments = call.arguments();
    let mut renderer = Renderer { call, capture, next: 0 };
    let mark = encoder.begin(Section::Rendered);
    for (index, placeholder) in template.placeholders().enumerate() {
        if encoder.buffer().len() > MOST_RECORD_BYTES {
            break;
        }
        let text = match &placeholder.name {
            Name::Percent(count) => renderer.percent(placeholder, *count),
            Name::PercentKey => arguments.first().and_then(|mapping| renderer.remainder(placeholder, mapping)),
            Name::Index(at) => arguments.get(*at).map(|value| renderer.format(placeholder, value)),
            Name::Key(_) if placeholder.is_plain_key() => None,
            Name::Key(key) => renderer.field(key).map(|value| renderer.format(placeholder, &value)),
        };
        if let Some(text) = text {
            encoder.buffer().extend_from_slice(&(index as u32).to_ne_bytes());
            put_bytes(encoder.buffer(), &text);
        }
    }
    encoder.end(mark);
}

struct Renderer<'r, 'a, 'py> {
    call: &'r Call<'a, 'py>,
    capture: &'r mut Capture,
    /// The number of positional arguments that `%`-conversions have taken.
    next: usize,
}

impl<'py> Renderer<'_, '_, 'py> {
    fn percent(&mut self, placeholder: &Placeholder, count: usize) -> Option<Vec<u8>> {
        let values = self.call.arguments().get(self.next..self.next + count)?;
        self.next += count;
        let (_, widths) = values.split_last()?;
        if widths
            .iter()
            .any(|width| width.extract::<i64>().is_ok_and(|width| width.unsigned_abs() > self.capture.most as u64))
        {
            return None;
        }
        let most = self.capture.most;
        let mut bounded = |value| evaluated(value, self.capture).map(|value| Bounded::of(value, most));
        let values: Result<Vec<_>, _> = values.iter().map(|value| bounded(value)).collect();
        match values {
            Ok(values) => self.remainder(placeholder, PyTuple::new(self.call.py, values).ok()?.as_any()),
            Err(marker) => Some(marker),
        }
    }

    /// Computes `text % arguments`. A conversion that does not fit its type gives None; an argument's own failure gives
    /// a marker.
    fn remainder(&mut self, placeholder: &Placeholder, arguments: &Bound<'py, PyAny>) -> Option<Vec<u8>> {
        if is_too_wide(&placeholder.source, self.capture.most) {
            return None;
        }
        let text = to_python(self.call.py, &placeholder.source);
        let one = if placeholder.name == Name::PercentKey { self.one(&placeholder.source, arguments) } else { None };
        match text.rem(one.as_ref().unwrap_or(arguments)) {
            Ok(text) => self.capture.text(&text),
            Err(error) if placeholder.name == Name::PercentKey && error.is_instance_of::<PyKeyError>(self.call.py) => {
                None
            }
            Err(error) => {
                let is_text = matches!(placeholder.source.last(), Some(b's' | b'r' | b'a'));
                let culprit =
                    arguments.cast::<PyTuple>().ok().and_then(|tuple| tuple.get_item(tuple.len().checked_sub(1)?).ok());
                is_text.then(|| self.capture.marker(culprit.as_ref().unwrap_or(arguments), error).into_bytes())
            }
        }
    }

    /// Makes a mapping with only the key that a conversion names, its value bounded. None if `mapping` has no such key.
    fn one(&self, source: &[u8], mapping: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
        let end = memchr::memchr(b')', source)?;
        let key = to_python(self.call.py, source.get(2..end)?);
        let value = Bounded::of(mapping.get_item(&key).ok()?, self.capture.most);
        let one = PyDict::new(self.call.py);
        one.set_item(key, value).ok()?;
        Some(one.into_any())
    }

    /// Returns the result of `"{...}".format(value)` for this placeholder.
    fn format(&mut self, placeholder: &Placeholder, value: &Bound<'_, PyAny>) -> Vec<u8> {
        let value = match evaluated(value, self.capture) {
            Ok(value) => value,
            Err(marker) => return marker,
        };
        match self.try_format(placeholder, &Bounded::of(value.clone(), self.capture.most)) {
            Ok(text) => self.capture.text(&text).unwrap_or_default(),
            // A spec that does not fit a plain value, such as `.2f` for None, is not a failure of the value. The value
            // is shown as it is.
            Err(_) if is_plain(&value) => self.capture.display(&value),
            Err(error) => self.capture.marker(&value, error).into_bytes(),
        }
    }

    fn try_format<'v>(&mut self, placeholder: &Placeholder, value: &Bound<'v, PyAny>) -> PyResult<Bound<'v, PyAny>> {
        let builtins = value.py().import("builtins")?;
        let converted = match placeholder.conversion {
            Some(b'r') => value.repr()?.into_any(),
            Some(b's') => value.str()?.into_any(),
            Some(_) => builtins.getattr("ascii")?.call1((value,))?,
            None => value.clone(),
        };
        let spec = self.spec(placeholder);
        if is_too_wide(spec.as_bytes(), self.capture.most) {
            return Ok(to_python(value.py(), &placeholder.source));
        }
        builtins.getattr("format")?.call1((converted, spec))
    }

    /// The spec, with nested placeholders filled in.
    fn spec(&mut self, placeholder: &Placeholder) -> String {
        if !placeholder.spec.contains(&b'{') {
            return String::from_utf8_lossy(&placeholder.spec).into_owned();
        }
        let nested = Template::parse(&placeholder.spec, Style::Braces);
        let mut spec = Vec::new();
        for piece in &nested.pieces {
            match piece {
                crate::message::Piece::Literal(text) => spec.extend_from_slice(text),
                crate::message::Piece::Placeholder(inner) => {
                    let value = match &inner.name {
                        Name::Index(at) => self.call.arguments().get(*at).map(|value| (*value).to_owned()),
                        Name::Key(key) => self.field(key),
                        Name::Percent(_) | Name::PercentKey => None,
                    };
                    spec.extend(value.map_or_else(|| inner.source.to_vec(), |value| self.capture.display(&value)));
                }
            }
        }
        String::from_utf8_lossy(&spec).into_owned()
    }

    /// The object of a field. The order is the call's fields, the context, the bound fields, the configured fields.
    fn field(&self, key: &[u8]) -> Option<Bound<'py, PyAny>> {
        let py = self.call.py;
        if let Some(names) = self.call.names {
            let at = names.iter_borrowed().position(|name| is_named(&name, key));
            if let Some(value) = at.and_then(|at| self.call.named.get(at)) {
                return Some((*value).to_owned());
            }
        }
        let key = std::str::from_utf8(key).ok()?;
        let find = |fields: &Py<PyDict>| fields.bind(py).get_item(key).ok().flatten();
        let of_fields = |fields: &Py<Fields>| find(&fields.get().values);
        context::current(py)
            .and_then(|layer| find(layer.get().values()))
            .or_else(|| self.call.logger.bound().and_then(of_fields))
            .or_else(|| self.call.logger.extra(py).and_then(|extra| extra.get_item(key).ok().flatten()))
    }
}

fn is_named(name: &Bound<'_, PyAny>, key: &[u8]) -> bool {
    match name.cast::<PyString>().map(|name| name.to_str()) {
        Ok(Ok(name)) => name.as_bytes() == key,
        _ => text_bytes(name).as_deref() == Some(key),
    }
}

/// Whether a spec asks for more characters than a message may have. Only hostile specs do, and rendering them would
/// cost memory first.
fn is_too_wide(spec: &[u8], most: usize) -> bool {
    let numbers = spec.split(|byte| !byte.is_ascii_digit()).filter(|digits| !digits.is_empty());
    let width =
        |digits: &[u8]| digits.iter().try_fold(0usize, |n, d| n.checked_mul(10)?.checked_add(usize::from(d - b'0')));
    numbers.map(width).any(|width| width.is_none_or(|width| width > most))
}

/// Whether formatting the value runs only Python's own code.
fn is_plain(value: &Bound<'_, PyAny>) -> bool {
    value.is_none()
        || value.is_exact_instance_of::<PyString>()
        || value.is_exact_instance_of::<PyInt>()
        || value.is_exact_instance_of::<PyFloat>()
        || value.is_exact_instance_of::<PyBool>()
}

/// The result of a lazy value, or the value itself if it is not lazy. A marker if the evaluation failed.
fn evaluated<'py>(value: &Bound<'py, PyAny>, capture: &mut Capture) -> Result<Bound<'py, PyAny>, Vec<u8>> {
    match value.cast::<Lazy>() {
        Ok(lazy) => lazy.get().evaluate(value.py()).map_err(|error| capture.marker(value, error).into_bytes()),
        Err(_) => Ok(value.clone()),
    }
}
