//! One log, from its oldest archive to its end, as the entries of it that are wanted.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::path::PathBuf;

use memchr::{memchr, memchr_iter, memrchr};

use super::choice::{Choice, Missed};
use super::cutting::{Cut, Start, cut, start_of};
use super::input::Input;
use super::lines;
use super::needles::Needles;
use super::times::Times;

/// What was read, and why entries were left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub files: u64,
    pub lines: u64,
    /// Entries that were looked at; others were passed over by a search for the texts that wanted ones have.
    pub read: u64,
    pub by_level: u64,
    pub by_time: u64,
    pub by_condition: u64,
    /// Lines that were too long, and were cut.
    pub cut: u64,
    /// Files that could not be read to their end.
    pub unreadable: u64,
}

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

/// What all feeds share while one of them is read.
pub struct Reading<'r> {
    pub choice: &'r Choice,
    pub needles: Option<&'r Needles>,
    pub times: &'r mut Times,
    pub counts: &'r mut Counts,
    /// Lines for the user about files that could not be read.
    pub notes: &'r mut Vec<String>,
    /// Bytes that may be read before the feed rests.
    pub budget: &'r mut usize,
}

/// The result of looking for the next entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Entry,
    /// The budget is used up.
    Pause,
    /// There are no more yet.
    Wait,
    /// There are no more.
    End,
}

/// What was done about the next entry.
enum Step {
    /// It has this many bytes of what is unread.
    Entry(usize),
    Again,
    Wait,
}

/// An entry that is kept for its neighbours.
struct Held {
    lines: Vec<u8>,
    time: Option<i64>,
    is_wanted: bool,
}

pub struct Feed {
    files: Box<dyn Files>,
    input: Option<Input>,
    path: PathBuf,
    /// The length of the current entry in the input.
    current: Option<usize>,
    /// Whether the rest of a line that was cut is still to be passed over.
    is_cut: bool,
    /// Whether nothing came after the last lines for some time, so that they are a whole entry.
    is_settled: bool,
    /// The time of the last entry that has one.
    time: Option<i64>,
    /// The largest time so far: entries of one log stay in its order.
    order: i64,
    /// How the entry before the unread part begins.
    before: Start,
    /// The number of entries that are shown around wanted ones.
    around: usize,
    held: VecDeque<Held>,
    /// How many entries after a wanted one are still to be shown.
    after: usize,
    /// The entry that was taken from `held`.
    shown: Option<Held>,
    /// The last note about a file.
    noted: String,
}

impl Feed {
    pub fn new(files: Box<dyn Files>, around: usize) -> Self {
        Self {
            files,
            input: None,
            path: PathBuf::new(),
            current: None,
            is_cut: false,
            is_settled: false,
            time: None,
            order: i64::MIN,
            before: Start::Other,
            around,
            held: VecDeque::new(),
            after: 0,
            shown: None,
            noted: String::new(),
        }
    }

    /// The place of the current entry among those of other feeds.
    pub fn order(&self) -> i64 {
        self.order
    }

    /// The lines of the current entry, its time, and whether it is wanted itself.
    pub fn entry(&self) -> (&[u8], Option<i64>, bool) {
        if let Some(held) = &self.shown {
            return (&held.lines, held.time, held.is_wanted);
        }
        let lines = self.input.as_ref().zip(self.current).map(|(input, length)| &input.unread()[..length]);
        (without_break(lines.unwrap_or_default()), self.time, true)
    }

    /// Passes on to the next entry to show.
    pub fn advance(&mut self, reading: &mut Reading<'_>) -> Found {
        if self.around == 0 {
            return self.advance_to_wanted(reading);
        }
        self.shown = None;
        loop {
            if self.held.front().is_some_and(|held| held.is_wanted) || self.is_neighbour() {
                return self.show_held();
            }
            match self.read_next(reading) {
                Found::Entry => self.hold(reading),
                other => return other,
            }
        }
    }

