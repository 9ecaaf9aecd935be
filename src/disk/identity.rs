//! The identity of a file: its device and inode.

use crate::sys::metadata::{Metadata, device_and_inode};

/// Distinguishes a file from another file that has the same name later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    /// The device and the inode.
    pub fn parts(self) -> (u64, u64) {
        (self.device, self.inode)
    }

    pub fn from_parts(device: u64, inode: u64) -> Self {
        Self { device, inode }
    }

    pub fn of(found: &Metadata) -> Self {
        let (device, inode) = device_and_inode(found);
        Self { device, inode }
    }
}
