//! The identity of a file: its device and inode.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// Distinguishes a file from another file that has the same name later.
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
