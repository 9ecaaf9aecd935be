//! The `LOGLY_*` environment variables, and whether they are used.
//!
//! `python -E` and `-I` ask for the environment to be ignored. A program that runs with more privileges than its caller
//! must not follow the caller's variables either.

use std::env;
use std::sync::atomic::{AtomicBool, Ordering};

static IS_IGNORED: AtomicBool = AtomicBool::new(false);

/// Treats every `LOGLY_*` variable as unset from now on.
pub fn ignore() {
    IS_IGNORED.store(true, Ordering::Relaxed);
}

pub fn is_heeded() -> bool {
    !IS_IGNORED.load(Ordering::Relaxed)
}

/// The text of a variable. None if it is unset, or if it is a `LOGLY_*` variable that is ignored.
pub fn variable(name: &str) -> Option<String> {
    let is_read = is_heeded() || !name.starts_with("LOGLY_");
    env::var_os(name).filter(|_| is_read).map(|value| value.to_string_lossy().into_owned())
}
