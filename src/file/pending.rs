//! Lines that wait to be written to one file, and the places among them where the file may have to change.
//!
//! A line leaves when all of it is in the file. After a short write, a part of the first line may be in the file
//! already.

use std::collections::VecDeque;

/// Bytes of one write, unless a single line has more.
pub(super) const WRITE_SIZE: usize = 64 * 1024;

#[derive(Default)]
pub struct Pending {
    bytes: Vec<u8>,
    /// The offset of the first line in `bytes`.
    start: usize,
    /// The length of each line.
    lines: VecDeque<u32>,
    /// When each line's record was logged. Kept only if archives are named by it.
    times: Option<VecDeque<i64>>,
    /// Bytes of the first line that are in the file already.
    taken: usize,
    /// The number of lines that left before the first.
    left: u64,
    marks: VecDeque<Mark>,
    /// Lines that are logly's own notices, by number. They are written, but not counted as records.
    notices: VecDeque<u64>,
    /// Positions in a queue, each with the number of lines ended when its record was handled. Kept only if the queue
    /// outlives the process.
    positions: VecDeque<(u64, u64)>,
}

/// The lines that are written together with those of a write, as far as a queue is concerned.
pub(super) struct Group<'p> {
    /// The lines from the first one on, with the part of it that is written already.
    pub lines: &'p [u8],
    /// The position in the queue after these lines; None if it is the one before them.
    pub after: Option<u64>,
}

/// A line before which the file may have to be rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The line's number, counted from the first line ever.
    line: u64,
    pub time_ns: i64,
    pub cause: Cause,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The first line at or after a boundary of time.
    Time,
    /// The program's own function asked for it.
    Function,
    /// The line would take the file past its size.
    Size,
}

impl Pending {
    pub fn new(keeps_times: bool) -> Self {
        Self { times: keeps_times.then(VecDeque::new), ..Self::default() }
    }

    /// Returns the buffer to append the next line to. Call `end_line` after it.
    #[inline]
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Ends the line that began at offset `begin` of the buffer.
    #[inline]
    pub fn end_line(&mut self, begin: usize, time_ns: i64) {
        self.lines.push_back((self.bytes.len() - begin) as u32);
        if let Some(times) = &mut self.times {
            times.push_back(time_ns);
        }
    }

    /// Notes that the line to be ended next may begin a new file.
    pub fn mark(&mut self, time_ns: i64, cause: Cause) {
        self.marks.push_back(Mark { line: self.left + self.lines.len() as u64, time_ns, cause });
    }

    /// Notes that the line to be ended next is no record.
    pub fn begin_notice(&mut self) {
        self.notices.push_back(self.left + self.lines.len() as u64);
    }

    /// Whether the last line is no record.
    pub fn ends_with_notice(&self) -> bool {
        self.notices.back().is_some_and(|line| line + 1 == self.left + self.lines.len() as u64)
    }

    /// Notes that all records before this position of a queue were handled.
    pub fn mark_position(&mut self, position: u64) {
        let lines = self.left + self.lines.len() as u64;
        match self.positions.back_mut() {
            Some(last) if last.0 == lines => last.1 = position,
            _ => self.positions.push_back((lines, position)),
        }
    }

    /// Takes the position before which all lines have left; None if that is the one taken last.
    pub(super) fn take_settled(&mut self) -> Option<u64> {
        let mut settled = None;
        while let Some((_, position)) = self.positions.pop_front_if(|(lines, _)| *lines <= self.left) {
            settled = Some(position);
        }
        settled
    }

