//! A source of fields: a context variable, the function that makes fields from its value, or a function alone.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyString};

use crate::python::call::known_values::{KnownValues, Made};
use crate::python::py::callable::function_name;
use crate::python::py::context_variable::Variable;
use crate::python::py::strand::Inside;
use crate::python::py::text::{text_bytes, type_name};
use crate::python::py::{interrupt, strand, telling};
use crate::python::value::capture::Capture;
use crate::python::value::known::known_class;
use crate::record::encoded::{Encoder, Section, put_bytes};
use crate::report;

/// The names that the ids of a span have. Other sources give no such fields to a record within a span.
const IDS: [&[u8]; 3] = [b"trace_id", b"span_id", b"trace_flags"];

/// Longer values are not known by their identity, since known values stay in memory.
const LONGEST_KNOWN: usize = 4096;

thread_local! {
    /// The strands that are in a function of a source. Records logged there have no fields of such functions.
    static MAKING: Inside<()> = const { Inside::new() };
}

/// One source of fields.
pub struct FieldSource {
    /// The name of the field, unless a function names the fields.
    pub key: Box<[u8]>,
    name: Py<PyString>,
    kind: Kind,
    /// Whether the fields are the ids of the active span.
    pub is_span: bool,
}

enum Kind {
    /// The value is the field.
    Value(Variable),
    /// The function makes fields from the value.
    Function(Variable, Py<PyAny>),
    /// The function makes fields at each call.
    Call(Py<PyAny>),
}

/// The sources of a logger, in the order in which they are written. Later ones win.
pub struct FieldSources {
    pub all: Vec<FieldSource>,
    known: KnownValues,
}

/// The outcome of writing the fields of a call.
pub struct Written {
    pub has_span: bool,
    /// Whether the same objects give the same bytes at another call.
    pub is_lasting: bool,
}

impl FieldSource {
    pub fn of_value(name: &Bound<'_, PyString>, variable: Variable) -> Self {
        Self::new(name, Kind::Value(variable))
    }

    pub fn of_function(name: &Bound<'_, PyString>, variable: Variable, function: Py<PyAny>) -> Self {
        Self::new(name, Kind::Function(variable, function))
    }

    /// The ids of the active span. Without a variable the function is called for each record.
    pub fn of_span(name: &Bound<'_, PyString>, variable: Option<Variable>, function: Py<PyAny>) -> Self {
        let kind = match variable {
            Some(variable) => Kind::Function(variable, function),
            None => Kind::Call(function),
        };
        Self { is_span: true, ..Self::new(name, kind) }
    }

    fn new(name: &Bound<'_, PyString>, kind: Kind) -> Self {
        let key = text_bytes(name.as_any()).unwrap_or_default().into();
        Self { key, name: name.clone().unbind(), kind, is_span: false }
    }

    pub fn clone_ref(&self, py: Python<'_>) -> Self {
        let kind = match &self.kind {
            Kind::Value(variable) => Kind::Value(variable.clone_ref(py)),
            Kind::Function(variable, function) => Kind::Function(variable.clone_ref(py), function.clone_ref(py)),
            Kind::Call(function) => Kind::Call(function.clone_ref(py)),
        };
        Self { key: self.key.clone(), name: self.name.clone_ref(py), kind, is_span: self.is_span }
    }

    fn is_id(&self) -> bool {
        is_id(&self.key)
    }

    /// The address of the value, as long as the context has it. 0 if there is none.
    #[inline]
    pub fn address(&self, py: Python<'_>) -> usize {
        match &self.kind {
            Kind::Value(variable) | Kind::Function(variable, _) => variable.address(py),
            Kind::Call(_) => 0,
        }
    }

    /// The value of the variable in the running context, if it has one.
    #[inline]
    pub fn value<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        match &self.kind {
            Kind::Value(variable) | Kind::Function(variable, _) => variable.value(py),
            Kind::Call(_) => None,
        }
    }
}

impl FieldSources {
    pub fn new(all: Vec<FieldSource>) -> Self {
        Self { all, known: KnownValues::default() }
    }

