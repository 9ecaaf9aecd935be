//! The facts about the process on which the direct way rests: `logging` and the modules that it uses are as the
//! standard library has them.
//!
//! All facts are checked once, with the stamps of the dicts and classes that hold them. From then on the stamps tell.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyFrozenSet, PyString, PyType};

use crate::python::py::abi::{READS_STATES, class_state, code_of, is_ordinary, machine_code_of};
use crate::python::py::gil::attached;
use crate::python::py::interpreter::{Kept, name};
use crate::python::py::peek::{Held, Stamp, address, is_undisturbed, value_of};

/// A part of a call or record that only Python can judge.
pub(super) struct Unsure;

static FACTS: Kept<Facts> = Kept::new();

/// The facts as `python/logly/integrations/_interception/direct.py` gathers them.
#[derive(FromPyObject)]
pub(super) struct Found<'py> {
    /// The dicts that hold the facts.
    dicts: Vec<Bound<'py, PyDict>>,
    /// Dict, name, and the object that has to be there.
    globals: Vec<(Bound<'py, PyDict>, Bound<'py, PyString>, Bound<'py, PyAny>)>,
    /// Class, name, and the function that has to be there.
    members: Vec<(Bound<'py, PyType>, Bound<'py, PyString>, Bound<'py, PyAny>)>,
    /// Class and a name that it must not have, since instances have it.
    absent: Vec<(Bound<'py, PyType>, Bound<'py, PyString>)>,
    /// How many of the members, and of the functions, belong to records and handlers. They are the first ones.
    of_records: usize,
    /// Functions of Python whose code has to stay.
    functions: Vec<Bound<'py, PyAny>>,
    /// The method in the place of `Logger.error`, which `exception` calls.
    error: Bound<'py, PyAny>,
    clock: Bound<'py, PyCFunction>,
    logger: Bound<'py, PyType>,
    root: Bound<'py, PyType>,
    null_handler: Bound<'py, PyType>,
    handler: Bound<'py, PyType>,
    record: Bound<'py, PyType>,
    source: String,
    /// The attributes that every record has.
    own: Bound<'py, PyFrozenSet>,
    /// Dicts of `logly.integrations.logging` with entries for some libraries.
    sieves: Bound<'py, PyDict>,
    adapters: Bound<'py, PyDict>,
    last_words: Bound<'py, PyDict>,
    sys: Bound<'py, PyDict>,
    modules: Bound<'py, PyDict>,
    threading: Bound<'py, PyDict>,
}

pub(super) struct Facts {
    dicts: Vec<(Py<PyDict>, Stamp)>,
    classes: Vec<(Py<PyType>, AtomicU32)>,
    codes: Vec<(Py<PyAny>, usize)>,
    clock: (Py<PyAny>, usize),
    globals: Vec<(Py<PyDict>, Py<PyString>, Py<PyAny>)>,
    members: Vec<(Py<PyType>, Py<PyString>, Py<PyAny>)>,
    absent: Vec<(Py<PyType>, Py<PyString>)>,
    of_records: usize,
    error: Py<PyAny>,
    pub(super) logger: usize,
    pub(super) root: usize,
    pub(super) null_handler: usize,
    pub(super) handler: usize,
    pub(super) record: usize,
    /// The file of `logging`. Its frames call for others.
    pub(super) source: Box<[u8]>,
    pub(super) own: Py<PyFrozenSet>,
    pub(super) sieves: Py<PyDict>,
    /// Change records that the handler reads in Python.
    pub(super) adapters: Py<PyDict>,
    pub(super) last_words: Py<PyDict>,
    sys: Py<PyDict>,
    pub(super) modules: Py<PyDict>,
    threading: Py<PyDict>,
    /// `threading._active`.
    pub(super) threads: Held<PyDict>,
    pub(super) multiprocessing: Held,
    pub(super) asyncio: Held,
    /// Whether an interception wants the direct way.
    is_active: AtomicBool,
    hold: AtomicBool,
    /// Whether those facts hold that records need which come to a handler.
    hold_for_records: AtomicBool,
    /// Whether the standard streams are Python's own.
    are_streams_plain: AtomicBool,
    is_error_ours: AtomicBool,
}

/// The facts, if they hold at this moment.
#[inline]
pub(super) fn current(py: Python<'_>) -> Option<&Facts> {
    let facts = FACTS.get(py)?;
    if !facts.is_active.load(Ordering::Relaxed) {
        return None;
    }
    facts.refresh(py);
    (facts.hold.load(Ordering::Relaxed) && facts.are_codes_current(&facts.codes)).then_some(facts)
}

/// The facts, if those hold that concern handlers and records. Loggers, factories and filters may be of any kind.
#[inline]
pub(super) fn for_records(py: Python<'_>) -> Option<&Facts> {
    let facts = FACTS.get(py)?;
    facts.refresh(py);
    let codes = &facts.codes[..facts.of_records];
    (facts.hold_for_records.load(Ordering::Relaxed) && facts.are_codes_current(codes)).then_some(facts)
}

/// Keeps the facts to check. Only the first ones of a process count. Without a GIL, facts change while a call uses them.
/// A build for the stable ABI is not told of changes. Then there are no facts, and Python takes all calls and records.
pub(super) fn keep(found: Found<'_>) {
    let py = found.sys.py();
    if READS_STATES && FACTS.get(py).is_none() {
        FACTS.set(py, Facts::new(found));
    }
}

/// Switches the direct way on or off. Returns false if there are no facts.
pub(super) fn activate(py: Python<'_>, is_active: bool) -> bool {
    FACTS.get(py).inspect(|facts| facts.is_active.store(is_active, Ordering::Relaxed)).is_some()
}

impl Facts {
    fn new(found: Found<'_>) -> Self {
        let classes = [&found.logger, &found.root, &found.null_handler, &found.handler, &found.record];
        let clock = found.clock.into_any().unbind();
        let functions = found.functions.into_iter().map(Bound::unbind);
        Self {
            dicts: found.dicts.into_iter().map(|dict| (dict.unbind(), Stamp::new())).collect(),
            classes: classes.map(|class| (class.clone().unbind(), AtomicU32::new(0))).into(),
            codes: functions.map(|function| (code_of(&function), function)).map(|(code, f)| (f, code)).collect(),
            clock: (
                clock.clone_ref(found.logger.py()),
                if is_undisturbed(&clock) { machine_code_of(&clock) } else { 0 },
            ),
            globals: found.globals.into_iter().map(|(a, b, c)| (a.unbind(), b.unbind(), c.unbind())).collect(),
            members: found.members.into_iter().map(|(a, b, c)| (a.unbind(), b.unbind(), c.unbind())).collect(),
            absent: found.absent.into_iter().map(|(a, b)| (a.unbind(), b.unbind())).collect(),
            of_records: found.of_records,
            error: found.error.unbind(),
            logger: address(&found.logger),
            root: address(&found.root),
            null_handler: address(&found.null_handler),
            handler: address(&found.handler),
            record: address(&found.record),
            source: found.source.into_bytes().into(),
            own: found.own.unbind(),
            sieves: found.sieves.unbind(),
            adapters: found.adapters.unbind(),
            last_words: found.last_words.unbind(),
            sys: found.sys.unbind(),
            modules: found.modules.unbind(),
            threading: found.threading.unbind(),
            threads: Held::new(),
            multiprocessing: Held::new(),
            asyncio: Held::new(),
            is_active: AtomicBool::new(false),
            hold: AtomicBool::new(false),
            hold_for_records: AtomicBool::new(false),
            are_streams_plain: AtomicBool::new(false),
            is_error_ours: AtomicBool::new(false),
        }
    }

    #[inline]
    fn refresh(&self, py: Python<'_>) {
        if !self.are_stamps_current(py) {
            attached(py, || self.check(py));
        }
    }

    #[inline]
    fn are_stamps_current(&self, py: Python<'_>) -> bool {
        self.dicts.iter().all(|(dict, stamp)| stamp.holds(dict.bind_borrowed(py)))
            && self.classes.iter().all(|(class, state)| {
                let known = state.load(Ordering::Relaxed);
                known != 0 && class_state(class.as_ptr().cast()) == known
            })
    }

    /// Functions keep their identity when their code is replaced, and builtin functions when their machine code is.
    #[inline]
    fn are_codes_current(&self, codes: &[(Py<PyAny>, usize)]) -> bool {
        codes.iter().all(|(function, code)| code_of(function) == *code)
            && machine_code_of(&self.clock.0) == self.clock.1
    }

    /// Whether the standard streams are Python's own, as they were when the facts were checked.
    #[inline]
    pub(super) fn are_streams_plain(&self) -> bool {
        self.are_streams_plain.load(Ordering::Relaxed)
    }

    /// Whether `Logger.exception` comes to our method when it calls `error`, as it was when the facts were checked.
    #[inline]
    pub(super) fn is_error_ours(&self) -> bool {
        self.is_error_ours.load(Ordering::Relaxed)
    }

    /// Checks all facts, and notes the stamps under which the answer holds.
    #[cold]
    fn check(&self, py: Python<'_>) {
        for (dict, stamp) in &self.dicts {
            stamp.take(dict.bind_borrowed(py));
        }
        let hold_for_records = Self::are_members(py, &self.members[..self.of_records])
            && self.absent.iter().all(|(class, name)| class.bind(py).hasattr(name).is_ok_and(|has| !has))
            && self.classes.iter().all(|(class, _)| is_ordinary(class.bind(py)));
        let hold = hold_for_records && Self::are_members(py, &self.members) && self.are_globals(py);
        for (class, state) in &self.classes {
            state.store(class_state(class.as_ptr().cast()), Ordering::Relaxed);
        }
        let active = value_of(self.threading.bind_borrowed(py), name!(py, "_active"));
        self.threads.set(active.and_then(|active| active.cast_exact().ok()));
        let modules = self.modules.bind_borrowed(py);
        self.multiprocessing.set(value_of(modules, name!(py, "multiprocessing")));
        self.asyncio.set(value_of(modules, name!(py, "asyncio")));
        let sys = self.sys.bind_borrowed(py);
        let is_same = |one: &Bound<'_, PyString>, other: &Bound<'_, PyString>| {
            let (one, other) = (value_of(sys, one), value_of(sys, other));
            one.zip(other).is_some_and(|(one, other)| one.is(other))
        };
        let are_plain = is_same(name!(py, "stdout"), name!(py, "__stdout__"))
            && is_same(name!(py, "stderr"), name!(py, "__stderr__"));
        self.are_streams_plain.store(are_plain, Ordering::Relaxed);
        let error = self.classes[0].0.bind(py).getattr(name!(py, "error"));
        self.is_error_ours.store(error.is_ok_and(|error| error.is(&self.error)), Ordering::Relaxed);
        self.hold.store(hold, Ordering::Relaxed);
        self.hold_for_records.store(hold_for_records, Ordering::Relaxed);
    }

    fn are_members(py: Python<'_>, members: &[(Py<PyType>, Py<PyString>, Py<PyAny>)]) -> bool {
        members.iter().all(|(class, name, wanted)| class.bind(py).getattr(name).is_ok_and(|found| found.is(wanted)))
    }

    fn are_globals(&self, py: Python<'_>) -> bool {
        let is_there = |dict: &Bound<'_, PyDict>, name, wanted| {
            dict.get_item(name).ok().flatten().is_some_and(|found: Bound<'_, PyAny>| found.is(wanted))
        };
        self.globals.iter().all(|(dict, name, wanted)| is_there(dict.bind(py), name, wanted))
    }
}
