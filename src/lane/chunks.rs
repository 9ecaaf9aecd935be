//! What waits in a lane: chunks of records that were accepted under one snapshot, and where between them records were dropped.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::Arc;

use crate::config::queue::QueueOptions;
use crate::record::encoded::length_of;

/// Bytes of a chunk, unless one record is larger.
const CHUNK: usize = 64 * 1024;

/// Bytes before each record: its number.
const NUMBER: usize = size_of::<u64>();

/// What the thread of a lane is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// A record; its bytes were copied.
    Record,
    /// So many records were dropped here.
    Notice(u64),
}

impl Item {
    pub fn of_gap(gap: &mut u64) -> Option<Self> {
        Some(std::mem::take(gap)).filter(|gap| *gap > 0).map(Self::Notice)
    }
}

/// What a record has beside its bytes, where its caller made what is written.
pub struct Load {
    /// An object of Python's.
    pub item: Box<dyn Any + Send>,
    /// About how much memory it takes.
    pub bytes: usize,
}

/// What a record takes of a lane's bytes.
#[inline]
pub fn length_with(record: &[u8], load: Option<&Load>) -> usize {
    record.len() + load.map_or(0, |load| load.bytes)
}

/// What a record follows: a snapshot of its logger. A lane keeps it and does not look into it.
pub type Followed = Arc<dyn Any + Send + Sync>;

fn is_same(known: &Followed, snapshot: &Arc<impl Any + Send + Sync>) -> bool {
    std::ptr::addr_eq(Arc::as_ptr(known), Arc::as_ptr(snapshot))
}

/// What nothing waits for any more. Dropping it may run Python, which the lane's lock must not be held for.
#[derive(Default)]
pub struct Spent {
    snapshots: Vec<Followed>,
    loads: Vec<Load>,
}

#[derive(Default)]
pub struct Backlog {
    chunks: VecDeque<Chunk>,
    /// The buffer of a chunk that is done with, for the next one.
    spare: Vec<u8>,
    /// Records dropped right before the next one that is pushed, to be told there.
    gap: u64,
    records: u64,
    /// Those of records and their loads.
    bytes: usize,
    /// One for each record, of a lane whose records have them.
    loads: VecDeque<Load>,
}

struct Chunk {
    snapshot: Followed,
    /// Records dropped right before its first one, and not told yet.
    gap: u64,
    bytes: Vec<u8>,
    start: usize,
}

impl Backlog {
    pub fn records(&self) -> u64 {
        self.records
    }

    /// The number of the first record.
    pub fn number(&self) -> Option<u64> {
        self.chunks.front().map(Chunk::number)
    }

    /// One record finds room in an empty lane, however large it is.
    #[inline]
    pub fn has_room(&self, length: usize, options: &QueueOptions) -> bool {
        let fits = self.bytes + length <= options.bytes && options.most_records.is_none_or(|most| self.records < most);
        fits || self.records == 0
    }

    pub fn is_half_empty(&self, options: &QueueOptions) -> bool {
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

    /// What is told when nothing is there any more but records that were dropped.
    pub fn take_gap(&mut self) -> u64 {
        std::mem::take(&mut self.gap)
    }

    /// The next record comes after so many that were dropped.
    pub fn begin_after_gap(&mut self, gap: u64) {
        self.gap += gap;
    }

    /// Takes the first record, or what is to be told before it, if that is to be told now.
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
        // Not the last of the snapshots: there is one more in hand.
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

    /// Steps over the first record; `dropped` is told before the next one.
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
