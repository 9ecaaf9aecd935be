//! The program's context: fields that `contextualize` adds to every record logged within it.
//!
//! A `contextvars` variable holds the innermost layer (`python/call/context.rs`), whose fields are encoded once. This
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

/// Set in the context in which a coroutine function runs as a sink, and in the tasks it starts.
static WITHIN_SINK: Kept<Py<PyAny>> = Kept::new();
static HAS_ASYNC_SINKS: AtomicBool = AtomicBool::new(false);

/// The value of the context variable, if the program uses contexts.
#[inline]
pub fn value(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    if is_used() { value_of(py, VARIABLE.get(py)?) } else { None }
}

/// Whether the program uses contexts.
#[inline]
pub fn is_used() -> bool {
    IS_USED.load(Ordering::Relaxed)
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
