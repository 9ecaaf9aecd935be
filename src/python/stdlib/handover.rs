//! Giving a record of `logging` to logly: what direct calls and records that come to a handler have in common.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::level;
use crate::level::LevelRef;
use crate::logger::wants::Wants;
use crate::process::per_process::process_number;
use crate::python::call::arrived::{Call, Raised};
use crate::python::call::state::PyLogger;
use crate::python::entry::foreign::{Foreign, emit_now};
use crate::python::py::inside;
use crate::python::py::peek::{Text, value_of};
use crate::python::py::role::{Role, role};
use crate::python::py::text::to_python;
use crate::python::stdlib::facts::Facts;
use crate::sync::count_attached;

/// The numbers of direct calls, and of records of handlers that were read natively.
static CALLS: AtomicU64 = AtomicU64::new(0);
static RECORDS: AtomicU64 = AtomicU64::new(0);

/// The outcome of a call.
pub(super) enum Answer {
    Done,
    /// The record was taken, and an interrupt is to be raised.
    Raised(Box<PyErr>),
    /// Nothing was done: the call is for Python's own function.
    Elsewhere,
}

/// The name of a logger in trails, from its number. A negative number is that of no logger.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (number, /))]
pub(super) fn _name_in_trails(py: Python<'_>, number: i64) -> Bound<'_, PyAny> {
    match u64::try_from(number) {
        Ok(number) => to_python(py, Trail::of(number).text()),
        Err(_) => to_python(py, format!("{}:{number}", process_number()).as_bytes()),
    }
}

/// The number of this process.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
pub(super) fn _process_id() -> u32 {
    process_number()
}

/// Whether a logger wants records of a level. None if the logger of the parent process has to be taken over first, which
/// Python's way does.
#[inline]
pub(super) fn wants(logger: &PyLogger, number: i32) -> Option<bool> {
    let is_wanted = number >= logger.gate();
    (!is_wanted || !logger.core().wants().has(Wants::TAKE_OVER)).then_some(is_wanted)
}

/// Gives a record to all sinks and callbacks.
#[inline]
pub(super) fn emit(
    target: &Bound<'_, PyLogger>,
    number: i32,
    raised: Raised<'_, '_>,
    foreign: &Foreign<'_, '_>,
) -> Answer {
    let logger = target.get();
    let level = level_of(logger, number);
    let call = Call { py: target.py(), logger, level, positional: &[], names: None, named: &[], raised };
    emit_now(&call, foreign).map_or(Answer::Done, Answer::Raised)
}

/// Counts a call or record that was taken.
#[inline]
pub(super) fn count(is_call: bool) {
    count_attached(if is_call { &CALLS } else { &RECORDS });
}

/// The numbers of direct calls, and of records of handlers that were read natively. Records that no sink wants count too.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
pub(super) fn _direct_calls() -> (u64, u64) {
    (CALLS.load(Ordering::Relaxed), RECORDS.load(Ordering::Relaxed))
}

/// The level in the record. The numbers of logly's own levels never change.
fn level_of(logger: &PyLogger, number: i32) -> LevelRef {
    match number {
        10 => level::DEBUG,
        20 => level::INFO,
        30 => level::WARNING,
        40 => level::ERROR,
        50 => level::CRITICAL,
        _ => logger.core().load().settings.levels.by_number(number),
    }
}

/// Whether logly's handler treats records of this logger, or from this place, in a way of their own.
#[inline]
pub(super) fn is_apart(name: Text<'_>, facts: &Facts) -> bool {
    let py = name.string.py();
    if !inside::is_free() || role(py) == Role::Sinks {
        return true;
    }
    let (sieves, words) = (facts.sieves.bind_borrowed(py), facts.last_words.bind_borrowed(py));
    if name.utf8 == "asyncio" {
        return true;
    }
    !(sieves.is_empty() && words.is_empty()) && is_special(name, sieves, words)
}

/// Whether logly's handler may leave out a field of this logger's records: uvicorn's own formatter has one for a copy of
/// the message.
#[inline]
pub(super) fn has_left_out(name: Text<'_>, extra: Option<Borrowed<'_, '_, PyDict>>) -> bool {
    extra.is_some_and(|extra| !extra.is_empty()) && name.utf8.starts_with("uvicorn")
}

#[cold]
fn is_special(name: Text<'_>, sieves: Borrowed<'_, '_, PyDict>, words: Borrowed<'_, '_, PyDict>) -> bool {
    let first = PyString::new(name.string.py(), name.utf8.split('.').next().unwrap_or_default());
    value_of(sieves, &first).is_some() || value_of(words, &name.string).is_some()
}

/// The trail of a record that came through one logger of logly.
#[derive(Clone, Copy)]
pub(super) struct Trail {
    process: u32,
    number: u64,
    text: [u8; 32],
    length: usize,
}

thread_local! {
    /// The trail of the thread's last record. Most programs have no other.
    static LAST: Cell<Trail> = const { Cell::new(Trail { process: 0, number: 0, text: [0; 32], length: 0 }) };
}

impl Trail {
    /// The trail of a record that came through the logger with this number.
    #[inline]
    pub(super) fn of(number: u64) -> Self {
        let process = process_number();
        let last = LAST.get();
        if (last.process, last.number) == (process, number) { last } else { Self::new(process, number) }
    }

    #[cold]
    fn new(process: u32, number: u64) -> Self {
        let mut trail = Self { process, number, text: [0; 32], length: 0 };
        trail.put(itoa::Buffer::new().format(process).as_bytes());
        trail.put(b":");
        trail.put(itoa::Buffer::new().format(number).as_bytes());
        LAST.set(trail);
        trail
    }

    fn put(&mut self, part: &[u8]) {
        self.text[self.length..self.length + part.len()].copy_from_slice(part);
        self.length += part.len();
    }

    pub(super) fn text(&self) -> &[u8] {
        &self.text[..self.length]
    }
}
