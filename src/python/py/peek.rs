//! Cheap reads of what CPython keeps about objects: the state of dicts and classes, dicts of instances, the code of
//! functions.
//!
//! With them a caller sees in a few instructions that nothing has changed since it looked closely. This takes a GIL: no
//! stamp holds without one, and what a dict or list holds is not borrowed then.
#![expect(unsafe_code, reason = "these parts of CPython's structures have no safe interface")]

use std::marker::PhantomData;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyType};

use crate::python::py::text::utf8;
use crate::sys::library::library_of;

/// A dict and the state it was in. It is read and written only with the interpreter lock held.
///
/// While it holds, the dict lives and has the same objects. Each change brings a dict into a state that no dict had
/// before.
#[derive(Debug, Default)]
pub struct Stamp {
    dict: AtomicUsize,
    state: AtomicU64,
}

impl Stamp {
    pub const fn new() -> Self {
        Self { dict: AtomicUsize::new(0), state: AtomicU64::new(0) }
    }

    /// Notes the present state of a dict. A stamp holds for no dict where states cannot be told.
    pub fn take(&self, dict: Borrowed<'_, '_, PyDict>) {
        let state = states::take(dict.as_ptr());
        self.dict.store(if state == 0 { 0 } else { dict.as_ptr().addr() }, Ordering::Relaxed);
        self.state.store(state, Ordering::Relaxed);
    }

    /// Makes the stamp hold for no dict.
    pub fn clear(&self) {
        self.dict.store(0, Ordering::Relaxed);
    }

    /// Whether it is the stamp of this dict, and the dict is as it was.
    #[inline]
    pub fn holds(&self, dict: Borrowed<'_, '_, PyDict>) -> bool {
        self.dict.load(Ordering::Relaxed) == dict.as_ptr().addr()
            && states::now(dict.as_ptr()) == self.state.load(Ordering::Relaxed)
    }
}

/// A number that changes with each change of a dict. None where CPython keeps no such number.
#[inline]
pub fn version_of(dict: &Bound<'_, PyDict>) -> Option<u64> {
    if cfg!(Py_3_13) { None } else { Some(states::now(dict.as_ptr())) }
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
/// told, but for those of 3.13.0, where states cannot be told: <https://github.com/python/cpython/issues/125608>.
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

/// The state of a class and its bases; 0 if CPython keeps none at present. Each change brings another number.
#[inline]
pub fn class_state(class: *mut ffi::PyTypeObject) -> u32 {
    // SAFETY: a live class.
    unsafe {
        let is_valid = cfg!(Py_3_13) || ffi::PyType_HasFeature(class, ffi::Py_TPFLAGS_VALID_VERSION_TAG) != 0;
        if is_valid { (*class).tp_version_tag } else { 0 }
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

/// The dict of an instance, which keeps it. None if it has none.
#[inline]
pub fn dict_of<'a, 'py>(object: Borrowed<'a, 'py, PyAny>) -> Option<Borrowed<'a, 'py, PyDict>> {
    // SAFETY: a live object of a class with dicts. The object keeps its dict, so the reference can be given back.
    unsafe {
        let dict = ffi::PyObject_GenericGetDict(object.as_ptr(), null_mut());
        if dict.is_null() {
            ffi::PyErr_Clear();
            return None;
        }
        ffi::Py_DECREF(dict);
        Borrowed::from_ptr(object.py(), dict).cast_exact::<PyDict>().ok()
    }
}

/// An object's own address. Two living objects do not share it.
#[inline]
pub fn address(object: &Bound<'_, PyAny>) -> usize {
    object.as_ptr().addr()
}

/// The address of an object's class.
#[inline]
pub fn class_of(object: Borrowed<'_, '_, PyAny>) -> usize {
    // SAFETY: a live object.
    unsafe { ffi::Py_TYPE(object.as_ptr()).addr() }
}

/// An object that a dict holds, by its address.
pub struct Held<T = PyAny>(AtomicUsize, PhantomData<fn(T)>);

impl<T> Held<T> {
    pub const fn new() -> Self {
        Self(AtomicUsize::new(0), PhantomData)
    }

    pub fn set(&self, object: Option<Borrowed<'_, '_, T>>) {
        self.0.store(object.map_or(0, |object| object.as_ptr().addr()), Ordering::Relaxed);
    }

    /// The object. The caller has just seen that the stamp of the dict that holds it still holds, and lets no Python
    /// code run while it uses the object.
    #[inline]
    pub fn get<'py>(&self, py: Python<'py>) -> Option<Borrowed<'py, 'py, T>> {
        let address = self.0.load(Ordering::Relaxed);
        // SAFETY: the dict is unchanged since it held this object, so the object lives. `set` had its type.
        (address != 0).then(|| unsafe { Borrowed::from_ptr(py, address as *mut ffi::PyObject).cast_unchecked() })
    }
}

/// A string that a dict holds, by the address and length of its UTF-8, which the string keeps.
pub struct HeldText {
    string: Held<PyString>,
    start: AtomicUsize,
    length: AtomicUsize,
}

impl HeldText {
    pub const fn new() -> Self {
        Self { string: Held::new(), start: AtomicUsize::new(0), length: AtomicUsize::new(0) }
    }

    /// Notes a string. None if it has no UTF-8.
    pub fn set(&self, string: Borrowed<'_, '_, PyString>) -> Option<()> {
        let text = utf8(string)?;
        self.string.set(Some(string));
        self.start.store(text.as_ptr().addr(), Ordering::Relaxed);
        self.length.store(text.len(), Ordering::Relaxed);
        Some(())
    }

    /// The string with its UTF-8, under the conditions of `Held::get`.
    #[inline]
    pub fn get<'py>(&self, py: Python<'py>) -> Option<Text<'py>> {
        let string = self.string.get(py)?;
        let (start, length) = (self.start.load(Ordering::Relaxed), self.length.load(Ordering::Relaxed));
        // SAFETY: the string lives, as in `Held::get`, and keeps the bytes that it gave to `set`.
        let utf8 = unsafe { std::str::from_utf8_unchecked(std::slice::from_raw_parts(start as *const u8, length)) };
        Some(Text { string, utf8 })
    }
}