    /// Writes the fields. Those of each function have a section of their own, since names are unique within a section.
    pub fn put(
        &self,
        py: Python<'_>,
        values: &[Option<Bound<'_, PyAny>>],
        encoder: &mut Encoder<'_>,
        capture: &mut Capture,
    ) -> Written {
        let mut written = Written { has_span: false, is_lasting: true };
        let mut fields = Vec::new();
        for (at, (source, value)) in self.all.iter().zip(values).enumerate() {
            match (&source.kind, value) {
                (Kind::Value(_), Some(_)) if written.has_span && source.is_id() => {}
                (Kind::Value(_), Some(value)) => {
                    written.is_lasting &= self.put_value(at, value, &mut fields, capture);
                }
                (Kind::Value(_) | Kind::Function(..), None) => {}
                (Kind::Function(..) | Kind::Call(_), value) => {
                    put_fields(encoder, &mut fields);
                    let made = self.made(py, at, value.as_ref(), capture);
                    written.is_lasting &= made.is_some() && !matches!(source.kind, Kind::Call(_));
                    if let Some(made) = made {
                        let shorter = made.beside_span.as_ref().filter(|_| written.has_span);
                        fields.extend_from_slice(shorter.unwrap_or(&made.encoded));
                        written.has_span |= source.is_span && !made.encoded.is_empty();
                    }
                    put_fields(encoder, &mut fields);
                }
            }
        }
        put_fields(encoder, &mut fields);
        written
    }

    /// Writes one value. Returns whether it is known by its identity from now on.
    fn put_value(&self, at: usize, value: &Bound<'_, PyAny>, out: &mut Vec<u8>, capture: &mut Capture) -> bool {
        let start = out.len();
        put_bytes(out, &self.all[at].key);
        put_captured(out, value, capture);
        let is_known = is_frozen(value) && out.len() - start <= LONGEST_KNOWN;
        if is_known && self.known.find(at, value).is_none() {
            self.known.hold(at, value);
        }
        is_known
    }

    /// Adds the objects of the fields to a dict. Returns whether the ids of a span are among them.
    pub fn update(&self, fields: &Bound<'_, PyDict>, capture: &mut Capture) -> PyResult<bool> {
        let (py, mut has_span) = (fields.py(), false);
        for (at, source) in self.all.iter().enumerate() {
            let value = source.value(py);
            match (&source.kind, &value) {
                (Kind::Value(_), Some(_)) if has_span && source.is_id() => {}
                (Kind::Value(_), Some(value)) => fields.set_item(&source.name, value)?,
                (Kind::Value(_) | Kind::Function(..), None) => {}
                (Kind::Function(..) | Kind::Call(_), value) => {
                    let made = self.made(py, at, value.as_ref(), capture);
                    let Some(objects) = made.as_ref().and_then(|made| made.objects.as_ref()) else { continue };
                    for (name, value) in objects.bind(py).iter() {
                        if !(has_span && text_bytes(&name).is_some_and(|name| is_id(&name))) {
                            fields.set_item(name, value)?;
                        }
                    }
                    has_span |= source.is_span;
                }
            }
        }
        Ok(has_span)
    }

    /// The fields that a source's function makes, at the first call for a value. None within such a function.
    fn made(
        &self,
        py: Python<'_>,
        at: usize,
        value: Option<&Bound<'_, PyAny>>,
        capture: &mut Capture,
    ) -> Option<Arc<Made>> {
        let known = value.and_then(|value| self.known.find(at, value));
        if known.is_some() {
            return known;
        }
        let me = strand::current(py);
        let is_within = MAKING.try_with(|inside| !inside.is_empty() && inside.contains(me, |()| true));
        if is_within.unwrap_or(true) {
            return None;
        }
        MAKING.with(|inside| inside.push(me, ()));
        let made = self.all[at].make(py, value, capture);
        MAKING.with(|inside| inside.remove(me, &()));
        let made = Arc::new(made?);
        if let Some(value) = value {
            self.known.remember(at, value, Arc::clone(&made));
        }
        Some(made)
    }
}

impl FieldSource {
    /// Calls a source's function. None if an interrupt ended it. After any other exception, there are no fields.
    fn make(&self, py: Python<'_>, value: Option<&Bound<'_, PyAny>>, capture: &mut Capture) -> Option<Made> {
        let (Kind::Function(_, function) | Kind::Call(function)) = &self.kind else { return None };
        let function = function.bind(py);
        let result = match value {
            Some(value) => function.call1((value,)),
            None => function.call0(),
        };
        match result.and_then(|result| self.fields(&result, capture)) {
            Ok(made) => Some(made),
            Err(error) if interrupt::is_for_caller(py, &error) => {
                capture.interrupt = Some(Box::new(error));
                None
            }
            Err(error) => {
                let name = function_name(function);
                let whose = format!("{name}, which makes fields from a context variable,");
                let line = |described: &str| format!("{whose} raised {described}; the record has none of its fields");
                capture.interrupt = telling::raised(py, &whose, &error, line).or(capture.interrupt.take());
                Some(Made::default())
            }
        }
    }

