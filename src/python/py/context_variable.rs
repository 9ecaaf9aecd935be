//! Context variables: those of the program, and the one with the fields that `contextualize` adds to records.
//!
//! A `contextvars` variable of this package holds the innermost layer (`python/call/context.rs`), whose fields are encoded once. This
//! isolates threads and tasks from each other, and a call only copies bytes. Programs that never use a context pay one
//! load for it.

use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::python::py::abi::context_value;
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
    if has_layers() { context_value(py, VARIABLE.get(py)?) } else { None }
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
        context_value(py, &self.0).filter(|value| !value.is_none())
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
        && WITHIN_SINK.get(py).and_then(|variable| context_value(py, variable)).is_some_and(|value| !value.is_none())
}

/// Notes that a sink runs in the current context, which is a task's.
pub fn enter_sink(py: Python<'_>) -> PyResult<()> {
    HAS_ASYNC_SINKS.store(true, Ordering::Relaxed);
    made(py, &WITHIN_SINK, "logly_sink")?.bind(py).call_method1("set", (true,)).map(drop)
}

/// The context variable that holds the innermost layer.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(name = "_context_variable")]
pub fn context_variable(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    Ok(variable(py)?.bind(py).clone())
}