/// A string that another object holds, with its UTF-8.
#[derive(Clone, Copy)]
pub struct Text<'py> {
    pub string: Borrowed<'py, 'py, PyString>,
    pub utf8: &'py str,
}

/// The length of a list.
#[inline]
pub fn list_len(list: Borrowed<'_, '_, PyList>) -> usize {
    // SAFETY: a live list.
    unsafe { ffi::PyList_GET_SIZE(list.as_ptr()) as usize }
}

/// The items of a list, while no Python code runs.
#[inline]
pub fn list_items<'py>(list: Borrowed<'py, 'py, PyList>) -> impl Iterator<Item = Borrowed<'py, 'py, PyAny>> {
    // SAFETY: the index is in range, and no code that changes the list runs during this.
    (0..list_len(list)).map(move |at| unsafe {
        Borrowed::from_ptr(list.py(), ffi::PyList_GET_ITEM(list.as_ptr(), at as ffi::Py_ssize_t))
    })
}

/// The value of a key in an exact dict, for keys that compare without Python code.
#[inline]
pub fn value_of<'a, 'py>(dict: Borrowed<'a, 'py, PyDict>, key: &Bound<'py, PyAny>) -> Option<Borrowed<'a, 'py, PyAny>> {
    // SAFETY: attached; the dict keeps the value while no Python code runs.
    unsafe {
        let value = ffi::PyDict_GetItemWithError(dict.as_ptr(), key.as_ptr());
        if value.is_null() {
            if !ffi::PyErr_Occurred().is_null() {
                ffi::PyErr_Clear();
            }
            return None;
        }
        Some(Borrowed::from_ptr(dict.py(), value))
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

/// Whether a builtin function runs machine code of the library that defines it. Packages that turn clocks back may have
/// put in their own.
pub fn is_undisturbed(function: &Py<PyAny>) -> bool {
    // SAFETY: as in `machine_code_of`.
    let definition = unsafe { (*function.as_ptr().cast::<ffi::PyCFunctionObject>()).m_ml };
    library_of(machine_code_of(function)) == library_of(definition.addr())
}

/// `text % arguments` of an exact string. None if Python refuses it. The arguments run no code of the program.
pub fn percent<'py>(text: Borrowed<'_, 'py, PyAny>, arguments: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    // SAFETY: attached; the result is a new reference, or null with an error set.
    unsafe {
        let made = ffi::PyUnicode_Format(text.as_ptr(), arguments.as_ptr());
        if made.is_null() {
            ffi::PyErr_Clear();
        }
        Bound::from_owned_ptr_or_opt(text.py(), made)
    }
}
