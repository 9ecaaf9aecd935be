//! A build for one version of CPython: the version is known, and structures are read in place.
#![expect(unsafe_code, reason = "these parts of CPython's structures have no safe interface")]

use std::ffi::{CStr, c_int};
use std::ptr::null_mut;

#[cfg(Py_3_11)]
use pyo3::exceptions::PyBaseExceptionGroup;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFrame, PyList, PyModule, PyTraceback, PyTuple, PyType};

use crate::python::py::abi::Entry;
use crate::python::py::interpreter::name;

/// Whether states of dicts and classes are told, and objects may be borrowed from what holds them. That takes a GIL.
pub const READS_STATES: bool = !cfg!(Py_GIL_DISABLED);

const MINOR: u8 = if cfg!(Py_3_13) {
    13
} else if cfg!(Py_3_12) {
    12
} else if cfg!(Py_3_11) {
    11
} else if cfg!(Py_3_10) {
    10
} else {
    9
};

/// The version is known, and no class is missing.
#[expect(clippy::unnecessary_wraps, reason = "as the other kind of build has it")]
pub fn prepare(_py: Python<'_>) -> PyResult<()> {
    Ok(())
}

/// Whether this is CPython 3.`minor` or later, for 10 to 13.
#[inline]
pub const fn is_from(_py: Python<'_>, minor: u8) -> bool {
    MINOR >= minor
}

/// The number of items of a tuple.
#[inline]
pub fn tuple_len(tuple: Borrowed<'_, '_, PyTuple>) -> usize {
    // SAFETY: a live tuple.
    unsafe { ffi::PyTuple_GET_SIZE(tuple.as_ptr()) as usize }
}

/// The length of a list.
#[inline]
pub fn list_len(list: Borrowed<'_, '_, PyList>) -> usize {
    // SAFETY: a live list.
    unsafe { ffi::PyList_GET_SIZE(list.as_ptr()) as usize }
}

/// An item of a list.
///
/// # Safety
/// The index is in range, and no code that changes the list runs while the item is used.
#[inline]
pub unsafe fn list_item<'py>(list: Borrowed<'py, 'py, PyList>, at: usize) -> Borrowed<'py, 'py, PyAny> {
    // SAFETY: as the caller says.
    unsafe { Borrowed::from_ptr(list.py(), ffi::PyList_GET_ITEM(list.as_ptr(), at as ffi::Py_ssize_t)) }
}

/// The value of a context variable in the running context. None if it has none.
#[inline]
pub fn context_value<'py>(py: Python<'py>, variable: &Py<PyAny>) -> Option<Bound<'py, PyAny>> {
    let mut value = null_mut();
    // SAFETY: attached, and the variable is a context variable; the value is returned as a new reference, or null.
    unsafe {
        if ffi::PyContextVar_Get(variable.as_ptr(), null_mut(), &raw mut value) != 0 {
            ffi::PyErr_Clear();
            return None;
        }
        Bound::from_owned_ptr_or_opt(py, value)
    }
}

/// The position of the instruction that a frame executes.
#[cfg(Py_3_11)]
#[inline]
pub fn last_instruction(frame: Borrowed<'_, '_, PyAny>) -> c_int {
    // SAFETY: a live frame.
    unsafe { ffi::PyFrame_GetLasti(frame.as_ptr().cast()) }
}

/// As above. Before 3.11 there is no function for it, and the layout of frames differs between versions. Every version
/// has the attribute.
#[cfg(not(Py_3_11))]
#[inline]
pub fn last_instruction(frame: Borrowed<'_, '_, PyAny>) -> c_int {
    frame.getattr(name!(frame.py(), "f_lasti")).and_then(|value| value.extract()).unwrap_or(-1)
}

/// Whether an exception is a group of the language. None before 3.11, which has none.
#[cfg(Py_3_11)]
#[expect(clippy::unnecessary_wraps, reason = "other versions have no answer")]
pub fn is_group(error: &Bound<'_, PyAny>) -> Option<bool> {
    Some(error.is_instance_of::<PyBaseExceptionGroup>())
}

