//! The memory of a ring: a mapping of the process's own, or one of a file that outlives the process.
//!
//! A forked child finds a mapping of its own empty, and has none of a file's: neither can it read the records of its
//! parent, nor change them.
#![expect(unsafe_code, reason = "mappings have no safe interface")]

use std::fs::File;
use std::io;
use std::ptr;
use std::sync::atomic::AtomicU64;

use crate::process::per_process::ProcessMark;
use crate::sys::mapping;

/// Bytes of the smallest ring.
pub(super) const SMALLEST: usize = 4096;

/// Records start at multiples of this.
const ALIGN: usize = 8;

/// A record's length with its padding.
#[inline]
pub fn padded(length: usize) -> usize {
    length.next_multiple_of(ALIGN)
}

/// Bytes of a file that are provided at a time.
const POPULATED: usize = 64 * 1024;

/// The bytes of a ring, unmapped when dropped.
pub struct Memory {
    /// The first byte of the ring.
    pub(super) start: *mut u8,
    pub(super) length: usize,
    origin: Origin,
}

enum Origin {
    Own,
    /// Used when the kernel maps no more memory.
    #[expect(dead_code, reason = "held, not read")]
    Heap(Vec<u64>),
    /// A mapping of a whole file, of which the ring is the end.
    File {
        base: *mut u8,
        whole: usize,
        process: ProcessMark,
    },
}

impl Memory {
    /// Maps as many bytes as asked for, or as many as are available. They are the kernel's zeros, which cost nothing
    /// until they are used.
    ///
    /// A mapping smaller than asked for takes a quarter of the bytes that the kernel would give, and leaves the rest to
    /// the program.
    pub(super) fn new(wanted: usize) -> Self {
        if let Some(memory) = Self::map(wanted) {
            return memory;
        }
        let halves = std::iter::successors(Some(wanted / 2), |length| Some(length / 2));
        let most = halves.take_while(|length| *length >= SMALLEST * 4).find(|length| Self::map(*length).is_some());
        most.and_then(|most| Self::map(most / 4)).unwrap_or_else(Self::on_heap)
    }

    fn map(length: usize) -> Option<Self> {
        mapping::map(length).map(|start| Self { start, length, origin: Origin::Own })
    }

    /// Allocates the smallest ring.
    fn on_heap() -> Self {
        let mut heap = vec![0u64; SMALLEST / size_of::<u64>()];
        Self { start: heap.as_mut_ptr().cast(), length: SMALLEST, origin: Origin::Heap(heap) }
    }

    /// Maps a file, whose ring begins at `at`. All of the file's bytes must be allocated, and it must never shrink.
    pub fn of_file(file: &File, whole: usize, at: usize) -> io::Result<Self> {
        // SAFETY: only this process writes to the file while it lives, as its lock on the file says.
        let base = unsafe { mapping::map_file(file, whole) }?;
        Ok(Self {
            // SAFETY: the ring begins inside the mapping.
            start: unsafe { base.add(at) },
            length: whole - at,
            origin: Origin::File { base, whole, process: ProcessMark::current() },
        })
    }

    /// Has the kernel provide the memory now, on the calling thread. It changes no byte.
    ///
    /// The pages of a file take longer, and the kernel lets no other thread have a page during a step. So they
    /// come in small steps.
    pub(super) fn populate(&self) {
        let step = match self.origin {
            Origin::Heap(_) => return,
            Origin::Own => self.length,
            Origin::File { .. } => POPULATED.min(self.length),
        };
        for at in (0..self.length).step_by(step) {
            let length = step.min(self.length - at);
            // SAFETY: the range is the ring's.
            unsafe { mapping::provide(self.start.add(at), length) };
        }
    }

    /// The number at an offset of a file's mapping, before its ring.
    pub(super) fn cell(&self, at: usize) -> Option<&AtomicU64> {
        let Origin::File { base, whole, .. } = self.origin else { return None };
        let is_inside = at.is_multiple_of(size_of::<u64>()) && at + size_of::<u64>() <= whole - self.length;
        // SAFETY: eight aligned bytes of the mapping, which are read and written only as this number.
        is_inside.then(|| unsafe { AtomicU64::from_ptr(base.add(at).cast()) })
    }

    /// Copies bytes to an offset of a file's mapping, before its ring. False if they do not fit there.
    ///
    /// # Safety
    /// No other thread may read or write these bytes during the call.
    pub(super) unsafe fn put(&self, at: usize, bytes: &[u8]) -> bool {
        let Origin::File { base, whole, .. } = self.origin else { return false };
        if at + bytes.len() > whole - self.length {
            return false;
        }
        // SAFETY: the range lies in the mapping, and the caller has it alone.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), base.add(at), bytes.len()) };
        true
    }

    /// Lets go of a file: the mapping is of no file from now on, and holds zeros.
    pub(super) fn leave_file(&self) {
        let Origin::File { base, whole, process } = self.origin else { return };
        if process.is_current() {
            // SAFETY: the whole mapping. Threads that use it find zeros at its place.
            unsafe { mapping::leave_file(base, whole) };
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        let (start, length) = match self.origin {
            Origin::Own => (self.start, self.length),
            Origin::File { base, whole, process } if process.is_current() => (base, whole),
            // A forked child does not have it, and may have something else there.
            Origin::File { .. } | Origin::Heap(_) => return,
        };
        // SAFETY: the mapping was made here, and the ring that used it is gone.
        unsafe { mapping::unmap(start, length) };
    }
}
