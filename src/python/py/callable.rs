//! Facts about callables: whether a call runs the code, makes a coroutine or only a generator, and the callable's name.

use pyo3::prelude::*;

use crate::python::py::text::type_name;

/// Flags of a code object, as `inspect` names them. Importing `inspect` would cost more than importing this package.
pub const COROUTINE: u32 = 0x80;
/// A call of a generator function, async or not, runs none of its code.
pub const GENERATORS: u32 = 0x20 | 0x200;

/// The flags of the code that runs when `function` is called: its own, a partial's, or that of its class's `__call__`.
pub fn code_flags(function: &Bound<'_, PyAny>) -> u32 {
    let flags = |callable: &Bound<'_, PyAny>| callable.getattr("__code__")?.getattr("co_flags")?.extract::<u32>();
    if function.get_type().name().is_ok_and(|name| name == "partial") {
        return function.getattr("func").map_or(0, |inner| code_flags(&inner));
    }
    flags(function).or_else(|_| flags(&function.get_type().getattr("__call__")?)).unwrap_or(0)
}

/// A function's qualified name, or the name of the class for a callable object.
pub fn function_name(function: &Bound<'_, PyAny>) -> String {
    let name = function.getattr("__qualname__").and_then(|name| name.extract());
    name.unwrap_or_else(|_| type_name(function))
}
