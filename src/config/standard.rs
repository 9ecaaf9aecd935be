//! The standard stream that a direct sink writes to.
//!
//! The facts about it are learned when the sink is added. Forked children find them without a lock.

use std::sync::atomic::{AtomicU64, Ordering};

/// One of the two streams that a process has for its output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standard {
    Output,
    Error,
}

impl Standard {
    /// The stream's name in the module `sys`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Output => "stdout",
            Self::Error => "stderr",
        }
    }

    pub fn descriptor(self) -> u32 {
        match self {
            Self::Output => 1,
            Self::Error => 2,
        }
    }
}

/// A stream, and the file that its descriptor led to when the sink was added or reopened.
#[derive(Debug)]
pub struct StandardStream {
    pub standard: Standard,
    /// Whether the stream is a terminal.
    pub is_terminal: bool,
    /// Whether lines are coloured if no option or setting decides.
    pub is_colored: bool,
    device: AtomicU64,
    inode: AtomicU64,
}

impl StandardStream {
    /// A stream that leads to the file with this device and inode.
    pub fn new(standard: Standard, (device, inode): (u64, u64), is_terminal: bool, is_colored: bool) -> Self {
        Self { standard, is_terminal, is_colored, device: AtomicU64::new(device), inode: AtomicU64::new(inode) }
    }

    /// The device and the inode of the file.
    pub fn file(&self) -> (u64, u64) {
        (self.device.load(Ordering::Relaxed), self.inode.load(Ordering::Relaxed))
    }

    /// Makes another file the right one, also for children that are forked later.
    pub fn follow(&self, (device, inode): (u64, u64)) {
        self.device.store(device, Ordering::Relaxed);
        self.inode.store(inode, Ordering::Relaxed);
    }

    /// Whether both lead to the same file, so that their lines stand among each other.
    pub fn is_beside(&self, other: &Self) -> bool {
        self.file() == other.file()
    }
}
