//! The very end of the process, after the interpreter is gone. No thread may be in the middle of a write then, as the
//! kernel would cut the write short.

use std::sync::Once;

use crate::process::ending;
use crate::sys::exit::at_exit;

static INSTALLED: Once = Once::new();

/// Installs the handler, once for a process and its children.
pub fn watch() {
    INSTALLED.call_once(|| at_exit(at_end));
}

extern "C" fn at_end() {
    // A panic must not cross into C, and nothing is left to report it to.
    let _ = std::panic::catch_unwind(ending::seal_all);
}
