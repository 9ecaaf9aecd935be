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
use pyo3::types::{PyDict, PyList, PyString};

use crate::python::py::abi;
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
        let state = abi::take_dict_state(dict);
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
            && abi::dict_state(dict) == self.state.load(Ordering::Relaxed)
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

/// Reads a field of an exception that has an exception or a traceback. None if it has none.
pub type ReadField = for<'py> fn(&Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>>;

/// The traceback of an exception.
pub fn traceback_of<'py>(error: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    // SAFETY: attached, and a live exception. The result is a new reference, or null.
    unsafe { Bound::from_owned_ptr_or_opt(error.py(), ffi::PyException_GetTraceback(error.as_ptr())) }
}

/// The cause of an exception.
pub fn cause_of<'py>(error: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    // SAFETY: as above.
    unsafe { Bound::from_owned_ptr_or_opt(error.py(), ffi::PyException_GetCause(error.as_ptr())) }
}

/// The context of an exception.
pub fn context_of<'py>(error: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    // SAFETY: as above.
    unsafe { Bound::from_owned_ptr_or_opt(error.py(), ffi::PyException_GetContext(error.as_ptr())) }
}

/// The items of a list, while no Python code runs.
#[inline]
pub fn list_items<'py>(list: Borrowed<'py, 'py, PyList>) -> impl Iterator<Item = Borrowed<'py, 'py, PyAny>> {
    // SAFETY: the index is in range, and no code that changes the list runs during this.
    (0..abi::list_len(list)).map(move |at| unsafe { abi::list_item(list, at) })
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

/// Whether a builtin function runs machine code of the library that defines it. Packages that turn clocks back may have
/// put in their own.
pub fn is_undisturbed(function: &Py<PyAny>) -> bool {
    library_of(abi::machine_code_of(function)) == library_of(abi::definition_of(function))
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
