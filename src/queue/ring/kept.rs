//! The part of a ring that outlives its process: records, and notes about them, in a mapping of a file.
//!
//! Each record has a *guard* before it. Callers write a stamp, which tells a record from one of an earlier lap. They are
//! killed before or after a record, so that is enough unless the machine goes down too. The thread that writes puts a
//! checksum in the stamp's place: callers would pay for it. The room of a record is free again when its line is in the log, not when it is popped.
//! `Freed` says how far that is. *Notes* tell a reader what only this process knows, such as the call sites that
//! records name by number. They stand before the ring and are never freed.
#![expect(unsafe_code, reason = "the ring: as in `ring`, with a counter in the mapping")]

use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use crate::queue::kept::{Conditions, Freed, GUARD, Kept, Places, WRAP, conditions_of, guard, is_wrap, stamp};
use crate::queue::memory::{Memory, padded};
use crate::queue::ring::{ProducerLock, Ring};
use crate::record::encoded::length_of;
use crate::site::MOST_SITES;
use crate::sync::Mutex;

impl Ring {
    /// Makes a ring of a file's mapping.
    pub fn of_file(memory: Memory, seed: u64, places: Places, freed: Freed, most_records: Option<u64>) -> Option<Self> {
        let tail = NonNull::from(memory.cell(places.tail)?);
        let sites = Box::new([const { AtomicU64::new(0) }; MOST_SITES / 64]);
        let kept = Kept {
            seed,
            places,
            tail,
            freed,
            sites,
            noted: AtomicUsize::new(0),
            is_noted_up: AtomicBool::new(false),
            levels: Mutex::default(),
        };
        // No record goes the way of records that only this process reads.
        Some(Self { longest: 0, kept: Some(Box::new(kept)), ..Self::of(memory, most_records) })
    }

    /// Whether its records outlive the process.
    pub fn is_kept(&self) -> bool {
        self.kept.is_some()
    }

    /// The counter of the position up to which all records are in the log.
    pub fn freed(&self) -> Option<Freed> {
        self.kept.as_ref().map(|kept| Arc::clone(&kept.freed))
    }

    /// The longest record that a ring of this size keeps.
    pub fn longest_kept(&self) -> usize {
        self.capacity / 4
    }

    /// Lets go of the file, once no record is taken out of the ring any more.
    pub fn leave_file(&self) {
        if self.is_kept() {
            self.memory.leave_file();
        }
    }

    /// Whether all records are in the log.
    pub fn is_settled(&self) -> bool {
        self.kept.as_ref().is_none_or(|kept| kept.freed() == self.tail.0.load(Ordering::Acquire))
    }

    /// Copies a record of at most `longest_kept()` bytes into the ring; false when there is no room.
    #[inline]
    pub fn push_kept(&self, _lock: &impl ProducerLock, record: &[u8]) -> bool {
        let Some(kept) = &self.kept else { return false };
        let length = GUARD + padded(record.len());
        let tail = self.tail.0.load(Ordering::Relaxed);
        let to_end = self.capacity - (tail & (self.capacity - 1));
        let is_plain = length <= to_end
            && self.most_records == u64::MAX
            && tail.wrapping_sub(self.seen_head.0.load(Ordering::Relaxed)) + length <= self.capacity;
        let begin = if is_plain {
            tail
        } else {
            let Some(begin) = self.make_place(kept, length) else { return false };
            begin
        };
        let at = begin & (self.capacity - 1);
        self.write(at, &stamp(kept.seed, begin as u64).to_ne_bytes());
        self.write(at + GUARD, record);
        let tail = begin.wrapping_add(length);
        self.pushed.store(self.pushed.load(Ordering::Relaxed) + 1, Ordering::Release);
        // A process that is killed before this has not accepted the record.
        // SAFETY: the cell is in the mapping of this ring, which lives as long as the ring.
        unsafe { kept.tail.as_ref() }.store(tail as u64, Ordering::Release);
        self.tail.0.store(tail, Ordering::Release);
        true
    }

    /// Finds the position of a record that may be at the start of the ring; None when there is no room.
    #[cold]
    fn make_place(&self, kept: &Kept, length: usize) -> Option<usize> {
        // For such a ring, this is how far the log is.
        self.seen_head.0.store(kept.freed(), Ordering::Relaxed);
        let (tail, skip) = self.place_kept(kept, length)?;
        if skip > 0 {
            let mark = stamp(kept.seed, tail as u64) ^ WRAP;
            self.write(tail & (self.capacity - 1), &mark.to_ne_bytes());
        }
        Some(tail.wrapping_add(skip))
    }

    /// Whether a record of this length would be kept now.
    pub fn has_room_to_keep(&self, _lock: &impl ProducerLock, length: usize) -> bool {
        self.kept.as_ref().is_some_and(|kept| self.place_kept(kept, GUARD + padded(length)).is_some())
    }

