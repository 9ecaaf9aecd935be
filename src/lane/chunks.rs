//! The backlog of a lane: chunks of records that were accepted under one snapshot, and the gaps between them.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::Arc;

use crate::config::queue::QueueOptions;
use crate::record::encoded::length_of;

/// Bytes of a chunk, unless one record is larger.
const CHUNK: usize = 64 * 1024;

/// Bytes before each record: its number.
const NUMBER: usize = size_of::<u64>();

/// An item that a lane's thread takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// A record; its bytes were copied.
    Record,
    /// This many records were dropped here.
    Notice(u64),
}

impl Item {
    pub(super) fn of_gap(gap: &mut u64) -> Option<Self> {
        Some(std::mem::take(gap)).filter(|gap| *gap > 0).map(Self::Notice)
    }
}

/// The Python object of a record whose caller made the output.
pub struct Load {
    /// The Python object.
    pub item: Box<dyn Any + Send>,
    /// Its approximate size in memory.
    pub bytes: usize,
    /// Whether it is a notice of logly's, which is not counted.
    pub is_notice: bool,
}

/// The bytes of a lane that a record takes.
#[inline]
pub fn length_with(record: &[u8], load: Option<&Load>) -> usize {
    record.len() + load.map_or(0, |load| load.bytes)
}

/// The snapshot of its logger that a record follows. A lane keeps it and does not look into it.
pub type Followed = Arc<dyn Any + Send + Sync>;

fn is_same(known: &Followed, snapshot: &Arc<impl Any + Send + Sync>) -> bool {
    std::ptr::addr_eq(Arc::as_ptr(known), Arc::as_ptr(snapshot))
}

/// Snapshots and loads that are no longer needed. Dropping them may run Python, so it must not happen under the lane's
/// lock.
#[derive(Default)]
pub struct Spent {
    snapshots: Vec<Followed>,
    loads: Vec<Load>,
}

#[derive(Default)]
pub struct Backlog {
    chunks: VecDeque<Chunk>,
    /// The buffer of a used chunk, for the next one.
    spare: Vec<u8>,
    /// Records dropped right before the next one that is enqueued, to be reported there.
    gap: u64,
    records: u64,
    /// Bytes of records and their loads.
    bytes: usize,
    /// One for each record, if the lane's records have loads.
    loads: VecDeque<Load>,
}

struct Chunk {
    snapshot: Followed,
    /// Records dropped right before its first one and not reported yet.
    gap: u64,
    bytes: Vec<u8>,
    start: usize,
}

impl Backlog {
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Bytes of its records and their loads.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The number of the first record.
    pub fn number(&self) -> Option<u64> {
        self.chunks.front().map(Chunk::number)
    }

    /// Whether a record fits. An empty lane has room for one record of any size.
    #[inline]
    pub fn has_room(&self, length: usize, options: &QueueOptions) -> bool {
        let fits = self.bytes + length <= options.bytes && options.most_records.is_none_or(|most| self.records < most);
        fits || self.records == 0
    }

    /// Whether it holds this many records or bytes.
    pub(super) fn has_batch(&self, records: u64, bytes: usize) -> bool {
        self.records >= records || self.bytes >= bytes
    }

    pub(super) fn is_half_empty(&self, options: &QueueOptions) -> bool {
        self.bytes <= options.bytes / 2 && options.most_records.is_none_or(|most| self.records <= most / 2)
    }

    #[inline]
    pub fn push(&mut self, record: &[u8], number: u64, snapshot: &Arc<impl Any + Send + Sync>, load: Option<Load>) {
        self.bytes += length_with(record, load.as_ref());
        if let Some(load) = load {
            self.loads.push_back(load);
        }
        let gap = self.gap;
        let is_fitting = |chunk: &&mut Chunk| {
            gap == 0 && is_same(&chunk.snapshot, snapshot) && chunk.bytes.len() + NUMBER + record.len() <= CHUNK
        };
        match self.chunks.back_mut().filter(is_fitting) {
            Some(chunk) => chunk.push(record, number),
            None => self.push_chunk(record, number, snapshot),
        }
        self.records += 1;
    }

    #[cold]
    fn push_chunk(&mut self, record: &[u8], number: u64, snapshot: &Arc<impl Any + Send + Sync>) {
        let bytes = std::mem::take(&mut self.spare);
        let gap = std::mem::take(&mut self.gap);
        let mut chunk = Chunk { snapshot: Arc::clone(snapshot) as Followed, gap, bytes, start: 0 };
        chunk.push(record, number);
        self.chunks.push_back(chunk);
    }

    /// Whether records were dropped after the last one.
    pub(super) fn has_gap(&self) -> bool {
        self.gap > 0
    }

    /// Takes the number of dropped records to report when no other records are left.
    pub(super) fn take_gap(&mut self) -> u64 {
        std::mem::take(&mut self.gap)
    }

    /// Notes that this many records were dropped before the next record.
    pub(super) fn begin_after_gap(&mut self, gap: u64) {
        self.gap += gap;
    }

    /// Takes the first record, or the notice before it if that is due.
    pub fn take(
        &mut self,
        out: &mut Vec<u8>,
        load: &mut Option<Load>,
        is_notice_due: bool,
    ) -> Option<(Followed, Item)> {
        let chunk = self.chunks.front_mut()?;
        let snapshot = Arc::clone(&chunk.snapshot);
        if is_notice_due && let Some(item) = Item::of_gap(&mut chunk.gap) {
            return Some((snapshot, item));
        }
        let record = chunk.first();
        out.clear();
        out.extend_from_slice(record);
        let length = record.len();
        *load = self.pop_load();
        // This does not drop the last reference: `snapshot` holds another.
        drop(self.advance(length, 0));
        Some((snapshot, Item::Record))
    }

    /// Drops the first record; false when there is none.
    pub fn drop_oldest(&mut self, spent: &mut Spent) -> bool {
        let Some(chunk) = self.chunks.front_mut() else { return false };
        let length = chunk.first().len();
        spent.loads.extend(self.pop_load());
        spent.snapshots.extend(self.advance(length, 1));
        true
    }

    fn pop_load(&mut self) -> Option<Load> {
        let load = self.loads.pop_front()?;
        self.bytes -= load.bytes;
        Some(load)
    }

    /// Steps over the first record; `dropped` is reported before the next one.
    fn advance(&mut self, length: usize, dropped: u64) -> Option<Followed> {
        self.records -= 1;
        self.bytes -= length;
        let chunk = self.chunks.front_mut()?;
        chunk.start += NUMBER + length;
        chunk.gap += dropped;
        if chunk.start < chunk.bytes.len() {
            return None;
        }
        let Chunk { snapshot, gap, mut bytes, .. } = self.chunks.pop_front()?;
        if bytes.capacity() <= 2 * CHUNK {
            bytes.clear();
            self.spare = bytes;
        }
        match self.chunks.front_mut() {
            Some(next) => next.gap += gap,
            None => self.gap += gap,
        }
        Some(snapshot)
    }
}

impl Chunk {
    #[inline]
    fn push(&mut self, record: &[u8], number: u64) {
        self.bytes.extend_from_slice(&number.to_ne_bytes());
        self.bytes.extend_from_slice(record);
    }

    fn number(&self) -> u64 {
        let bytes = self.bytes[self.start..].first_chunk();
        bytes.map_or(0, |bytes| u64::from_ne_bytes(*bytes))
    }

    fn first(&self) -> &[u8] {
        let rest = &self.bytes[self.start + NUMBER..];
        &rest[..length_of(rest)]
    }
}
