//! Forks of the process, which this system does not have.

/// Does nothing.
pub fn on_fork(_in_child: extern "C" fn()) {}

/// Does nothing.
pub fn replace_files(_files: impl Iterator<Item = i32>) {}
