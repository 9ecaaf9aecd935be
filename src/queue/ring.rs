//! The queue between callers and the writer: a ring of bytes.
//!
//! It is bounded in bytes, and in records if requested, and allocated once. A push copies a finished record and never
//! allocates. There is one producer at a time, as a `ProducerLock` proves, and one consumer at a time, as the
//! pipeline's lock for consumers ensures. A full ring refuses a record, and the pipeline decides what to do.
//!
//! The memory is a separate mapping, which a forked child finds empty: the kernel need not copy its pages, nor protect
//! the parent's. A child never reads the records of its parent.
#![expect(unsafe_code, reason = "the ring: memory shared by producer and consumer, split by two counters")]

use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};

use crate::record::encoded::{Kind, kind_of, length_of};
use crate::sync::CachePadded;

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
}

// SAFETY: the bytes in [head, tail) belong to the consumer and the rest to the producer. Each side moves its own
// counter with Release after it has finished with the bytes, and reads the other's with Acquire before it touches any.
unsafe impl Sync for Ring {}
// SAFETY: as above; the memory is plain integers.
unsafe impl Send for Ring {}

/// The bytes of a ring, unmapped when dropped. A mapping that a forked child inherits is still there, and is empty.
struct Memory {
    start: *mut u8,
    length: usize,
    /// Used instead when the kernel maps no more memory.
    heap: Option<Vec<u64>>,
}

impl Memory {
    /// Maps as many bytes as asked for, or as many as are available. They are the kernel's zeros, which cost nothing
    /// until they are used.
    ///
    /// A mapping smaller than asked for takes a quarter of the bytes that the kernel would give, and leaves the rest to
    /// the program.
    fn new(wanted: usize) -> Self {
        if let Some(memory) = Self::map(wanted) {
            return memory;
        }
        let halves = std::iter::successors(Some(wanted / 2), |length| Some(length / 2));
        let most = halves.take_while(|length| *length >= SMALLEST * 4).find(|length| Self::map(*length).is_some());
        most.and_then(|most| Self::map(most / 4)).unwrap_or_else(Self::on_heap)
    }

    fn map(length: usize) -> Option<Self> {
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping, at an address that the kernel chooses.
        let start = unsafe { mmap_anonymous(ptr::null_mut(), length, access, MapFlags::PRIVATE) }.ok()?;
        #[cfg(target_os = "linux")]
        // SAFETY: the range is the mapping. Kernels without this advice refuse it, and the memory then behaves like any
        // other.
        let _ = unsafe { rustix::mm::madvise(start, length, rustix::mm::Advice::LinuxWipeOnFork) };
        Some(Self { start: start.cast(), length, heap: None })
    }

    /// Allocates the smallest ring.
    fn on_heap() -> Self {
        let mut heap = vec![0u64; SMALLEST / ALIGN];
        Self { start: heap.as_mut_ptr().cast(), length: SMALLEST, heap: Some(heap) }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if self.heap.is_none() {
            // SAFETY: the mapping was made by `map`, and the ring that used it is gone.
            let _ = unsafe { munmap(self.start.cast::<c_void>(), self.length) };
        }
    }
}

/// Bytes of the smallest ring.
const SMALLEST: usize = 4096;

/// Records start at multiples of this.
const ALIGN: usize = 8;

/// A record's length with its padding.
#[inline]
pub fn padded(length: usize) -> usize {
    length.next_multiple_of(ALIGN)
}

