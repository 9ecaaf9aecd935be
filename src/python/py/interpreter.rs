//! The interpreter as this package uses it: whether it is finalizing, its module `sys`, interned names, and cells for
//! Python objects that are kept.

use std::sync::OnceLock;

use pyo3::PyTypeInfo;
use pyo3::panic::PanicException;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyString};

/// A cell that keeps a Python object for good, once it has one.
///
/// The GIL is held all the time while the object is stored, so that no thread waits for the cell. PyO3's own cell
/// releases the GIL while it stores, and a child that is forked at that moment waits for a thread that it does not
/// have.
pub struct Kept<T>(OnceLock<T>);

impl<T> Kept<T> {
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    #[inline]
    pub fn get(&self, _py: Python<'_>) -> Option<&T> {
        self.0.get()
    }

    /// Keeps a value, unless the cell has one already. Returns the value that is kept.
    pub fn set<'k>(&'k self, _py: Python<'_>, value: T) -> &'k T {
        // This value stays unused if another thread was first.
        let _ = self.0.set(value);
        self.0.get().expect("it was set; this is a bug in logly")
    }
}

/// A name that Python code has too, kept as the interpreter's interned string.
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

/// `name!(py, "write")` is the kept string of that name.
macro_rules! name {
    ($py:expr, $text:literal) => {{
        static NAME: $crate::python::py::interpreter::Name = $crate::python::py::interpreter::Name::new($text);
        NAME.get($py)
    }};
}
pub(crate) use name;

/// Makes PyO3 create the objects that it keeps: the class of its panics, which the first error needs, the names of
/// attributes of types, and the class of mappings. PyO3 would create them at first use, and without the interpreter
/// lock (see `Kept`).
pub fn prepare(py: Python<'_>) -> PyResult<()> {
    let class = PyDict::type_object(py);
    class.module()?;
    class.name()?;
    class.qualname()?;
    PyMapping::type_object(py);
    PanicException::type_object(py);
    Ok(())
}

/// Whether the interpreter is finalizing. The program's functions are no longer called then.
pub fn is_finalizing(py: Python<'_>) -> bool {
    sys(py).is_none_or(|sys| sys.call_method0("is_finalizing").and_then(|answer| answer.is_truthy()).unwrap_or(true))
}

/// The module `sys`, kept. A finalizing interpreter can no longer import it, but the module still has its streams.
pub fn sys(py: Python<'_>) -> Option<&Bound<'_, PyModule>> {
    static SYS: Kept<Py<PyModule>> = Kept::new();
    kept(py, &SYS, || py.import("sys").map(Bound::unbind)).ok().map(|module| module.bind(py))
}

/// Returns the object in `cell`, which `make` makes at the first call. `make` does not run under the cell's lock:
/// imports run the program's code, which may log and would then wait for itself here. If this makes two objects, the
/// first one stays.
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