/// As above.
#[cfg(not(Py_3_11))]
pub fn is_group(_error: &Bound<'_, PyAny>) -> Option<bool> {
    None
}

/// A function of a builtin module as the module defines it. None if it defines none of this name.
pub fn original<'py>(module: &Bound<'py, PyModule>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    // SAFETY: attached; the definition of a module, if it has one, is never freed.
    let definition = unsafe { ffi::PyModule_GetDef(module.as_ptr()).as_ref() };
    let mut method = definition.map_or(null_mut(), |definition| definition.m_methods);
    // SAFETY: the table of a module's functions is static and ends with an entry that has no name.
    while let Some(entry) = unsafe { method.as_ref() }.filter(|entry| !entry.ml_name.is_null()) {
        // SAFETY: the names in the table are static texts.
        if unsafe { CStr::from_ptr(entry.ml_name) }.to_bytes() == name.as_bytes() {
            // SAFETY: the result is a new reference, or null with an error set; the function keeps its module alive.
            let made = unsafe {
                let made = ffi::PyCFunction_NewEx(method, module.as_ptr(), null_mut());
                Bound::from_owned_ptr_or_err(module.py(), made)
            };
            return made.map(Some);
        }
        // SAFETY: this entry was not the last one.
        method = unsafe { method.add(1) };
    }
    Ok(None)
}

/// Whether an object is a frame, a generator or a coroutine.
pub fn is_running(object: &Bound<'_, PyAny>) -> bool {
    // SAFETY: a live object.
    let is_running = unsafe { ffi::PyGen_Check(object.as_ptr()) != 0 || ffi::PyCoro_CheckExact(object.as_ptr()) != 0 };
    is_running || object.is_instance_of::<PyFrame>()
}

/// The function by which the garbage collector looks at objects of a class.
pub fn traverse_of(class: &Bound<'_, PyType>) -> Option<ffi::traverseproc> {
    // SAFETY: a live class.
    unsafe { (*class.as_type_ptr()).tp_traverse }
}

/// Whether threads change a value only under its lock, or never: an instance of a class that Python code made and that
/// has no base with fields of its own. `of_python` is any class that Python code made.
pub fn is_changed_under_lock(value: &Bound<'_, PyAny>, of_python: &Bound<'_, PyType>) -> bool {
    let visit_of = |class: *mut ffi::PyTypeObject| {
        // SAFETY: each class here is alive: that of a live object, a base of such a class, or one that the caller has.
        unsafe { (*class).tp_traverse }.map(|visit| visit as usize)
    };
    let by_python = visit_of(of_python.as_type_ptr());
    let mut class = value.get_type_ptr();
    while visit_of(class) == by_python {
        // SAFETY: as above. A class that Python code made has a base.
        class = unsafe { (*class).tp_base };
    }
    // SAFETY: as above.
    unsafe {
        let is_bare = (*class).tp_basicsize == size_of::<ffi::PyObject>() as ffi::Py_ssize_t;
        visit_of(class).is_none() || is_bare
    }
}

/// Whether attributes of a class's instances are found in the way of `object`, and each instance is true.
pub fn is_ordinary(class: &Bound<'_, PyType>) -> bool {
    let class = class.as_type_ptr();
    // SAFETY: a live class; its tables of functions may be missing.
    unsafe {
        let getattro = (*class).tp_getattro.map_or(0, |function| function as usize);
        let has_bool = (*class).tp_as_number.as_ref().is_some_and(|table| table.nb_bool.is_some());
        let has_length = (*class).tp_as_mapping.as_ref().is_some_and(|table| table.mp_length.is_some())
            || (*class).tp_as_sequence.as_ref().is_some_and(|table| table.sq_length.is_some());
        getattro == ffi::PyObject_GenericGetAttr as *const () as usize && !has_bool && !has_length
    }
}

