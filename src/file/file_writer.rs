//! The writer of lines to a file, which it rotates as its options say.
//!
//! Lines are buffered and written whole, up to 64 KiB a call. Lines that could not be written are kept and go first
//! next time; they are dropped only beyond a bound. A file that cannot be rotated continues as it is, and the rotation
//! is tried again.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::archive::period::period;
use crate::archive::series::Series;
use crate::config::sink::{Encoding, FileMode, FileOptions};
use crate::crash::journal::Journal;
use crate::error::{Error, Result};
use crate::file::active::ActiveFile;
use crate::file::encoding::encode;
use crate::file::pending::{Cause, Pending, WRITE_SIZE};
use crate::report::Trouble;
use crate::{clock, report};

mod journaling;

/// The most bytes kept for a file that cannot be written.
const MOST_PENDING: usize = 8 * 1024 * 1024;

/// The first and the longest pause after a failure. Each pause is twice the one before.
const WRITE_PAUSES: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));
const ROTATION_PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_mins(1));

/// The most rotations in a row before a line is written in any case. Others may rotate and fill the file just as fast.
const MOST_ROTATIONS: u32 = 10;

/// A file, its unwritten lines, and its troubles.
pub struct FileWriter {
    options: FileOptions,
    active: ActiveFile,
    pending: Pending,
    /// The instant from which a line may be the first of a new file.
    next_due_ns: i64,
    /// When the last line was logged.
    last_ns: i64,
    writing: Attempts,
    rotating: Attempts,
    /// Archives made since `take_rotated` was last called.
    rotated: Vec<PathBuf>,
    counts: Counts,
    journal: Option<Journal>,
    /// The position after the record whose line comes next, if there is a journal.
    position: Option<u64>,
}

/// Records written and dropped since the counts were last taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub written: u64,
    pub dropped: u64,
    /// Nanoseconds spent in writes.
    pub write_ns: u64,
}

/// Attempts at an operation that may fail for a while: the reported trouble, and when to try again.
struct Attempts {
    first: Duration,
    longest: Duration,
    pause: Option<(Instant, Duration)>,
    trouble: Trouble,
}

impl Attempts {
    fn new((first, longest): (Duration, Duration)) -> Self {
        Self { first, longest, pause: None, trouble: Trouble::default() }
    }

    fn is_paused(&self) -> bool {
        self.pause.is_some_and(|(until, _)| Instant::now() < until)
    }

    fn fail(&mut self, what: impl FnOnce() -> String) {
        if let Some(told) = self.trouble.failed() {
            report::tell(&told.line(&what()));
        }
        let pause = self.pause.map_or(self.first, |(_, pause)| (pause * 2).min(self.longest));
        self.pause = Some((Instant::now() + pause, pause));
    }

    fn succeed(&mut self, what: impl FnOnce() -> String) {
        if self.pause.take().is_some() {
            let recovered = self.trouble.recovered();
            if let Some(failures) = recovered {
                report::tell(&report::recovery(&what(), failures));
            }
        }
    }
}

impl FileWriter {
    /// Opens the file as `add()` does: a path that cannot be opened is an error that names it. With `is_sparing`, the
    /// path is checked seldom.
    pub fn open(options: FileOptions, series: Arc<Series>, is_sparing: bool) -> Result<Self> {
        let mut writer = Self::closed(options, series, is_sparing);
        if writer.options.is_delayed {
            return Ok(writer);
        }
        writer.active.open().map_err(|error| Error::file(&writer.options.path, error))?;
        let needs_file = [("rotation", !writer.options.rotation.is_never()), ("durability", writer.options.is_kept)];
        if let Some((what, _)) = needs_file.iter().find(|(_, is_asked)| *is_asked && !writer.active.is_regular()) {
            let path = format!("\"{}\"", writer.options.path.display());
            return Err(Error::value(what, "a sink that is a regular file", path));
        }
        Ok(writer)
    }

    /// Returns a writer for a file that was open before: after a capture, or in a forked child. It opens the file at
    /// its first line and appends.
    pub fn reopened(options: FileOptions, series: Arc<Series>, is_sparing: bool) -> Self {
        Self::closed(FileOptions { mode: FileMode::Append, ..options }, series, is_sparing)
    }

