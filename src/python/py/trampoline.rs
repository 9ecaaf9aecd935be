//! PyO3 as its macros see it: each function that Python calls first watches its thread.
#![expect(unsafe_code, reason = "the trampolines that PyO3's macros make are unsafe functions")]

/// PyO3 as its macros should see it. They take from here the functions that Python calls, which first watch their
/// thread.
///
/// All entries name this module by `crate = "crate::python::py::trampoline::watched"`. A missing kind of function does
/// not compile. PyO3 makes the functions of getters and closures elsewhere, so their first statement watches. The names
/// are PyO3's own; a change of PyO3 that breaks this does not compile.
pub mod watched {
    pub use pyo3::*;

    pub mod impl_ {
        pub use pyo3::impl_::*;

        pub mod trampoline {
            use pyo3::ffi::{Py_ssize_t, PyObject, PyTypeObject};
            use pyo3::impl_::trampoline as inner;

            use crate::process::hanging;

            macro_rules! get_trampoline_function {
                ($kind:ident, $function:path) => {{
                    struct Def;
                    impl ::pyo3::impl_::trampoline::MethodDef<::pyo3::impl_::trampoline::$kind::Func> for Def {
                        const METH: ::pyo3::impl_::trampoline::$kind::Func = $function;
                    }
                    $crate::python::py::trampoline::watched::impl_::trampoline::$kind::<Def>
                }};
            }
            pub(crate) use get_trampoline_function;

            macro_rules! watched {
                ($($kind:ident($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
                    $(pub unsafe extern "C" fn $kind<M: inner::MethodDef<inner::$kind::Func>>(
                        $($argument: $type),*
                    ) -> $result {
                        hanging::watch();
                        // SAFETY: CPython guarantees the arguments, as it does for those of PyO3's own function.
                        unsafe { inner::$kind::<M>($($argument),*) }
                    })*
                };
            }

            watched! {
                noargs(slf: *mut PyObject, none: *mut PyObject) -> *mut PyObject;
                fastcall_kw(
                    slf: *mut PyObject, args: *const *mut PyObject, count: Py_ssize_t, names: *mut PyObject
                ) -> *mut PyObject;
                cfunc_kw(slf: *mut PyObject, args: *mut PyObject, named: *mut PyObject) -> *mut PyObject;
                ternaryfunc(slf: *mut PyObject, args: *mut PyObject, named: *mut PyObject) -> *mut PyObject;
                reprfunc(slf: *mut PyObject) -> *mut PyObject;
                newfunc(class: *mut PyTypeObject, args: *mut PyObject, named: *mut PyObject) -> *mut PyObject;
            }
        }
    }
}

/// Makes the drop of an object watch the thread. A thread may drop the last reference to one of our objects and enter
/// no other code of ours. The objects dropped with it may run Python code.
macro_rules! watch_at_drop {
    ($($class:ty),*) => {
        $(impl Drop for $class {
            fn drop(&mut self) {
                $crate::process::hanging::watch();
            }
        })*
    };
}
pub(crate) use watch_at_drop;
