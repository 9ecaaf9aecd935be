//! Detects that this process is a forked child.
//!
//! A handler in the child counts generations, however the fork was made: `os.fork`, `multiprocessing`, a server, C.
//! Everything that belongs to a thread of the parent is then left as it is, never joined or flushed. The child makes
//! its own at the first record.

use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::process::inherited;
use crate::sys::fork::{on_fork, replace_files};

static GENERATION: AtomicU32 = AtomicU32::new(0);
static INSTALLED: Once = Once::new();

/// The number of forks between this process and the one that imported logly.
#[inline]
pub(super) fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// Installs the handler, once for a process and its children.
pub fn watch() {
    // The handler only adds to an atomic and replaces descriptors, which is allowed in the child of a program with
    // threads.
    INSTALLED.call_once(|| on_fork(in_child));
}

extern "C" fn in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    // Lets go of the locks on the parent's files.
    replace_files(inherited::take_all());
}