/// Whether an exception has no attributes of its own.
pub fn has_no_attributes(error: &Bound<'_, PyAny>) -> bool {
    // SAFETY: a live exception; its dict is missing until it is needed.
    READS_STATES && unsafe { (*error.as_ptr().cast::<ffi::PyBaseExceptionObject>()).dict.is_null() }
}

/// The parts of a traceback's outermost entry.
pub fn entry_of<'py>(traceback: &Bound<'py, PyAny>) -> PyResult<Entry<'py>> {
    let py = traceback.py();
    if cfg!(Py_GIL_DISABLED) || !traceback.is_exact_instance_of::<PyTraceback>() {
        return Entry::by_attributes(traceback);
    }
    // SAFETY: a live traceback, whose fields do not change while the GIL is held. It always has a frame.
    unsafe {
        let entry = &*traceback.as_ptr().cast::<ffi::PyTracebackObject>();
        Ok(Entry {
            frame: Bound::from_borrowed_ptr(py, entry.tb_frame.cast()),
            instruction: entry.tb_lasti,
            line: Some(entry.tb_lineno).filter(|line| *line != -1),
            next: Bound::from_borrowed_ptr_or_opt(py, entry.tb_next.cast()),
        })
    }
}

/// The exception being handled.
#[cfg(Py_3_11)]
pub fn handled(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    // SAFETY: attached. The result is a new reference, or null.
    unsafe { Bound::from_owned_ptr_or_opt(py, ffi::PyErr_GetHandledException()) }
}

/// As above.
#[cfg(not(Py_3_11))]
pub fn handled(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    super::handled_by_sys(py)
}

/// The code of a frame.
pub fn code_of_frame<'py>(frame: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    if !frame.is_exact_instance_of::<PyFrame>() {
        return frame.getattr(name!(frame.py(), "f_code"));
    }
    // SAFETY: a live frame. The result is a new reference.
    Ok(unsafe { Bound::from_owned_ptr(frame.py(), ffi::PyFrame_GetCode(frame.as_ptr().cast()).cast()) })
}

/// Whether `repr()` of an object is its class and address.
#[expect(clippy::unnecessary_wraps, reason = "the other kind of build is not told")]
pub fn has_plain_repr(object: &Bound<'_, PyAny>) -> Option<bool> {
    let address = |class: *mut ffi::PyTypeObject| {
        // SAFETY: a live class.
        unsafe { (*class).tp_repr }.map(|function| function as usize)
    };
    Some(address(object.get_type_ptr()) == address(&raw mut ffi::PyBaseObject_Type))
}

/// The state of a class and its bases; 0 if CPython keeps none at present. Each change brings another number.
#[inline]
pub fn class_state(class: *mut ffi::PyTypeObject) -> u32 {
    // SAFETY: a live class.
    unsafe {
        let is_valid = cfg!(Py_3_13) || ffi::PyType_HasFeature(class, ffi::Py_TPFLAGS_VALID_VERSION_TAG) != 0;
        if is_valid { (*class).tp_version_tag } else { 0 }
    }
}

/// The address of the code that a function of Python runs now.
#[inline]
pub fn code_of(function: &Py<PyAny>) -> usize {
    // SAFETY: a live function; the caller has checked the type.
    unsafe { (*function.as_ptr().cast::<ffi::PyFunctionObject>()).func_code.addr() }
}

/// The address of the machine code that a builtin function runs now.
#[inline]
pub fn machine_code_of(function: &Py<PyAny>) -> usize {
    // SAFETY: a live builtin function, which its definition outlives; the caller has checked the type.
    unsafe { (*(*function.as_ptr().cast::<ffi::PyCFunctionObject>()).m_ml).ml_meth.PyCFunction as usize }
}

