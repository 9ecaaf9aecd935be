//! The entry points of calls: the level methods, `log` and `exception`, and `is_enabled`.
//!
//! They are raw `METH_FASTCALL` functions. Their arguments come as a C array and a tuple of names, without a Python
//! frame, tuple or dict in between. The fast path holds no PyO3 attach count, so it drops no `Py<T>`. No panic leaves
//! this file.
#![expect(unsafe_code, reason = "the raw fastcall entry: CPython guarantees that the argument pointers are valid")]

use std::ffi::{CStr, c_char, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;

use pyo3::exceptions::{PyAttributeError, PyRuntimeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString, PyTuple, PyType};

use crate::level::LevelRef;
use crate::logger::wants::CLOSED;
use crate::process::hanging;
use crate::python::call::arrived::{Call, Raised};
use crate::python::call::state::PyLogger;
use crate::python::call::taking_over;
use crate::python::entry::emit::emit;
use crate::python::py::abi;
use crate::python::value::arguments::required;
use crate::{level, report};

/// `_original("_thread", "start_new_thread")`: a function of a builtin module as the module defines it, even if it has
/// been replaced.
///
/// gevent and eventlet replace such functions with their own, which make greenlets instead of threads.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
pub fn _original<'py>(py: Python<'py>, module: &str, name: &str) -> PyResult<Bound<'py, PyAny>> {
    let found = abi::original(&py.import(module)?, name)?;
    found.ok_or_else(|| PyAttributeError::new_err(format!("module {module} defines no function {name}")))
}

type Method = unsafe extern "C" fn(
    *mut ffi::PyObject,
    *const *mut ffi::PyObject,
    ffi::Py_ssize_t,
    *mut ffi::PyObject,
) -> *mut ffi::PyObject;

/// The levels that have a method of their own, indexed by the methods' const parameter.
const LEVELS: [LevelRef; 9] = [
    level::TRACE,
    level::DEBUG,
    level::INFO,
    level::NOTICE,
    level::SUCCESS,
    level::WARNING,
    level::ERROR,
    level::FAIL,
    level::CRITICAL,
];

/// The method of one level.
unsafe extern "C" fn at_level<const LEVEL: usize>(
    slf: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    let level = LEVELS[LEVEL];
    // SAFETY: CPython calls methods attached to the interpreter.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: the method descriptor accepts only instances of its type.
    let logger = unsafe { Borrowed::from_ptr(py, slf).cast_unchecked::<PyLogger>().get() };
    if level.no < logger.gate() {
        return none();
    }
    // SAFETY: these are the arguments that CPython passed.
    let call = unsafe { call(py, logger, level, args, count, names, Raised::No) };
    finish(&call)
}

/// `exception(message, ...)`: logs at ERROR, with the active exception.
unsafe extern "C" fn exception(
    slf: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: as in `at_level`.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: as in `at_level`.
    let logger = unsafe { Borrowed::from_ptr(py, slf).cast_unchecked::<PyLogger>().get() };
    if level::ERROR.no < logger.gate() {
        return none();
    }
    // SAFETY: these are the arguments that CPython passed.
    let call = unsafe { call(py, logger, level::ERROR, args, count, names, Raised::Active) };
    finish(&call)
}

