//! Objects that hold each other: `repr` within `repr`, and the objects that a value refers to.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::critical_section::with_critical_section;
use pyo3::types::{PyCFunction, PyFunction, PyList, PyModule, PyTraceback, PyType};

use crate::python::py::abi;
use crate::python::py::interpreter::name;

/// How many objects that a value holds are looked at.
const MOST: usize = 512;

/// Tells `repr()` that a container is being shown, as long as this lives. `repr()` then writes the mark of a cycle in
/// the container's place.
pub struct Entered<'py>(Option<Bound<'py, PyAny>>);

impl<'py> Entered<'py> {
    #[expect(unsafe_code, reason = "there is no other access to the list that `repr()` keeps")]
    pub fn of(value: &Bound<'py, PyAny>) -> Self {
        // SAFETY: attached, and a live object.
        let answer = unsafe { ffi::Py_ReprEnter(value.as_ptr()) };
        if answer < 0 {
            // The only possible error is a lack of memory.
            drop(PyErr::take(value.py()));
        }
        Self((answer == 0).then(|| value.clone()))
    }
}

impl Drop for Entered<'_> {
    #[expect(unsafe_code, reason = "as in `of`")]
    fn drop(&mut self) {
        if let Some(value) = &self.0 {
            // SAFETY: attached, since a `Bound` lives; the value was entered.
            unsafe { ffi::Py_ReprLeave(value.as_ptr()) }
        }
    }
}

/// The objects that a value holds and that may hold others in turn, as the garbage collector sees them. Classes,
/// functions, modules and frames are left out: they lead to all other objects.
///
/// Without a GIL, the lock of the value keeps other threads from changing it. That holds for the types that
/// `is_changed_under_lock` or the caller knows.
pub fn referents<'py>(value: &Bound<'py, PyAny>) -> Vec<Bound<'py, PyAny>> {
    if !is_holder(value) || is_code(value) {
        return Vec::new();
    }
    let Some(traverse) = abi::traverse_of(&value.get_type()) else {
        return referents_by_python(value).unwrap_or_default();
    };
    let mut found = Found { py: value.py(), held: Vec::new() };
    with_critical_section(value, || visit_all(value, traverse, &mut found));
    found.held.retain(|held| !is_code(held));
    found.held
}

/// The objects that the visits have found.
struct Found<'py> {
    py: Python<'py>,
    held: Vec<Bound<'py, PyAny>>,
}

#[expect(unsafe_code, reason = "the function by which the garbage collector looks at an object")]
fn visit_all<'py>(value: &Bound<'py, PyAny>, traverse: ffi::traverseproc, found: &mut Found<'py>) {
    unsafe extern "C" fn visit(held: *mut ffi::PyObject, found: *mut std::ffi::c_void) -> std::ffi::c_int {
        // SAFETY: `found` is the value below, which nothing else uses during the call; `held` is a live object.
        unsafe {
            let found = &mut *found.cast::<Found<'_>>();
            if ffi::PyType_HasFeature(ffi::Py_TYPE(held), ffi::Py_TPFLAGS_HAVE_GC) != 0 && ffi::PyType_Check(held) == 0
            {
                found.held.push(Bound::from_borrowed_ptr(found.py, held));
            }
            std::ffi::c_int::from(found.held.len() >= MOST)
        }
    }
    // SAFETY: the function of the value's class, which only visits; it runs no code of the program.
    unsafe { traverse(value.as_ptr(), visit, (&raw mut *found).cast()) };
}

fn referents_by_python<'py>(value: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let held = value.py().import("gc")?.call_method1(name!(value.py(), "get_referents"), (value,))?;
    let is_wanted = |held: &Bound<'py, PyAny>| is_holder(held) && !is_code(held);
    Ok(held.cast_into::<PyList>()?.iter().filter(is_wanted).take(MOST).collect())
}

/// Whether the garbage collector looks at objects of this type, since they may hold others.
#[expect(unsafe_code, reason = "a flag of the type")]
pub fn is_holder(value: &Bound<'_, PyAny>) -> bool {
    // SAFETY: a live object has a type.
    unsafe { ffi::PyType_HasFeature(ffi::Py_TYPE(value.as_ptr()), ffi::Py_TPFLAGS_HAVE_GC) != 0 }
}

pub(super) fn is_code(value: &Bound<'_, PyAny>) -> bool {
    abi::is_running(value)
        || value.is_instance_of::<PyType>()
        || value.is_instance_of::<PyModule>()
        || value.is_instance_of::<PyFunction>()
        || value.is_instance_of::<PyCFunction>()
        || value.is_instance_of::<PyTraceback>()
}
