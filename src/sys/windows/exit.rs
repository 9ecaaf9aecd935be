//! The end of the process. All other threads are gone by then, so nothing is to be done.

/// Does nothing.
pub fn at_exit(_handler: extern "C" fn()) {}
