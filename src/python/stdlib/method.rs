//! The methods that stand in the place of those of `logging.Logger`.
//!
//! Each has the function that it replaces, and calls it for every call that is not provably logly's alone. It looks
//! like that function to any code that asks: signature, source, documentation, `isinstance`.
#![expect(unsafe_code, reason = "a class with vectorcall, whose instances bind like functions")]

use std::ffi::{c_char, c_int, c_uint, c_void};
use std::mem::offset_of;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{NonNull, null, null_mut};

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::process::hanging;
use crate::python::py::abi;
use crate::python::py::interpreter::{Kept, kept};
use crate::python::py::text::text_bytes;
use crate::python::stdlib::direct::{Kind, attempt};
use crate::python::stdlib::given::Arguments;
use crate::python::stdlib::handover::Answer;
use crate::report;

static CLASS: Kept<Py<PyAny>> = Kept::new();

/// An instance. It is made once for each method, and never freed.
#[repr(C)]
struct Method {
    base: ffi::PyObject,
    vectorcall: Option<ffi::vectorcallfunc>,
    /// The function that it replaces.
    original: *mut ffi::PyObject,
    kind: Kind,
}

unsafe extern "C" {
    fn PyMethod_New(function: *mut ffi::PyObject, slf: *mut ffi::PyObject) -> *mut ffi::PyObject;
}

/// The names that belong to the object itself. All others are those of the function.
const OWN: [&[u8]; 4] = [b"__get__", b"__call__", b"__reduce__", b"__reduce_ex__"];

unsafe extern "C" fn call(
    slf: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: usize,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: CPython calls attached, with an instance of this class.
    let (py, method) = unsafe { (Python::assume_attached(), &*slf.cast::<Method>()) };
    // SAFETY: these are the arguments that CPython passed.
    let arguments = unsafe { arguments(py, args, ffi::PyVectorcall_NARGS(count) as usize, names) };
    let answer = catch_unwind(AssertUnwindSafe(|| attempt(method.kind, &arguments)));
    match answer {
        Ok(Answer::Done) => none(),
        Ok(Answer::Raised(interrupt)) => {
            interrupt.restore(py);
            null_mut()
        }
        Ok(Answer::Elsewhere) => {
            hanging::watch();
            // SAFETY: the same arguments, which the function may use as this one may.
            unsafe { ffi::PyObject_Vectorcall(method.original, args, count, names) }
        }
        Err(_) => {
            report::tell_once("panic", "a logging call failed inside logly and was dropped; this is a bug in logly");
            none()
        }
    }
}

/// Views the arguments of a vectorcall as slices.
///
/// # Safety
/// `args` holds `count` positional arguments and one for each name; all live until the call returns.
#[inline]
unsafe fn arguments<'a, 'py>(
    py: Python<'py>,
    args: *const *mut ffi::PyObject,
    count: usize,
    names: *mut ffi::PyObject,
) -> Arguments<'a, 'py> {
    // SAFETY: the names are a tuple, or null when there are none.
    let names = unsafe { Borrowed::from_ptr_or_opt(py, names).map(|names| names.cast_unchecked::<PyTuple>()) };
    let keywords = names.map_or(0, abi::tuple_len);
    let args =
        if args.is_null() { NonNull::dangling().as_ptr() } else { args.cast::<Borrowed<'a, 'py, PyAny>>().cast_mut() };
    // SAFETY: the array holds that many non-null pointers, and `Borrowed` is a transparent non-null pointer.
    let all = unsafe { std::slice::from_raw_parts(args, count + keywords) };
    let (positional, values) = all.split_at(count);
    Arguments { py, positional, names, named: values }
}

#[inline]
fn none() -> *mut ffi::PyObject {
    // SAFETY: None exists as long as the interpreter; this returns a new reference to it.
    unsafe { new_reference(ffi::Py_None()) }
}

/// A new reference to an object.
///
/// # Safety
/// The object is alive.
#[inline]
unsafe fn new_reference(object: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: as the caller says.
    unsafe { ffi::Py_INCREF(object) };
    object
}

/// Binds the method to a logger, as a function is bound.
unsafe extern "C" fn bind(
    slf: *mut ffi::PyObject,
    object: *mut ffi::PyObject,
    _class: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    hanging::watch();
    // SAFETY: CPython passes live objects; no object stands for an access by the class.
    unsafe { if object.is_null() || object == ffi::Py_None() { new_reference(slf) } else { PyMethod_New(slf, object) } }
}

