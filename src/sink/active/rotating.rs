//! How the file that lines go to becomes an archive, and which file is its successor.

use std::fs::File;
use std::io;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::config::archive_name::Stamp;
use crate::config::rotation::Precision;
use crate::sink::active::{ActiveFile, TIME_LAG};
use crate::sink::clock;
use crate::sink::exclusive::move_exclusively;
use crate::sink::lock::Hold;
use crate::sink::open::{Owner, open_successor};
use crate::sink::pending::Cause;
use crate::sink::schedule::{Period, precision};

impl ActiveFile {
    /// Whether this process may rotate the file now.
    pub fn can_rotate(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.is_regular && matches!(open.hold, Hold::Held | Hold::Unsupported))
    }

    /// The file goes on into the period of an instant: it has nothing of the one before.
    pub fn skip_to(&mut self, at_ns: i64) {
        let next = self.period_at(at_ns);
        if let Some(open) = &mut self.open {
            open.period = next;
        }
    }

    /// Archives the file and opens its successor; returns the archive. On an error everything is as it was.
    pub fn rotate(&mut self, cause: Cause, time_ns: i64) -> io::Result<PathBuf> {
        let Some(open) = &self.open else { return Err(io::ErrorKind::NotFound.into()) };
        let owner = Owner::of(&open.file.metadata()?);
        let next = self.name_at(time_ns);
        let (file, archived) = if next == self.path {
            self.archive(self.stamp(cause, open.period, time_ns), owner)?
        } else {
            // Its name has a time in it: it keeps that, and the next file has another.
            (open_successor(&next, owner, self.is_guarded)?, self.series.active())
        };
        self.leave(0);
        self.go_on_at(next);
        self.adopt(file, time_ns, TIME_LAG)?;
        Ok(archived)
    }

    /// Moves the file to an archive's name and opens a new one under its own; returns both.
    fn archive(&self, stamp: Stamp, owner: Owner) -> io::Result<(File, PathBuf)> {
        // What is renamed is the file; a link to it stays and leads to the successor.
        let real = if self.is_guarded { self.path.clone() } else { std::fs::canonicalize(&self.path)? };
        let archived = self.series.archive(&real, stamp)?;
        let successor = open_successor(&real, owner, self.is_guarded).inspect_err(|_| {
            // No descriptor, say. The name goes back, unless somebody else took it; then the next batch finds theirs.
            let _ = move_exclusively(&archived, &real);
            // So that the archive's name is given again.
            self.series.rescan();
        });
        successor.map(|file| (file, archived))
    }

    /// Archives of a period are named by its start, others by the instant they end.
    fn stamp(&self, cause: Cause, period: Period, time_ns: i64) -> Stamp {
        let schedules = &self.options.rotation.schedules;
        let (at_ns, precision) = match cause {
            Cause::Time => (period.start_ns, precision(schedules)),
            // Lines may have waited; a test's clock has no say in how long.
            Cause::Size | Cause::Function if clock::frozen().is_none() => (clock::now_ns(), Precision::Second),
            Cause::Size | Cause::Function => (time_ns, Precision::Second),
        };
        let instant = Timestamp::from_nanosecond(i128::from(at_ns)).unwrap_or(Timestamp::UNIX_EPOCH);
        Stamp { civil: clock::local_zone().to_datetime(instant), precision }
    }
}
