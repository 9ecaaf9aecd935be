//! The options of a logger's calls, as `opt`, `patch` and their like give them.
//!
//! Immutable; a logger that is derived from another has a copy with more in it.

use crate::python::py::trampoline::watch_at_drop;
use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString, PyTuple};

use crate::config::rate::Rule;
use crate::logger::throttle::Key;
use crate::python::py::interrupt::is_interrupt;
use crate::python::py::telling;
use crate::python::py::text::text_bytes;
use crate::python::value::arguments::{boolean, canonical, integer, is_integer, text, wrong_type};

const OPT_NAMES: [(&str, &str); 9] = [
    ("exception", "exception"),
    ("depth", "depth"),
    ("lazy", "lazy"),
    ("record", "record"),
    ("colors", "colors"),
    ("ansi", "colors"),
    ("raw", "raw"),
    ("capture", "capture"),
    ("stack", "stack"),
];

/// More frames than any stack has.
const DEEPEST: i64 = 1_000_000;

/// What calls do beyond the usual.
#[pyclass(frozen, name = "_CallOptions", module = "logly._logly")]
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct CallOptions {
    /// An exception, `sys.exc_info()`, or True for the one being handled.
    pub exception: Option<Py<PyAny>>,
    /// How many frames further out than its caller a record is placed.
    pub depth: usize,
    /// Whether arguments that can be called stand for what they return.
    pub is_lazy: bool,
    /// Whether the message may show the record.
    pub has_record: bool,
    /// Whether the message has colour markup.
    pub has_markup: bool,
    /// Whether text sinks write the message alone.
    pub is_raw: bool,
    /// Whether keywords only fill in the message.
    pub is_uncaptured: bool,
    /// How many frames of the caller's stack follow the line.
    pub stack: usize,
    /// Functions that change records, in order.
    pub patchers: Vec<Py<PyAny>>,
    /// Rules that say which calls log; all of them must.
    pub throttles: Vec<Throttled>,
    /// The methods that these options came by, with their arguments, for other processes to do the same.
    pub steps: Vec<(&'static str, Py<PyTuple>)>,
}

watch_at_drop!(CallOptions);

/// A rule, and what the calls are counted by where that is not their place.
#[derive(Clone)]
pub struct Throttled {
    pub rule: Rule,
    pub key: Option<Key>,
}

impl Throttled {
    /// What `once`, `every` and `limit` were given. Keys that are no text are told apart by their `repr`.
    pub fn parse(name: &str, value: &Bound<'_, PyAny>, key: &Bound<'_, PyAny>) -> PyResult<Self> {
        let rule = match name {
            "once" => Rule::First,
            "every" if is_integer(value) => {
                Rule::EachNth(integer("interval", value, 1, i64::MAX, "calls")?.unsigned_abs())
            }
            "every" if !value.is_instance_of::<PyString>() => {
                return Err(wrong_type("interval", "a number of calls (int) or an interval such as \"5s\"", value));
            }
            "every" => Rule::every(text("interval", value)?)?,
            _ => Rule::limit(text("rate", value)?)?,
        };
        let given = |kind: u8, text: &Bound<'_, PyAny>| Key::given(kind, &text_bytes(text).unwrap_or_default());
        let key = match key.cast::<PyString>() {
            _ if key.is_none() => None,
            Ok(_) => Some(given(b't', key)),
            Err(_) => Some(match key.repr() {
                Ok(shown) => given(b'r', shown.as_any()),
                Err(error) if is_interrupt(key.py(), &error) => return Err(error),
                // Those of one class count together: this stands in a logging call, which does not raise.
                Err(error) => {
                    let class = key.get_type().qualname()?;
                    let line = |described: &str| format!("a key of {name}() of type {class} raised {described}");
                    if let Some(interrupt) = telling::raised(key.py(), &format!("key {class}"), &error, line) {
                        return Err(*interrupt);
                    }
                    given(b'u', class.as_any())
                }
            }),
        };
        Ok(Self { rule, key })
    }
}

/// Those of a logger without any.
pub static NONE: CallOptions = CallOptions {
    exception: None,
    depth: 0,
    is_lazy: false,
    has_record: false,
    has_markup: false,
    is_raw: false,
    is_uncaptured: false,
    stack: 0,
    patchers: Vec::new(),
    throttles: Vec::new(),
    steps: Vec::new(),
};

impl CallOptions {
    pub fn copy(&self, py: Python<'_>) -> Self {
        Self {
            exception: self.exception.as_ref().map(|exception| exception.clone_ref(py)),
            patchers: self.patchers.iter().map(|patcher| patcher.clone_ref(py)).collect(),
            throttles: self.throttles.clone(),
            steps: self.steps.iter().map(|(name, given)| (*name, given.clone_ref(py))).collect(),
            ..*self
        }
    }

    /// These options and what `opt` was given; None means "not given".
    pub fn with(mut self, given: &Bound<'_, PyDict>) -> PyResult<Self> {
        for (name, value) in given.iter() {
            let given = text("opt", &name)?;
            let name = canonical("opt", &OPT_NAMES, given)?;
            if !value.is_none() {
                self.set(name, given, &value)?;
            }
        }
        Ok(self)
    }

    fn set(&mut self, name: &'static str, given: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        match name {
            "exception" => self.exception = exception(value)?,
            "depth" => self.depth += integer(name, value, 0, DEEPEST, "frames")? as usize,
            "stack" => self.stack = stack(value)?,
            "lazy" => self.is_lazy = boolean(name, value)?,
            "record" => self.has_record = boolean(name, value)?,
            "colors" => self.has_markup = boolean(given, value)?,
            "raw" => self.is_raw = boolean(name, value)?,
            _ => self.is_uncaptured = !boolean(name, value)?,
        }
        Ok(())
    }
}

/// None for False.
fn exception(value: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(flag.is_true().then(|| value.clone().unbind()));
    }
    let is_triple = value.cast::<PyTuple>().is_ok_and(|triple| triple.len() == 3);
    if is_triple || value.is_instance_of::<PyBaseException>() {
        return Ok(Some(value.clone().unbind()));
    }
    Err(wrong_type("exception", "an exception, True, False, or a tuple of type, value and traceback", value))
}

/// A number of frames: all for True, none for False.
fn stack(value: &Bound<'_, PyAny>) -> PyResult<usize> {
    match value.cast::<PyBool>() {
        Ok(flag) => Ok(if flag.is_true() { DEEPEST as usize } else { 0 }),
        Err(_) => Ok(integer("stack", value, 1, DEEPEST, "frames, or True or False")? as usize),
    }
}
