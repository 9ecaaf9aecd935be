//! The replacement of an archive by its compressed file.
//!
//! A crash at any point leaves the original, the compressed file, or both, each whole. If both are left, they are
//! compared later to settle which ones stay. Nothing is ever written through a link, and no file that was not made here
//! is replaced or removed.
//!
//! The lock on the archive keeps other processes and late writers out. It belongs to the open file, which a forked
//! child has too, so the process that took the lock releases it explicitly. Late writers that do not get it, because
//! another program keeps it, share the folder's lock. An archive is handed out or removed only while the folder's lock
//! is held exclusively.

use std::ffi::OsString;
use std::fs::{File, FileTimes, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::disk::folder_lock::FolderLock;
use crate::disk::identity::Identity;
use crate::disk::open::Owner;
use crate::error::{Error, Result};
use crate::process::inherited::Lockable;
use crate::process::per_process::ProcessMark;
use crate::sys::metadata::{Metadata, modified};
use crate::sys::names::move_exclusively;
use crate::sys::opening::{privately, without_waiting};
use crate::sys::{locks, metadata, names};

/// How long to wait for the folder's lock. A write or a rotation takes less.
const PATIENCE: Duration = Duration::from_millis(50);

/// A closed file that no other process maintains and no writer uses while this value lives.
pub struct Claim {
    path: PathBuf,
    /// Declared before the file, because the descriptor's number may be reused once the file is closed.
    _lockable: Lockable,
    file: File,
    found: Box<Metadata>,
    /// The process that holds the lock. A forked child must not release it.
    process: ProcessMark,
}

/// The result of asking for a file.
pub enum Claimed {
    Mine(Claim),
    /// The file's lock is held elsewhere.
    Busy,
    /// The file is gone, or another file has its path by now.
    Gone,
}

/// The result of the work on one archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// The archive is held elsewhere, or it grew during the work. It must be tried again.
    Busy,
    Gone,
}

/// How the compression of one archive begins.
pub enum Start {
    /// No compressed file exists yet; its content must be written.
    New(Replacement),
    /// A compressed file exists already, perhaps left by a crash.
    Pair(Pair),
    Not(Outcome),
}

/// A compressed file in the making. Dropping it before `finish` removes it.
pub struct Replacement {
    claim: Claim,
    output: File,
    temporary: PathBuf,
    target: PathBuf,
}

/// An original, and a file that has the name of its compressed form.
pub struct Pair {
    claim: Claim,
    compressed: File,
    target: PathBuf,
}

/// Claims an archive for compression to a file of its name and `suffix`.
pub fn start(path: &Path, suffix: &str) -> Result<Start> {
    let claim = match Claim::take(path)? {
        Claimed::Mine(claim) => claim,
        Claimed::Busy => return Ok(Start::Not(Outcome::Busy)),
        Claimed::Gone => return Ok(Start::Not(Outcome::Gone)),
    };
    let (target, temporary) = names_of(path, suffix);
    // The file is a leftover, because a process that makes one holds the lock.
    match std::fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Error::file(&temporary, error)),
        _ => {}
    }
    if target.symlink_metadata().is_ok() {
        return Pair::new(claim, target).map(Start::Pair);
    }
    Replacement::new(claim, target, temporary).map(Start::New)
}

/// Returns the names of the compressed file, finished and in the making.
fn names_of(path: &Path, suffix: &str) -> (PathBuf, PathBuf) {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(suffix);
    let mut temporary = OsString::from(".");
    temporary.push(&name);
    temporary.push(".tmp");
    (path.with_file_name(name), path.with_file_name(temporary))
}

impl Claim {
    pub fn take(path: &Path) -> Result<Claimed> {
        Self::try_take(path).map_err(|error| Error::file(path, error))
    }

    fn try_take(path: &Path) -> io::Result<Claimed> {
        let file = match open_archive(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Claimed::Gone),
            opened => opened?,
        };
        match locks::try_lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Claimed::Busy),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // Writes that began before the file was renamed are done once this lock is held. Later writers see the rename.
        if FolderLock::alone(path, PATIENCE).is_refused() {
            let _ = locks::unlock(&file);
            return Ok(Claimed::Busy);
        }
        let found = Box::new(metadata::of(&file)?);
        let lockable = Lockable::new(&file);
        let claim = Self { path: path.to_owned(), _lockable: lockable, file, found, process: ProcessMark::current() };
        Ok(if claim.is_in_place() { Claimed::Mine(claim) } else { Claimed::Gone })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn file(&self) -> &File {
        &self.file
    }

    pub fn found(&self) -> &Metadata {
        &self.found
    }

    /// Whether the path still names this file.
    fn is_in_place(&self) -> bool {
        is_at(&self.path, &self.found)
    }

    /// Whether nothing was written since the file was claimed. Writers without a lock are not kept out.
    pub(super) fn is_unchanged(&self) -> bool {
        let same = |now: Metadata| now.len() == self.found.len() && modified(&now) == modified(&self.found);
        metadata::of(&self.file).is_ok_and(same)
    }

    /// Removes the file unless it is being written to, or was written to. Returns true if the file is gone.
    fn remove(&self) -> Result<bool> {
        let alone = FolderLock::alone(&self.path, PATIENCE);
        if alone.is_refused() || !self.is_unchanged() {
            return Ok(false);
        }
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::file(&self.path, error)),
            _ => Ok(true),
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if self.process.is_current() {
            // A lock that cannot be released here ends when the last descriptor is closed.
            let _ = locks::unlock(&self.file);
        }
    }
}

