//! Opening the file that lines are appended to.
//!
//! The file is opened with `O_APPEND`, never on descriptors 0 to 2, and is not inherited by other programs. A torn last
//! line is ended.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use crate::config::sink::FileMode;
use crate::disk::guarded::{check_folders, check_kind, open_guarded};
use crate::sys::appending::Appending;
use crate::sys::content::{empty, read_at, wait_for_write};
use crate::sys::descriptors::apart;
use crate::sys::metadata;
use crate::sys::metadata::{Metadata, give_to_group, give_to_user, group, links, mode, set_mode, user};
use crate::sys::opening;

/// The number of further checks of a file that seems torn. `TORN_PAUSE` is the time between them.
const TORN_CHECKS: u32 = 4;
/// The number of times such a file may grow between checks before it is left to the processes that write to it.
const MOST_GROWTHS: u32 = 10;
const TORN_PAUSE: Duration = Duration::from_millis(3);

/// The number of checks for the successor of a renamed file. `SUCCESSOR_PAUSE` is the time between them.
const SUCCESSOR_CHECKS: u32 = 50;
const SUCCESSOR_PAUSE: Duration = Duration::from_micros(500);

/// A file's owner, group and mode. Its successor gets the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    mode: u32,
    user: u32,
    group: u32,
}

impl Owner {
    pub fn of(found: &std::fs::Metadata) -> Self {
        Self { mode: mode(found), user: user(found), group: group(found) }
    }

    /// Gives a file this owner and mode as far as possible. Only root may change a file's owner, other users may only
    /// choose a group they are in, and some file systems support neither.
    pub fn give(self, file: &File) {
        let Ok(found) = file.metadata() else { return };
        let is_user_kept = user(&found) == self.user || give_to_user(file, self.user);
        let is_group_kept = group(&found) == self.group || give_to_group(file, self.group);
        // This must come after the owner is set, because changing the owner clears the set-user bits.
        set_mode(file, self.mode_for(is_user_kept, is_group_kept));
    }

    /// The mode without access that was meant for another owner. A different group gets the access that everybody has.
    /// A different user, who made the file, keeps read and write access.
    fn mode_for(self, is_user_kept: bool, is_group_kept: bool) -> u32 {
        let group = if is_group_kept { self.mode & 0o2070 } else { (self.mode & 0o007) << 3 };
        let user = if is_user_kept { self.mode & 0o4700 } else { self.mode & 0o700 | 0o600 };
        self.mode & 0o1007 | group | user
    }
}

/// Returns the metadata of the file at the path of an open file.
///
/// If the open file was renamed and its path is empty, the program that renamed it may be about to create a successor,
/// as logrotate does. A file of ours at that path would be put aside. `is_patient` gives that program a moment.
pub fn metadata_at(path: &Path, file: &File, is_patient: bool, is_guarded: bool) -> io::Result<Metadata> {
    let ask = || if is_guarded { metadata::link_at(path) } else { metadata::at(path) };
    let mut found = ask();
    let is_missing =
        |found: &io::Result<Metadata>| found.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    if !is_patient || !is_missing(&found) || metadata::of(file).is_ok_and(|found| links(&found) == 0) {
        return found;
    }
    for _ in 0..SUCCESSOR_CHECKS {
        std::thread::sleep(SUCCESSOR_PAUSE);
        found = ask();
        if !is_missing(&found) {
            break;
        }
    }
    found
}

/// Opens a file; creates it and its parents if needed. With `is_guarded`, no link in the path is followed.
pub fn open(path: &Path, mode: FileMode, permissions: Option<u32>, is_guarded: bool) -> io::Result<File> {
    make_parents(path, is_guarded)?;
    let is_new = mode == FileMode::Exclusive;
    let how = Appending { reads: true, is_new, mode: permissions.unwrap_or(0o666) };
    // Only the torn line needs read access, so a write-only file and a FIFO are fine.
    let file = open_appending(path, how, is_guarded).or_else(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => open_appending(path, Appending { reads: false, ..how }, is_guarded),
        _ => Err(error),
    })?;
    let file = apart(file)?;
    // Devices and FIFOs cannot be emptied.
    if mode == FileMode::Write && file.metadata()?.is_file() {
        empty(&file)?;
    }
    Ok(file)
}

