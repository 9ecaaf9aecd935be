//! Template strings (`t"paid {amount:.2f}"`, from Python 3.14 on) as messages.
//!
//! A call with a template string becomes one whose keywords are the values of its interpolations, each named by its
//! expression. The template itself becomes an object of this module. Calls whose message is a `str` never come here.

use pyo3::ffi::c_str;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple, PyType};

use crate::message::{Piece, Placeholder, Style, Template};
use crate::python::call::arrived::{Call, is_exc_info};
use crate::python::py::interpreter::{Kept, name};
use crate::python::py::text::{text_bytes, to_python};
use crate::python::py::trampoline::watch_at_drop;
use crate::python::record::rendering::is_named;
use crate::python::value::capture::Capture;

/// Templates within templates are shown in full down to this depth. Deeper ones are values.
const DEEPEST: usize = 16;

static TEMPLATE: Kept<Py<PyType>> = Kept::new();

/// Learns the class of template strings, if this Python has them. It has no name before `string.templatelib` is
/// imported.
pub fn prepare(py: Python<'_>) -> PyResult<()> {
    if py.version_info() >= (3, 14) {
        let class = py.eval(c_str!("type(t'')"), None, None)?.cast_into::<PyType>()?;
        TEMPLATE.set(py, class.unbind());
    }
    Ok(())
}

/// Whether a message is a template string.
pub fn is_template_string(message: &Bound<'_, PyAny>) -> bool {
    TEMPLATE.get(message.py()).is_some_and(|class| message.get_type().is(class))
}

/// The message of a call that was unfolded.
#[pyclass(frozen, name = "_Interpolated", module = "logly._logly")]
pub struct Interpolated {
    pub template: Template,
    pub source: Vec<u8>,
}

watch_at_drop!(Interpolated);

/// The arguments of a call in which a template string was replaced.
pub struct Unfolded<'py> {
    positional: Vec<Bound<'py, PyAny>>,
    names: Bound<'py, PyTuple>,
    named: Vec<Bound<'py, PyAny>>,
}

/// The same as borrowed slices, for a `Call`.
pub struct Slices<'a, 'py> {
    pub positional: Vec<Borrowed<'a, 'py, PyAny>>,
    pub named: Vec<Borrowed<'a, 'py, PyAny>>,
}

impl<'py> Unfolded<'py> {
    /// None if the message is no template string.
    pub fn of(call: &Call<'_, 'py>) -> Option<Self> {
        let message = call.positional.first().filter(|message| is_template_string(message))?;
        Self::unfold(call, message).ok()
    }

    fn unfold(call: &Call<'_, 'py>, message: &Bound<'py, PyAny>) -> PyResult<Self> {
        let bounds = Capture::everything(call.logger.core().most_message_bytes());
        let mut unfolding = Unfolding { call, bounds, pieces: Vec::new(), names: Vec::new(), named: Vec::new() };
        unfolding.put(message, 0)?;
        let Unfolding { pieces, mut names, mut named, .. } = unfolding;
        for (name, value) in call.names.iter().flat_map(|names| names.iter_borrowed()).zip(call.named) {
            names.push((*name).clone());
            named.push((**value).clone());
        }
        let template = Template { style: Style::Interpolated, pieces };
        let source = template.source();
        let message = Interpolated { template, source };
        let mut positional = vec![Bound::new(call.py, message)?.into_any()];
        positional.extend(call.arguments().iter().map(|argument| (**argument).clone()));
        Ok(Self { positional, names: PyTuple::new(call.py, names)?, named })
    }

    pub fn slices(&self) -> Slices<'_, 'py> {
        Slices {
            positional: self.positional.iter().map(Bound::as_borrowed).collect(),
            named: self.named.iter().map(Bound::as_borrowed).collect(),
        }
    }

    /// The call with these arguments.
    pub fn call<'a>(&'a self, call: &Call<'a, 'py>, slices: &'a Slices<'a, 'py>) -> Call<'a, 'py> {
        let names = (!self.named.is_empty()).then(|| self.names.as_borrowed());
        Call { positional: &slices.positional, names, named: &slices.named, ..*call }
    }
}

