//! One call of `logging`, taken the direct way if its record is provably for logly alone.

use memchr::memmem;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt};

use crate::clock;
use crate::level;
use crate::process::hanging;
use crate::process::per_process::process_number;
use crate::python::call::callsite;
use crate::python::entry::foreign::Foreign;
use crate::python::py::abi;
use crate::python::py::gil::attached;
use crate::python::py::interpreter::name;
use crate::python::py::peek::{class_of, value_of};
use crate::python::py::text::utf8;
use crate::python::stdlib::facts::Facts;
use crate::python::stdlib::given::{Arguments, Keywords, message};
use crate::python::stdlib::handover::{Answer, Trail, count, emit, has_left_out, is_apart, wants};
use crate::python::stdlib::route::Way;
use crate::python::stdlib::{facts, origin, route};
use crate::site;
use crate::site::{Location, NO_SITE, Site};

/// Which of the methods of `logging.Logger` a method replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One with a level of its own.
    Level(i32),
    Exception,
    Log,
}

/// Takes a call the direct way, if that is provably the same.
#[inline]
pub(super) fn attempt(kind: Kind, arguments: &Arguments<'_, '_>) -> Answer {
    hanging::watch();
    let Some(facts) = facts::current(arguments.py) else { return Answer::Elsewhere };
    let Some(answer) = taken(kind, arguments, facts) else { return Answer::Elsewhere };
    count(true);
    answer
}

fn taken(kind: Kind, arguments: &Arguments<'_, '_>, facts: &Facts) -> Option<Answer> {
    let py = arguments.py;
    let (logger, rest) = arguments.positional.split_first()?;
    let class = class_of(*logger);
    if class != facts.logger && class != facts.root {
        return None;
    }
    if kind == Kind::Exception && !facts.is_error_ours() {
        return None;
    }
    let (level, rest) = kind.level(py, rest)?;
    let (text, values) = rest.split_first()?;
    let mut parts = route::parts(*logger)?;
    let is_enabled = if let Some(known) = value_of(parts.cache, &level) {
        known.cast_exact::<PyBool>().ok()?.is_true()
    } else {
        let told = attached(py, || is_enabled_for(*logger, &level))?;
        parts = route::parts(*logger)?;
        told
    };
    let keywords = Keywords::of(arguments, facts, kind == Kind::Exception)?;
    if !is_enabled {
        return Some(Answer::Done);
    }
    let number = i32::try_from(level.extract::<i64>().ok()?).ok().filter(|number| *number >= 0)?;
    let target = match route::way(facts, parts, number)? {
        Way::Nowhere => return Some(Answer::Done),
        // Code of the program that runs from here on may take the handler away.
        Way::To(target) => target.to_owned(),
    };
    // The bytes of the names stay as long as the names.
    let name = parts.name;
    let _held = name.string.to_owned();
    if is_apart(name, facts) || has_left_out(name, keywords.extra) {
        return None;
    }
    let message = message(*text, values)?;
    if !wants(target.get(), number)? {
        return Some(Answer::Done);
    }
    let thread_name = origin::thread_name(py, facts)?;
    let _held_too = thread_name.string.to_owned();
    let task = origin::task_name(py, facts).ok()?;
    let place = callsite::place(py, name.utf8.as_bytes(), |site| is_inner(py, site, facts))?;
    let site = &place.site;
    let own = Trail::of(target.get().number());
    // Another logger may log at the same place.
    let is_named = *site::find(place.of_logging).module == *name.utf8.as_bytes();
    let foreign = Foreign {
        site: if is_named { place.of_logging } else { NO_SITE },
        time_ns: Some(clock::now_ns()),
        message: &message,
        location: Location {
            module: name.utf8.as_bytes(),
            function: &site.function,
            path: &site.path,
            line: site.line,
        },
        thread: None,
        thread_name: thread_name.utf8.as_bytes(),
        task: match &task {
            Some(task) => Some(utf8(task.as_borrowed())?.as_bytes()),
            None => None,
        },
        process: process_number(),
        process_name: origin::process_name(py, facts)?.as_bytes(),
        trail: own.text(),
        fields: keywords.extra.filter(|extra| !extra.is_empty()),
        exception_text: None,
        stack: None,
    };
    Some(emit(&target, number, keywords.exception.raised(), &foreign))
}

/// Asks the logger, which then knows the answer of the next call.
#[cold]
fn is_enabled_for(logger: Borrowed<'_, '_, PyAny>, level: &Bound<'_, PyAny>) -> Option<bool> {
    let told = logger.call_method1(name!(logger.py(), "isEnabledFor"), (level,)).ok()?;
    Some(told.cast_exact::<PyBool>().ok()?.is_true())
}

impl Kind {
    /// The level of a call, and the arguments after it. None if the level is for Python to judge.
    #[inline]
    fn level<'a, 'r, 'py>(
        self,
        py: Python<'py>,
        rest: &'r [Borrowed<'a, 'py, PyAny>],
    ) -> Option<(Bound<'py, PyAny>, &'r [Borrowed<'a, 'py, PyAny>])> {
        let number = match self {
            Self::Level(number) => number,
            Self::Exception => level::ERROR.no,
            Self::Log => {
                let (level, rest) = rest.split_first()?;
                return level.is_exact_instance_of::<PyInt>().then(|| ((*level).to_owned(), rest));
            }
        };
        Some((number.into_pyobject(py).ok()?.into_any(), rest))
    }
}

/// Whether a frame is one of `logging` or of the import system, which the place of a record passes over.
fn is_inner(py: Python<'_>, site: &Site, facts: &Facts) -> bool {
    site.path == facts.source
        || (abi::is_from(py, 11)
            && memmem::find(&site.path, b"_bootstrap").is_some()
            && memmem::find(&site.path, b"importlib").is_some())
}
