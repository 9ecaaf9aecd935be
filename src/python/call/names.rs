//! The names of the thread, the process and the task that log.
//!
//! Python tells the name of a thread by two calls of functions. It is kept with the stamps of the dicts that they read.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyCFunction, PyDict, PyFunction, PyModule, PyString};

use crate::python::py::abi;
use crate::python::py::abi::{class_state, code_of};
use crate::python::py::gil::{attached, thread_ident};
use crate::python::py::imports::imported;
use crate::python::py::interpreter::{Kept, kept, name};
use crate::python::py::peek::{Held, HeldText, Stamp, Text, class_of, dict_of, value_of};

/// The module `threading`, while the function that finds the current thread is its own.
struct KnownThreading {
    module: Stamp,
    current_thread: Kept<Py<PyAny>>,
    code: AtomicUsize,
    /// `threading._active`.
    threads: Held<PyDict>,
}

static THREADING: KnownThreading = KnownThreading {
    module: Stamp::new(),
    current_thread: Kept::new(),
    code: AtomicUsize::new(0),
    threads: Held::new(),
};

/// `threading.Thread.name`.
static PROPERTY: Kept<Py<PyAny>> = Kept::new();

/// The name of one thread, and how it was found.
struct KnownThread {
    /// The stamp of `threading._active`.
    threads: Stamp,
    thread: Held,
    own: Stamp,
    /// The class of the thread, by its address, and the state that it was in.
    class: AtomicUsize,
    class_state: AtomicU32,
    name: HeldText,
}

thread_local! {
    static THREAD: KnownThread = const {
        KnownThread {
            threads: Stamp::new(),
            thread: Held::new(),
            own: Stamp::new(),
            class: AtomicUsize::new(0),
            class_state: AtomicU32::new(0),
            name: HeldText::new(),
        }
    };
}

pub fn thread_name(py: Python<'_>) -> PyResult<String> {
    // Keep the module, not the function: other packages replace the function.
    static MODULE: Kept<Py<PyModule>> = Kept::new();
    let threading = kept(py, &MODULE, || py.import("threading").map(Bound::unbind))?.bind(py);
    if abi::READS_STATES
        && let Some(known) = THREADING.threads(threading.as_any().as_borrowed()).and_then(known_name)
    {
        return Ok(known.utf8.to_owned());
    }
    threading.call_method0(name!(py, "current_thread"))?.getattr(name!(py, "name"))?.extract()
}

/// The name of this thread, given `threading._active`. None if Python has to tell.
#[inline]
pub fn known_name<'py>(threads: Borrowed<'py, 'py, PyDict>) -> Option<Text<'py>> {
    let py = threads.py();
    let known = |known: &KnownThread| {
        if !known.threads.holds(threads) || !known.is_as_it_was(known.thread.get(py)?) {
            attached(py, || known.look(threads))?;
        }
        known.name.get(py)
    };
    THREAD.try_with(known).ok().flatten()
}

impl KnownThreading {
    /// The threads by their number. None if another package has its own way to tell the current thread.
    fn threads<'py>(&self, threading: Borrowed<'_, 'py, PyAny>) -> Option<Borrowed<'py, 'py, PyDict>> {
        let py = threading.py();
        let dict = dict_of(threading)?;
        if !self.module.holds(dict) {
            self.look(dict)?;
        }
        let is_own = code_of(self.current_thread.get(py)?) == self.code.load(Ordering::Relaxed);
        if is_own { self.threads.get(py) } else { None }
    }

    #[cold]
    fn look(&self, dict: Borrowed<'_, '_, PyDict>) -> Option<()> {
        let py = dict.py();
        // The answer holds as long as the module is as it is, and so does the answer that there are no threads to read.
        self.threads.set(None);
        self.module.take(dict);
        let function = value_of(dict, name!(py, "current_thread"))?.cast_exact::<PyFunction>().ok()?.to_owned();
        let ident = value_of(dict, name!(py, "get_ident"))?.cast_exact::<PyCFunction>().ok()?.to_owned();
        let file = value_of(dict, name!(py, "__file__"))?.to_owned();
        let source = function.getattr(name!(py, "__code__")).ok()?.getattr(name!(py, "co_filename")).ok()?;
        let is_own = source.eq(file).ok()? && ident.getattr(name!(py, "__module__")).ok()?.eq("_thread").ok()?;
        let kept = self.current_thread.set(py, function.clone().into_any().unbind());
        if !is_own || !kept.is(&function) {
            return None;
        }
        self.code.store(code_of(kept), Ordering::Relaxed);
        self.threads.set(Some(value_of(dict, name!(py, "_active"))?.cast_exact().ok()?));
        Some(())
    }
}

