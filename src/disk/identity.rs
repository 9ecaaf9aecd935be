//! What tells one file from another.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// What tells a file from another that has its name later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    pub fn of(found: &Metadata) -> Self {
        Self { device: found.dev(), inode: found.ino() }
    }
}