/// `log(level, message, ...)`: an unknown level raises, because it is a mistake in the program, not in the content.
unsafe extern "C" fn log(
    slf: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: as in `at_level`.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: as in `at_level`.
    let logger = unsafe { Borrowed::from_ptr(py, slf).cast_unchecked::<PyLogger>().get() };
    // SAFETY: these are the arguments that CPython passed.
    let mut call = unsafe { call(py, logger, level::INFO, args, count, names, Raised::No) };
    let first = taking_over::settle(py, logger);
    let given = call.positional.first();
    if !given.is_some_and(|given| given.is_exact_instance_of::<PyString>()) {
        hanging::watch();
    }
    let wanted = match given {
        Some(wanted) => catch_unwind(AssertUnwindSafe(|| logger.parse_level("level", wanted)))
            .unwrap_or_else(|_| Err(pyo3::exceptions::PyRuntimeError::new_err("this is a bug in logly"))),
        None => {
            Err(pyo3::exceptions::PyTypeError::new_err("Logger.log() missing 1 required positional argument: 'level'"))
        }
    };
    match wanted {
        Ok(level) => call.level = level,
        // There, the level is not looked at if there is no sink.
        Err(_) if given.is_some() && logger.gate() == CLOSED && logger.core().dialect().is_loguru() => return none(),
        Err(error) => {
            hanging::watch();
            error.restore(py);
            return std::ptr::null_mut();
        }
    }
    call.positional = &call.positional[1..];
    let answer = if call.level.no < logger.gate() { none() } else { finish(&call) };
    match first {
        Some(interrupt) => replaced(py, answer, *interrupt),
        None => answer,
    }
}

/// Raises an interrupt in place of an answer.
#[cold]
fn replaced(py: Python<'_>, answer: *mut ffi::PyObject, interrupt: PyErr) -> *mut ffi::PyObject {
    // SAFETY: the answer is None or null; None is counted once.
    unsafe { ffi::Py_XDECREF(answer) };
    interrupt.restore(py);
    null_mut()
}

/// `is_enabled(level)`. Programs may call it as often as they log.
unsafe extern "C" fn is_enabled(
    slf: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    hanging::watch();
    // SAFETY: as in `at_level`.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: as in `at_level`.
    let logger = unsafe { Borrowed::from_ptr(py, slf).cast_unchecked::<PyLogger>().get() };
    // SAFETY: these are the arguments that CPython passed.
    let call = unsafe { call(py, logger, level::INFO, args, count, names, Raised::No) };
    let answer = catch_unwind(AssertUnwindSafe(|| match (call.positional, call.names) {
        ([level], None) => logger.is_enabled(level),
        _ => logger.is_enabled(&asked_level(&call)?),
    }));
    match answer.unwrap_or_else(|_| Err(PyRuntimeError::new_err("this is a bug in logly"))) {
        Ok(is_enabled) => PyBool::new(py, is_enabled).to_owned().into_ptr(),
        Err(error) => {
            error.restore(py);
            null_mut()
        }
    }
}

/// Returns the level given to `is_enabled`, if it was not given as the only positional argument.
fn asked_level<'py>(call: &Call<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let named = PyDict::new(call.py);
    for (name, value) in call.names.iter().flat_map(|names| names.iter_borrowed()).zip(call.named) {
        named.set_item(name, value)?;
    }
    let given: Vec<_> = call.positional.iter().map(|given| (**given).clone()).collect();
    required("Logger.is_enabled", "level", &given, &named)
}

/// Takes any arguments and does nothing. Benchmarks use it to measure the cost of a native call.
unsafe extern "C" fn empty_call(
    _slf: *mut ffi::PyObject,
    _args: *const *mut ffi::PyObject,
    _count: ffi::Py_ssize_t,
    _names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    none()
}

#[inline]
fn none() -> *mut ffi::PyObject {
    // SAFETY: None exists as long as the interpreter; this returns a new reference to it.
    unsafe {
        let none = ffi::Py_None();
        ffi::Py_INCREF(none);
        none
    }
}

/// Views the arguments of a fastcall as slices.
///
/// # Safety
/// `args` holds `count` positional arguments and one for each name; all live until the call returns.
#[inline]
unsafe fn call<'a, 'py>(
    py: Python<'py>,
    logger: &'a PyLogger,
    level: LevelRef,
    args: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
    raised: Raised<'a, 'py>,
) -> Call<'a, 'py> {
    let count = count as usize;
    // SAFETY: the names are a tuple, or null when there are none.
    let names = unsafe { Borrowed::from_ptr_or_opt(py, names).map(|names| names.cast_unchecked::<PyTuple>()) };
    let keywords = names.map_or(0, abi::tuple_len);
    let args = if args.is_null() {
        std::ptr::NonNull::dangling().as_ptr()
    } else {
        args.cast::<Borrowed<'a, 'py, PyAny>>().cast_mut()
    };
    // SAFETY: the array holds that many non-null pointers, and `Borrowed` is a transparent non-null pointer.
    let all = unsafe { std::slice::from_raw_parts(args, count + keywords) };
    let (positional, values) = all.split_at(count);
    Call { py, logger, level, positional, names, named: values, raised }
}