    fn closed(options: FileOptions, series: Arc<Series>, is_sparing: bool) -> Self {
        let has_schedules = !options.rotation.schedules.is_empty();
        Self {
            pending: Pending::new(options.rotation.size.is_some() || options.rotation.by_function),
            next_due_ns: if has_schedules { i64::MIN } else { i64::MAX },
            last_ns: clock::now_ns(),
            active: ActiveFile::new(options.clone(), series, is_sparing),
            options,
            writing: Attempts::new(WRITE_PAUSES),
            rotating: Attempts::new(ROTATION_PAUSES),
            rotated: Vec::new(),
            counts: Counts::default(),
            journal: None,
            position: None,
        }
    }

    pub fn path(&self) -> &Path {
        self.active.path()
    }

    /// Returns the buffer to append the next line to. Call `end_line` after it.
    #[inline]
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        self.pending.buffer()
    }

    /// Ends the line that began at offset `begin` of the buffer. Its record was logged at `time_ns`.
    #[inline]
    pub fn end_line(&mut self, begin: usize, time_ns: i64) {
        if self.options.encoding != Encoding::Utf8 {
            encode(self.pending.buffer(), begin, self.options.encoding);
        }
        if time_ns >= self.next_due_ns {
            self.mark_due(time_ns);
        }
        self.pending.end_line(begin, time_ns);
        self.last_ns = time_ns;
        // A notice may come before the line of the same record.
        if let Some(position) = self.position.filter(|_| !self.pending.ends_with_notice()) {
            self.pending.mark_position(position);
        }
        if self.pending.len() >= WRITE_SIZE {
            self.flush(false);
        }
    }

    #[cold]
    fn mark_due(&mut self, time_ns: i64) {
        self.pending.mark(time_ns, Cause::Time);
        self.next_due_ns = period(&self.options.rotation.schedules, &clock::local_zone(), time_ns).end_ns;
    }

    /// Begins a new file at the line to be ended next: the program's own function asked for it.
    pub fn begin_file(&mut self, time_ns: i64) {
        self.pending.mark(time_ns, Cause::Function);
    }

    /// Marks the line to be ended next as a notice of logly's, not a record.
    pub fn begin_notice(&mut self) {
        self.pending.begin_notice();
    }

    /// Whether lines wait to be written.
    pub fn is_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    pub fn take_counts(&mut self) -> Counts {
        std::mem::take(&mut self.counts)
    }

    /// Returns the archives made since the last call.
    pub fn take_rotated(&mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.rotated)
    }

    /// Writes the buffered lines. Returns true if none is left. `is_urgent` tries even during a pause after a failure.
    pub fn flush(&mut self, is_urgent: bool) -> bool {
        if self.pending.is_empty() {
            self.settle();
            return true;
        }
        if !is_urgent && self.writing.is_paused() {
            self.shed();
            return false;
        }
        let result = self.write_lines();
        self.conclude(result);
        self.pending.compact();
        self.pending.is_empty()
    }

    /// Makes sure that written lines are in the file at the path if the path is checked seldom. Done for callers that
    /// wait, and at the end.
    pub fn verify(&mut self) {
        self.active.check_soon();
        if self.active.is_unverified() {
            let result = self.begin();
            self.conclude(result);
            // The next line checks too: the caller that waited may have told another process to go on.
            self.active.check_soon();
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        if !self.active.begin(self.pending.begun())? {
            self.pending.restart_line();
        }
        Ok(())
    }

    fn conclude(&mut self, result: io::Result<()>) {
        self.active.end(self.last_ns);
        let path = self.active.path().display();
        match result {
            Ok(()) => self.writing.succeed(|| format!("{path}: writing")),
            Err(error) => {
                self.writing.fail(|| format!("{path}: cannot write: {error}; lines are kept and tried again"));
                self.shed();
            }
        }
    }

    fn write_lines(&mut self) -> io::Result<()> {
        let mut rotations = 0;
        while !self.pending.is_empty() {
            self.begin()?;
            if self.active.has_clock_gone_back() {
                self.active.skip_to(clock::now_ns());
                self.check_again();
            }
            if rotations < MOST_ROTATIONS
                && let Some((cause, time_ns)) = self.due()
            {
                self.rotate(cause, time_ns);
                rotations += 1;
                continue;
            }
            rotations = 0;
            let room = self.room();
            self.announce(room);
            let begun = Instant::now();
            let taken = self.active.write(self.pending.next_write(room));
            self.counts.write_ns += begun.elapsed().as_nanos() as u64;
            match taken? {
                Some(count) => self.counts.written += self.pending.wrote(count),
                None => self.pending.restart_line(),
            }
            self.settle();
        }
        Ok(())
    }

    /// Returns how many bytes still fit into the file, or how many a pipe takes in one piece. A file that cannot be
    /// rotated takes any number.
    fn room(&self) -> u64 {
        let limit = self.options.rotation.size.filter(|_| self.may_rotate());
        limit.map_or_else(|| self.active.most_per_write(), |limit| limit.saturating_sub(self.active.size()))
    }

    fn may_rotate(&self) -> bool {
        self.active.can_rotate() && !self.rotating.is_paused()
    }

    /// Returns why and since when the next line belongs to another file; None if it does not.
    fn due(&mut self) -> Option<(Cause, i64)> {
        let may_rotate = self.may_rotate();
        while let Some(mark) = self.pending.first_mark() {
            self.pending.forget_first_mark();
            if self.active.size() == 0 {
                // There is nothing to archive: the file's period begins with this line.
                self.active.skip_to(mark.time_ns);
                continue;
            }
            let is_due = mark.cause == Cause::Function || mark.time_ns >= self.active.due_ns();
            if is_due && may_rotate {
                return Some((mark.cause, mark.time_ns));
            }
            if is_due {
                self.put_off(mark.cause);
            }
        }
        if !may_rotate {
            return None;
        }
        let (length, time_ns) = self.pending.first_line()?;
        if self.active.is_owed_rotation() {
            return Some((Cause::Function, time_ns));
        }
        let limit = self.options.rotation.size?;
        let size = self.active.size();
        (size > 0 && size + length > limit).then_some((Cause::Size, time_ns))
    }

    /// Makes the next line check again whether the file is due.
    fn check_again(&mut self) {
        if !self.options.rotation.schedules.is_empty() {
            self.next_due_ns = i64::MIN;
        }
    }

    /// Applies the local time zone after the program has changed it: the file belongs to the period of its last line in
    /// that zone.
    pub fn rezone(&mut self) {
        self.check_again();
        self.active.rezone(self.last_ns);
    }

    /// Puts off a rotation that cannot be done now. If it is due by time, the next line asks for it again; otherwise it
    /// is done as soon as possible.
    fn put_off(&mut self, cause: Cause) {
        if cause == Cause::Function {
            self.active.owe_rotation();
        }
        self.check_again();
    }

    /// Rotates the file if possible, so that lines go to another file.
    fn rotate(&mut self, cause: Cause, time_ns: i64) {
        let result = self.active.rotate(cause, time_ns);
        let path = self.active.path().display();
        match result {
            Ok(archived) => {
                self.rotated.extend(archived);
                self.rotating.succeed(|| format!("{path}: rotation"));
            }
            Err(error) => {
                self.rotating.fail(|| format!("{path}: cannot rotate: {error}; the file goes on"));
                self.put_off(cause);
            }
        }
    }

    /// Does work that is due without a record: writes lines that wait, and rotates a file whose period is over. Called
    /// about every second.
    pub fn tick(&mut self) {
        self.flush(false);
        self.verify();
        let now = clock::now_ns();
        if !self.active.is_open() || now < self.active.due_ns() || self.rotating.is_paused() || self.is_pending() {
            return;
        }
        let result = self.begin();
        if result.is_ok() && now >= self.active.due_ns() && self.may_rotate() {
            if self.active.size() > 0 {
                self.rotate(Cause::Time, now);
            } else {
                self.active.skip_to(now);
            }
        }
        self.conclude(result);
    }

    /// Closes the file and opens the file that is now at its path.
    pub fn reopen(&mut self) {
        self.active.close(self.pending.begun());
        let result = self.active.follow().and_then(|()| self.active.open());
        self.conclude(result);
    }

    /// Drops the newest lines beyond the bound. The oldest lines are written next.
    fn shed(&mut self) {
        if self.journal.is_some() {
            // The lines' records stay in the queue, which takes no more than it has room for.
            return;
        }
        let dropped = self.pending.shed(MOST_PENDING);
        if dropped > 0 {
            // One of the dropped lines may have been the first after a boundary.
            self.check_again();
        }
        self.counts.dropped += dropped;
    }

    /// Drops the pending lines. Returns how many records they were; the caller counts them.
    pub fn abandon(&mut self) -> u64 {
        if self.is_pending() {
            // Their records stay in the crash file, for the next process.
            (self.journal, self.position) = (None, None);
        }
        self.pending.abandon()
    }
}