    /// Returns the lines up to the first position after a write of `count` bytes.
    pub(super) fn group(&self, count: usize) -> Group<'_> {
        let (mut lines, mut length) = (0, 0);
        let mut lengths = self.lines.iter().map(|length| *length as usize);
        while length < self.taken + count
            && let Some(next) = lengths.next()
        {
            length += next;
            lines += 1;
        }
        let until = self.positions.iter().find(|(number, _)| *number >= self.left + lines);
        let more = until.map_or(0, |(number, _)| number - self.left - lines);
        let rest: usize = lengths.take(more as usize).sum();
        let lines = &self.bytes[self.start..self.start + length + rest];
        // A notice may be the last line: no record comes after it yet.
        let after = until.or_else(|| self.positions.back());
        Group { lines, after: after.map(|(_, position)| *position) }
    }

    /// Takes it that a part of the first line is written already.
    pub(super) fn resume_line(&mut self, taken: usize) {
        self.taken = taken;
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Bytes that wait.
    pub fn len(&self) -> usize {
        self.bytes.len() - self.start
    }

    /// Returns the mark before the first line; None once a part of that line is written.
    pub(super) fn first_mark(&self) -> Option<Mark> {
        self.marks.front().copied().filter(|mark| mark.line <= self.left && self.taken == 0)
    }

    pub(super) fn forget_first_mark(&mut self) {
        self.marks.pop_front();
    }

    /// Returns the length of the first line and when it was logged, if no part of it is written.
    pub(super) fn first_line(&self) -> Option<(u64, i64)> {
        let length = self.lines.front().filter(|_| self.taken == 0)?;
        let time = self.times.as_ref().and_then(|times| times.front());
        Some((u64::from(*length), time.copied().unwrap_or_default()))
    }

    /// Returns the bytes to write next: whole lines up to the next mark, to 64 KiB and to `room` bytes. The first line
    /// is always included, and alone if it is longer than that.
    pub(super) fn next_write(&self, room: u64) -> &[u8] {
        let begin = self.start + self.taken;
        let waiting = self.bytes.len() - begin;
        let most = usize::try_from(room).unwrap_or(usize::MAX).min(WRITE_SIZE);
        if waiting <= most && self.next_mark_within().is_none() {
            return &self.bytes[begin..];
        }
        let until = self.next_mark_within().unwrap_or(usize::MAX);
        let mut end = self.start;
        for (index, length) in self.lines.iter().enumerate().take(until) {
            let next = end + *length as usize;
            if index > 0 && next - begin > most {
                break;
            }
            end = next;
        }
        &self.bytes[begin..end]
    }

    /// Returns the number of lines before the next mark, not counting marks before the first line.
    fn next_mark_within(&self) -> Option<usize> {
        let mut marks = self.marks.iter().map(|mark| mark.line.saturating_sub(self.left) as usize);
        marks.find(|lines| *lines > 0)
    }

    /// Removes `count` written bytes. Returns how many records they complete.
    pub fn wrote(&mut self, count: usize) -> u64 {
        let before = self.left;
        self.taken += count;
        if self.start + self.taken == self.bytes.len() {
            self.clear();
        }
        while let Some(&length) = self.lines.front()
            && self.taken >= length as usize
        {
            self.taken -= length as usize;
            self.pop_front(length);
        }
        let notices = self.notices.iter().take_while(|line| **line < self.left).count();
        self.notices.drain(..notices);
        self.left - before - notices as u64
    }

    /// Removes all lines at once, which most writes complete.
    fn clear(&mut self) {
        self.left += self.lines.len() as u64;
        self.lines.clear();
        if let Some(times) = &mut self.times {
            times.clear();
        }
        (self.start, self.taken) = (self.bytes.len(), 0);
    }

    fn pop_front(&mut self, length: u32) {
        self.start += length as usize;
        self.lines.pop_front();
        if let Some(times) = &mut self.times {
            times.pop_front();
        }
        self.left += 1;
    }

    /// Makes the next write begin the first line again, because the file that has a part of it is gone.
    pub(super) fn restart_line(&mut self) {
        self.taken = 0;
    }

    /// Bytes of the first line that are in the file already.
    pub fn begun(&self) -> usize {
        self.taken
    }

    /// Frees the memory of lines that left, and the extra memory of a burst.
    pub fn compact(&mut self) {
        self.bytes.drain(..self.start);
        self.start = 0;
        if self.bytes.capacity() > 4 * WRITE_SIZE && self.bytes.len() < WRITE_SIZE {
            self.bytes.shrink_to(2 * WRITE_SIZE);
        }
    }

    /// Drops the newest lines until at most `most` bytes wait. Returns how many records were dropped.
    pub(super) fn shed(&mut self, most: usize) -> u64 {
        let before = self.records();
        while self.len() > most
            && self.lines.len() > 1
            && let Some(length) = self.lines.pop_back()
        {
            self.bytes.truncate(self.bytes.len() - length as usize);
            if let Some(times) = &mut self.times {
                times.pop_back();
            }
        }
        let next = self.left + self.lines.len() as u64;
        self.marks.retain(|mark| mark.line <= next);
        self.notices.retain(|line| *line < next);
        before - self.records()
    }

    /// Drops everything. Returns how many records were dropped.
    pub fn abandon(&mut self) -> u64 {
        let records = self.records();
        *self = Self::new(self.times.is_some());
        records
    }

    /// Returns how many lines are records.
    fn records(&self) -> u64 {
        (self.lines.len() - self.notices.len()) as u64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pending(lines: &[&str]) -> Pending {
        let mut pending = Pending::new(true);
        for (index, line) in lines.iter().enumerate() {
            put(&mut pending, line, index as i64);
        }
        pending
    }

    fn put(pending: &mut Pending, line: &str, time_ns: i64) {
        let begin = pending.buffer().len();
        pending.buffer().extend_from_slice(line.as_bytes());
        pending.end_line(begin, time_ns);
    }

    #[test]
    fn a_write_holds_whole_lines_that_fit() {
        let waiting = pending(&["one\n", "two\n", "three\n"]);

        assert_eq!(waiting.next_write(u64::MAX), b"one\ntwo\nthree\n");
        assert_eq!(waiting.next_write(9), b"one\ntwo\n");
        assert_eq!(waiting.next_write(0), b"one\n");
    }

    #[test]
    fn a_line_longer_than_the_room_and_its_rest_are_written_alone() {
        let mut waiting = pending(&["one\n", "twenty-two\n", "three\n"]);

        assert_eq!(waiting.next_write(6), b"one\n");
        waiting.wrote(4);
        assert_eq!(waiting.next_write(6), b"twenty-two\n");
        waiting.wrote(2);
        assert_eq!(waiting.next_write(6), b"enty-two\n");
    }

    #[test]
    fn a_write_ends_before_a_mark() {
        let mut waiting = pending(&["one\n"]);
        waiting.mark(7, Cause::Time);
        put(&mut waiting, "two\n", 7);

        assert_eq!(waiting.first_mark(), None);
        assert_eq!(waiting.next_write(u64::MAX), b"one\n");
        assert_eq!(waiting.wrote(4), 1);
        assert_eq!(waiting.first_mark().map(|mark| mark.time_ns), Some(7));
        assert_eq!(waiting.next_write(u64::MAX), b"two\n");
    }

    #[test]
    fn the_rest_of_a_line_goes_first_and_again_whole_after_a_restart() {
        let mut waiting = pending(&["one\n", "two\n"]);

        assert_eq!(waiting.wrote(2), 0);
        assert_eq!(waiting.first_line(), None);
        assert_eq!(waiting.next_write(0), b"e\n");
        waiting.restart_line();
        assert_eq!(waiting.next_write(0), b"one\n");
    }

    #[test]
    fn the_newest_lines_are_shed() {
        let mut waiting = pending(&["one\n", "two\n", "three\n"]);

        assert_eq!(waiting.shed(9), 1);
        assert_eq!(waiting.next_write(u64::MAX), b"one\ntwo\n");
    }

    #[test]
    fn a_group_ends_where_a_record_does() {
        let mut waiting = pending(&["one\n"]);
        waiting.mark_position(10);
        put(&mut waiting, "two\n", 0);
        put(&mut waiting, "three\n", 0);
        waiting.mark_position(20);
        put(&mut waiting, "four\n", 0);

        let groups = [4, 6, 8, 19].map(|count| waiting.group(count));

        let found = groups.map(|group| (group.lines.len(), group.after));
        assert_eq!(found, [(4, Some(10)), (14, Some(20)), (14, Some(20)), (19, Some(20))]);
        waiting.wrote(6);
        assert_eq!((waiting.take_settled(), waiting.take_settled()), (Some(10), None));
        assert_eq!((waiting.group(2).lines, waiting.group(2).after), (&b"two\nthree\n"[..], Some(20)));
    }

    #[test]
    fn notices_are_written_and_not_counted() {
        let mut waiting = pending(&["one\n"]);
        waiting.begin_notice();
        put(&mut waiting, "two\n", 0);
        put(&mut waiting, "three\n", 0);

        assert_eq!(waiting.wrote(8), 1);
        waiting.begin_notice();
        put(&mut waiting, "four\n", 0);
        assert_eq!(waiting.shed(6), 0);
        assert_eq!(waiting.abandon(), 1);
    }

    proptest! {
        #[test]
        fn every_byte_is_written_once(
            lines in prop::collection::vec("[a-z]{0,20}\n", 1..40),
            marks in prop::collection::vec(any::<bool>(), 40),
            steps in prop::collection::vec(1_usize..30, 1..200),
        ) {
            let mut waiting = Pending::new(false);
            for (line, is_marked) in lines.iter().zip(&marks) {
                if *is_marked {
                    waiting.mark(0, Cause::Time);
                }
                put(&mut waiting, line, 0);
            }
            let mut written = Vec::new();
            let mut count = 0;
            for step in steps.iter().cycle() {
                if waiting.first_mark().is_some() {
                    waiting.forget_first_mark();
                }
                let next = waiting.next_write(25);
                let taken = next.len().min(*step);
                written.extend_from_slice(&next[..taken]);
                count += waiting.wrote(taken);
                waiting.compact();
                if waiting.is_empty() {
                    break;
                }
            }

            prop_assert_eq!(written, lines.concat().into_bytes());
            prop_assert_eq!(count, lines.len() as u64);
        }
    }
}
