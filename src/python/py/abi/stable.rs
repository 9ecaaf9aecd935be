//! A build for the stable ABI: the interpreter is asked for its version, and only functions read objects.
//!
//! States of dicts and classes are not told, so nothing rests on them: calls of `logging` take Python's own way, and
//! the names of threads are asked for.
#![expect(unsafe_code, reason = "functions of the stable ABI that PyO3 has no safe interface for")]

use std::ffi::c_int;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU8, Ordering};

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyModule, PyTuple, PyType};

use crate::python::py::abi::{Entry, handled_by_sys};
use crate::python::py::interpreter::{Kept, name};

/// As in builds for one version.
pub const READS_STATES: bool = false;

static MINOR: AtomicU8 = AtomicU8::new(0);

/// `BaseExceptionGroup`, from 3.11 on.
static GROUP: Kept<Py<PyAny>> = Kept::new();

/// The classes of frames, generators and coroutines.
static RUNNING: Kept<Py<PyAny>> = Kept::new();

/// Asks for the version, and for classes that only later versions of the ABI name. Nothing is imported later.
pub fn prepare(py: Python<'_>) -> PyResult<()> {
    MINOR.store(py.version_info().minor, Ordering::Relaxed);
    if let Some(group) = py.import("builtins")?.getattr_opt("BaseExceptionGroup")? {
        GROUP.set(py, group.unbind());
    }
    let types = py.import("types")?;
    let running = (types.getattr("FrameType")?, types.getattr("GeneratorType")?, types.getattr("CoroutineType")?);
    RUNNING.set(py, running.into_pyobject(py)?.into_any().unbind());
    Ok(())
}

/// Whether this is CPython 3.`minor` or later.
#[inline]
pub fn is_from(_py: Python<'_>, minor: u8) -> bool {
    MINOR.load(Ordering::Relaxed) >= minor
}

/// The number of items of a tuple.
#[inline]
pub fn tuple_len(tuple: Borrowed<'_, '_, PyTuple>) -> usize {
    // SAFETY: a live tuple.
    unsafe { ffi::PyTuple_Size(tuple.as_ptr()) as usize }
}

/// The length of a list.
#[inline]
pub fn list_len(list: Borrowed<'_, '_, PyList>) -> usize {
    // SAFETY: a live list.
    unsafe { ffi::PyList_Size(list.as_ptr()) as usize }
}

/// An item of a list.
///
/// # Safety
/// The index is in range, and no code that changes the list runs while the item is used.
#[inline]
pub unsafe fn list_item<'py>(list: Borrowed<'py, 'py, PyList>, at: usize) -> Borrowed<'py, 'py, PyAny> {
    // SAFETY: as the caller says.
    unsafe { Borrowed::from_ptr(list.py(), ffi::PyList_GetItem(list.as_ptr(), at as ffi::Py_ssize_t)) }
}

/// The value of a context variable in the running context. None if it has none.
#[inline]
pub fn context_value<'py>(py: Python<'py>, variable: &Py<PyAny>) -> Option<Bound<'py, PyAny>> {
    let get = name!(py, "get").as_ptr();
    // SAFETY: attached; the arguments are live objects and end with null. The result is a new reference, or null.
    unsafe {
        let value = ffi::PyObject_CallMethodObjArgs(variable.as_ptr(), get, null_mut::<ffi::PyObject>());
        if value.is_null() {
            ffi::PyErr_Clear();
        }
        Bound::from_owned_ptr_or_opt(py, value)
    }
}

/// The position of the instruction that a frame executes.
#[inline]
pub fn last_instruction(frame: Borrowed<'_, '_, PyAny>) -> c_int {
    let name = name!(frame.py(), "f_lasti").as_ptr();
    // SAFETY: attached; a live frame and a name. The position is a new reference, which is given back.
    unsafe {
        let position = ffi::PyObject_GetAttr(frame.as_ptr(), name);
        if position.is_null() {
            ffi::PyErr_Clear();
            return -1;
        }
        let number = ffi::PyLong_AsLong(position);
        ffi::Py_DECREF(position);
        number as c_int
    }
}

/// Whether an exception is a group of the language. None before 3.11, which has none.
pub fn is_group(error: &Bound<'_, PyAny>) -> Option<bool> {
    let class = GROUP.get(error.py())?.bind(error.py());
    Some(error.is_instance(class).unwrap_or(false))
}

/// A function of a builtin module as the module defines it. None if it defines none of this name.
///
/// The definition of a module cannot be read from CPython 3.15 on. A second copy of the module has its functions as the
/// first had them.
pub fn original<'py>(module: &Bound<'py, PyModule>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    let place = module.getattr(name!(module.py(), "__spec__"))?;
    let copy = module.py().import("importlib.util")?.call_method1("module_from_spec", (&place,))?;
    place.getattr("loader")?.call_method1("exec_module", (&copy,))?;
    copy.getattr_opt(name)
}

/// Whether an object is a frame, a generator or a coroutine.
pub fn is_running(object: &Bound<'_, PyAny>) -> bool {
    let classes = RUNNING.get(object.py()).map(|classes| classes.bind(object.py()));
    classes.is_some_and(|classes| object.is_instance(classes).unwrap_or(false))
}

/// The garbage collector is asked by Python.
pub fn traverse_of(_class: &Bound<'_, PyType>) -> Option<ffi::traverseproc> {
    None
}

/// Not told.
pub fn is_changed_under_lock(_value: &Bound<'_, PyAny>, _of_python: &Bound<'_, PyType>) -> bool {
    false
}

/// Not told.
pub fn is_ordinary(_class: &Bound<'_, PyType>) -> bool {
    false
}

/// Not told.
pub fn class_state(_class: *mut ffi::PyTypeObject) -> u32 {
    0
}

/// Not told.
pub fn code_of(_function: &Py<PyAny>) -> usize {
    0
}

/// Not told.
pub fn machine_code_of(_function: &Py<PyAny>) -> usize {
    0
}

/// Not told.
pub fn definition_of(_function: &Py<PyAny>) -> usize {
    0
}

/// Not told.
pub fn dict_version(_dict: &Bound<'_, PyDict>) -> Option<u64> {
    None
}

/// Not told.
pub fn dict_state(_dict: Borrowed<'_, '_, PyDict>) -> u64 {
    0
}

/// Not told.
pub fn take_dict_state(_dict: Borrowed<'_, '_, PyDict>) -> u64 {
    0
}

/// Not told.
pub fn has_plain_repr(_object: &Bound<'_, PyAny>) -> Option<bool> {
    None
}

/// Not told.
pub fn has_no_attributes(_error: &Bound<'_, PyAny>) -> bool {
    false
}

/// The parts of a traceback's outermost entry.
pub fn entry_of<'py>(traceback: &Bound<'py, PyAny>) -> PyResult<Entry<'py>> {
    Entry::by_attributes(traceback)
}

/// The code of a frame.
pub fn code_of_frame<'py>(frame: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    frame.getattr(name!(frame.py(), "f_code"))
}

/// The exception being handled.
pub fn handled(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    handled_by_sys(py)
}
