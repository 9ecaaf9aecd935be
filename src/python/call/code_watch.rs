//! Watching code objects, so that cache entries end together with their code object.
//!
//! A weak reference calls back when its code object dies. So the caches keep no code or constants alive, and an address
//! never refers to a different code object.

use std::ffi::c_int;

use pyo3::prelude::*;
use pyo3::types::PyWeakrefReference;

use crate::python::py::trampoline::watch_at_drop;

/// A place in the program: the address of a code object, and a position in it (an instruction or a line).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    pub code: usize,
    pub position: c_int,
}

/// Removes an entry from its cache.
type Forget = fn(Python<'_>, Key);

#[pyclass(frozen, module = "logly._logly", name = "_CodeWatch")]
pub struct CodeWatch {
    key: Key,
    forget: Forget,
}

watch_at_drop!(CodeWatch);

#[pymethods]
#[pyo3(crate = "crate::python::py::trampoline::watched")]
impl CodeWatch {
    /// Called by the weak reference.
    fn __call__(&self, reference: &Bound<'_, PyAny>) {
        (self.forget)(reference.py(), self.key);
    }
}

/// Calls `forget` when the code object dies, unless the returned reference was dropped before.
pub fn watch(code: &Bound<'_, PyAny>, key: Key, forget: Forget) -> PyResult<Py<PyAny>> {
    let callback = Bound::new(code.py(), CodeWatch { key, forget })?;
    Ok(PyWeakrefReference::new_with(code, callback)?.into_any().unbind())
}