    /// Whether the entry at the front is shown because of a wanted one.
    fn is_neighbour(&self) -> bool {
        !self.held.is_empty() && (self.after > 0 || self.held.back().is_some_and(|last| last.is_wanted))
    }

    fn show_held(&mut self) -> Found {
        let held = self.held.pop_front();
        if held.as_ref().is_some_and(|held| held.is_wanted) {
            self.after = self.around;
        } else {
            self.after = self.after.saturating_sub(1);
        }
        self.order = self.order.max(held.as_ref().and_then(|held| held.time).unwrap_or(self.order));
        self.shown = held;
        Found::Entry
    }

    fn hold(&mut self, reading: &mut Reading<'_>) {
        let is_wanted = self.is_wanted(reading);
        let (lines, time, _) = self.entry();
        let held = Held { lines: lines.to_vec(), time, is_wanted };
        if !held.is_wanted && self.after == 0 && self.held.len() == self.around {
            self.held.pop_front();
        }
        self.held.push_back(held);
    }

    fn advance_to_wanted(&mut self, reading: &mut Reading<'_>) -> Found {
        loop {
            match self.read_next(reading) {
                Found::Entry if !self.is_wanted(reading) => {}
                Found::Entry => {
                    self.order = self.order.max(self.time.unwrap_or(self.order));
                    return Found::Entry;
                }
                other => return other,
            }
        }
    }

    /// Checks the current entry, and takes its time.
    fn is_wanted(&mut self, reading: &mut Reading<'_>) -> bool {
        let Some((input, length)) = self.input.as_ref().zip(self.current) else { return false };
        let entry = lines::read(without_break(&input.unread()[..length]), reading.times);
        self.time = entry.time.or(self.time);
        reading.counts.read += 1;
        match reading.choice.check(&entry, self.time) {
            Ok(()) => return true,
            Err(Missed::Level) => reading.counts.by_level += 1,
            Err(Missed::Time) => reading.counts.by_time += 1,
            Err(Missed::Condition) => reading.counts.by_condition += 1,
        }
        false
    }

