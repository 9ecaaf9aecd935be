//! Records too large for a ring: they wait outside it, and a mark in the ring holds their place.

use std::collections::VecDeque;

use crate::record::encoded::{Encoder, HEADER, Header, Kind, header_of};

/// Bytes of a mark.
pub const MARK: usize = HEADER;

/// The waiting records. A thread that takes a mark out of the ring takes its record out of here.
#[derive(Default)]
pub struct Oversize {
    /// Records with the numbers that their marks carry.
    records: VecDeque<(i64, Vec<u8>)>,
    next: i64,
    bytes: usize,
}

impl Oversize {
    /// Whether there is room for a record if `most` bytes may wait. A single record always has room.
    pub fn has_room_for(&self, length: usize, most: usize) -> bool {
        self.records.is_empty() || self.bytes + length <= most
    }

    /// Keeps a record and returns its mark.
    pub fn push(&mut self, record: &[u8]) -> Vec<u8> {
        let mut mark = Vec::with_capacity(MARK);
        Encoder::start(&mut mark, Kind::Oversize, &Header { time_ns: self.next, ..header_of(record) }).finish();
        self.records.push_back((self.next, record.to_vec()));
        self.next += 1;
        self.bytes += record.len();
        mark
    }

    /// Takes the record of a mark.
    pub fn pop(&mut self, mark: &[u8]) -> Vec<u8> {
        let number = header_of(mark).time_ns;
        let at = self.records.iter().position(|(known, _)| *known == number);
        let record = at.and_then(|at| self.records.remove(at)).map(|(_, record)| record).unwrap_or_default();
        self.bytes -= record.len();
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::level::INFO;
    use crate::record::encoded::Section;

    fn record(text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let header = Header { level: INFO, site: 0, time_ns: 7, thread: 0 };
        let mut encoder = Encoder::start(&mut out, Kind::Record, &header);
        encoder.section(Section::Message, text);
        encoder.finish();
        out
    }

    #[test]
    fn a_mark_leads_to_its_record_in_any_order() {
        let mut oversize = Oversize::default();
        let marks = [b"one", b"two"].map(|text| oversize.push(&record(text)));

        assert_eq!(oversize.pop(&marks[1]), record(b"two"));
        assert_eq!(oversize.pop(&marks[0]), record(b"one"));
    }

    #[test]
    fn a_single_record_always_has_room() {
        let mut oversize = Oversize::default();

        assert!(oversize.has_room_for(1000, 10));
        let mark = oversize.push(&record(&[0; 1000]));
        assert!(!oversize.has_room_for(1, 10) && oversize.has_room_for(1, 2000));
        oversize.pop(&mark);
        assert!(oversize.has_room_for(1000, 10));
    }
}