impl Replacement {
    fn new(claim: Claim, target: PathBuf, temporary: PathBuf) -> Result<Self> {
        let mut how = OpenOptions::new();
        how.write(true).create_new(true);
        let output = privately(&mut how).open(&temporary).map_err(|error| Error::file(&temporary, error))?;
        Ok(Self { claim, output, temporary, target })
    }

    pub fn claim(&self) -> &Claim {
        &self.claim
    }

    /// Returns the file for the compressed content.
    pub fn output(&self) -> &File {
        &self.output
    }

    /// Puts the written file in the original's place.
    pub fn finish(self) -> Result<Outcome> {
        if !self.claim.is_in_place() {
            return Ok(Outcome::Gone);
        }
        if !self.claim.is_unchanged() {
            return Ok(Outcome::Busy);
        }
        let settled = keep_attributes(&self.output, &self.claim.found).and_then(|()| self.output.sync_all());
        settled.map_err(|error| Error::file(&self.temporary, error))?;
        let is_moved = move_exclusively(&self.temporary, &self.target);
        if !is_moved.map_err(|error| Error::file(&self.target, error))? {
            return Err(Error::file(&self.target, io::ErrorKind::AlreadyExists.into()));
        }
        // The old name may be removed only when the new one is sure to survive a crash of the machine.
        sync_folder(&self.target)?;
        if self.claim.remove()? {
            return Ok(Outcome::Done);
        }
        self.take_back()?;
        Ok(Outcome::Busy)
    }

    /// Removes the compressed file, which lacks lines that were written during compression.
    fn take_back(&self) -> Result<()> {
        let output = metadata::of(&self.output).map_err(|error| Error::file(&self.target, error))?;
        let is_ours = is_at(&self.target, &output);
        if !is_ours {
            return Ok(());
        }
        std::fs::remove_file(&self.target).map_err(|error| Error::file(&self.target, error))
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if self.claim.process.is_current() {
            // The file is gone if it was renamed. A file that cannot be removed is a leftover for the next start.
            let _ = std::fs::remove_file(&self.temporary);
        }
    }
}

impl Pair {
    fn new(claim: Claim, target: PathBuf) -> Result<Self> {
        let compressed = open_archive(&target).map_err(|error| Error::file(&target, error))?;
        Ok(Self { claim, compressed, target })
    }

    pub fn claim(&self) -> &Claim {
        &self.claim
    }

    pub fn compressed(&self) -> &File {
        &self.compressed
    }

    /// Removes the original if the other file has the same content. Otherwise both stay.
    pub fn settle(self, is_same: bool) -> Result<Outcome> {
        if !is_same {
            let found = self.claim.path.file_name().unwrap_or_default();
            let reason = format!("exists, and is not {} compressed; both stay", found.display());
            return Err(Error::file(&self.target, io::Error::new(io::ErrorKind::AlreadyExists, reason)));
        }
        if !self.claim.is_unchanged() {
            return Ok(Outcome::Busy);
        }
        self.compressed.sync_all().map_err(|error| Error::file(&self.target, error))?;
        sync_folder(&self.target)?;
        Ok(if self.claim.remove()? { Outcome::Done } else { Outcome::Busy })
    }
}

/// Whether a path names this file.
fn is_at(path: &Path, file: &Metadata) -> bool {
    metadata::link_at(path).is_ok_and(|now| now.is_file() && Identity::of(&now) == Identity::of(file))
}

/// Opens an archive, compressed or not. It must be a regular file and not a link; only the active file may have a link
/// to it.
///
/// Write access is requested because locks of some network file systems need it.
fn open_archive(path: &Path) -> io::Result<File> {
    // A pipe in the archive's place must not block.
    let mut how = OpenOptions::new();
    without_waiting(how.read(true), false);
    let file = how.clone().write(true).open(path).or_else(|_| how.open(path))?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))
}

/// Gives a file the owner, mode and times of another, as far as possible.
fn keep_attributes(file: &File, of: &Metadata) -> io::Result<()> {
    Owner::of(of).give(file);
    file.set_times(FileTimes::new().set_modified(of.modified()?).set_accessed(of.accessed()?))
}

fn sync_folder(of: &Path) -> Result<()> {
    let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    names::sync_folder(folder).map_err(|error| Error::file(folder, error))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::time::SystemTime;

    use crate::disk::scratch::Scratch;

    use super::*;

    fn claimed(path: &Path) -> Claim {
        match Claim::take(path).expect("it can be opened") {
            Claimed::Mine(claim) => claim,
            Claimed::Busy | Claimed::Gone => panic!("nobody else has it"),
        }
    }

    fn set_modified(path: &Path, time: SystemTime) {
        let file = File::options().append(true).open(path).expect("opened");
        file.set_times(FileTimes::new().set_modified(time)).expect("set");
    }

    #[test]
    fn a_claim_notices_a_write_by_the_length_or_by_the_time() {
        let folder = Scratch::new();
        let (path, longer) = (folder.file("app.1.log", 10), folder.file("app.2.log", 10));
        let before = longer.metadata().and_then(|found| found.modified()).expect("a time");
        let (claim, other) = (claimed(&path), claimed(&longer));
        assert!(claim.is_unchanged() && other.is_unchanged());

        set_modified(&path, SystemTime::UNIX_EPOCH);
        File::options().append(true).open(&longer).and_then(|mut file| file.write_all(b"x")).expect("written");
        set_modified(&longer, before);

        assert!(!claim.is_unchanged());
        assert!(!other.is_unchanged());
    }
}
