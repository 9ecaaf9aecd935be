//! The check that the open file is the one to write to. It runs before each batch, and reopens the file if needed.

use std::io;
use std::time::{Duration, Instant};

use crate::clock;
use crate::disk::identity::Identity;
use crate::disk::lock::Hold;
use crate::disk::open::metadata_at;
use crate::disk::watch::{Change, Watch};
use crate::file::active::ActiveFile;
use crate::sys::descriptors::is_closed;

/// How many times a file that keeps being replaced is reopened before the open file is written to.
const MOST_TRIES: u32 = 10;

/// How long to keep reopening a file that others rotate, to get its lock.
const LONGEST_CHASE: Duration = Duration::from_secs(1);

/// How long, in milliseconds, the kernel is trusted to report that the path leads elsewhere.
const CHECK_PERIOD: i64 = 1000;

/// How long, in milliseconds, the descriptor of a file that is written line by line is assumed to be ours.
const OWN_PERIOD: i64 = 10;

impl ActiveFile {
    /// Begins a batch of lines: opens the file at the path, and locks it if needed.
    ///
    /// `begun` bytes of the next line are already written. Returns false if that line must be begun again, because its
    /// rest would not follow them.
    pub fn begin(&mut self, begun: usize) -> io::Result<bool> {
        let mut until = None;
        for tries in 1.. {
            if self.open.is_none() {
                self.open()?;
            }
            match self.is_current(begun) {
                Err(error) if is_closed(&error) && tries < MOST_TRIES => self.forget(),
                Err(error) => return Err(error),
                Ok(true) => break,
                Ok(false) => {}
            }
            // Other processes may rotate often, and a write without the lock may go to a file that is already an
            // archive.
            let now = Instant::now();
            let is_late = now >= *until.get_or_insert(now + LONGEST_CHASE);
            if tries >= MOST_TRIES && (is_late || !self.takes_lock()) {
                break;
            }
        }
        // The file is replaced faster than it can be checked.
        if self.open.is_none() {
            self.open()?;
        }
        self.write_rescued()?;
        self.continues_cut()
    }

    /// Whether the next write directly follows the part of a line that was written last. If not, ends a torn line in
    /// the open file.
    fn continues_cut(&mut self) -> io::Result<bool> {
        let (Some((identity, size)), Some(open)) = (self.cut, &mut self.open) else { return Ok(true) };
        let is_same = open.identity == identity;
        if is_same && (!open.is_regular || open.file.metadata()?.len() == size) {
            return Ok(true);
        }
        open.end_torn_line()?;
        self.cut = None;
        Ok(false)
    }

    /// Whether the open file is the one at the path. If not, closes it.
    fn is_current(&mut self, begun: usize) -> io::Result<bool> {
        let takes_lock = self.takes_lock();
        let Some(open) = &mut self.open else { return Ok(false) };
        if open.is_current {
            return Ok(true);
        }
        let now = clock::coarse_milliseconds();
        // Checked at each batch, but only every 10 ms for a file that is written line by line.
        if !self.is_sparing || now - open.owned_at >= OWN_PERIOD {
            if !open.file.is_ours() {
                self.forget();
                return Ok(false);
            }
            open.owned_at = now;
        }
        if self.options.standard.is_some() {
            open.is_current = true;
            return Ok(true);
        }
        if takes_lock && open.is_regular {
            self.hold_file();
        } else if !self.options.is_watched {
            let size = open.end()?;
            return self.accept(size);
        }
        let Some(open) = &mut self.open else { return Ok(false) };
        let change = open.watch.as_ref().map_or(Change::Other, Watch::change);
        if change == Change::Renamed {
            // The process that renamed the file has all its lines, even if the file is gone by now.
            self.unverified.clear();
        }
        // The kernel does not report renames of parent folders.
        let is_trusted = open.was_there && now - open.checked_at < CHECK_PERIOD;
        if is_trusted && change == Change::Nothing {
            let size = if open.is_size_known(now) { open.size } else { open.end()? };
            return self.accept(size);
        }
        (open.checked_at, open.sized_at) = (now, now);
        match metadata_at(&self.path, &open.file, !takes_lock, self.is_guarded) {
            Ok(found) if Identity::of(&found) == open.identity => self.accept(found.len()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                // The folder may not be searchable, for example. The open file is still good.
                let size = open.file.metadata()?.len();
                self.accept(size)
            }
            _ => {
                self.leave(begun);
                // Another process may have rotated the file to an archive name that this process has not seen.
                self.series.rescan();
                Ok(false)
            }
        }
    }

    /// Accepts the open file as the right one, and takes account of the bytes that others appended to it.
    fn accept(&mut self, size: u64) -> io::Result<bool> {
        let Some(open) = &mut self.open else { return Ok(false) };
        // If the size differs, another process wrote to the file and may have been killed in the middle of a line.
        open.is_shared |= open.size != size;
        open.is_whole &= open.size == size;
        open.size = size;
        if !open.is_whole {
            open.end_torn_line()?;
        }
        // A file that is written line by line is checked at each line.
        open.is_current = open.watch.is_none() || open.hold != Hold::Free;
        open.was_there = true;
        self.unverified.clear();
        Ok(true)
    }
}