unsafe extern "C" fn get_attribute(slf: *mut ffi::PyObject, name: *mut ffi::PyObject) -> *mut ffi::PyObject {
    hanging::watch();
    // SAFETY: CPython calls attached, with an instance of this class and a live name.
    unsafe {
        let original = (*slf.cast::<Method>()).original;
        let text = text_bytes(&Borrowed::from_ptr(Python::assume_attached(), name)).unwrap_or_default();
        if OWN.contains(&text.as_slice()) {
            ffi::PyObject_GenericGetAttr(slf, name)
        } else if text == b"__wrapped__" {
            new_reference(original)
        } else {
            ffi::PyObject_GetAttr(original, name)
        }
    }
}

unsafe extern "C" fn set_attribute(
    slf: *mut ffi::PyObject,
    name: *mut ffi::PyObject,
    value: *mut ffi::PyObject,
) -> c_int {
    hanging::watch();
    // SAFETY: as in `get_attribute`; no value stands for a deletion.
    unsafe { ffi::PyObject_SetAttr((*slf.cast::<Method>()).original, name, value) }
}

unsafe extern "C" fn represent(slf: *mut ffi::PyObject) -> *mut ffi::PyObject {
    hanging::watch();
    // SAFETY: as in `get_attribute`.
    unsafe { ffi::PyObject_Repr((*slf.cast::<Method>()).original) }
}

/// The class of the methods.
pub(super) fn class(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    Ok(kept(py, &CLASS, || made(py))?.bind(py))
}

fn made(py: Python<'_>) -> PyResult<Py<PyAny>> {
    let members = Box::leak(Box::new([
        ffi::PyMemberDef {
            name: c"__vectorcalloffset__".as_ptr(),
            type_code: ffi::Py_T_PYSSIZET,
            offset: offset_of!(Method, vectorcall) as ffi::Py_ssize_t,
            flags: ffi::Py_READONLY,
            doc: null::<c_char>(),
        },
        ffi::PyMemberDef::default(),
    ]));
    let slot = |slot: c_int, function: *mut c_void| ffi::PyType_Slot { slot, pfunc: function };
    let mut slots = [
        slot(ffi::Py_tp_call, ffi::PyVectorcall_Call as *mut c_void),
        slot(ffi::Py_tp_members, members.as_mut_ptr().cast()),
        slot(ffi::Py_tp_descr_get, bind as *mut c_void),
        slot(ffi::Py_tp_getattro, get_attribute as *mut c_void),
        slot(ffi::Py_tp_setattro, set_attribute as *mut c_void),
        slot(ffi::Py_tp_repr, represent as *mut c_void),
        ffi::PyType_Slot::default(),
    ];
    let mut flags = ffi::Py_TPFLAGS_DEFAULT | ffi::Py_TPFLAGS_HAVE_VECTORCALL | ffi::Py_TPFLAGS_METHOD_DESCRIPTOR;
    if abi::is_from(py, 10) {
        // Without this flag of 3.10 (`Py_TPFLAGS_IMMUTABLETYPE`), the interpreter would look the method up at each call.
        flags |= 1 << 8;
    }
    let mut spec = ffi::PyType_Spec {
        name: c"logly._logly._LoggerMethod".as_ptr(),
        basicsize: size_of::<Method>() as c_int,
        itemsize: 0,
        flags: flags as c_uint,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: the slots have the functions of their kinds, and end with an empty one; the members are never freed.
    unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyType_FromSpec(&raw mut spec)).map(Bound::unbind) }
}

/// Makes the method that replaces a function.
pub(super) fn method<'py>(original: &Bound<'py, PyAny>, kind: Kind) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = original.py();
    let class = class(py)?;
    // SAFETY: the class has instances of this layout, which CPython allocates with zeros.
    unsafe {
        let made = Bound::from_owned_ptr_or_err(py, ffi::PyType_GenericAlloc(class.as_ptr().cast(), 0))?;
        let method = made.as_ptr().cast::<Method>();
        (*method).vectorcall = Some(call);
        (*method).original = new_reference(original.as_ptr());
        (*method).kind = kind;
        // One reference stays forever, so that no instance is freed.
        std::mem::forget(made.clone());
        Ok(Some(made))
    }
}
