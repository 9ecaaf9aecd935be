//! Objects that hold each other: `repr` within `repr`, and the objects that a value refers to.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyFunction, PyList, PyModule, PyTraceback, PyType};

use crate::python::py::abi;
use crate::python::py::interpreter::name;

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
#[expect(unsafe_code, reason = "the function by which the garbage collector looks at an object")]
pub fn referents<'py>(value: &Bound<'py, PyAny>) -> Vec<Bound<'py, PyAny>> {
    const MOST: usize = 512;
    unsafe extern "C" fn visit(held: *mut ffi::PyObject, found: *mut std::ffi::c_void) -> std::ffi::c_int {
        // SAFETY: `found` is the vector below, which nothing else uses during the call; `held` is a live object.
        unsafe {
            let found = &mut *found.cast::<Vec<*mut ffi::PyObject>>();
            if ffi::PyType_HasFeature(ffi::Py_TYPE(held), ffi::Py_TPFLAGS_HAVE_GC) != 0 && ffi::PyType_Check(held) == 0
            {
                found.push(held);
            }
            std::ffi::c_int::from(found.len() >= MOST)
        }
    }
    let mut found: Vec<*mut ffi::PyObject> = Vec::new();
    if !is_holder(value) || is_code(value) {
        return Vec::new();
    }
    if !abi::READS_STATES {
        // Without a GIL, Python stops all other threads for a look at an object.
        return referents_by_python(value, MOST).unwrap_or_default();
    }
    // SAFETY: a type with the flag has the function too, which only visits; it runs no code of the program.
    unsafe {
        if let Some(traverse) = abi::traverse_of(&value.get_type()) {
            traverse(value.as_ptr(), visit, (&raw mut found).cast());
        }
    }
    // SAFETY: the value holds these objects, and no code ran since.
    let held = found.into_iter().map(|held| unsafe { Bound::from_borrowed_ptr(value.py(), held) });
    held.filter(|held| !is_code(held)).collect()
}

fn referents_by_python<'py>(value: &Bound<'py, PyAny>, most: usize) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let held = value.py().import("gc")?.call_method1(name!(value.py(), "get_referents"), (value,))?;
    let is_wanted = |held: &Bound<'py, PyAny>| is_holder(held) && !is_code(held);
    Ok(held.cast_into::<PyList>()?.iter().filter(is_wanted).take(most).collect())
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
