//! The places in a crash file, and its header.
//!
//! A file has a page with the header and two counters, the journal, the notes, and the ring. All numbers have the byte
//! order of the machine: a file is read where it was made.

use crate::crash::owner::Process;
use crate::queue::checksum::checksum;
use crate::queue::kept::Places;
use crate::record::encoded::{Reader, put_bytes};

/// Changes whenever any byte of the file gets another meaning.
pub(super) const VERSION: u32 = 1;

pub(super) const MAGIC: &[u8; 8] = b"logly\0cq";

const PAGE: usize = 4096;
const TAIL: usize = 2048;
const NOTED: usize = 2176;

/// The start of the journal. The journal holds the head, an intent, and the lines of one write.
pub(super) const JOURNAL: usize = PAGE;
const JOURNAL_BYTES: usize = 33 * PAGE;

/// The most bytes of lines that an intent can hold.
pub(super) const MOST_STAGED: usize = JOURNAL_BYTES - PAGE;

const NOTES: usize = JOURNAL + JOURNAL_BYTES;
const NOTES_BYTES: usize = 64 * PAGE;
const RING: usize = NOTES + NOTES_BYTES;

pub(super) const PLACES: Places =
    Places { tail: TAIL, noted: NOTED, notes: NOTES, most_notes: NOTES_BYTES, ring: RING };

/// Bytes of the page with the header.
pub(super) const HEADER_BYTES: usize = PAGE;

/// The facts about a crash file that never change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Bytes of the ring.
    pub capacity: u64,
    /// Distinguishes the file's records from those of any other file: its generation.
    pub seed: u64,
    pub process: Process,
    /// When the logger was made, which elapsed times begin with.
    pub start_ns: i64,
    /// Whether only the program itself knows which records belong into the log, and with which masks.
    pub has_rules: bool,
}

/// The reason why a file is no crash file of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    Foreign,
    Version(u32),
    Truncated,
}

impl Header {
    /// Bytes of the whole file.
    pub(super) fn whole(&self) -> u64 {
        (RING as u64).saturating_add(self.capacity)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut content = Vec::new();
        for number in [self.capacity, self.seed, self.start_ns as u64, u64::from(self.has_rules)] {
            content.extend_from_slice(&number.to_ne_bytes());
        }
        self.process.put(&mut content);
        let mut page = Vec::with_capacity(PAGE);
        page.extend_from_slice(MAGIC);
        page.extend_from_slice(&VERSION.to_ne_bytes());
        page.extend_from_slice(&checksum(u64::from(VERSION), &content).to_ne_bytes());
        put_bytes(&mut page, &content);
        page.resize(TAIL, 0);
        page
    }

    pub(super) fn decode(page: &[u8]) -> Result<Self, Unreadable> {
        let Some(rest) = page.strip_prefix(MAGIC) else {
            let is_begun = page.len() < MAGIC.len() && MAGIC.starts_with(page);
            return Err(if is_begun { Unreadable::Truncated } else { Unreadable::Foreign });
        };
        if rest.len() < TAIL - MAGIC.len() {
            return Err(Unreadable::Truncated);
        }
        let mut reader = Reader::new(rest);
        let version = reader.u32();
        if version != VERSION {
            return Err(Unreadable::Version(version));
        }
        let sum = number(&rest[4..12]);
        let length = u32::from_ne_bytes([rest[12], rest[13], rest[14], rest[15]]) as usize;
        let content = rest[16..].get(..length).ok_or(Unreadable::Foreign)?;
        if checksum(u64::from(VERSION), content) != sum {
            return Err(Unreadable::Foreign);
        }
        Ok(Self {
            capacity: number(&content[..8]),
            seed: number(&content[8..16]),
            start_ns: number(&content[16..24]) as i64,
            has_rules: number(&content[24..32]) != 0,
            process: Process::read(&content[32..]),
        })
    }
}

/// Reads a number of eight bytes.
pub(super) fn number(bytes: &[u8]) -> u64 {
    u64::from_ne_bytes(bytes[..8].try_into().expect("eight bytes; this is a bug in logly"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header { capacity: 4096, seed: 7, process: Process::current(), start_ns: -5, has_rules: true }
    }

    #[test]
    fn a_header_is_read_as_it_was_written() {
        assert_eq!(Header::decode(&header().encode()), Ok(header()));
    }

    #[test]
    fn other_pages_are_refused_with_their_reason() {
        let page = header().encode();
        let mut newer = page.clone();
        newer[8] += 1;
        let mut torn = page.clone();
        torn[40] ^= 1;

        let found = [&page[..100], &page[..4], b"", b"something else", &newer, &torn].map(Header::decode);

        let truncated = Err(Unreadable::Truncated);
        let (newer, foreign) = (Err(Unreadable::Version(VERSION + 1)), Err(Unreadable::Foreign));
        assert_eq!(found, [truncated.clone(), truncated.clone(), truncated, foreign.clone(), newer, foreign]);
    }
}
