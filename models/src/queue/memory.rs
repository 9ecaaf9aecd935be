//! The memory of a ring: bytes on the heap, and a cell of loom's for each word, which finds accesses that race.
#![expect(unsafe_code, reason = "the files of the product call an unsafe function")]

use std::sync::atomic::AtomicU64;

use loom::cell::UnsafeCell;

/// Bytes of the smallest ring. A model that fills one must not take long.
pub const SMALLEST: usize = 256;

const ALIGN: usize = 8;

pub fn padded(length: usize) -> usize {
    length.next_multiple_of(ALIGN)
}

pub struct Memory {
    pub(super) start: *mut u8,
    pub(super) length: usize,
    words: Vec<UnsafeCell<()>>,
    _heap: Vec<u64>,
}

impl Memory {
    pub(super) fn new(length: usize) -> Self {
        let mut heap = vec![0u64; length / ALIGN];
        let words = heap.iter().map(|_| UnsafeCell::new(())).collect();
        Self { start: heap.as_mut_ptr().cast(), length, words, _heap: heap }
    }

    pub(super) fn populate(&self) {}

    /// It is of no file.
    pub(super) fn leave_file(&self) {}

    pub(super) fn cell(&self, _at: usize) -> Option<&AtomicU64> {
        None
    }

    /// # Safety
    /// As in the product. Here it writes nothing.
    pub(super) unsafe fn put(&self, _at: usize, _bytes: &[u8]) -> bool {
        false
    }

    /// Tells loom that these bytes are read.
    pub(super) fn note_read(&self, at: usize, length: usize) {
        self.words(at, length).for_each(|word| word.with(|_| ()));
    }

    /// Tells loom that these bytes are written.
    pub(super) fn note_write(&self, at: usize, length: usize) {
        self.words(at, length).for_each(|word| word.with_mut(|_| ()));
    }

    fn words(&self, at: usize, length: usize) -> impl Iterator<Item = &UnsafeCell<()>> {
        self.words[at / ALIGN..(at + length).div_ceil(ALIGN)].iter()
    }
}
