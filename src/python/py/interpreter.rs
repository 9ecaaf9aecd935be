//! What this package asks of the interpreter: whether it ends, its module `sys`, names of our own Python modules; and how it keeps
//! what it got.

use std::sync::OnceLock;

use pyo3::PyTypeInfo;
use pyo3::panic::PanicException;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyString};

/// A Python object that is kept for good once there is one.
///
/// Put here with the GIL held throughout, so that nobody waits for it. PyO3's own lets go of the GIL while it does so, and a child
/// that is forked at that moment waits for a thread that it does not have.
pub struct Kept<T>(OnceLock<T>);

impl<T> Kept<T> {
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    #[inline]
    pub fn get(&self, _py: Python<'_>) -> Option<&T> {
        self.0.get()
    }

    /// Keeps a value, unless there is one already; returns what is kept.
    pub fn set<'k>(&'k self, _py: Python<'_>, value: T) -> &'k T {
        // It stays unused where another thread was first.
        let _ = self.0.set(value);
        self.0.get().expect("it was set; this is a bug in logly")
    }
}

/// A name that Python code has too, as the one string that the interpreter has for it.
pub struct Name {
    text: &'static str,
    kept: Kept<Py<PyString>>,
}

impl Name {
    pub const fn new(text: &'static str) -> Self {
        Self { text, kept: Kept::new() }
    }

    #[inline]
    pub fn get<'n, 'py>(&'n self, py: Python<'py>) -> &'n Bound<'py, PyString> {
        let kept = self.kept.get(py).unwrap_or_else(|| self.kept.set(py, PyString::intern(py, self.text).unbind()));
        kept.bind(py)
    }
}

/// `name!(py, "write")`: that name, kept.
macro_rules! name {
    ($py:expr, $text:literal) => {{
        static NAME: $crate::python::py::interpreter::Name = $crate::python::py::interpreter::Name::new($text);
        NAME.get($py)
    }};
}
pub(crate) use name;

/// Has PyO3 make what it keeps, which it does at first use and without the interpreter lock (see `Kept`): the class of its panics,
/// which the first error needs, the names of attributes of types, and the class of mappings.
pub fn prepare(py: Python<'_>) -> PyResult<()> {
    let class = PyDict::type_object(py);
    class.module()?;
    class.name()?;
    class.qualname()?;
    PyMapping::type_object(py);
    PanicException::type_object(py);
    Ok(())
}

/// Once the interpreter ends, the program's functions are no longer called.
pub fn is_finalizing(py: Python<'_>) -> bool {
    sys(py).is_none_or(|sys| sys.call_method0("is_finalizing").and_then(|answer| answer.is_truthy()).unwrap_or(true))
}

/// The module `sys`, kept: while the interpreter ends it can no longer be imported, but still has its streams.
pub fn sys(py: Python<'_>) -> Option<&Bound<'_, PyModule>> {
    static SYS: Kept<Py<PyModule>> = Kept::new();
    kept(py, &SYS, || py.import("sys").map(Bound::unbind)).ok().map(|module| module.bind(py))
}

/// What `make` gives, made once. Not made under the cell's lock: imports run the program's code, which may log, and would then
/// wait here for itself. Made twice in such a case, the first one stays.
pub fn kept<'c, T>(
    py: Python<'_>,
    cell: &'c Kept<Py<T>>,
    make: impl FnOnce() -> PyResult<Py<T>>,
) -> PyResult<&'c Py<T>> {
    if let Some(known) = cell.get(py) {
        return Ok(known);
    }
    Ok(cell.set(py, make()?))
}