/// The address of the definition of a builtin function.
pub fn definition_of(function: &Py<PyAny>) -> usize {
    // SAFETY: as in `machine_code_of`.
    unsafe { (*function.as_ptr().cast::<ffi::PyCFunctionObject>()).m_ml.addr() }
}

/// A number that changes with each change of a dict. None where CPython keeps no such number.
#[inline]
pub fn dict_version(dict: &Bound<'_, PyDict>) -> Option<u64> {
    if cfg!(Py_3_13) { None } else { Some(dict_state(dict.as_borrowed())) }
}

/// The state of a dict, which counts only if `take_dict_state` gave it.
#[inline]
pub fn dict_state(dict: Borrowed<'_, '_, PyDict>) -> u64 {
    states::now(dict.as_ptr())
}

/// The present state of a dict, which changes with the dict from now on. 0 where states cannot be told.
pub fn take_dict_state(dict: Borrowed<'_, '_, PyDict>) -> u64 {
    states::take(dict.as_ptr())
}

/// The states of dicts: their version, which CPython up to 3.12 changes with each change of the dict.
#[cfg(not(Py_3_13))]
mod states {
    use pyo3::ffi;

    #[inline]
    #[cfg_attr(Py_3_12, expect(deprecated, reason = "CPython 3.12 still keeps the version"))]
    pub(super) fn now(dict: *mut ffi::PyObject) -> u64 {
        // SAFETY: a live dict.
        unsafe { (*dict.cast::<ffi::PyDictObject>()).ma_version_tag }
    }

    pub(super) fn take(dict: *mut ffi::PyObject) -> u64 {
        now(dict)
    }
}

/// The states of dicts: one number for all dicts that are watched, which a change of any of them counts up.
///
/// From 3.13 on, an assignment to an attribute may leave the version of the instance's dict as it was. Watchers are
/// told, but for those of 3.13.0: <https://github.com/python/cpython/issues/125608>. States cannot be told there, and
/// callers look closely each time.
#[cfg(Py_3_13)]
mod states {
    use std::ffi::c_int;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use pyo3::ffi;

    type Watcher = unsafe extern "C" fn(c_int, *mut ffi::PyObject, *mut ffi::PyObject, *mut ffi::PyObject) -> c_int;

    unsafe extern "C" {
        fn PyDict_AddWatcher(watcher: Watcher) -> c_int;
    }

    /// The first release whose watchers hear of all changes, 3.13.1, in the form of `sys.hexversion`.
    const FIRST_TOLD: u64 = 0x030D_0100;

    static CHANGES: AtomicU64 = AtomicU64::new(1);

    unsafe extern "C" fn count(
        _event: c_int,
        _dict: *mut ffi::PyObject,
        _key: *mut ffi::PyObject,
        _value: *mut ffi::PyObject,
    ) -> c_int {
        CHANGES.fetch_add(1, Ordering::Relaxed);
        0
    }

    #[inline]
    pub(super) fn now(_dict: *mut ffi::PyObject) -> u64 {
        CHANGES.load(Ordering::Relaxed)
    }

    /// Watches a dict. Returns 0 if that is not possible: others have taken all watchers, or watchers are not told.
    pub(super) fn take(dict: *mut ffi::PyObject) -> u64 {
        static WATCHER: OnceLock<c_int> = OnceLock::new();
        // SAFETY: a constant of the interpreter.
        if cfg!(Py_GIL_DISABLED) || u64::from(unsafe { ffi::Py_Version }) < FIRST_TOLD {
            return 0;
        }
        // SAFETY: attached; the function has the type that CPython calls.
        let watcher = *WATCHER.get_or_init(|| unsafe { PyDict_AddWatcher(count) });
        // SAFETY: a live dict, and a watcher of ours unless it is negative.
        if watcher < 0 || unsafe { ffi::PyDict_Watch(watcher, dict) } < 0 {
            // SAFETY: attached.
            unsafe { ffi::PyErr_Clear() };
            return 0;
        }
        now(dict)
    }
}
