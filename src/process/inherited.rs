//! Files that are locked at times, so that a forked child can let go of them.
//!
//! A lock belongs to the open file, which a child has too: should its parent be killed while it holds the lock, the child
//! would keep it until it ends. Asked between fork and the child's first step, so without locks and without memory.

use std::fs::File;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::atomic::{AtomicI32, Ordering};

/// Files told of at a time; those beyond are kept by children.
const MOST: usize = 1024;

const FREE: RawFd = -1;

static KNOWN: [AtomicI32; MOST] = [const { AtomicI32::new(FREE) }; MOST];

/// Says that a file is open and may be locked, while this lives. To be dropped before the file.
pub struct Lockable {
    file: RawFd,
    slot: Option<&'static AtomicI32>,
}

impl Lockable {
    pub fn new(file: &File) -> Self {
        let file = file.as_raw_fd();
        let is_taken =
            |slot: &&AtomicI32| slot.compare_exchange(FREE, file, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        Self { file, slot: KNOWN.iter().find(is_taken) }
    }
}

impl Drop for Lockable {
    fn drop(&mut self) {
        if let Some(slot) = self.slot {
            // In a child it may be another file's by now.
            let _ = slot.compare_exchange(self.file, FREE, Ordering::Relaxed, Ordering::Relaxed);
        }
    }
}

/// The descriptors of all such files, which are forgotten; for a forked child.
pub fn take_all() -> impl Iterator<Item = RawFd> {
    KNOWN.iter().map(|slot| slot.swap(FREE, Ordering::Relaxed)).filter(|file| *file != FREE)
}
