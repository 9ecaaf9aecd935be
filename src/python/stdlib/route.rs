//! The way of a record from its logger to logly's handler, if no other handler and no filter is on it.
//!
//! The attributes of a logger or handler are read once, and hold as long as the stamp of its dict. Lists and the cache
//! of levels change without their dict, so each call reads them.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyList};

use crate::python::call::state::PyLogger;
use crate::python::py::abi::list_len;
use crate::python::py::interpreter::name;
use crate::python::py::peek::{Held, HeldText, Stamp, Text, class_of, dict_of, list_items, value_of};
use crate::python::stdlib::facts::Facts;

/// The most loggers on one way.
const DEEPEST: usize = 64;

/// The attributes of one logger. Another logger may take its place in the table.
struct KnownLogger {
    object: AtomicUsize,
    stamp: Stamp,
    handlers: Held<PyList>,
    filters: Held<PyList>,
    cache: Held<PyDict>,
    name: HeldText,
    /// Missing if records go no further.
    parent: Held,
}

/// The attributes of one handler.
struct KnownHandler {
    object: AtomicUsize,
    stamp: Stamp,
    filters: Held<PyList>,
    /// The logger of logly that it passes records to.
    target: Held<PyLogger>,
    level: AtomicI64,
    /// Whether the standard streams do not matter to it.
    is_apart_from_streams: AtomicBool,
}

const LOGGER_BITS: u32 = 9;
const HANDLER_BITS: u32 = 6;

static LOGGERS: [KnownLogger; 1 << LOGGER_BITS] = [const {
    KnownLogger {
        object: AtomicUsize::new(0),
        stamp: Stamp::new(),
        handlers: Held::new(),
        filters: Held::new(),
        cache: Held::new(),
        name: HeldText::new(),
        parent: Held::new(),
    }
}; 1 << LOGGER_BITS];

static HANDLERS: [KnownHandler; 1 << HANDLER_BITS] = [const {
    KnownHandler {
        object: AtomicUsize::new(0),
        stamp: Stamp::new(),
        filters: Held::new(),
        target: Held::new(),
        level: AtomicI64::new(0),
        is_apart_from_streams: AtomicBool::new(false),
    }
}; 1 << HANDLER_BITS];

/// Attributes of an instance that would stand in the way of a method.
macro_rules! overrides {
    ($py:expr, $($name:literal),*) => { [$(name!($py, $name)),*] };
}

/// The parts of a logger, while no Python code runs.
#[derive(Clone, Copy)]
pub(super) struct Parts<'py> {
    pub(super) name: Text<'py>,
    pub(super) cache: Borrowed<'py, 'py, PyDict>,
    handlers: Borrowed<'py, 'py, PyList>,
    filters: Borrowed<'py, 'py, PyList>,
    parent: Option<Borrowed<'py, 'py, PyAny>>,
}

/// The parts of a logger of a class that is known. None if it has methods of its own, or odd parts.
#[inline]
pub(super) fn parts<'py>(logger: Borrowed<'_, 'py, PyAny>) -> Option<Parts<'py>> {
    let dict = dict_of(logger)?;
    let address = logger.as_ptr().addr();
    let known = &LOGGERS[slot(address, LOGGER_BITS)];
    if known.object.load(Ordering::Relaxed) != address || !known.stamp.holds(dict) {
        known.look(logger, dict)?;
    }
    let py = logger.py();
    Some(Parts {
        name: known.name.get(py)?,
        cache: known.cache.get(py)?,
        handlers: known.handlers.get(py)?,
        filters: known.filters.get(py)?,
        parent: known.parent.get(py),
    })
}

#[inline]
fn slot(address: usize, bits: u32) -> usize {
    ((address >> 4) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_shr(64 - bits) as usize
}

impl KnownLogger {
    #[cold]
    fn look(&self, logger: Borrowed<'_, '_, PyAny>, dict: Borrowed<'_, '_, PyDict>) -> Option<()> {
        let py = logger.py();
        self.object.store(0, Ordering::Relaxed);
        self.stamp.take(dict);
        let of = |name| value_of(dict, name);
        let own = overrides!(
            py,
            "isEnabledFor",
            "_log",
            "findCaller",
            "makeRecord",
            "handle",
            "callHandlers",
            "filter",
            "error"
        );
        if own.into_iter().any(|name| of(name).is_some())
            || of(name!(py, "disabled"))?.cast_exact::<PyBool>().ok()?.is_true()
        {
            return None;
        }
        let propagates = of(name!(py, "propagate"))?;
        let is_plain = propagates.is_exact_instance_of::<PyBool>() || propagates.is_exact_instance_of::<PyInt>();
        let parent = of(name!(py, "parent"))?;
        let goes_on = !parent.is_none() && is_plain && propagates.is_truthy().ok()?;
        is_plain.then_some(())?;
        self.handlers.set(Some(of(name!(py, "handlers"))?.cast_exact().ok()?));
        self.filters.set(Some(of(name!(py, "filters"))?.cast_exact().ok()?));
        self.cache.set(Some(of(name!(py, "_cache"))?.cast_exact().ok()?));
        self.name.set(of(name!(py, "name"))?.cast_exact().ok()?)?;
        self.parent.set(goes_on.then_some(parent));
        self.object.store(logger.as_ptr().addr(), Ordering::Relaxed);
        Some(())
    }
}

/// The destination of a record.
pub(super) enum Way<'py> {
    /// To this logger of logly alone.
    To(Borrowed<'py, 'py, PyLogger>),
    /// To no handler, since its level is too low for logly's.
    Nowhere,
}

