//! The objects that a value holds, if no other thread can take them away during the look.
//!
//! With a GIL, the garbage collector shows them all. Without one, Python would stop all threads for such a
//! look. If the process forked or ended meanwhile, its next collection would hang. So this file looks only at values
//! that threads change under a lock.

use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::python::py::abi;
use crate::python::py::interpreter::name;
use crate::python::py::recursion::{is_holder, referents};
use crate::python::value::known::known_class;

/// The objects that a value holds and that may hold others in turn. Threads change containers under their locks.
pub(super) fn held_by<'py>(
    value: &Bound<'py, PyAny>,
    is_container: impl FnOnce(&Bound<'py, PyAny>) -> bool,
) -> Vec<Bound<'py, PyAny>> {
    if !cfg!(Py_GIL_DISABLED) || is_container(value) || is_locked(value) {
        return referents(value);
    }
    value.cast::<PyBaseException>().map_or_else(|_| Vec::new(), held_by_exception)
}

/// Whether threads change a value only under its lock, or never.
fn is_locked(value: &Bound<'_, PyAny>) -> bool {
    let py = value.py();
    let of_python = known_class!(py, "_collections_abc", "Mapping");
    let method = known_class!(py, "types", "MethodType");
    of_python.is_some_and(|class| abi::is_changed_under_lock(value, class))
        || method.is_some_and(|class| value.get_type().is(class))
}

/// Exceptions change without a lock. Their classes in C have descriptors that read the fields, without code of the
/// program.
fn held_by_exception<'py>(exception: &Bound<'py, PyBaseException>) -> Vec<Bound<'py, PyAny>> {
    let py = exception.py();
    let base = Some(py.get_type::<PyBaseException>());
    let group = known_class!(py, "builtins", "BaseExceptionGroup").cloned();
    let fields =
        [(&base, "args"), (&base, "__dict__"), (&base, "__cause__"), (&base, "__context__"), (&group, "exceptions")];
    let read = |(class, name): (&Option<Bound<'py, PyType>>, &str)| field_of(exception, class.as_ref()?, name).ok();
    let held = fields.into_iter().filter_map(read);
    held.filter(|held| is_holder(held) && !held.is_instance_of::<PyType>()).collect()
}

/// The value of a field that a class in C gives its objects.
fn field_of<'py>(
    object: &Bound<'py, PyBaseException>,
    class: &Bound<'py, PyType>,
    field: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let py = object.py();
    let fields = class.getattr(name!(py, "__dict__"))?;
    fields.get_item(field)?.call_method1(name!(py, "__get__"), (object,))
}