impl Ring {
    /// Makes a ring of at least `bytes`, rounded up to a power of two, for `most_records` at most. The ring is smaller
    /// if there is not enough memory.
    pub fn new(bytes: usize, most_records: Option<u64>) -> Self {
        let memory = Memory::new(bytes.max(SMALLEST).next_power_of_two());
        Self {
            capacity: memory.length,
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
    #[cfg(target_os = "linux")]
    pub fn populate(&self) {
        if self.memory.heap.is_none() {
            let start = self.memory.start.cast::<c_void>();
            // SAFETY: the range is the ring's mapping, and populating changes no byte of it. Kernels without this
            // advice refuse it, which changes nothing.
            let _ = unsafe { rustix::mm::madvise(start, self.capacity, rustix::mm::Advice::LinuxPopulateWrite) };
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub fn populate(&self) {}

    /// Bytes of records that it can hold.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The longest record the ring takes; longer ones wait outside it.
    pub fn longest(&self) -> usize {
        self.capacity / 4
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
        let tail = self.tail.0.load(Ordering::Relaxed);
        let to_end = self.capacity - (tail & (self.capacity - 1));
        let skip = if length <= to_end { 0 } else { to_end };
        let is_at_limit = self.most_records != u64::MAX && self.waiting() >= self.most_records;
        (!is_at_limit && self.has_room(tail, skip + length)).then_some((tail, skip))
    }

    #[inline]
    fn has_room(&self, tail: usize, needed: usize) -> bool {
        let fits = |head: usize| tail.wrapping_sub(head) + needed <= self.capacity;
        if fits(self.seen_head.0.load(Ordering::Relaxed)) {
            return true;
        }
        let head = self.head.0.load(Ordering::Acquire);
        self.seen_head.0.store(head, Ordering::Relaxed);
        fits(head)
    }

    /// Marks the rest of the ring as unused. The rest has 8 bytes at least, since all lengths are padded.
    fn write_wrap(&self, at: usize, length: usize) {
        let mut header = [0u8; 8];
        header[..4].copy_from_slice(&(length as u32).to_ne_bytes());
        header[4] = Kind::Wrap as u8;
        // SAFETY: 8 aligned bytes at `at` lie in the ring and belong to the producer.
        unsafe { std::ptr::copy_nonoverlapping(header.as_ptr(), self.byte(at), 8) };
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
        let tail = self.tail.0.load(Ordering::Acquire);
        let mut head = self.head.0.load(Ordering::Relaxed);
        let mut records = 0;
        while head != tail && out.len() < most {
            let at = head & (self.capacity - 1);
            let available = tail.wrapping_sub(head).min(self.capacity - at);
            // SAFETY: [at, at + available) lies in [head, tail), which the producer published and will not touch until
            // the head moves past it.
            let bytes = unsafe { std::slice::from_raw_parts(self.byte(at), available) };
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
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use crate::sync::Mutex;

    use super::*;
    use crate::level::INFO;
    use crate::record::encoded::{Encoder, HEADER, Header, Section};
    use crate::site::NO_SITE;

    fn record(number: u64, length: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let header = Header { level: INFO, site: NO_SITE, time_ns: number as i64, thread: 0 };
        let mut encoder = Encoder::start(&mut out, Kind::Record, &header);
        encoder.section(Section::Message, &vec![number as u8; length]);
        encoder.finish();
        out
    }

    fn read(mut bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut records = Vec::new();
        while !bytes.is_empty() {
            let length = length_of(bytes);
            records.push(bytes[..length].to_vec());
            bytes = &bytes[padded(length)..];
        }
        records
    }

    proptest! {
        #[test]
        fn what_is_pushed_is_popped_in_order(
            lengths in proptest::collection::vec(0usize..900, 1..200),
            pops in proptest::collection::vec(any::<bool>(), 200),
        ) {
            let (ring, lock) = (Ring::new(4096, None), Mutex::new(()));
            let (mut expected, mut got) = (Vec::new(), Vec::new());
            let mut pop = |most: usize| {
                let mut out = Vec::new();
                ring.pop_into(&mut out, most);
                got.append(&mut read(&out));
            };
            for (number, (length, is_popped)) in lengths.iter().zip(&pops).enumerate() {
                let bytes = record(number as u64, *length);
                while !ring.push(&lock.lock(), &bytes) {
                    pop(1);
                }
                expected.push(bytes);
                if *is_popped {
                    pop(2000);
                }
            }
            while !ring.is_empty() {
                pop(4096);
            }

            prop_assert_eq!(got, expected);
        }
    }

    #[test]
    fn two_threads_lose_nothing() {
        let ring = Arc::new(Ring::new(1 << 14, None));
        let producer = Arc::clone(&ring);
        let count = 100_000u64;
        let thread = std::thread::spawn(move || {
            let lock = Mutex::new(());
            for number in 0..count {
                let bytes = record(number, (number % 97) as usize);
                while !producer.push(&lock.lock(), &bytes) {
                    std::thread::yield_now();
                }
            }
        });
        let (mut next, mut out) = (0i64, Vec::new());
        while next < count as i64 {
            out.clear();
            ring.pop_into(&mut out, 1 << 12);
            for bytes in read(&out) {
                let header = crate::record::encoded::header_of(&bytes);
                assert_eq!(header.time_ns, next);
                assert_eq!(bytes.len(), HEADER + 5 + (next as usize % 97));
                next += 1;
            }
        }

        thread.join().expect("the producer ends");
    }

    #[test]
    fn a_limit_of_records_holds_until_one_is_popped() {
        let (ring, lock) = (Ring::new(4096, Some(2)), Mutex::new(()));
        let bytes = record(1, 8);

        let taken = (0..3).filter(|_| ring.push(&lock.lock(), &bytes)).count();
        let mut out = Vec::new();
        let popped = ring.pop_into(&mut out, 1);

        assert_eq!((taken, popped, ring.waiting()), (2, 1, 1));
        assert!(ring.has_room_for(&lock.lock(), 8) && ring.push(&lock.lock(), &bytes));
        assert!(!ring.has_room_for(&lock.lock(), 8));
    }

    #[test]
    fn a_record_popped_alone_is_the_oldest() {
        let (ring, lock) = (Ring::new(4096, None), Mutex::new(()));
        for number in 0..3 {
            assert!(ring.push(&lock.lock(), &record(number, 1)));
        }
        let mut out = Vec::new();

        assert_eq!(ring.pop_into(&mut out, 1), 1);
        assert_eq!(read(&out), [record(0, 1)]);
        assert_eq!((ring.popped(), ring.waiting()), (1, 2));
    }

    #[test]
    fn it_is_half_full_by_bytes_or_by_records() {
        let (by_bytes, by_records, lock) = (Ring::new(4096, None), Ring::new(4096, Some(3)), Mutex::new(()));

        assert!(by_bytes.push(&lock.lock(), &record(1, 900)) && !by_bytes.is_half_full());
        assert!((0..2).all(|_| by_bytes.push(&lock.lock(), &record(1, 900))) && by_bytes.is_half_full());
        assert!(by_records.push(&lock.lock(), &record(1, 1)) && !by_records.is_half_full());
        assert!(by_records.push(&lock.lock(), &record(1, 1)) && by_records.is_half_full());
    }

    #[test]
    fn an_emptied_ring_has_no_records() {
        assert_eq!(whole_records(&[0; 64], 1000), (0, 0, 64));
    }

    #[test]
    fn a_ring_that_no_memory_is_left_for_is_smaller() {
        let ring = Ring::new(1 << 62, None);

        let lock = Mutex::new(());
        assert!(ring.capacity() >= SMALLEST && ring.capacity() < 1 << 62);
        assert!(ring.push(&lock.lock(), &record(1, 8)));
    }

    #[test]
    fn a_full_ring_refuses() {
        let (ring, lock) = (Ring::new(4096, None), Mutex::new(()));
        let bytes = record(1, 900);

        let taken = (0..10).filter(|_| ring.push(&lock.lock(), &bytes)).count();

        assert_eq!(taken, 4);
        assert_eq!(ring.pushed(), 4);
    }
}
