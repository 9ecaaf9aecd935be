//! The very end of the process, after the interpreter is gone: no thread may be in the middle of a write, which the kernel would
//! cut short.
#![expect(unsafe_code, reason = "atexit of C: no safe interface has it")]

use crate::process::ending;
use std::sync::Once;

static INSTALLED: Once = Once::new();

/// Installs the handler; once for a process and its children.
pub fn watch() {
    INSTALLED.call_once(|| {
        // SAFETY: the handler neither unwinds nor touches Python; extension modules are never unloaded.
        // Failing for want of memory it leaves the end as it would be without it.
        let _ = unsafe { libc::atexit(at_end) };
    });
}

extern "C" fn at_end() {
    // A panic may not cross into C; there is nothing left to tell it to.
    let _ = std::panic::catch_unwind(ending::seal_all);
}
