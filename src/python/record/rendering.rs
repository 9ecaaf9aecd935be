//! Rendering the placeholders of a message that need the call's objects.
//!
//! Plain values are rendered natively where their form is known. Everything else is rendered by Python itself, so that
//! it means the same as everywhere else. A part that fails stays literal or becomes a marker.

use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyModule, PyString, PyTuple};

use crate::format::spec::put_formatted;
use crate::message::{Name, Piece, Placeholder, Style, Template};
use crate::python::call::arrived::Call;
use crate::python::call::fields::Fields;
use crate::python::call::surroundings;
use crate::python::py::gil::attached;
use crate::python::py::interpreter::{Kept, kept, name};
use crate::python::py::text::{text_bytes, to_python, utf8};
use crate::python::value::bounded::Bounded;
use crate::python::value::capture::{Capture, MOST_RECORD_BYTES};
use crate::python::value::lazy::Lazy;
use crate::python::value::put::plain;
use crate::record::encoded::{Encoder, Section, Value};

/// Renders the placeholders that need objects, and returns their number. Those that cannot be filled in are left out
/// and stay literal.
pub fn put_rendered(
    call: &Call<'_, '_>,
    template: &Template,
    encoder: &mut Encoder<'_>,
    capture: &mut Capture,
) -> usize {
    let mut renderer = Renderer { call, capture, style: template.style, next: 0 };
    let mut count = 0;
    let section = encoder.begin(Section::Rendered);
    for (index, placeholder) in template.placeholders().enumerate() {
        if placeholder.is_plain_key() {
            continue;
        }
        let out = encoder.buffer();
        if out.len() > MOST_RECORD_BYTES {
            break;
        }
        let start = out.len();
        out.extend_from_slice(&(index as u32).to_ne_bytes());
        out.extend_from_slice(&[0; 4]);
        let text = out.len();
        if renderer.put(placeholder, out) {
            let length = (out.len() - text) as u32;
            out[text - 4..text].copy_from_slice(&length.to_ne_bytes());
            count += 1;
        } else {
            out.truncate(start);
        }
    }
    encoder.end(section);
    count
}

/// Appends a plain value, if its form is known. It appends nothing and returns false for any other value, and for a
/// text that is cut or may have to be. Such a text is not copied first.
#[inline]
fn put_plain(out: &mut Vec<u8>, placeholder: &Placeholder, value: Borrowed<'_, '_, PyAny>, most: usize) -> bool {
    let (Some(form), Some(value)) = (&placeholder.form, plain(value)) else { return false };
    if matches!(value, Value::Str(text) if text.len() > most) {
        return false;
    }
    let start = out.len();
    let is_done = put_formatted(out, value, form);
    if is_done && out.len() - start > most {
        out.truncate(start);
        return false;
    }
    is_done
}

struct Renderer<'r, 'a, 'py> {
    call: &'r Call<'a, 'py>,
    capture: &'r mut Capture,
    style: Style,
    /// The number of positional arguments that `%`-conversions have taken.
    next: usize,
}