    /// The fields that a result stands for: a dict of fields, or the value of the field that has the source's name.
    fn fields(&self, result: &Bound<'_, PyAny>, capture: &mut Capture) -> PyResult<Made> {
        let py = result.py();
        let objects = PyDict::new(py);
        match result.cast::<PyDict>() {
            _ if result.is_none() => {}
            Ok(fields) => {
                for (name, value) in fields.copy()?.iter().filter(|(_, value)| !value.is_none()) {
                    if name.is_instance_of::<PyString>() {
                        objects.set_item(name, value)?;
                    } else {
                        self.tell_refused(&name, capture);
                    }
                }
            }
            Err(_) => objects.set_item(&self.name, result)?,
        }
        if objects.is_empty() {
            return Ok(Made::default());
        }
        let (mut encoded, mut beside_span, mut has_id) = (Vec::new(), Vec::new(), false);
        for (name, value) in objects.iter() {
            let (name, start) = (text_bytes(&name).unwrap_or_default(), encoded.len());
            put_bytes(&mut encoded, &name);
            put_captured(&mut encoded, &value, capture);
            if is_id(&name) {
                has_id = true;
            } else {
                beside_span.extend_from_slice(&encoded[start..]);
            }
        }
        Ok(Made { encoded, beside_span: has_id.then_some(beside_span), objects: Some(objects.unbind()) })
    }

    fn tell_refused(&self, name: &Bound<'_, PyAny>, capture: &mut Capture) {
        let key = String::from_utf8_lossy(&self.key);
        let kind = type_name(name);
        let line = format!(
            "the function for \"{key}\" in context= named a field by a value of type {kind}, which is left out: \
             expected str"
        );
        let interrupt = if report::is_new(&line) { telling::tell(name.py(), &line) } else { None };
        capture.interrupt = interrupt.or(capture.interrupt.take());
    }
}

fn is_id(name: &[u8]) -> bool {
    IDS.contains(&name)
}

/// Writes a section with the fields gathered so far, if there are any.
fn put_fields(encoder: &mut Encoder<'_>, fields: &mut Vec<u8>) {
    if !fields.is_empty() {
        encoder.section(Section::Context, fields);
        fields.clear();
    }
}

/// Writes a value in all forms, since later calls may have other sinks.
fn put_captured(out: &mut Vec<u8>, value: &Bound<'_, PyAny>, capture: &mut Capture) {
    let mut everything = Capture::everything(capture.most);
    everything.put(out, value.as_borrowed());
    capture.interrupt = everything.interrupt.or(capture.interrupt.take());
}

/// Whether nothing can change the value.
fn is_frozen(value: &Bound<'_, PyAny>) -> bool {
    value.is_exact_instance_of::<PyString>()
        || value.is_exact_instance_of::<PyInt>()
        || value.is_exact_instance_of::<PyFloat>()
        || value.is_exact_instance_of::<PyBool>()
        || known_class!(value.py(), "uuid", "UUID").is_some_and(|class| value.get_type().is(class))
}
