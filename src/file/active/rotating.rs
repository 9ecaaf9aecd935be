//! Rotation of the active file: it becomes an archive, and its successor is opened.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::archive::period::{Period, precision};
use crate::clock;
use crate::config::name_template::Stamp;
use crate::disk::identity::Identity;
use crate::disk::open::{Owner, open_successor};
use crate::file::active::{ActiveFile, TIME_LAG};
use crate::file::pending::Cause;
use crate::format::time::reading::Precision;
use crate::sys::metadata;
use crate::sys::names::move_exclusively;

impl ActiveFile {
    /// Moves the file to the period of an instant, as a file that has nothing of the period before.
    pub fn skip_to(&mut self, at_ns: i64) {
        let next = self.period_at(at_ns);
        if let Some(open) = &mut self.open {
            open.period = next;
        }
    }

    /// Requests a rotation, to be done as soon as it is possible.
    pub fn owe_rotation(&mut self) {
        if let Some(open) = &mut self.open {
            open.is_owed = true;
        }
    }

    pub fn is_owed_rotation(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.is_owed)
    }

    /// Archives the file and opens its successor. Returns the archive, or None if another process rotated first: the
    /// next batch then opens the file at the path. On an error everything stays as it was.
    pub fn rotate(&mut self, cause: Cause, time_ns: i64) -> io::Result<Option<PathBuf>> {
        let Some(open) = &self.open else { return Err(io::ErrorKind::NotFound.into()) };
        let owner = Owner::of(&open.file.metadata()?);
        let next = self.name_at(time_ns);
        let (file, archived) = if next == self.path {
            let stamp = self.stamp(cause, open.period, time_ns);
            match self.archive(stamp, owner)? {
                Some(archived) => archived,
                None => return Ok(self.leave_to_others()),
            }
        } else {
            // The file's name has a time in it: the file keeps that name, and the next file has another.
            (open_successor(&next, owner, self.is_guarded)?, self.series.active())
        };
        self.leave(0);
        self.go_on_at(next);
        self.adopt(file, time_ns, TIME_LAG)?;
        Ok(Some(archived))
    }

    /// Leaves a file that another process has rotated to an archive name that this process has not seen.
    fn leave_to_others(&mut self) -> Option<PathBuf> {
        self.leave(0);
        self.series.rescan();
        None
    }

    /// Moves the file to an archive's name and opens a new file under its own name. Returns both, or None if the file
    /// is no longer there.
    ///
    /// The file's lock does not prevent all other rotations: if another program keeps that lock, processes rotate
    /// without it. The folder's lock lets one of them rotate at a time, and the others check again. If the folder's
    /// lock is kept too, the worst result is one extra archive.
    fn archive(&mut self, stamp: Stamp, owner: Owner) -> io::Result<Option<(File, PathBuf)>> {
        // The file itself is renamed. A link to it stays and leads to the successor.
        let Some(real) = unless_gone(self.real_path())? else { return Ok(None) };
        let _alone = self.hold_folder(&real);
        if !self.is_at(&real)? {
            return Ok(None);
        }
        let Some(archived) = unless_gone(self.series.archive(&real, stamp))? else { return Ok(None) };
        if matches!(self.is_at(&archived), Ok(false)) && move_exclusively(&archived, &real)? {
            // It is the successor, which another process had just made.
            return Ok(None);
        }
        let successor = open_successor(&real, owner, self.is_guarded).inspect_err(|_| {
            // There may be no free descriptor, for example. The file gets its name back unless another process took the
            // name. The next batch then finds that process's file.
            let _ = move_exclusively(&archived, &real);
            // The archive's name can then be used again.
            self.series.rescan();
        });
        successor.map(|file| Some((file, archived)))
    }

    /// Whether the open file is at a path.
    fn is_at(&self, path: &Path) -> io::Result<bool> {
        match metadata::link_at(path) {
            Ok(found) => Ok(self.open.as_ref().is_some_and(|open| open.identity == Identity::of(&found))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Returns the stamp for an archive. An archive of a period is named by the period's start, others by the instant
    /// they end.
    fn stamp(&self, cause: Cause, period: Period, time_ns: i64) -> Stamp {
        let schedules = &self.options.rotation.schedules;
        let (at_ns, precision) = match cause {
            Cause::Time => (period.start_ns, precision(schedules)),
            // Lines may have waited, so the current time is used. A test's stopped clock cannot tell how long they
            // waited.
            Cause::Size | Cause::Function if clock::frozen().is_none() => (clock::now_ns(), Precision::Second),
            Cause::Size | Cause::Function => (time_ns, Precision::Second),
        };
        let instant = Timestamp::from_nanosecond(i128::from(at_ns)).unwrap_or(Timestamp::UNIX_EPOCH);
        Stamp { civil: clock::local_zone().to_datetime(instant), precision }
    }
}

/// Returns None if the file is missing because another process was faster.
fn unless_gone<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}
