//! Detects that this process is a forked child.
//!
//! A handler in the child counts generations, however the fork was made: `os.fork`, `multiprocessing`, a server, C.
//! Everything that belongs to a thread of the parent is then left as it is, never joined or flushed. The child makes
//! its own at the first record.
#![expect(unsafe_code, reason = "pthread_atfork has no safe interface")]

use std::os::fd::AsRawFd;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::fs::{Mode, OFlags};

use crate::process::inherited;

static GENERATION: AtomicU32 = AtomicU32::new(0);
static INSTALLED: Once = Once::new();

/// The number of forks between this process and the one that imported logly.
#[inline]
pub(super) fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// Installs the handler, once for a process and its children.
pub fn watch() {
    INSTALLED.call_once(|| {
        // SAFETY: the handler only adds to an atomic, which is allowed in the child of a program with threads. It can
        // fail only for lack of memory; forks then go unnoticed, as they would without logly.
        let _ = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    });
}

extern "C" fn in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    let_go_of_locks();
}

/// Replaces the parent's files that may be locked with a harmless one. They are not closed: inherited values still have
/// their numbers, and may close them.
fn let_go_of_locks() {
    // If no descriptor is left, the files stay as they are.
    let Ok(nothing) = rustix::fs::open(c"/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()) else { return };
    for file in inherited::take_all() {
        // SAFETY: the number belongs to a file of the parent that the child does not read or write; `dup3` may be
        // called here.
        let _ = unsafe { libc::dup3(nothing.as_raw_fd(), file, libc::O_CLOEXEC) };
    }
}
