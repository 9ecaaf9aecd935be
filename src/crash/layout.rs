//! The places in a crash file, and its header.
//!
//! A file has a page with the header, two counters and the sink's conditions, the journal, the notes, and the ring.
//! All numbers have the byte order of the machine: a file is read where it was made.

use crate::config::queue::LineForm;
use crate::crash::owner::Process;
use crate::queue::checksum::checksum;
use crate::queue::kept::Places;
use crate::record::encoded::{Reader, put_bytes};

/// Changes whenever any byte of the file gets another meaning.
pub(super) const VERSION: u32 = 2;

pub(super) const MAGIC: &[u8; 8] = b"logly\0cq";

const PAGE: usize = 4096;
/// The counters and the conditions, each in a cache line of its own.
pub(super) const TAIL: usize = 2048;
pub(super) const NOTED: usize = 2176;
pub(super) const WANTED: usize = 2304;

/// The start of the journal. The journal holds the head, an intent, and the lines of one write.
pub(super) const JOURNAL: usize = PAGE;
const JOURNAL_BYTES: usize = 33 * PAGE;

/// The most bytes of lines that an intent can hold.
pub(super) const MOST_STAGED: usize = JOURNAL_BYTES - PAGE;

/// The start of the notes.
pub(super) const NOTES: usize = JOURNAL + JOURNAL_BYTES;

/// The least and the most bytes of notes. The most is enough for all sites that records can name.
const NOTES_BYTES: (u64, u64) = (64 * PAGE as u64, 1024 * PAGE as u64);

/// Bytes of a ring for each byte of notes, between those limits.
const RING_PER_NOTES: u64 = 8;

/// The places in a file whose ring has this many bytes.
pub(super) const fn places(capacity: u64) -> Places {
    let (least, most) = NOTES_BYTES;
    let share = capacity / RING_PER_NOTES;
    let notes = if share < least {
        least
    } else if share > most {
        most
    } else {
        share
    };
    let most_notes = notes as usize;
    Places { tail: TAIL, noted: NOTED, wanted: WANTED, notes: NOTES, most_notes, ring: NOTES + most_notes }
}

/// Bytes of the page with the header.
pub(super) const HEADER_BYTES: usize = PAGE;

/// The longest pattern that the header holds, in bytes.
const LONGEST_FORMAT: usize = 1024;

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
    /// Whether functions of the program decide about the lines.
    pub has_functions: bool,
    /// The form of the lines. A pattern that is too long is left out.
    pub form: LineForm,
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
        (places(self.capacity).ring as u64).saturating_add(self.capacity)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut content = Vec::new();
        for number in [self.capacity, self.seed, self.start_ns as u64, u64::from(self.has_functions)] {
            content.extend_from_slice(&number.to_ne_bytes());
        }
        self.process.put(&mut content);
        let format = self.form.format.as_ref().filter(|format| format.len() <= LONGEST_FORMAT);
        for text in [self.form.json.as_ref(), format] {
            content.extend_from_slice(&u32::from(text.is_some()).to_ne_bytes());
            put_bytes(&mut content, text.map_or(b"", |text| text.as_bytes()));
        }
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
        let mut after = Reader::new(&content[32..]);
        let process = Process::read(&mut after);
        let mut text = || {
            let (is_given, text) = (after.u32() != 0, after.bytes());
            is_given.then(|| String::from_utf8_lossy(text).into_owned())
        };
        let form = LineForm { json: text(), format: text() };
        Ok(Self {
            capacity: number(&content[..8]),
            seed: number(&content[8..16]),
            start_ns: number(&content[16..24]) as i64,
            has_functions: number(&content[24..32]) != 0,
            process,
            form,
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
        let form = LineForm { json: None, format: Some("{level} é {message}".to_owned()) };
        Header { capacity: 4096, seed: 7, process: Process::current(), start_ns: -5, has_functions: true, form }
    }

    #[test]
    fn a_header_is_read_as_it_was_written() {
        assert_eq!(Header::decode(&header().encode()), Ok(header()));
    }

    #[test]
    fn the_longest_pattern_has_room_and_a_longer_one_is_left_out() {
        let of = |length: usize| {
            let form = LineForm { json: Some("pretty".to_owned()), format: Some("x".repeat(length)) };
            let page = Header { form, ..header() }.encode();
            Header::decode(&page).expect("a header").form.format.map(|format| format.len())
        };

        assert_eq!([of(0), of(LONGEST_FORMAT), of(LONGEST_FORMAT + 1)], [Some(0), Some(LONGEST_FORMAT), None]);
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
