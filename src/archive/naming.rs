//! Names for archives: in the order of logging, and never given twice.
//!
//! The order of names is kept through the hour that is repeated in autumn, and through small backward steps of the
//! clock. The newest archive is therefore remembered, even after it is removed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use jiff::civil::DateTime;

use crate::archive::order::{Newest, Position};
use crate::archive::series::Series;
use crate::clock::SMALL_STEP;
use crate::config::archive_name::{ArchiveName, SUFFIXES};
use crate::config::name_template::Stamp;
use crate::format::time::reading::Precision;
use crate::sys::names::move_exclusively;
use crate::sys::paths::{bytes_of, name_of};

/// The number of names tried before a rotation is given up.
const MOST_TRIES: u32 = 10_000;

impl Series {
    /// Moves the file at `active`, a path with links followed, to the next free name. Returns the new path. The caller
    /// holds the file's lock.
    ///
    /// The name is that of `stamp`. If the clock was set back by no more than a day, that name could come before an
    /// existing archive: the newest archive's name is then used with the next number. A file with a time in its name
    /// keeps that time.
    pub fn archive(&self, active: &Path, stamp: Stamp) -> io::Result<PathBuf> {
        let own = active.file_name().unwrap_or_default();
        let known = self.position_of_newest();
        let stamp = if self.names.is_timed() {
            self.names.parse(own).and_then(|name| name.stamp)
        } else {
            self.in_order(self.as_named(stamp), known)
        };
        let first = self.last_number(stamp, known).saturating_add(1);
        let first = if self.names.is_timed() { first.max(2) } else { first };
        for number in first..first.saturating_add(MOST_TRIES) {
            let name = match stamp {
                _ if self.names.is_timed() => self.names.numbered(own, number),
                Some(stamp) => self.names.render(stamp, number),
                None => self.names.render(Stamp { civil: DateTime::default(), precision: Precision::Day }, number),
            };
            let path = active.with_file_name(name);
            if !is_taken(&path) && move_exclusively(active, &path)? {
                self.newest.store(Arc::new(Newest::Known(self.position(stamp, number))));
                return Ok(path);
            }
        }
        Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("no free name among {MOST_TRIES} for an archive")))
    }

    /// Has the newest archive looked for again, because another process has rotated.
    pub fn rescan(&self) {
        self.newest.store(Arc::new(Newest::Unknown));
    }

    /// Returns the position of an archive, for the names that follow. An adopted archive counts as one of this file's
    /// own, without a number, that is no earlier.
    pub(super) fn position_of(&self, name: &ArchiveName) -> Position {
        match name.stamp {
            Some(stamp) if name.is_adopted => {
                Position { order: self.order_of(name), stamp: self.as_named(stamp.rounded_up()), number: 0 }
            }
            stamp => self.position(stamp, name.number),
        }
    }

    /// Returns a stamp as it will be read back; None if names have no time.
    fn as_named(&self, stamp: Stamp) -> Option<Stamp> {
        match self.names.parse(&self.names.render(stamp, 1)) {
            Some(name) => name.stamp,
            None => Some(stamp),
        }
    }

    fn in_order(&self, stamp: Option<Stamp>, newest: Option<Position>) -> Option<Stamp> {
        let Some(newest) = newest else { return stamp };
        let order = self.position(stamp, u32::MAX).order;
        let is_behind = order > newest.order || newest.order.end_ns.saturating_sub(order.end_ns) > SMALL_STEP;
        if is_behind { stamp } else { newest.stamp }
    }

    /// Returns the highest number given to archives of this stamp, as far as any are left; 0 if there are none.
    fn last_number(&self, stamp: Option<Stamp>, newest: Option<Position>) -> u32 {
        match newest {
            None => 0,
            Some(newest) if newest.stamp == stamp => newest.number,
            Some(newest) if self.position(stamp, 1).order > newest.order => 0,
            // The clock went back far, to a time that may have archives already.
            Some(_) => {
                let named = self.named().unwrap_or_default();
                let own = named.iter().filter(|(_, name)| !name.is_adopted && name.stamp == stamp);
                own.map(|(_, name)| name.number).max().unwrap_or(0)
            }
        }
    }

    /// Returns the position of the newest archive. A folder that cannot be listed now counts as having none: names are
    /// still given exclusively.
    fn position_of_newest(&self) -> Option<Position> {
        let known = *self.newest.load_full();
        match (known, known.is_unknown().then(|| self.named())) {
            (Newest::Known(position), _) => Some(position),
            (_, Some(Ok(named))) => {
                let newest = named.iter().map(|(_, name)| name).max_by_key(|name| self.order_of(name));
                let newest = newest.map(|name| self.position_of(name));
                self.newest.store(Arc::new(newest.map_or(Newest::Nothing, Newest::Known)));
                newest
            }
            _ => None,
        }
    }

    /// Records an archive that was seen in the folder. It tells nothing about later archives, so a folder that must be
    /// listed still must be.
    pub(super) fn remember(&self, position: Position) {
        self.newest.rcu(|newest| match **newest {
            Newest::Known(known) if known.order < position.order => Arc::new(Newest::Known(position)),
            _ => Arc::clone(newest),
        });
    }
}

/// Whether an archive has this name, compressed or not. Any other file with the name counts too.
fn is_taken(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let compressed = SUFFIXES.iter().map(|suffix| name_of([bytes_of(name), b".", suffix.as_bytes()].concat()));
    std::iter::once(name.to_owned())
        .chain(compressed)
        .any(|name| fs::symlink_metadata(path.with_file_name(name)).is_ok())
}

#[cfg(test)]
mod tests;
