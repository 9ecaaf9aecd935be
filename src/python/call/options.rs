//! The options of a logger's calls, as `opt`, `patch` and similar methods set them.
//!
//! Options are immutable. A derived logger has a copy with more options set.

use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString, PyTuple};

use crate::config::rate::Rule;
use crate::logger::throttle::Key;
use crate::python::py::interrupt::is_interrupt;
use crate::python::py::telling;
use crate::python::py::text::text_bytes;
use crate::python::py::trampoline::watch_at_drop;
use crate::python::value::arguments::{boolean, integer, is_integer, text, unexpected, wrong_type};

const OPT_NAMES: &[(&str, &str)] = &[
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

/// Options that change how a logger's calls behave.
#[pyclass(frozen, name = "_CallOptions", module = "logly._logly")]
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct CallOptions {
    /// An exception, `sys.exc_info()`, or True for the exception that is being handled.
    pub exception: Option<Py<PyAny>>,
    /// How many frames further out than its caller a record is placed.
    pub depth: usize,
    /// Whether callable arguments stand for their results.
    pub is_lazy: bool,
    /// Whether the message may show the record.
    pub has_record: bool,
    /// Whether the message has colour markup.
    pub has_markup: bool,
    /// Whether text sinks write only the message.
    pub is_raw: bool,
    /// Whether keywords only fill in the message.
    pub is_uncaptured: bool,
    /// How many frames of the caller's stack follow the line.
    pub stack: usize,
    /// Functions that change records, in the order they are called.
    pub patchers: Vec<Py<PyAny>>,
    /// Rules that decide which calls log. A call logs only if all of them let it.
    pub throttles: Vec<Throttled>,
    /// The methods that set these options, with their arguments, so that other processes can repeat them.
    pub steps: Vec<(&'static str, Py<PyTuple>)>,
}

watch_at_drop!(CallOptions);

/// A rule, and the key its calls are counted by. Without a key, calls are counted by their place.
#[derive(Clone)]
pub struct Throttled {
    pub rule: Rule,
    pub key: Option<Key>,
}

impl Throttled {
    /// Parses the arguments of `once`, `every` and `limit`. Keys that are not text are told apart by their `repr`.
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
                // Keys of one class count together. This is part of a logging call, which does not raise.
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

/// The options of a logger that has none set.
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

    /// The options that `opt` does not set.
    pub fn without_opt(&self, py: Python<'_>) -> Self {
        let mut kept = Self::default();
        kept.patchers = self.patchers.iter().map(|patcher| patcher.clone_ref(py)).collect();
        kept.throttles.clone_from(&self.throttles);
        let steps = self.steps.iter().filter(|(name, _)| *name != "_opt");
        kept.steps = steps.map(|(name, given)| (*name, given.clone_ref(py))).collect();
        kept
    }

    /// These options with those given to `opt`; None means "not given".
    pub fn with(mut self, given: &Bound<'_, PyDict>) -> PyResult<Self> {
        for (name, value) in given.iter() {
            let given = text("opt", &name)?;
            let Some((_, name)) = OPT_NAMES.iter().find(|(known, _)| *known == given) else {
                let known: Vec<_> = OPT_NAMES.iter().map(|(known, _)| *known).collect();
                return Err(unexpected("opt", &known, given));
            };
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

/// Parses the option `exception`; False gives None.
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

/// Parses a number of frames: True is all frames, False is none.
fn stack(value: &Bound<'_, PyAny>) -> PyResult<usize> {
    match value.cast::<PyBool>() {
        Ok(flag) => Ok(if flag.is_true() { DEEPEST as usize } else { 0 }),
        Err(_) => Ok(integer("stack", value, 1, DEEPEST, "frames, or True or False")? as usize),
    }
}