impl KnownThread {
    /// Whether the thread and its class are as they were when its name was noted.
    #[inline]
    fn is_as_it_was(&self, thread: Borrowed<'_, '_, PyAny>) -> bool {
        let class = class_of(thread);
        let state = class_state(class as *mut ffi::PyTypeObject);
        class == self.class.load(Ordering::Relaxed)
            && state != 0
            && state == self.class_state.load(Ordering::Relaxed)
            && dict_of(thread).is_some_and(|dict| self.own.holds(dict))
    }

    #[cold]
    fn look(&self, threads: Borrowed<'_, '_, PyDict>) -> Option<()> {
        let py = threads.py();
        self.threads.clear();
        let number = thread_ident(py).into_pyobject(py).ok()?.into_any();
        let thread = value_of(threads, &number)?;
        let dict = dict_of(thread)?;
        self.own.take(dict);
        let name = value_of(dict, name!(py, "_name"))?.cast_exact::<PyString>().ok()?;
        // A class of the program may have a name of its own making.
        let property = kept(py, &PROPERTY, || usual_property(py)).ok()?;
        let is_usual = thread.get_type().getattr(name!(py, "name")).ok()?.is(property)
            && value_of(dict, name!(py, "_initialized"))?.cast_exact::<PyBool>().ok()?.is_true();
        if !is_usual {
            return None;
        }
        let class = class_of(thread);
        self.class.store(class, Ordering::Relaxed);
        self.class_state.store(class_state(class as *mut ffi::PyTypeObject), Ordering::Relaxed);
        self.thread.set(Some(thread));
        self.name.set(name)?;
        self.threads.take(threads);
        Some(())
    }
}

/// `threading.Thread.name`. An error if another package has replaced it.
fn usual_property(py: Python<'_>) -> PyResult<Py<PyAny>> {
    let threading = py.import("threading")?;
    let property = threading.getattr("Thread")?.getattr(name!(py, "name"))?;
    let source = property.getattr("fget")?.getattr(name!(py, "__code__"))?.getattr(name!(py, "co_filename"))?;
    if source.eq(threading.getattr(name!(py, "__file__"))?)? {
        Ok(property.unbind())
    } else {
        Err(PyTypeError::new_err("threading.Thread.name is not that of the standard library"))
    }
}

/// A module that the program has imported.
fn loaded<'py>(py: Python<'py>, name: &Bound<'py, PyString>) -> PyResult<Option<Bound<'py, PyAny>>> {
    static SYS: Kept<Py<PyModule>> = Kept::new();
    let sys = kept(py, &SYS, || py.import("sys").map(Bound::unbind))?.bind(py);
    sys.getattr(name!(py, "modules"))?.cast_into::<PyDict>()?.get_item(name)
}

/// The name that `multiprocessing` gives this process; `MainProcess` if it is not in use.
pub fn process_name(py: Python<'_>) -> PyResult<String> {
    static FUNCTION: Kept<Py<PyAny>> = Kept::new();
    if loaded(py, name!(py, "multiprocessing"))?.is_none() {
        return Ok("MainProcess".to_owned());
    }
    imported(py, &FUNCTION, "logly._records.record_parts", "process_name")?.call0()?.extract()
}

/// The name of the running asyncio task; empty if there is none. This does not import asyncio.
pub fn task_name(py: Python<'_>) -> PyResult<String> {
    let Some(asyncio) = loaded(py, name!(py, "asyncio"))? else { return Ok(String::new()) };
    // This function tells without an exception whether there can be a task.
    if asyncio.call_method0(name!(py, "_get_running_loop"))?.is_none() {
        return Ok(String::new());
    }
    asyncio.call_method0(name!(py, "current_task"))?.call_method0(name!(py, "get_name"))?.extract()
}