    /// Passes on to the next entry that may be wanted.
    fn read_next(&mut self, reading: &mut Reading<'_>) -> Found {
        self.pass_current(reading);
        loop {
            if *reading.budget == 0 {
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
    fn note(&mut self, error: &io::Error, reading: &mut Reading<'_>) {
        let line = format!("{}: {error}", self.path.display());
        if self.noted != line {
            reading.counts.unreadable += 1;
            reading.notes.push(line.clone());
            self.noted = line;
        }
    }

    fn pass_current(&mut self, reading: &mut Reading<'_>) {
        if let (Some(length), Some(input)) = (self.current.take(), &mut self.input) {
            reading.counts.lines += count_lines(&input.unread()[..length]);
            input.pass(length);
        }
    }

    fn open_next(&mut self, reading: &mut Reading<'_>) -> bool {
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
    fn step(&mut self, reading: &mut Reading<'_>) -> io::Result<Step> {
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
            let (start, found) = cut(&unread[..length], is_over, reading.times);
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

    fn read_more(&mut self, is_growing: bool, reading: &mut Reading<'_>) -> io::Result<Step> {
        let Some(input) = &mut self.input else { return Ok(Step::Again) };
        let before = input.unread().len();
        if input.read_more()? {
            self.is_settled = false;
            *reading.budget = reading.budget.saturating_sub(input.unread().len().saturating_sub(before));
            return Ok(Step::Again);
        }
        if input.is_full() {
            reading.counts.cut += 1;
            self.is_cut = true;
            return Ok(Step::Entry(input.unread().len()));
        }
        if is_growing && before > 0 && !self.is_settled {
            self.is_settled = true;
            return Ok(Step::Wait);
        }
        Ok(Step::Again)
    }

    /// Closes a file at its end. One that may grow stays open until there is a next one.
    fn end_of_file(&mut self, is_growing: bool) -> io::Result<Step> {
        let Some(input) = &mut self.input else { return Ok(Step::Again) };
        if is_growing && !input.is_last() {
            if input.read_more()? {
                return Ok(Step::Again);
            }
            if !self.files.is_succeeded()? {
                return Ok(Step::Wait);
            }
            if !input.unread().is_empty() {
                // The last line never got its end.
                input.set_last();
                return Ok(Step::Again);
            }
        }
        self.input = None;
        self.is_settled = false;
        Ok(Step::Again)
    }

    /// Passes over what is left of a line that was cut.
    fn pass_over_rest(&mut self) -> io::Result<()> {
        let Some(input) = &mut self.input else { return Ok(()) };
        let end = memchr(b'\n', input.unread());
        input.pass(end.map_or(input.unread().len(), |end| end + 1));
        self.is_cut = end.is_none() && (input.read_more()? || !input.is_over());
        Ok(())
    }

    /// Passes over the entries that no wanted one can be among.
    fn pass_over(&mut self, reading: &mut Reading<'_>) {
        let (Some(needles), Some(input)) = (reading.needles, &mut self.input) else { return };
        let unread = input.unread();
        // The last line of a file that grows may be half of a line that is wanted.
        let is_ended = input.is_last() || (input.is_over() && !self.files.is_growing());
        let whole = if is_ended { unread.len() } else { memrchr(b'\n', unread).map_or(0, |at| at + 1) };
        let lines = &unread[..whole];
        let mut passed = first_candidate(lines, needles, self.before, reading.times).unwrap_or(whole);
        if let Some((start, kind)) = last_start(&lines[..passed], reading.times) {
            if passed == whole && kind == Start::Indented {
                // Its other lines may have the text, and are yet to come.
                passed = start;
            }
            self.before = kind;
            self.time = lines::read(without_break(&lines[start..]), reading.times).time.or(self.time);
        }
        reading.counts.lines += count_lines(&lines[..passed]);
        input.pass(passed);
    }
}

/// The start of the first entry that has one of the texts. `before` is how the entry before the lines begins.
fn first_candidate(lines: &[u8], needles: &Needles, before: Start, times: &mut Times) -> Option<usize> {
    let mut at = 0;
    loop {
        let hit = at + needles.find(&lines[at..])?;
        let line = memrchr(b'\n', &lines[..hit]).map_or(0, |at| at + 1);
        if start_of(&lines[line..], times) != Start::Other {
            return Some(line);
        }
        match last_start(&lines[..line], times).map_or((0, before), |found| found) {
            (start, Start::Indented) => return Some(start),
            // The line is a part of an entry whose first line does not have the text.
            (_, Start::Text) => at = line_end(lines, hit),
            (_, Start::Object | Start::Other) => return Some(line),
        }
    }
}

/// The last line of some whole lines with which an entry begins.
fn last_start(lines: &[u8], times: &mut Times) -> Option<(usize, Start)> {
    let mut end = lines.len();
    while end > 0 {
        let start = memrchr(b'\n', &lines[..end - 1]).map_or(0, |at| at + 1);
        let kind = start_of(&lines[start..end], times);
        if kind != Start::Other {
            return Some((start, kind));
        }
        end = start;
    }
    None
}

fn line_end(lines: &[u8], from: usize) -> usize {
    memchr(b'\n', &lines[from..]).map_or(lines.len(), |end| from + end + 1)
}

fn count_lines(text: &[u8]) -> u64 {
    let is_open = text.last().is_some_and(|last| *last != b'\n');
    memchr_iter(b'\n', text).count() as u64 + u64::from(is_open)
}

fn without_break(lines: &[u8]) -> &[u8] {
    let lines = lines.strip_suffix(b"\n").unwrap_or(lines);
    lines.strip_suffix(b"\r").unwrap_or(lines)
}