struct Unfolding<'c, 'a, 'py> {
    call: &'c Call<'a, 'py>,
    bounds: Capture,
    pieces: Vec<Piece>,
    names: Vec<Bound<'py, PyAny>>,
    named: Vec<Bound<'py, PyAny>>,
}

impl<'py> Unfolding<'_, '_, 'py> {
    fn put(&mut self, template: &Bound<'py, PyAny>, depth: usize) -> PyResult<()> {
        let py = template.py();
        let strings = template.getattr(name!(py, "strings"))?.cast_into::<PyTuple>()?;
        let interpolations = template.getattr(name!(py, "interpolations"))?.cast_into::<PyTuple>()?;
        for (at, text) in strings.iter_borrowed().enumerate() {
            self.put_literal(&self.bounds.cut(text_bytes(&text).unwrap_or_default()));
            if let Ok(interpolation) = interpolations.get_borrowed_item(at) {
                self.put_interpolation(&interpolation, depth)?;
            }
        }
        Ok(())
    }

    /// Appends text. Texts that follow each other, as around a template within a template, are one.
    fn put_literal(&mut self, text: &[u8]) {
        match self.pieces.last_mut() {
            _ if text.is_empty() => {}
            Some(Piece::Literal(before)) => *before = [before, text].concat().into(),
            _ => self.pieces.push(Piece::Literal(text.into())),
        }
    }

    fn put_interpolation(&mut self, interpolation: &Bound<'py, PyAny>, depth: usize) -> PyResult<()> {
        let py = interpolation.py();
        let value = interpolation.getattr(name!(py, "value"))?;
        let conversion = interpolation.getattr(name!(py, "conversion"))?;
        let conversion = text_bytes(&conversion).and_then(|conversion| conversion.first().copied());
        let spec = text_bytes(&interpolation.getattr(name!(py, "format_spec"))?).unwrap_or_default();
        if conversion.is_none() && spec.is_empty() && depth < DEEPEST && is_template_string(&value) {
            return self.put(&value, depth + 1);
        }
        let name = self.field(&interpolation.getattr(name!(py, "expression"))?, value);
        let name = text_bytes(&name).unwrap_or_default();
        self.pieces.push(Piece::Placeholder(Placeholder::of_part(&name, conversion, &spec)));
        Ok(())
    }

    /// Adds the field of an expression, and returns its name. Another value may have the name already: a keyword, or an
    /// expression that is there twice. The second one then gets a number.
    fn field(&mut self, expression: &Bound<'py, PyAny>, value: Bound<'py, PyAny>) -> Bound<'py, PyAny> {
        let py = value.py();
        let given = text_bytes(expression).unwrap_or_default();
        let base = match given.trim_ascii() {
            b"" => b"value",
            trimmed => trimmed,
        };
        // A class of the program may be derived from `str`. Its code is not run.
        let is_whole = base.len() == given.len() && expression.is_exact_instance_of::<PyString>();
        let mut name = if is_whole { expression.clone() } else { to_python(py, base) };
        for number in 2.. {
            match self.holder(&name, &value) {
                Holder::None => {
                    self.names.push(name.clone());
                    self.named.push(value);
                    break;
                }
                Holder::Same => break,
                Holder::Other => name = to_python(py, &[base, format!("_{number}").as_bytes()].concat()),
            }
        }
        name
    }

    /// Finds the holder of a name.
    fn holder(&self, name: &Bound<'py, PyAny>, value: &Bound<'py, PyAny>) -> Holder {
        if is_exc_info(name) {
            return Holder::Other;
        }
        let key = text_bytes(name).unwrap_or_default();
        let own = self.names.iter().position(|known| is_named(known, &key)).map(|at| self.named[at].is(value));
        let keyword = || {
            let at = self.call.names?.iter_borrowed().position(|known| is_named(&known, &key))?;
            self.call.named.get(at).map(|known| known.is(value))
        };
        match own.or_else(keyword) {
            None => Holder::None,
            Some(true) => Holder::Same,
            Some(false) => Holder::Other,
        }
    }
}

/// The holder of a name that a field is to get.
enum Holder {
    None,
    /// The same value.
    Same,
    /// Another value, or `exc_info`, which is no field.
    Other,
}
