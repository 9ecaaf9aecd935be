//! What can be called: what calling it does, which is run it, make a coroutine, or nothing yet; and its name.

use pyo3::prelude::*;

use crate::python::py::text::type_name;

/// Flags of a code object, as `inspect` names them; importing it would cost more than this package.
pub const COROUTINE: u32 = 0x80;
/// Calling a generator function, async or not, runs nothing of it.
pub const GENERATORS: u32 = 0x20 | 0x200;

/// The flags of what runs when `function` is called: its own code, a partial's, or that of its class's `__call__`.
pub fn code_flags(function: &Bound<'_, PyAny>) -> u32 {
    let flags = |callable: &Bound<'_, PyAny>| callable.getattr("__code__")?.getattr("co_flags")?.extract::<u32>();
    if function.get_type().name().is_ok_and(|name| name == "partial") {
        return function.getattr("func").map_or(0, |inner| code_flags(&inner));
    }
    flags(function).or_else(|_| flags(&function.get_type().getattr("__call__")?)).unwrap_or(0)
}

/// What a function is called: its qualified name, or its class for an object that is called like one.
pub fn function_name(function: &Bound<'_, PyAny>) -> String {
    let name = function.getattr("__qualname__").and_then(|name| name.extract());
    name.unwrap_or_else(|_| type_name(function))
}
