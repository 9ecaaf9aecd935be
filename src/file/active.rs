//! The file that lines go to at the moment: open, still at its path, and locked if several processes rotate it.
//!
//! Other programs may rename, remove or empty the file at any time. The path is checked before each batch of lines.
//! Lines written to a file after it lost its name are written again to the next file. For a file that is written line
//! by line, a check would cost as much as the line. The kernel is asked for changes instead, and the last line is kept
//! until then.

mod checking;
mod holding;
mod placing;
mod rotating;
mod streaming;

use std::fs::{File, FileTimes};
use std::io::{self, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use memchr::memchr;

use crate::archive::period::{Period, period};
use crate::archive::removal::clear;
use crate::archive::series::Series;
use crate::clock;
use crate::clock::{SMALL_STEP, modified_ns};
use crate::config::sink::{FileMode, FileOptions};
use crate::disk::folder_lock::FolderLock;
use crate::disk::guarded::is_guarded;
use crate::disk::identity::Identity;
use crate::disk::lock;
use crate::disk::lock::{Hold, PATIENCE};
use crate::disk::open::{Owner, end_torn_line, is_torn, open, open_successor};
use crate::disk::own_file::OwnFile;
use crate::disk::watch::{Change, Watch};
use crate::file::latest;
use crate::process::inherited::Lockable;
use crate::sys::descriptors::{PIPE_BUF, is_closed};
use crate::sys::metadata;
use crate::sys::metadata::{Metadata, is_pipe, links};
use crate::sys::support::IS_APPENDING_ATOMIC;

/// How long, in milliseconds, a file that one process writes to is assumed to have no other writing process.
const SIZE_PERIOD: i64 = 10;

/// A file's times may be up to a tick older than the kernel's clock.
const TIME_LAG: i64 = 50_000_000;

pub struct ActiveFile {
    options: FileOptions,
    series: Arc<Series>,
    path: PathBuf,
    open: Option<Open>,
    /// The owner of the file that was open last. The next file gets the same owner.
    owner: Option<Owner>,
    /// The identity and the period of that file, in case it is opened again.
    left: Option<(Identity, Period)>,
    /// Whether the kernel reports changes, so that the path need not be checked for each batch.
    is_sparing: bool,
    /// The watch of the file that was open last.
    idle_watch: Option<Watch>,
    /// Bytes written since the kernel was last asked for changes.
    unverified: Vec<u8>,
    /// Bytes written to a removed file since the last check.
    rescued: Vec<u8>,
    /// The file whose last write was cut short, and the file's length at that time.
    cut: Option<(Identity, u64)>,
    /// How long to wait for the lock of the file and of its folder. Zero after a wait in vain.
    patience: Duration,
    folder_patience: Duration,
    /// Whether others could replace the file, so that no link may be followed.
    is_guarded: bool,
}

#[expect(clippy::struct_excessive_bools, reason = "facts about a file, each learned at a different time")]
struct Open {
    /// Declared before the file, because the descriptor's number may be reused once the file is closed.
    _lockable: Lockable,
    file: OwnFile,
    identity: Identity,
    is_regular: bool,
    is_pipe: bool,
    /// Whether this file system counts links at all.
    has_links: bool,
    size: u64,
    period: Period,
    hold: Hold,
    /// The time since which another process has kept the lock.
    refused_since: Option<Instant>,
    /// The share of the folder's lock that a batch holds if it lacks the file's lock.
    presence: Option<FolderLock>,
    /// Whether a rotation that the program's function asked for could not be done yet.
    is_owed: bool,
    /// Whether the path was checked for this batch.
    is_current: bool,
    /// Whether this batch wrote to it.
    has_grown: bool,
    /// Whether the last line is known to be whole.
    is_whole: bool,
    /// Whether another process writes to it too.
    is_shared: bool,
    /// Whether it was found at the path since the watch began.
    was_there: bool,
    /// When the path was last checked, and when the size was last asked for, in milliseconds.
    checked_at: i64,
    sized_at: i64,
    /// When the descriptor was last checked to be ours.
    owned_at: i64,
    watch: Option<Watch>,
}

impl Open {
    /// Returns the length of a regular file, and 0 for anything else.
    ///
    /// Asking for the file's times as well would make the kernel note a new time at the next write, which costs more
    /// than the write.
    fn end(&self) -> io::Result<u64> {
        if self.is_regular { (&*self.file).seek(SeekFrom::End(0)) } else { Ok(0) }
    }

    /// Whether the size need not be asked for: no other process has written to the file so far, and the size was asked
    /// for just now. One more call for each line of a file that is written line by line would cost a tenth of the line.
    fn is_size_known(&mut self, now: i64) -> bool {
        let is_known = self.hold == Hold::Free && !self.is_shared && now - self.sized_at < SIZE_PERIOD;
        if !is_known {
            self.sized_at = now;
        }
        is_known
    }

    /// Whether the `count` bytes that were just written follow a torn line: one that another process began and was
    /// killed in.
    ///
    /// No lock is held between the check of the file's end and the write, so such a process may have written in
    /// between.
    fn has_joined(&mut self, count: usize) -> io::Result<bool> {
        let end = self.file.stream_position()?;
        let begin = end.saturating_sub(count as u64);
        let is_expected = end == self.size;
        self.size = end;
        Ok(!is_expected && is_torn(&self.file, begin))
    }

    /// Ends the last line if it is torn.
    fn end_torn_line(&mut self) -> io::Result<()> {
        let is_ended = end_torn_line(&mut self.file, self.hold == Hold::Held)?;
        self.size += u64::from(is_ended);
        self.is_whole = true;
        Ok(())
    }
}

impl ActiveFile {
    pub fn new(options: FileOptions, series: Arc<Series>, is_sparing: bool) -> Self {
        Self {
            path: series.current(),
            is_sparing,
            options,
            series,
            open: None,
            owner: None,
            left: None,
            idle_watch: None,
            unverified: Vec::new(),
            rescued: Vec::new(),
            cut: None,
            patience: PATIENCE,
            folder_patience: PATIENCE,
            is_guarded: false,
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether it is a regular file, not a device, a pipe or the like. True while that is not known.
    pub(super) fn is_regular(&self) -> bool {
        self.open.as_ref().is_none_or(|open| open.is_regular)
    }

    /// Returns the most bytes that one write may hold. For a pipe, this is the size that the kernel keeps in one piece
    /// among the writes of other processes.
    pub(super) fn most_per_write(&self) -> u64 {
        if self.open.as_ref().is_some_and(|open| open.is_pipe) { PIPE_BUF } else { u64::MAX }
    }

    pub fn size(&self) -> u64 {
        self.open.as_ref().map_or(0, |open| open.size)
    }

    /// Returns when the file is due by time; never while it is closed.
    pub(super) fn due_ns(&self) -> i64 {
        self.open.as_ref().map_or(i64::MAX, |open| open.period.end_ns)
    }

    /// Opens the file at the path, or duplicates the descriptor of a standard stream.
    pub fn open(&mut self) -> io::Result<()> {
        if let Some(file) = self.open_standard()? {
            return self.adopt(file, clock::now_ns(), 0);
        }
        self.name_anew();
        self.guard();
        let file = match self.owner {
            Some(owner) => open_successor(&self.path, owner, self.is_guarded)?,
            None => self.open_first()?,
        };
        let slack = if self.owner.is_some() { TIME_LAG } else { 0 };
        // The list of archives may be outdated: this process may be a child that was forked long ago.
        self.series.rescan();
        // Later openings append to the file, whatever the first one did.
        self.options.mode = FileMode::Append;
        self.adopt(file, clock::now_ns(), slack)
    }

    /// Opens the file as `mode` says. A file that others may be rotating is emptied under the lock, so that an archive
    /// is never emptied.
    fn open_first(&self) -> io::Result<File> {
        let is_emptied = self.options.mode == FileMode::Write && self.takes_lock();
        let mode = if is_emptied { FileMode::Append } else { self.options.mode };
        let file = open(&self.path, mode, self.options.permissions, self.is_guarded)?;
        if is_emptied && file.metadata()?.len() > 0 {
            clear(&self.path)?;
        }
        Ok(file)
    }

    /// Updates the path of a file with a time in its name if the file is missing: another process has rotated it, and
    /// it was compressed.
    fn name_anew(&mut self) {
        if !self.options.name.has_time() || !is_missing(&self.path) {
            return;
        }
        let next = self.name_at(clock::now_ns());
        self.go_on_at(next);
    }

    /// Returns the file's path for lines of an instant.
    fn name_at(&self, time_ns: i64) -> PathBuf {
        let Some(base) = self.series.base() else { return self.path.clone() };
        let name = self.options.name.expand(time_ns, &clock::local_zone());
        if self.is_guarded || base.is_exposed() { base.real_path(&name) } else { name }
    }

    fn go_on_at(&mut self, next: PathBuf) {
        if next != self.path {
            self.series.set_active(&next);
            self.path = next;
        }
    }

    /// If others can write to the folder, follows links only as they were when the sink was added.
    fn guard(&mut self) {
        let real = self.series.active();
        self.is_guarded = is_guarded(&self.path, &real, self.owner.is_some(), self.series.base());
        if self.is_guarded {
            self.path = real;
        }
    }

    fn adopt(&mut self, file: File, now_ns: i64, slack: i64) -> io::Result<()> {
        let found = metadata::of(&file)?;
        // Others write to a standard stream too, at an offset that is not the writer's alone.
        let is_standard = self.options.standard.is_some();
        let is_regular = found.is_file() && !is_standard;
        if is_regular {
            self.owner = Some(Owner::of(&found));
        }
        let mut open = Open {
            _lockable: Lockable::new(&file),
            identity: Identity::of(&found),
            is_regular,
            is_pipe: is_pipe(&found),
            has_links: links(&found) > 0,
            size: found.len(),
            period: self.period_of(&found, now_ns, slack),
            hold: Hold::Free,
            refused_since: None,
            presence: None,
            is_owed: false,
            is_current: false,
            has_grown: false,
            // A line that this process cut short is ended by its own rest.
            is_whole: is_standard || self.cut == Some((Identity::of(&found), found.len())),
            is_shared: false,
            was_there: false,
            checked_at: 0,
            sized_at: 0,
            owned_at: 0,
            watch: self.watch(),
            file: OwnFile::new(file)?,
        };
        // Under the lock this costs nothing, so a file with a lock waits for it. A full disk must not prevent the
        // start: ending the line is tried again.
        if !open.is_whole && !self.takes_lock() {
            let _ = open.end_torn_line();
        }
        self.open = Some(open);
        if self.options.has_latest {
            latest::link(&self.options.name.latest(), &self.path);
        }
        Ok(())
    }

    fn watch(&mut self) -> Option<Watch> {
        if !self.is_sparing || !(self.options.is_watched || self.takes_lock()) {
            return None;
        }
        match self.idle_watch.take() {
            Some(watch) => watch.moved_to(&self.path),
            None => Watch::new(&self.path),
        }
    }

    /// Returns the period a file belongs to: the one it had, else that of its last line, else the current one.
    fn period_of(&self, found: &Metadata, now_ns: i64, slack: i64) -> Period {
        if let Some((identity, period)) = self.left
            && identity == Identity::of(found)
            && found.len() > 0
        {
            return period;
        }
        let modified = modified_ns(found).saturating_add(slack);
        let is_told = found.is_file() && found.len() > 0 && modified < now_ns.saturating_add(SMALL_STEP);
        self.period_at(if is_told { modified } else { now_ns })
    }

    fn period_at(&self, at_ns: i64) -> Period {
        let schedules = &self.options.rotation.schedules;
        if schedules.is_empty() {
            return Period { start_ns: i64::MIN, end_ns: i64::MAX };
        }
        period(schedules, &clock::local_zone(), at_ns)
    }

    /// Sets the period by the current time zone, from the instant of the last line. A file that was already due stays
    /// due.
    pub fn rezone(&mut self, last_ns: i64) {
        let next = self.period_at(last_ns);
        if let Some(open) = self.open.as_mut().filter(|open| last_ns < open.period.end_ns) {
            open.period = next;
        }
    }

    /// Whether each batch takes the file's lock. Without it, nothing can tell where a write ended that was cut.
    fn takes_lock(&self) -> bool {
        !IS_APPENDING_ATOMIC || !self.options.rotation.is_never() || self.options.is_kept
    }

    /// Closes a file that is no longer at the path. If the file has no name left to read it by, the bytes written since
    /// the last check are rescued, except the `begun` bytes of a line that will be written again.
    fn leave(&mut self, begun: usize) {
        let Some(mut open) = self.open.take() else { return };
        self.idle_watch = open.watch.take();
        self.left = Some((open.identity, open.period));
        if let Ok(found) = metadata::of(&open.file) {
            if open.is_regular {
                self.owner = Some(Owner::of(&found));
            }
            if open.is_regular && open.has_links && links(&found) == 0 {
                let whole = self.unverified.len().saturating_sub(begun);
                self.rescued.extend_from_slice(&self.unverified[..whole]);
            }
        }
        self.unverified.clear();
        lock::release(&open.file, open.hold);
    }

    fn write_rescued(&mut self) -> io::Result<()> {
        while !self.rescued.is_empty() {
            let Some(open) = &mut self.open else { return Ok(()) };
            let count = open.write(&self.rescued, false)?;
            self.rescued.drain(..count);
        }
        Ok(())
    }

    /// Whether the clock was far ahead when the file's period began and has gone back. The file must not wait until
    /// then to be rotated.
    pub(super) fn has_clock_gone_back(&self) -> bool {
        let start = self.open.as_ref().map_or(i64::MIN, |open| open.period.start_ns);
        start != i64::MIN && clock::now_ns() < start.saturating_sub(SMALL_STEP)
    }

    /// Lets go of a file whose descriptor the program closed. The file that has the number now is left alone.
    fn forget(&mut self) {
        if let Some(open) = self.open.take() {
            self.left = Some((open.identity, open.period));
        }
        self.unverified.clear();
        self.cut = None;
    }

    /// Writes some of `bytes`. Returns None if the file had lost its name, so that the bytes would never be read, or
    /// its descriptor.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<Option<usize>> {
        match self.write_to_open(bytes) {
            Err(error) if is_closed(&error) => {
                self.forget();
                Ok(None)
            }
            written => written,
        }
    }

    fn write_to_open(&mut self, bytes: &[u8]) -> io::Result<Option<usize>> {
        let is_watched = self.options.is_watched || self.takes_lock();
        let Some(open) = &mut self.open else { return Ok(None) };
        let count = open.write(bytes, self.options.standard.is_some())?;
        open.size += count as u64;
        open.has_grown = true;
        let is_rest = self.cut.take().is_some();
        if !open.is_regular {
            return Ok(Some(count));
        }
        let is_cut = count < bytes.len();
        // A line that joined a torn line is written again on its own.
        let is_doubted = open.hold != Hold::Held && (open.is_shared || open.watch.is_none());
        if is_doubted && open.has_joined(count)? && !is_rest && !is_cut {
            self.rescued.extend_from_slice(first_line(bytes));
        }
        let is_deferred = open.watch.is_some() && open.hold == Hold::Free;
        if is_deferred {
            self.unverified.extend_from_slice(&bytes[..count]);
        }
        let is_asked = is_watched && !is_deferred;
        let is_changed = is_asked && open.watch.as_ref().is_none_or(|watch| watch.change() != Change::Nothing);
        if (is_cut || is_changed)
            && let Ok(found) = metadata::of(&open.file)
        {
            open.was_there &= !is_changed;
            open.size = found.len();
            self.cut = is_cut.then_some((open.identity, open.size));
            // No process of ours can have archived and compressed the file since.
            if is_asked && open.has_links && links(&found) == 0 && open.is_guarded_from_removal() {
                self.leave(0);
                return Ok(None);
            }
        }
        Ok(Some(count))
    }

    /// Ends a batch of lines. The last of them was logged at `last_ns`.
    pub fn end(&mut self, last_ns: i64) {
        let Some(open) = &mut self.open else { return };
        if clock::frozen().is_some() && open.is_regular && open.has_grown {
            // The times of files follow the clock that a test stopped. Otherwise the kernel sets them.
            let time = UNIX_EPOCH + Duration::from_nanos(last_ns.max(0) as u64);
            let _ = open.file.set_times(FileTimes::new().set_modified(time));
        }
        lock::release(&open.file, open.hold);
        open.hold = Hold::Free;
        open.presence = None;
        open.is_current = false;
        open.has_grown = false;
    }

    /// Whether some written bytes are not yet known to be in the file at the path.
    pub(super) fn is_unverified(&self) -> bool {
        !self.unverified.is_empty() || !self.rescued.is_empty()
    }

    /// Makes the next batch check the path, whatever the kernel reports.
    pub(super) fn check_soon(&mut self) {
        if let Some(open) = &mut self.open {
            open.was_there = false;
        }
    }

    /// Closes the file. The next line reopens it; `begun` bytes of that line are already written.
    pub fn close(&mut self, begun: usize) {
        self.leave(begun);
    }
}

fn is_missing(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// Returns a text up to its first line break, and including it.
fn first_line(text: &[u8]) -> &[u8] {
    &text[..memchr(b'\n', text).map_or(text.len(), |at| at + 1)]
}
