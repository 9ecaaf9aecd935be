//! The very end of the process, after the interpreter is gone. No thread may be in the middle of a write then, as the
//! kernel would cut the write short.
#![expect(unsafe_code, reason = "C's atexit has no safe interface")]

use std::sync::Once;

use crate::process::ending;

static INSTALLED: Once = Once::new();

/// Installs the handler, once for a process and its children.
pub fn watch() {
    INSTALLED.call_once(|| {
        // SAFETY: the handler neither unwinds nor touches Python; extension modules are never unloaded. If there is no
        // memory for it, the process ends as it would without it.
        let _ = unsafe { libc::atexit(at_end) };
    });
}

extern "C" fn at_end() {
    // A panic must not cross into C, and nothing is left to report it to.
    let _ = std::panic::catch_unwind(ending::seal_all);
}
