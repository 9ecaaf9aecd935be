//! The parts of CPython that depend on its version, for the two kinds of builds.
//!
//! A build for one version (`versioned`) knows the version and reads structures of the interpreter. A build for the
//! stable ABI (`stable`) runs with many versions: it asks for the version and calls functions. Both files have the same
//! functions. No other file asks for the version when it is compiled, but for `stdlib`, whose methods exist only in
//! builds for one version.

use std::ffi::c_int;

use pyo3::prelude::*;

use crate::python::py::interpreter::name;
#[cfg(any(Py_LIMITED_API, not(Py_3_11)))]
use crate::python::py::interpreter::sys;

#[cfg(Py_LIMITED_API)]
mod stable;
#[cfg(not(Py_LIMITED_API))]
mod versioned;

#[cfg(Py_LIMITED_API)]
pub use stable::*;
#[cfg(not(Py_LIMITED_API))]
pub use versioned::*;

/// The parts of a traceback's outermost entry.
pub struct Entry<'py> {
    pub frame: Bound<'py, PyAny>,
    pub instruction: c_int,
    /// None if it follows from the instruction.
    pub line: Option<c_int>,
    pub next: Option<Bound<'py, PyAny>>,
}

impl<'py> Entry<'py> {
    /// Reads the parts by their names, which takes longer.
    fn by_attributes(traceback: &Bound<'py, PyAny>) -> PyResult<Self> {
        let py = traceback.py();
        Ok(Self {
            frame: traceback.getattr(name!(py, "tb_frame"))?,
            instruction: traceback.getattr(name!(py, "tb_lasti"))?.extract()?,
            line: traceback.getattr(name!(py, "tb_lineno"))?.extract()?,
            next: Some(traceback.getattr(name!(py, "tb_next"))?).filter(|next| !next.is_none()),
        })
    }
}

/// The exception being handled, as `sys` tells it.
#[cfg(any(Py_LIMITED_API, not(Py_3_11)))]
fn handled_by_sys(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    sys(py)?.call_method0(name!(py, "exc_info")).ok()?.get_item(1).ok()
}
