//! Context variables: those of the program, and the one with the fields that `contextualize` adds to records.
//!
//! A `contextvars` variable of this package holds the innermost layer (`python/call/context.rs`), whose fields are encoded once. This
//! isolates threads and tasks from each other, and a call only copies bytes. Programs that never use a context pay one
//! load for it.
#![expect(
    unsafe_code,
    reason = "reads a context variable through its C function: the method call costs more than a log call"
)]

use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::python::py::interpreter::{Kept, kept};

static VARIABLE: Kept<Py<PyAny>> = Kept::new();
static IS_USED: AtomicBool = AtomicBool::new(false);
static HAS_LAYERS: AtomicBool = AtomicBool::new(false);

/// Set in the context in which a coroutine function runs as a sink, and in the tasks it starts.
static WITHIN_SINK: Kept<Py<PyAny>> = Kept::new();
static HAS_ASYNC_SINKS: AtomicBool = AtomicBool::new(false);

/// The value of the context variable, if the program has layers of context.
#[inline]
pub fn value(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    if has_layers() { value_of(py, VARIABLE.get(py)?) } else { None }
}

/// A context variable of the program.
pub struct Variable(Py<PyAny>);

impl Variable {
    /// None if the object is no context variable.
    pub fn of(object: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        // Python allows no subclasses of this class.
        let class = object.py().import("contextvars")?.getattr("ContextVar")?;
        Ok(object.get_type().is(&class).then(|| Self(object.clone().unbind())))
    }

    /// The value in the running context. None if the variable is not set, or if its value is `None`.
    #[inline]
    pub fn value<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        value_of(py, &self.0).filter(|value| !value.is_none())
    }

    /// The address of the value. It stays that of the value as long as the context has the value. 0 if there is none.
    #[inline]
    pub fn address(&self, py: Python<'_>) -> usize {
        self.value(py).map_or(0, |value| value.as_ptr().addr())
    }

    pub fn object<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        self.0.bind(py).clone()
    }

    pub fn clone_ref(&self, py: Python<'_>) -> Self {
        Self(self.0.clone_ref(py))
    }
}

/// Whether the program has layers of context.
#[inline]
pub fn has_layers() -> bool {
    HAS_LAYERS.load(Ordering::Relaxed)
}

/// Whether the program uses contexts: layers, or context variables of its own.
#[inline]
pub fn is_used() -> bool {
    IS_USED.load(Ordering::Relaxed)
}

/// Notes that the program has layers of context.
pub fn begin_layers() {
    HAS_LAYERS.store(true, Ordering::Relaxed);
    begin_use();
}

/// Notes that the program uses contexts.
pub fn begin_use() {
    IS_USED.store(true, Ordering::Relaxed);
}

pub fn variable(py: Python<'_>) -> PyResult<&Py<PyAny>> {
    made(py, &VARIABLE, "logly_context")
}

fn made<'c>(py: Python<'_>, cell: &'c Kept<Py<PyAny>>, name: &str) -> PyResult<&'c Py<PyAny>> {
    kept(py, cell, || {
        let keywords = PyDict::new(py);
        keywords.set_item("default", py.None())?;
        let variable = py.import("contextvars")?.getattr("ContextVar")?.call((name,), Some(&keywords))?;
        Ok(variable.unbind())
    })
}

/// Whether a coroutine function runs as a sink in this context.
#[inline]
pub(super) fn is_in_sink_task(py: Python<'_>) -> bool {
    HAS_ASYNC_SINKS.load(Ordering::Relaxed)
        && WITHIN_SINK.get(py).and_then(|variable| value_of(py, variable)).is_some_and(|value| !value.is_none())
}

/// Notes that a sink runs in the current context, which is a task's.
pub fn enter_sink(py: Python<'_>) -> PyResult<()> {
    HAS_ASYNC_SINKS.store(true, Ordering::Relaxed);
    made(py, &WITHIN_SINK, "logly_sink")?.bind(py).call_method1("set", (true,)).map(drop)
}

#[inline]
fn value_of<'py>(py: Python<'py>, variable: &Py<PyAny>) -> Option<Bound<'py, PyAny>> {
    let mut value = std::ptr::null_mut();
    // SAFETY: attached, and the variable is a context variable; the value is returned as a new reference, or null.
    unsafe {
        if ffi::PyContextVar_Get(variable.as_ptr(), std::ptr::null_mut(), &raw mut value) != 0 {
            ffi::PyErr_Clear();
            return None;
        }
        Bound::from_owned_ptr_or_opt(py, value)
    }
}

/// The context variable that holds the innermost layer.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(name = "_context_variable")]
pub fn context_variable(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    Ok(variable(py)?.bind(py).clone())
}