/// Runs the call. An interrupt raised by the program's own `__str__` is passed on after the record was taken.
fn finish(call: &Call<'_, '_>) -> *mut ffi::PyObject {
    match catch_unwind(AssertUnwindSafe(|| emit(call))) {
        Ok(None) => none(),
        Ok(Some(interrupt)) => {
            interrupt.restore(call.py);
            std::ptr::null_mut()
        }
        Err(_) => {
            report::tell_once("panic", "a logging call failed inside logly and was dropped; this is a bug in logly");
            none()
        }
    }
}

/// A method's name, its documentation, and its function. The documentation is the docstring of the stub, after the
/// signature in CPython's form.
macro_rules! method {
    ($name:literal, $function:expr) => {
        method!($name, "message, /, *args, **fields", $function)
    };
    ($name:literal, $parameters:literal, $function:expr) => {
        (
            terminated(concat!($name, "\0")),
            terminated(concat!(
                $name,
                "($self, ",
                $parameters,
                ")\n--\n\n",
                include_str!(concat!(env!("OUT_DIR"), "/", $name, ".txt")),
                "\0"
            )),
            $function,
        )
    };
}

const METHODS: &[(&CStr, &CStr, Method)] = &[
    method!("trace", at_level::<0>),
    method!("debug", at_level::<1>),
    method!("info", at_level::<2>),
    method!("notice", at_level::<3>),
    method!("success", at_level::<4>),
    method!("warning", at_level::<5>),
    method!("warn", at_level::<5>),
    method!("error", at_level::<6>),
    method!("fail", at_level::<7>),
    method!("critical", at_level::<8>),
    method!("fatal", at_level::<8>),
    method!("exception", exception),
    method!("log", "level, message, /, *args, **fields", log),
    method!("is_enabled", "level", is_enabled),
];

const fn terminated(text: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(text) => text,
        Err(_) => panic!("a NUL within the text"),
    }
}

fn definition(name: &'static CStr, doc: &'static CStr, method: Method) -> *mut ffi::PyMethodDef {
    // Leaked on purpose: CPython keeps the pointer as long as the method lives.
    Box::leak(Box::new(ffi::PyMethodDef {
        ml_name: name.as_ptr().cast::<c_char>(),
        ml_meth: ffi::PyMethodDefPointer { PyCFunctionFastWithKeywords: method },
        ml_flags: (ffi::METH_FASTCALL | ffi::METH_KEYWORDS) as c_int,
        ml_doc: doc.as_ptr().cast::<c_char>(),
    }))
}

/// Adds the methods to the native class.
pub fn install(class: &Bound<'_, PyType>) -> PyResult<()> {
    let py = class.py();
    for &(name, doc, method) in METHODS {
        // SAFETY: the definition is never freed, and the class is a type.
        let descriptor = unsafe {
            Bound::from_owned_ptr_or_err(
                py,
                ffi::PyDescr_NewMethod(class.as_type_ptr(), definition(name, doc, method)),
            )?
        };
        class.setattr(
            name.to_str().map_err(|_| pyo3::exceptions::PyRuntimeError::new_err("method name"))?,
            descriptor,
        )?;
    }
    Ok(())
}

/// Returns the benchmarks' empty call as a module function.
pub fn empty_function(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let definition = definition(c"_empty_call", c"_empty_call(*args, **fields)\n--\n\nDo nothing.", empty_call);
    // SAFETY: the definition is never freed; a null self and a null module are allowed.
    unsafe {
        Bound::from_owned_ptr_or_err(py, ffi::PyCFunction_NewEx(definition, std::ptr::null_mut(), std::ptr::null_mut()))
    }
}
