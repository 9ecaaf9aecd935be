//! The queue between callers and the writer: a ring of bytes.
//!
//! It is bounded in bytes, and in records if requested, and allocated once. A push copies a finished record and never
//! allocates. There is one producer at a time, as a `ProducerLock` proves, and one consumer at a time, as the
//! pipeline's lock for consumers ensures. A full ring refuses a record, and the pipeline decides what to do.
//!
//! The memory is a separate mapping, which a forked child finds empty: the kernel need not copy its pages, nor protect
//! the parent's. A child never reads the records of its parent. The records of a ring in a file outlive the process
//! (`kept`).
#![expect(unsafe_code, reason = "the ring: memory shared by producer and consumer, split by two counters")]

mod kept;

use crate::queue::kept::Kept;
pub use crate::queue::memory::padded;
use crate::queue::memory::{Memory, SMALLEST};
use crate::record::encoded::{Kind, kind_of, length_of};
use crate::sync::CachePadded;
use crate::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Proof that no other thread pushes while this value lives.
///
/// # Safety
/// The code that makes one must hold a lock that every other maker needs too: the GIL, or a mutex.
pub unsafe trait ProducerLock {}

// SAFETY: the guard of a mutex shared by all producers excludes the others while it lives.
unsafe impl<T> ProducerLock for crate::sync::MutexGuard<'_, T> {}

pub struct Ring {
    memory: Memory,
    /// In bytes; a power of two.
    capacity: usize,
    /// Bytes ever written. Only the producer writes it.
    tail: CachePadded<AtomicUsize>,
    /// Bytes ever read. Only the consumer writes it.
    head: CachePadded<AtomicUsize>,
    /// The head that the producer saw last, so that it need not fetch the consumer's cache line at each push.
    seen_head: CachePadded<AtomicUsize>,
    /// Records ever pushed.
    pushed: AtomicU64,
    /// Records ever popped. Only the consumer writes it.
    popped: CachePadded<AtomicU64>,
    /// The most records that may wait; `u64::MAX` means as many as fit.
    most_records: u64,
    /// The longest record that `push` takes.
    longest: usize,
    kept: Option<Box<Kept>>,
}

// SAFETY: the bytes in [head, tail) belong to the consumer and the rest to the producer. Each side moves its own
// counter with Release after it has finished with the bytes, and reads the other's with Acquire before it touches any.
unsafe impl Sync for Ring {}
// SAFETY: as above; the memory is plain integers.
unsafe impl Send for Ring {}

impl Ring {
    /// Makes a ring of at least `bytes`, rounded up to a power of two, for `most_records` at most. The ring is smaller
    /// if there is not enough memory.
    pub fn new(bytes: usize, most_records: Option<u64>) -> Self {
        Self::of(Memory::new(bytes.max(SMALLEST).next_power_of_two()), most_records)
    }

    fn of(memory: Memory, most_records: Option<u64>) -> Self {
        Self {
            capacity: memory.length,
            longest: memory.length / 4,
            kept: None,
            memory,
            tail: CachePadded(AtomicUsize::new(0)),
            head: CachePadded(AtomicUsize::new(0)),
            seen_head: CachePadded(AtomicUsize::new(0)),
            pushed: AtomicU64::new(0),
            popped: CachePadded(AtomicU64::new(0)),
            most_records: most_records.unwrap_or(u64::MAX),
        }
    }

    /// Has the kernel provide the memory now, on the calling thread. Otherwise callers would trigger it page by page: 2
    /// us each, paid by one call in forty. Producers may push during this; it writes nothing.
    pub fn populate(&self) {
        self.memory.populate();
    }

    /// Bytes of records that it can hold.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The longest record that `push` takes; longer ones wait outside the ring. It is 0 for a ring in a file.
    #[inline]
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Records ever pushed.
    #[inline]
    pub fn pushed(&self) -> u64 {
        self.pushed.load(Ordering::Acquire)
    }

    /// Records ever popped.
    pub fn popped(&self) -> u64 {
        self.popped.0.load(Ordering::Acquire)
    }

    /// The number of waiting records.
    pub fn waiting(&self) -> u64 {
        let popped = self.popped();
        self.pushed() - popped
    }

    /// Whether it is over half full, so that it is time to empty it whatever the interval between polls.
    pub fn is_half_full(&self) -> bool {
        self.used() > self.capacity / 2 || (self.most_records != u64::MAX && self.waiting() > self.most_records / 2)
    }

    pub fn is_empty(&self) -> bool {
        self.tail.0.load(Ordering::Acquire) == self.head.0.load(Ordering::Acquire)
    }

    /// Bytes of waiting records.
    pub fn used(&self) -> usize {
        self.tail.0.load(Ordering::Acquire).wrapping_sub(self.head.0.load(Ordering::Acquire))
    }