/// The way of a record of a logger. None if others may see the record.
#[inline]
pub(super) fn way<'py>(facts: &Facts, first: Parts<'py>, level: i32) -> Option<Way<'py>> {
    if list_len(first.filters) != 0 {
        return None;
    }
    let mut found = None;
    let mut logger = first;
    for _ in 0..DEEPEST {
        for handler in list_items(logger.handlers) {
            let class = class_of(handler);
            if class == facts.handler && found.is_none() {
                found = Some(handler);
            } else if class != facts.null_handler || !is_silent(handler) {
                return None;
            }
        }
        let Some(parent) = logger.parent else {
            return target(facts, found?, level);
        };
        if class_of(parent) != facts.logger && class_of(parent) != facts.root {
            return None;
        }
        logger = parts(parent)?;
    }
    None
}

/// Whether a `NullHandler` has no method of its own.
fn is_silent(handler: Borrowed<'_, '_, PyAny>) -> bool {
    let Some(dict) = dict_of(handler) else { return false };
    let address = handler.as_ptr().addr();
    let known = &HANDLERS[slot(address, HANDLER_BITS)];
    if known.object.load(Ordering::Relaxed) == address && known.stamp.holds(dict) {
        return true;
    }
    known.object.store(0, Ordering::Relaxed);
    known.stamp.take(dict);
    let py = handler.py();
    let level = value_of(dict, name!(py, "level"));
    let is_silent = value_of(dict, name!(py, "handle")).is_none()
        && level.is_some_and(|level| level.is_exact_instance_of::<PyInt>());
    known.target.set(None);
    known.object.store(if is_silent { address } else { 0 }, Ordering::Relaxed);
    is_silent
}

/// The target of a handler of logly's class, if the handler is as `intercept_logging` made it.
#[inline]
pub(super) fn target<'py>(facts: &Facts, handler: Borrowed<'py, 'py, PyAny>, level: i32) -> Option<Way<'py>> {
    let dict = dict_of(handler)?;
    let address = handler.as_ptr().addr();
    let known = &HANDLERS[slot(address, HANDLER_BITS)];
    if known.object.load(Ordering::Relaxed) != address || !known.stamp.holds(dict) {
        known.look(handler, dict)?;
    }
    let py = handler.py();
    let has_plain_streams = facts.are_streams_plain() || known.is_apart_from_streams.load(Ordering::Relaxed);
    if list_len(known.filters.get(py)?) != 0 || !has_plain_streams {
        return None;
    }
    if i64::from(level) < known.level.load(Ordering::Relaxed) {
        return Some(Way::Nowhere);
    }
    Some(Way::To(known.target.get(py)?))
}

impl KnownHandler {
    #[cold]
    fn look(&self, handler: Borrowed<'_, '_, PyAny>, dict: Borrowed<'_, '_, PyDict>) -> Option<()> {
        let py = handler.py();
        self.object.store(0, Ordering::Relaxed);
        self.stamp.take(dict);
        let of = |name| value_of(dict, name);
        let own = overrides!(py, "handle", "emit", "filter", "handleError");
        let is_off =
            of(name!(py, "is_direct")).is_none_or(|direct| direct.cast_exact::<PyBool>().is_ok_and(|on| !on.is_true()));
        if own.into_iter().any(|name| of(name).is_some()) || is_off || !of(name!(py, "formatter"))?.is_none() {
            return None;
        }
        let level = of(name!(py, "level"))?.cast_exact::<PyInt>().ok()?.extract::<i64>().ok()?;
        self.filters.set(Some(of(name!(py, "filters"))?.cast_exact().ok()?));
        self.target.set(Some(of(name!(py, "_logger"))?.cast().ok()?));
        self.is_apart_from_streams.store(of(name!(py, "before"))?.is_none(), Ordering::Relaxed);
        self.level.store(level, Ordering::Relaxed);
        self.object.store(handler.as_ptr().addr(), Ordering::Relaxed);
        Some(())
    }
}
