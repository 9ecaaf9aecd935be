//! Whether the open file is the one to write to: it is looked at before each batch, and opened anew where it is not.

use std::io;
use std::time::{Duration, Instant};

use crate::clock;
use crate::disk::identity::Identity;
use crate::disk::lock::Hold;
use crate::disk::open::look;
use crate::disk::watch::{Change, Watch};
use crate::file::active::{ActiveFile, is_lost};

/// How often a file that is always replaced under us is opened anew before we write to the one we have.
const MOST_TRIES: u32 = 10;

/// How long a file that others rotate is gone after for its lock.
const LONGEST_CHASE: Duration = Duration::from_secs(1);

/// For how long, in milliseconds, the kernel is trusted to tell when the path leads elsewhere.
const LOOK_PERIOD: i64 = 1000;

/// For how long, in milliseconds, the descriptor of a file that is written line by line is taken to be ours.
const OWN_PERIOD: i64 = 10;

impl ActiveFile {
    /// Begins a batch of lines: the file at the path is open, and locked where that is needed.
    ///
    /// Of the next line `begun` bytes are written already. False when it must be begun again: its rest would not follow them.
    pub fn begin(&mut self, begun: usize) -> io::Result<bool> {
        let mut until = None;
        for tries in 1.. {
            if self.open.is_none() {
                self.open()?;
            }
            match self.is_current(begun) {
                Err(error) if is_lost(&error) && tries < MOST_TRIES => self.forget(),
                Err(error) => return Err(error),
                Ok(true) => break,
                Ok(false) => {}
            }
            // Other processes may rotate often, and what is written without the lock may be in an archive already.
            let now = Instant::now();
            let is_late = now >= *until.get_or_insert(now + LONGEST_CHASE);
            if tries >= MOST_TRIES && (is_late || !self.takes_lock()) {
                break;
            }
        }
        // Somebody replaces the file faster than it can be looked at.
        if self.open.is_none() {
            self.open()?;
        }
        self.write_rescued()?;
        self.continues_cut()
    }

    /// Whether what follows now follows the part of a line that was written last.
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

    /// Whether the open file is the one at the path; if not it is closed.
    fn is_current(&mut self, begun: usize) -> io::Result<bool> {
        let takes_lock = self.takes_lock();
        let Some(open) = &mut self.open else { return Ok(false) };
        if open.is_current {
            return Ok(true);
        }
        let now = clock::coarse_milliseconds();
        // At each batch, and for a file that is written line by line every 10 ms.
        if !self.is_sparing || now - open.owned_at >= OWN_PERIOD {
            if !open.file.is_ours() {
                self.forget();
                return Ok(false);
            }
            open.owned_at = now;
        }
        if takes_lock && open.is_regular {
            self.hold_file();
        } else if !self.options.is_watched {
            let size = open.end()?;
            return self.settle(size);
        }
        let Some(open) = &mut self.open else { return Ok(false) };
        let change = open.watch.as_ref().map_or(Change::Other, Watch::change);
        if change == Change::Renamed {
            // Whoever renamed it has all its lines, even if it is gone by now.
            self.unverified.clear();
        }
        // Of a folder on the way that was moved, the kernel tells nothing.
        let is_trusted = open.was_there && now - open.looked_at < LOOK_PERIOD;
        if is_trusted && change == Change::Nothing {
            let size = if open.is_size_known(now) { open.size } else { open.end()? };
            return self.settle(size);
        }
        (open.looked_at, open.sized_at) = (now, now);
        match look(&self.path, &open.file, !takes_lock, self.is_guarded) {
            Ok(found) if Identity::of(&found) == open.identity => self.settle(found.len()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                // A folder that may not be looked into, say: the open file is still good.
                let size = open.file.metadata()?.len();
                self.settle(size)
            }
            _ => {
                self.leave(begun);
                // Perhaps another process rotated it, and gave a name that this one has not seen.
                self.series.rescan();
                Ok(false)
            }
        }
    }

    /// The file is the right one: finds out what others appended to it.
    fn settle(&mut self, size: u64) -> io::Result<bool> {
        let Some(open) = &mut self.open else { return Ok(false) };
        // Another process wrote since, and may have been killed in the middle of a line.
        open.is_shared |= open.size != size;
        open.is_whole &= open.size == size;
        open.size = size;
        if !open.is_whole {
            open.end_torn_line()?;
        }
        // One that is written line by line is asked about at each line.
        open.is_current = open.watch.is_none() || open.hold != Hold::Free;
        open.was_there = true;
        self.unverified.clear();
        Ok(true)
    }
}
