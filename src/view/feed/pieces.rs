//! The files of one log, cut into entries.

use std::io::{self, Read};
use std::path::PathBuf;

use memchr::memrchr;

use super::passing::{count_lines, first_candidate, last_start, without_break};
use super::reading::{Found, Reading};
use crate::view::cutting::{Cut, Start, cut};
use crate::view::input::Input;
use crate::view::lines;

/// Opens the files of a log, one after the other.
pub trait Files: Send {
    /// The next file with its reader; None after the last one.
    fn next(&mut self) -> Option<(PathBuf, io::Result<Box<dyn Read + Send>>)>;

    /// Whether the file that was returned last may grow, and is followed by others.
    fn is_growing(&self) -> bool {
        false
    }

    /// Whether there are next files, now that all of a file that may grow is read.
    fn is_succeeded(&mut self) -> io::Result<bool> {
        Ok(false)
    }
}

/// What was done about the next entry.
pub(super) enum Step {
    /// It has this many bytes of what is unread.
    Entry(usize),
    Again,
    Wait,
}

pub(super) struct Pieces {
    pub(super) files: Box<dyn Files>,
    pub(super) input: Option<Input>,
    path: PathBuf,
    /// The length of the current entry in the input.
    pub(super) current: Option<usize>,
    /// Whether the rest of a line that was cut is still to be passed over.
    pub(super) is_cut: bool,
    /// Whether nothing came after the last lines for some time, so that they are a whole entry.
    pub(super) is_settled: bool,
    /// The time of the last entry that has one.
    pub time: Option<i64>,
    /// How the entry before the unread part begins.
    before: Start,
    /// The last note about a file.
    noted: String,
}

impl Pieces {
    pub fn new(files: Box<dyn Files>) -> Self {
        Self {
            files,
            input: None,
            path: PathBuf::new(),
            current: None,
            is_cut: false,
            is_settled: false,
            time: None,
            before: Start::Other,
            noted: String::new(),
        }
    }

    /// The lines of the current entry.
    pub fn entry(&self) -> &[u8] {
        let lines = self.input.as_ref().zip(self.current).map(|(input, length)| &input.unread()[..length]);
        without_break(lines.unwrap_or_default())
    }

    /// Passes on to the next entry that may be wanted.
    pub fn read_next(&mut self, reading: &mut Reading) -> Found {
        self.pass_current(reading);
        loop {
            if reading.budget == 0 {
                return Found::Pause;
            }
            if self.input.is_none() && !self.open_next(reading) {
                match self.files.is_succeeded() {
                    Ok(true) => continue,
                    Ok(false) => {}
                    Err(error) => self.note(&error, reading),
                }
                return if self.files.is_growing() { Found::Wait } else { Found::End };
            }
            match self.step(reading) {
                Ok(Step::Entry(length)) => {
                    self.current = Some(length);
                    return Found::Entry;
                }
                Ok(Step::Wait) => return Found::Wait,
                Ok(Step::Again) => {}
                Err(error) => {
                    self.note(&error, reading);
                    self.input = None;
                }
            }
        }
    }

    /// Notes why a file cannot be read; once, though one that is followed is tried again and again.
    fn note(&mut self, error: &io::Error, reading: &mut Reading) {
        let line = format!("{}: {error}", self.path.display());
        if self.noted != line {
            reading.counts.unreadable += 1;
            reading.notes.push(line.clone());
            self.noted = line;
        }
    }

    fn pass_current(&mut self, reading: &mut Reading) {
        if let (Some(length), Some(input)) = (self.current.take(), &mut self.input) {
            reading.counts.lines += count_lines(&input.unread()[..length]);
            input.pass(length);
        }
    }

    fn open_next(&mut self, reading: &mut Reading) -> bool {
        while let Some((path, opened)) = self.files.next() {
            self.path = path;
            match opened {
                Ok(reader) => {
                    reading.counts.files += 1;
                    self.before = Start::Other;
                    self.input = Some(Input::new(reader));
                    return true;
                }
                Err(error) => {
                    self.note(&error, reading);
                }
            }
        }
        false
    }

    /// Finds the next entry in what was read, or reads more. At the end of a file its input is closed.
    fn step(&mut self, reading: &mut Reading) -> io::Result<Step> {
        if self.is_cut {
            return self.pass_over_rest().map(|()| Step::Again);
        }
        self.pass_over(reading);
        let is_growing = self.files.is_growing();
        let Some(input) = &mut self.input else { return Ok(Step::Again) };
        let unread = input.unread();
        // A line without an end is still being written.
        let length =
            if is_growing && !input.is_last() { memrchr(b'\n', unread).map_or(0, |at| at + 1) } else { unread.len() };
        let is_over = input.is_last() || if is_growing { self.is_settled } else { input.is_over() };
        if length == 0 && input.is_over() {
            return self.end_of_file(is_growing);
        }
        if length > 0 {
            let (start, found) = cut(&unread[..length], is_over, &mut reading.times);
            match found {
                Cut::Whole(length) if unread[..length].trim_ascii().is_empty() => {
                    reading.counts.lines += count_lines(&unread[..length]);
                    input.pass(length);
                    return Ok(Step::Again);
                }
                Cut::Whole(length) => {
                    self.before = start;
                    return Ok(Step::Entry(length));
                }
                Cut::NeedsMore => {}
            }
        }
        self.read_more(is_growing, reading)
    }

    /// Passes over the entries that no wanted one can be among.
    fn pass_over(&mut self, reading: &mut Reading) {
        let (Some(needles), Some(input)) = (&reading.needles, &mut self.input) else { return };
        let unread = input.unread();
        // The last line of a file that grows may be half of a line that is wanted.
        let is_ended = input.is_last() || (input.is_over() && !self.files.is_growing());
        let whole = if is_ended { unread.len() } else { memrchr(b'\n', unread).map_or(0, |at| at + 1) };
        let lines = &unread[..whole];
        let mut passed = first_candidate(lines, needles, self.before, &mut reading.times).unwrap_or(whole);
        if let Some((start, kind)) = last_start(&lines[..passed], &mut reading.times) {
            if passed == whole && kind == Start::Indented {
                // Its other lines may have the text, and are yet to come.
                passed = start;
            }
            self.before = kind;
            self.time = lines::read(without_break(&lines[start..]), &mut reading.times).time.or(self.time);
        }
        reading.counts.lines += count_lines(&lines[..passed]);
        input.pass(passed);
    }
}
