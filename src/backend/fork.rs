//! Knowing that this process is a child.
//!
//! A handler in the child counts generations, whichever way the fork came: `os.fork`, `multiprocessing`, a server, C. Everything
//! that belongs to a thread of the parent is then left as it is, never joined or flushed, and made anew at the first record.
#![expect(unsafe_code, reason = "pthread_atfork: no safe interface has it")]

use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

static GENERATION: AtomicU32 = AtomicU32::new(0);
static INSTALLED: Once = Once::new();

/// How many forks lie between this process and the one that imported logly.
#[inline]
pub fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// Installs the handler; once for a process and its children.
pub fn watch() {
    INSTALLED.call_once(|| {
        // SAFETY: the handler only adds to an atomic, which is allowed in the child of a program with threads.
        // It can fail for want of memory alone; forks are then unseen, as they would be without logly.
        let _ = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    });
}

extern "C" fn in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}
