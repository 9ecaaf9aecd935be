//! What calling something does: run it, make a coroutine, or nothing yet.

use pyo3::prelude::*;

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