impl<'a, 'py> Renderer<'_, 'a, 'py> {
    /// Appends the text of one placeholder. It returns false if the placeholder stays literal.
    #[inline]
    fn put(&mut self, placeholder: &Placeholder, out: &mut Vec<u8>) -> bool {
        if let Some(value) = self.value(&placeholder.name)
            && put_plain(out, placeholder, value, self.capture.most)
        {
            self.next += usize::from(matches!(placeholder.name, Name::Percent(_)));
            return true;
        }
        self.put_by_python(placeholder, out)
    }

    /// The value that a placeholder names, if it is an argument of the call.
    #[inline]
    fn value(&self, name: &Name) -> Option<Borrowed<'a, 'py, PyAny>> {
        match name {
            Name::Index(at) => self.call.arguments().get(*at).copied(),
            Name::Percent(_) => self.call.arguments().get(self.next).copied(),
            Name::Key(key) => {
                let is_key = |name: Borrowed<'_, '_, PyAny>| {
                    name.cast::<PyString>().is_ok_and(|name| utf8(name).is_some_and(|name| name.as_bytes() == &**key))
                };
                let at = self.call.names?.iter_borrowed().position(is_key)?;
                self.call.named.get(at).copied()
            }
            Name::PercentKey => None,
        }
    }

    #[cold]
    fn put_by_python(&mut self, placeholder: &Placeholder, out: &mut Vec<u8>) -> bool {
        let py = self.call.py;
        let arguments = self.call.arguments();
        let text = attached(py, || match &placeholder.name {
            Name::Percent(count) => self.percent(placeholder, *count),
            Name::PercentKey => arguments.first().and_then(|mapping| self.remainder(placeholder, mapping)),
            Name::Index(at) => arguments.get(*at).map(|value| self.format(placeholder, value)),
            Name::Key(key) => self.field(key).map(|value| self.format(placeholder, &value)),
        });
        out.extend_from_slice(text.as_deref().unwrap_or_default());
        text.is_some()
    }

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
        let mut text = Vec::new();
        if put_plain(&mut text, placeholder, value.as_borrowed(), self.capture.most) {
            return text;
        }
        match self.try_format(placeholder, &Bounded::of(value.clone(), self.capture.most)) {
            Ok(text) => self.capture.text(&text).unwrap_or_default(),
            // A spec that does not fit a plain value, such as `.2f` for None, is not a failure of the value. The value
            // is shown as it is.
            Err(_) if is_plain(&value) => self.capture.display(&value),
            Err(error) => self.capture.marker(&value, error).into_bytes(),
        }
    }

    fn try_format<'v>(&mut self, placeholder: &Placeholder, value: &Bound<'v, PyAny>) -> PyResult<Bound<'v, PyAny>> {
        let builtins = builtins(value.py())?;
        let converted = match placeholder.conversion {
            Some(b'r') => value.repr()?.into_any(),
            Some(b's') => value.str()?.into_any(),
            Some(_) => builtins.getattr(name!(value.py(), "ascii"))?.call1((value,))?,
            None => value.clone(),
        };
        let spec = self.spec(placeholder);
        if is_too_wide(spec.as_bytes(), self.capture.most) {
            return Ok(to_python(value.py(), &placeholder.source));
        }
        builtins.getattr(name!(value.py(), "format"))?.call1((converted, spec))
    }

    /// The spec, with nested placeholders filled in.
    fn spec(&mut self, placeholder: &Placeholder) -> String {
        // Python has filled in the specs of a template string.
        if self.style == Style::Interpolated || !placeholder.spec.contains(&b'{') {
            return String::from_utf8_lossy(&placeholder.spec).into_owned();
        }
        let nested = Template::parse(&placeholder.spec, Style::Braces);
        let mut spec = Vec::new();
        for piece in &nested.pieces {
            match piece {
                Piece::Literal(text) => spec.extend_from_slice(text),
                Piece::Placeholder(inner) => {
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
    fn field(&mut self, key: &[u8]) -> Option<Bound<'py, PyAny>> {
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
        surroundings::find(py, self.call.logger, key, self.capture)
            .or_else(|| self.call.logger.bound().and_then(of_fields))
            .or_else(|| self.call.logger.extra(py).and_then(|extra| extra.get_item(key).ok().flatten()))
    }
}

/// The module, not its functions: programs may replace them.
fn builtins(py: Python<'_>) -> PyResult<&Bound<'_, PyModule>> {
    static BUILTINS: Kept<Py<PyModule>> = Kept::new();
    Ok(kept(py, &BUILTINS, || py.import("builtins").map(Bound::unbind))?.bind(py))
}

/// Whether a name is this one.
pub fn is_named(name: &Bound<'_, PyAny>, key: &[u8]) -> bool {
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
pub fn evaluated<'py>(value: &Bound<'py, PyAny>, capture: &mut Capture) -> Result<Bound<'py, PyAny>, Vec<u8>> {
    match value.cast::<Lazy>() {
        Ok(lazy) => lazy.get().evaluate(value.py()).map_err(|error| capture.marker(value, error).into_bytes()),
        Err(_) => Ok(value.clone()),
    }
}
