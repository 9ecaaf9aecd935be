//! Waits for forks and for the end of the process, where no code of the program may run.
//!
//! They look at a condition again and again, and check neither for Ctrl-C nor let greenlets run. A condition variable
//! is no alternative: a forked child could not use it.

use std::thread;
use std::time::{Duration, Instant};

use pyo3::prelude::*;

/// The pause between checks.
const LOOK: Duration = Duration::from_micros(100);

/// The least number of checks: on a busy machine, the awaited threads are not scheduled any sooner.
const FEWEST_LOOKS: u32 = 1000;

/// Waits without the interpreter lock. Returns false if the limit passed first.
pub fn poll(py: Python<'_>, limit: Duration, is_so: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + limit;
    let mut looks = 0;
    while !is_so() {
        if looks >= FEWEST_LOOKS && Instant::now() >= deadline {
            return false;
        }
        looks += 1;
        py.detach(|| thread::sleep(LOOK));
    }
    true
}
