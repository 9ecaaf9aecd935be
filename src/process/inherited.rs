//! Files that are locked at times, so that a forked child can let go of them.
//!
//! A lock belongs to the open file, which a child has too. If the parent is killed while it holds the lock, the child
//! would keep the lock until the child ends. The list is read between the fork and the child's first step, so it works
//! without locks and without allocating.

use std::fs::File;
use std::sync::atomic::{AtomicI32, Ordering};

use crate::sys::descriptors::number;

/// The most files registered at a time; children keep those beyond.
const MOST: usize = 1024;

const FREE: i32 = -1;

static KNOWN: [AtomicI32; MOST] = [const { AtomicI32::new(FREE) }; MOST];

/// Registers an open file that may be locked, while this value lives. Drop it before the file.
pub struct Lockable {
    file: i32,
    slot: Option<&'static AtomicI32>,
}

impl Lockable {
    pub fn new(file: &File) -> Self {
        let file = number(file);
        let is_taken =
            |slot: &&AtomicI32| slot.compare_exchange(FREE, file, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        Self { file, slot: KNOWN.iter().find(is_taken) }
    }
}

impl Drop for Lockable {
    fn drop(&mut self) {
        if let Some(slot) = self.slot {
            // In a child, the slot may belong to another file by now.
            let _ = slot.compare_exchange(self.file, FREE, Ordering::Relaxed, Ordering::Relaxed);
        }
    }
}

/// Takes the descriptors of all registered files out of the list, for a forked child.
pub(super) fn take_all() -> impl Iterator<Item = i32> {
    KNOWN.iter().map(|slot| slot.swap(FREE, Ordering::Relaxed)).filter(|file| *file != FREE)
}
