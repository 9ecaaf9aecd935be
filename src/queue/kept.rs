//! The parts of a ring that outlives its process: guards, positions, and the state that callers need.
//!
//! `ring::kept` uses them in this process, and `crash` reads them in another one.

use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use crate::queue::checksum::checksum;
use crate::queue::memory::padded;
use crate::record::encoded::{HEADER, length_of};
use crate::site::MOST_SITES;
use crate::sync::Mutex;

/// Bytes before each record of a batch that was popped: the position after it.
pub const POSITION: usize = 8;

/// Bytes of a guard.
pub const GUARD: usize = 8;

/// The position up to which all records are in the log; the thread that writes moves it.
pub type Freed = Arc<AtomicU64>;

/// The places of a crash file, in bytes from its start.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// The number of bytes ever pushed.
    pub tail: usize,
    /// The number of bytes of notes.
    pub noted: usize,
    /// The conditions of the sink so far, as `Conditions::number` has them.
    pub wanted: usize,
    pub notes: usize,
    pub most_notes: usize,
    pub ring: usize,
}

/// The state of a ring in a file.
pub(super) struct Kept {
    /// Distinguishes this ring's records from those of any other.
    pub(super) seed: u64,
    pub(super) places: Places,
    /// The counter of bytes ever pushed, in the file.
    pub(super) tail: NonNull<AtomicU64>,
    pub(super) freed: Freed,
    /// One bit for each site that has a note.
    pub(super) sites: Box<[AtomicU64; MOST_SITES / 64]>,
    pub(super) noted: AtomicUsize,
    /// Whether a note found no room.
    pub(super) is_noted_up: AtomicBool,
    /// The levels that have a note.
    pub(super) levels: Mutex<Vec<u16>>,
}

impl Kept {
    #[inline]
    pub(super) fn freed(&self) -> usize {
        self.freed.load(Ordering::Acquire) as usize
    }
}

/// The guard that a caller writes before the record at a position.
#[inline]
pub(super) fn stamp(seed: u64, position: u64) -> u64 {
    // The lowest bit tells a stamp from a checksum.
    seed.wrapping_add(position) & !1
}

/// Turns a stamp into the mark that the next record is at the start of the ring.
pub(super) const WRAP: u64 = u64::MAX << 1;

/// The guard that the thread that writes puts before a record.
pub(super) fn guard(seed: u64, position: u64, record: &[u8]) -> u64 {
    checksum(seed.wrapping_add(position), record)
}

pub(super) fn is_wrap(seed: u64, position: u64, bytes: &[u8]) -> bool {
    bytes.starts_with(&(stamp(seed, position) ^ WRAP).to_ne_bytes())
}

/// An entry of a ring that was read from a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry<'r> {
    Record(&'r [u8]),
    Wrap,
    /// Neither: torn, or of an earlier lap.
    Broken,
}

/// Reads the entry at a position of a ring that was read from a file, with the position after it. `is_stamped` says
/// that stamps are enough, as no byte was lost.
pub fn entry_at(ring: &[u8], seed: u64, position: u64, is_stamped: bool) -> (Entry<'_>, u64) {
    let at = (position % ring.len() as u64) as usize;
    let rest = &ring[at..];
    if is_wrap(seed, position, rest) {
        return (Entry::Wrap, position + rest.len() as u64);
    }
    let record = rest.get(GUARD..).filter(|rest| rest.len() >= HEADER).and_then(|rest| {
        let length = length_of(rest);
        (length >= HEADER).then(|| rest.get(..length)).flatten()
    });
    let is_right = |record| {
        let is_stamp = is_stamped && rest.starts_with(&stamp(seed, position).to_ne_bytes());
        is_stamp || rest.starts_with(&guard(seed, position, record).to_ne_bytes())
    };
    match record {
        Some(record) if is_right(record) => (Entry::Record(record), position + (GUARD + padded(record.len())) as u64),
        _ => (Entry::Broken, position + GUARD as u64),
    }
}

/// The conditions under which a sink took records, so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// The lowest level that it had.
    pub level: i32,
    /// Whether its options or the logger's settings left records out, masked them, or added fields to them.
    pub has_rules: bool,
}

impl Conditions {
    /// The number in a crash file. Zero, which a new file has, says that there are none yet.
    pub(super) fn number(self) -> u64 {
        1 << 33 | u64::from(self.has_rules) << 32 | u64::from(self.level.cast_unsigned())
    }

    /// The conditions of a sink that had these and those before.
    pub(super) fn with(self, before: Option<Self>) -> Self {
        let before = before.unwrap_or(self);
        Self { level: self.level.min(before.level), has_rules: self.has_rules || before.has_rules }
    }
}

/// The conditions with this number; None if there are none.
pub fn conditions_of(number: u64) -> Option<Conditions> {
    let level = (number as u32).cast_signed();
    (number >> 33 == 1).then_some(Conditions { level, has_rules: number >> 32 & 1 == 1 })
}

/// Takes the position before a record out of a batch.
#[inline]
pub fn take_position(rest: &mut &[u8]) -> u64 {
    let (position, records) = rest.split_at(POSITION);
    *rest = records;
    u64::from_ne_bytes(position.try_into().expect("eight bytes; this is a bug in logly"))
}
