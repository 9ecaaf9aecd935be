//! Strands: a strand is a thread, or one of the greenlets that take turns in it.
//!
//! gevent and eventlet make threads from greenlets. The greenlets of one system thread share its thread-locals and its
//! number, but each is a caller of its own: one may be inside of a sink that waits for something, while others log.
//! asyncio's tasks do not switch in the middle of a call.

use std::cell::RefCell;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::python::py::gil::thread_ident;
use crate::python::py::interpreter::{Kept, name, sys};

static GETCURRENT: Kept<Py<PyAny>> = Kept::new();

/// The number of the running greenlet, or of the thread if it has none. No two living strands share a number.
pub fn current(py: Python<'_>) -> u64 {
    if are_greenlets_loaded(py) { greenlet(py) } else { thread_ident(py) }
}

/// Whether the program has imported the package `greenlet`, which every library with greenlets uses.
pub fn are_greenlets_loaded(py: Python<'_>) -> bool {
    if GETCURRENT.get(py).is_some() {
        return true;
    }
    let modules = sys(py).and_then(|sys| sys.getattr(name!(py, "modules")).ok());
    let modules = modules.and_then(|modules| modules.cast_into::<PyDict>().ok());
    modules.is_some_and(|modules| modules.contains(name!(py, "greenlet")).unwrap_or(false))
}

#[cold]
fn greenlet(py: Python<'_>) -> u64 {
    // A thread's first greenlet stands for the thread: it may have begun before the package was imported.
    let number = || -> PyResult<Option<u64>> {
        let current = getcurrent(py)?.call0()?;
        let is_first = current.getattr(name!(py, "parent"))?.is_none();
        Ok((!is_first).then(|| current.as_ptr().addr() as u64))
    };
    number().ok().flatten().unwrap_or_else(|| thread_ident(py))
}

fn getcurrent(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    if let Some(known) = GETCURRENT.get(py) {
        return Ok(known.bind(py));
    }
    // `greenlet` is not imported here, since another thread may be importing it.
    let modules = sys(py).map(|sys| sys.getattr(name!(py, "modules"))).transpose()?;
    let loaded = modules.map(|modules| modules.get_item(name!(py, "greenlet"))?.getattr(name!(py, "getcurrent")));
    let getcurrent = loaded.ok_or_else(|| pyo3::exceptions::PyRuntimeError::new_err("sys is gone"))??;
    Ok(GETCURRENT.set(py, getcurrent.unbind()).bind(py))
}

/// The places that the strands of one thread are inside of, kept in a thread-local.
pub struct Inside<T>(RefCell<Vec<(u64, T)>>);

impl<T: PartialEq> Inside<T> {
    pub const fn new() -> Self {
        Self(RefCell::new(Vec::new()))
    }

    /// Notes that a strand enters a place.
    pub fn push(&self, strand: u64, what: T) {
        self.0.borrow_mut().push((strand, what));
    }

    /// Notes that the strand leaves the place. Others may have entered since.
    pub fn remove(&self, strand: u64, what: &T) {
        let mut entries = self.0.borrow_mut();
        if let Some(index) = entries.iter().rposition(|(of, inside)| *of == strand && inside == what) {
            entries.remove(index);
        }
    }

    /// Whether the strand is inside of a place for which `is_meant` holds.
    pub fn contains(&self, strand: u64, is_meant: impl Fn(&T) -> bool) -> bool {
        self.0.borrow().iter().any(|(of, what)| *of == strand && is_meant(what))
    }

    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }
}