/// Opens the successor of a file. It is created with the same owner and mode unless another process created it first.
/// Anything that `check_kind` rejects is an error.
pub fn open_successor(path: &Path, owner: Owner, is_guarded: bool) -> io::Result<File> {
    make_parents(path, is_guarded)?;
    let how = Appending { reads: true, is_new: true, mode: owner.mode & 0o666 };
    match open_appending(path, how, is_guarded) {
        Ok(file) => {
            let file = apart(file)?;
            owner.give(&file);
            Ok(file)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let file = open(path, FileMode::Append, None, is_guarded)?;
            check_kind(&metadata::of(&file)?, is_guarded)?;
            Ok(file)
        }
        Err(error) => Err(error),
    }
}

fn make_parents(path: &Path, is_guarded: bool) -> io::Result<()> {
    if is_guarded {
        check_folders(path)?;
    }
    match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => std::fs::create_dir_all(parent).map_err(|error| match error.kind() {
            // A file has the name of a folder. For a log, "file exists" would be misleading.
            io::ErrorKind::AlreadyExists => opening::not_a_folder(),
            _ => error,
        }),
        None => Ok(()),
    }
}

fn open_appending(path: &Path, how: Appending, is_guarded: bool) -> io::Result<File> {
    if is_guarded { open_guarded(path, how) } else { opening::open_appending(path, how) }
}

/// Ends a line that was torn by a crash, before anything is appended. Returns true if there was such a line.
///
/// A file that another process is writing to can look torn for a moment, because a write becomes visible page by page.
/// Only a file that stays unchanged therefore counts as torn. A process that holds the file's lock is alone and
/// checks once.
pub fn end_torn_line(file: &mut File, is_alone: bool) -> io::Result<bool> {
    let mut torn = torn_at(file)?;
    let mut checks = if is_alone { TORN_CHECKS } else { 0 };
    let mut growths = 0;
    while let Some(length) = torn
        && checks < TORN_CHECKS
    {
        // The first further check has no pause: most such files are being written to, and a pause would delay a caller.
        if checks > 0 {
            std::thread::sleep(TORN_PAUSE);
        }
        // Systems and file systems that cannot do this rely on the pauses.
        wait_for_write(file);
        torn = torn_at(file)?;
        checks += 1;
        if torn.is_some_and(|now| now != length) {
            // The file is being written to, unless that was the last write of its process.
            growths += 1;
            checks = if growths < MOST_GROWTHS { 0 } else { return Ok(false) };
        }
    }
    if torn.is_some() {
        file.write_all(b"\n")?;
    }
    Ok(torn.is_some())
}

/// Returns the length of a file whose last line is not ended.
fn torn_at(file: &File) -> io::Result<Option<u64>> {
    let found = file.metadata()?;
    Ok(Some(found.len()).filter(|length| found.is_file() && is_torn(file, *length)))
}

/// Whether the first `length` bytes of a file end within a line. False if they cannot be read.
pub fn is_torn(file: &File, length: u64) -> bool {
    let mut last = [b'\n'];
    length > 0 && read_at(file, &mut last, length - 1).is_ok() && last[0] != b'\n'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_for_another_owner_is_not_given_on() {
        let owner = |mode| Owner { mode, user: 1, group: 2 };

        assert_eq!(owner(0o6660).mode_for(true, true), 0o6660);
        assert_eq!(owner(0o6660).mode_for(true, false), 0o4600);
        assert_eq!(owner(0o0664).mode_for(true, false), 0o0644);
        assert_eq!(owner(0o4460).mode_for(false, true), 0o0660);
    }
}