    /// Copies a record of at most `longest()` bytes into the ring; false when there is no room.
    #[inline]
    pub fn push(&self, _lock: &impl ProducerLock, record: &[u8]) -> bool {
        debug_assert!(record.len() <= self.longest());
        let length = padded(record.len());
        let Some((tail, skip)) = self.place(length) else { return false };
        let at = tail & (self.capacity - 1);
        if skip > 0 {
            self.write_wrap(at, skip);
        }
        let at = (at + skip) & (self.capacity - 1);
        // SAFETY: [at, at + length) lies in the ring, and `has_room` proved that the consumer has left it.
        unsafe { std::ptr::copy_nonoverlapping(record.as_ptr(), self.byte(at), record.len()) };
        #[cfg(loom)]
        self.memory.note_write(at, record.len());
        // `pushed` is stored before `tail`: a thread that waits for a count then finds the record that completes it.
        self.pushed.store(self.pushed.load(Ordering::Relaxed) + 1, Ordering::Release);
        self.tail.0.store(tail.wrapping_add(skip + length), Ordering::Release);
        true
    }

    /// Whether a record of this length would be taken now.
    pub fn has_room_for(&self, _lock: &impl ProducerLock, length: usize) -> bool {
        self.place(padded(length)).is_some()
    }

    /// Returns the tail, and the bytes to skip after it so that a record is contiguous; None when there is no room.
    #[inline]
    fn place(&self, length: usize) -> Option<(usize, usize)> {
        self.place_if(length, |tail, needed| self.has_room(tail, needed))
    }

    /// Like `place`. `has_room` says whether so many bytes after this tail are free.
    #[inline]
    fn place_if(&self, length: usize, has_room: impl FnOnce(usize, usize) -> bool) -> Option<(usize, usize)> {
        let tail = self.tail.0.load(Ordering::Relaxed);
        let to_end = self.capacity - (tail & (self.capacity - 1));
        let skip = if length <= to_end { 0 } else { to_end };
        let is_at_limit = self.most_records != u64::MAX && self.waiting() >= self.most_records;
        (!is_at_limit && has_room(tail, skip + length)).then_some((tail, skip))
    }

    #[inline]
    fn has_room(&self, tail: usize, needed: usize) -> bool {
        if self.fits(tail, self.seen_head.0.load(Ordering::Relaxed), needed) {
            return true;
        }
        let head = self.head.0.load(Ordering::Acquire);
        self.seen_head.0.store(head, Ordering::Relaxed);
        self.fits(tail, head, needed)
    }

    /// Whether so many bytes are free after the tail, if those before the head are.
    #[inline]
    fn fits(&self, tail: usize, head: usize, needed: usize) -> bool {
        tail.wrapping_sub(head) + needed <= self.capacity
    }

    /// Marks the rest of the ring as unused. The rest has 8 bytes at least, since all lengths are padded.
    fn write_wrap(&self, at: usize, length: usize) {
        let mut header = [0u8; 8];
        header[..4].copy_from_slice(&(length as u32).to_ne_bytes());
        header[4] = Kind::Wrap as u8;
        // SAFETY: 8 aligned bytes at `at` lie in the ring and belong to the producer.
        unsafe { std::ptr::copy_nonoverlapping(header.as_ptr(), self.byte(at), 8) };
        #[cfg(loom)]
        self.memory.note_write(at, 8);
    }

    #[inline]
    fn byte(&self, at: usize) -> *mut u8 {
        debug_assert!(at < self.capacity);
        // SAFETY: `at` is below the capacity, so the pointer stays inside the allocation.
        unsafe { self.memory.start.add(at) }
    }

    /// Moves whole records to the end of `out`, padded to 8 bytes each, until it holds `most` bytes or a few more.
    /// Returns the number of records.
    ///
    /// There must be one consumer at a time. The space in the ring is free again on return, so a slow sink never holds
    /// it.
    pub fn pop_into(&self, out: &mut Vec<u8>, most: usize) -> usize {
        if let Some(kept) = &self.kept {
            return self.pop_kept(kept, out, most);
        }
        let tail = self.tail.0.load(Ordering::Acquire);
        let mut head = self.head.0.load(Ordering::Relaxed);
        let mut records = 0;
        while head != tail && out.len() < most {
            let at = head & (self.capacity - 1);
            let available = tail.wrapping_sub(head).min(self.capacity - at);
            // SAFETY: [at, at + available) lies in [head, tail), which the producer published and will not touch until
            // the head moves past it.
            let bytes = unsafe { std::slice::from_raw_parts(self.byte(at), available) };
            #[cfg(loom)]
            self.memory.note_read(at, available);
            let (length, count, wrap) = whole_records(bytes, most - out.len());
            out.extend_from_slice(&bytes[..length]);
            records += count;
            head = head.wrapping_add(length + wrap);
        }
        self.popped.0.store(self.popped.0.load(Ordering::Relaxed) + records as u64, Ordering::Release);
        self.head.0.store(head, Ordering::Release);
        records
    }
}

/// Returns the bytes of whole records at the start, the number of records, and the bytes of a wrap mark after them.
fn whole_records(bytes: &[u8], most: usize) -> (usize, usize, usize) {
    let (mut length, mut count) = (0, 0);
    while length < bytes.len() && (length == 0 || length < most) {
        let rest = &bytes[length..];
        if kind_of(rest) == Kind::Wrap {
            return (length, count, length_of(rest));
        }
        if length_of(rest) == 0 {
            // A fork has emptied this memory unnoticed, so it holds no records.
            return (length, count, rest.len());
        }
        length += padded(length_of(rest));
        count += 1;
    }
    (length, count, 0)
}

#[cfg(test)]
mod tests;
