//! The environment's `LOGLY_*` variables, and whether they count.
//!
//! `python -E` and `-I` ask for an environment that says nothing. A program that runs with more rights than its caller
//! must not follow the caller's variables either.

use std::env;
use std::sync::atomic::{AtomicBool, Ordering};

static IS_IGNORED: AtomicBool = AtomicBool::new(false);

/// Has every `LOGLY_*` variable count as not set, from here on.
pub fn ignore() {
    IS_IGNORED.store(true, Ordering::Relaxed);
}

pub fn is_heeded() -> bool {
    !IS_IGNORED.load(Ordering::Relaxed)
}

/// A variable's text; None where it is not set, or is one of `LOGLY_*` that does not count.
pub fn variable(name: &str) -> Option<String> {
    let is_read = is_heeded() || !name.starts_with("LOGLY_");
    env::var_os(name).filter(|_| is_read).map(|value| value.to_string_lossy().into_owned())
}