    /// Like `place`, where records leave the ring only once they are in the log.
    fn place_kept(&self, kept: &Kept, length: usize) -> Option<(usize, usize)> {
        self.place_if(length, |tail, needed| self.fits(tail, kept.freed(), needed))
    }

    /// Copies bytes into the ring. They must fit before its end, and be the producer's.
    #[inline]
    fn write(&self, at: usize, bytes: &[u8]) {
        debug_assert!(at + bytes.len() <= self.capacity);
        // SAFETY: `place_kept` proved that the range lies in the ring and that the consumer has left it.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.byte(at), bytes.len()) };
    }

    /// Whether a reader of the file knows this site, or need not.
    #[inline]
    pub fn knows_site(&self, site: u32) -> bool {
        let Some(kept) = &self.kept else { return true };
        // Numbers beyond the table, such as that of no site, need no note.
        let bits = kept.sites.get(site as usize / 64);
        bits.is_none_or(|bits| bits.load(Ordering::Relaxed) & 1 << (site % 64) != 0)
    }

    /// Marks a site as known.
    pub fn learn_site(&self, _lock: &impl ProducerLock, site: u32) {
        if let Some(bits) = self.kept.as_ref().and_then(|kept| kept.sites.get(site as usize / 64)) {
            bits.fetch_or(1 << (site % 64), Ordering::Relaxed);
        }
    }

    /// Whether a level of the program's own has a note.
    pub fn knows_level(&self, id: u16) -> bool {
        self.kept.as_ref().is_none_or(|kept| kept.levels.lock().contains(&id))
    }

    /// Marks a level as known.
    pub fn learn_level(&self, _lock: &impl ProducerLock, id: u16) {
        if let Some(kept) = &self.kept {
            kept.levels.lock().push(id);
        }
    }

    /// The number that distinguishes its records from those of any other ring.
    pub fn seed(&self) -> Option<u64> {
        self.kept.as_ref().map(|kept| kept.seed)
    }

    /// Whether a note found no room, so that further ones need not be made.
    pub fn is_noted_up(&self) -> bool {
        self.kept.as_ref().is_some_and(|kept| kept.is_noted_up.load(Ordering::Relaxed))
    }

    /// Has a reader of the file know the sink's conditions. Those that it had before still hold for some records here.
    pub fn tell_conditions(&self, conditions: Conditions) {
        if let Some(cell) = self.kept.as_ref().and_then(|kept| self.memory.cell(kept.places.wanted)) {
            let before = conditions_of(cell.load(Ordering::Relaxed));
            cell.store(conditions.with(before).number(), Ordering::Release);
        }
    }

    /// Adds a note; false when there is no room for it.
    pub fn note(&self, _lock: &impl ProducerLock, note: &[u8]) -> bool {
        let Some(kept) = &self.kept else { return false };
        let noted = kept.noted.load(Ordering::Relaxed);
        let length = padded(note.len());
        if noted + length > kept.places.most_notes {
            kept.is_noted_up.store(true, Ordering::Relaxed);
            return false;
        }
        // SAFETY: only producers use this range, and there is one at a time. Readers of the file come after the process.
        let is_put = unsafe { self.memory.put(kept.places.notes + noted, note) };
        if let Some(cell) = self.memory.cell(kept.places.noted).filter(|_| is_put) {
            cell.store((noted + length) as u64, Ordering::Release);
        }
        kept.noted.store(noted + length, Ordering::Relaxed);
        is_put
    }

    /// Like `pop_into`. Before each record is the position after it, by which the ring is told once its line is in the
    /// log.
    pub(super) fn pop_kept(&self, kept: &Kept, out: &mut Vec<u8>, most: usize) -> usize {
        let tail = self.tail.0.load(Ordering::Acquire);
        let mut head = self.head.0.load(Ordering::Relaxed);
        let mut records = 0;
        while head != tail && out.len() < most {
            let at = head & (self.capacity - 1);
            let available = tail.wrapping_sub(head).min(self.capacity - at);
            // SAFETY: [at, at + available) lies in [head, tail), which the producer published and will not touch until
            // these records are in the log.
            let bytes = unsafe { std::slice::from_raw_parts(self.byte(at), available) };
            if is_wrap(kept.seed, head as u64, bytes) {
                head = head.wrapping_add(self.capacity - at);
                continue;
            }
            let record = length_of(&bytes[GUARD..]);
            let length = GUARD + padded(record);
            let guard = guard(kept.seed, head as u64, &bytes[GUARD..GUARD + record]);
            head = head.wrapping_add(length);
            out.extend_from_slice(&(head as u64).to_ne_bytes());
            out.extend_from_slice(&bytes[GUARD..length]);
            records += 1;
            // The slice is not used again; the consumer has these bytes until their line is in the log.
            self.write(at, &guard.to_ne_bytes());
        }
        self.popped.0.store(self.popped.0.load(Ordering::Relaxed) + records as u64, Ordering::Release);
        self.head.0.store(head, Ordering::Release);
        records
    }
}
