//! Lines whose records outlive the process: each write is announced in a journal, and settled there.

use crate::crash::journal::{Journal, Place};
use crate::file::file_writer::FileWriter;

/// The most bytes of lines that wait while the file cannot be written. Further records stay in the queue.
const MOST_WAITING: usize = 1024 * 1024;

impl FileWriter {
    /// Uses another journal, for the records that come from now on. No line may wait. Returns the journal before.
    pub fn swap_journal(&mut self, journal: Option<Journal>) -> Option<Journal> {
        self.settle();
        self.position = None;
        std::mem::replace(&mut self.journal, journal)
    }

    /// Notes the position after the record that is handled next. Its line may be written before it is marked.
    #[inline]
    pub fn expect_position(&mut self, position: u64) {
        if self.journal.is_some() {
            self.position = Some(position);
        }
    }

    /// Notes that all records before this position of the queue were handled.
    #[inline]
    pub fn mark_position(&mut self, position: u64) {
        if self.journal.is_some() {
            self.pending.mark_position(position);
        }
    }

    /// Whether so many lines wait that no more records are to be taken out of the queue.
    pub fn is_laden(&self) -> bool {
        self.pending.len() > MOST_WAITING
    }

    /// Appends a line as it is. Its record was logged at `time_ns`.
    pub fn put_finished(&mut self, line: &[u8], time_ns: i64) {
        let begin = self.pending.buffer().len();
        self.pending.buffer().extend_from_slice(line);
        self.pending.end_line(begin, time_ns);
        self.last_ns = time_ns;
    }

    /// Takes it that `taken` bytes of the first line that waits end at this place.
    pub fn resume(&mut self, taken: usize, place: Place) {
        self.pending.resume_line(taken);
        self.active.resume(place);
    }

    /// Announces the next write. `room` is that of the write.
    pub(super) fn announce(&mut self, room: u64) {
        let Some(journal) = &self.journal else { return };
        let head = self.pending.take_settled().unwrap_or_else(|| journal.head());
        let group = self.pending.group(self.pending.next_write(room).len());
        let place = self.active.place().unwrap_or_default();
        let begun = self.pending.begun() as u64;
        let place = Place { offset: place.offset.saturating_sub(begun), ..place };
        journal.prepare(head, place, group.lines, group.after.unwrap_or(head), self.last_ns);
    }

    /// Notes the records whose lines are all in the file. While a line is there only in part, its intent stays.
    pub(super) fn settle(&mut self) {
        if let Some(journal) = &self.journal
            && self.pending.begun() == 0
            && let Some(position) = self.pending.take_settled()
        {
            journal.done(position);
        }
    }
}
