//! The lock on a folder. It covers the cases where a file's lock does not help: any program that may read a file can
//! keep that lock forever.
//!
//! Processes that write to a rotated file without its lock share the folder's lock. A process that renames the file, or
//! removes or hands out an archive, holds it exclusively. The lock is held for one such step. Waiting for it is always
//! limited; a process that does not get it goes on without.

use std::path::Path;
use std::time::Duration;

use crate::disk::lock;
use crate::disk::lock::Hold;
use crate::disk::own_file::OwnFile;
use crate::process::inherited::Lockable;
use crate::sys::descriptors::apart;
use crate::sys::opening;

/// A folder's lock, if it could be taken. It is released on drop.
pub struct FolderLock {
    hold: Hold,
    /// Declared before the folder, because the descriptor's number may be reused once the folder is closed.
    _lockable: Option<Lockable>,
    folder: Option<OwnFile>,
}

impl FolderLock {
    /// Takes the exclusive lock on a file's folder. The path contains no links.
    pub fn alone(path: &Path, patience: Duration) -> Self {
        Self::take(path, |folder| lock::acquire(folder, patience))
    }

    /// Takes the shared lock on a file's folder.
    pub fn together(path: &Path, patience: Duration) -> Self {
        Self::take(path, |folder| lock::acquire_shared(folder, patience))
    }

    fn take(path: &Path, acquire: impl FnOnce(&OwnFile) -> Hold) -> Self {
        let Some(folder) = open_folder(path) else {
            // Files in a folder can be renamed even if the folder may not be read.
            return Self { hold: Hold::Unsupported, _lockable: None, folder: None };
        };
        let lockable = Lockable::new(&folder);
        let hold = acquire(&folder);
        Self { hold, _lockable: Some(lockable), folder: Some(folder) }
    }

    pub fn is_held(&self) -> bool {
        self.hold == Hold::Held
    }

    /// Whether another process holds the lock. False if the file system has no locks.
    pub fn is_refused(&self) -> bool {
        self.hold == Hold::Refused
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // The program may have closed its descriptors and opened another file under this number.
        if let Some(folder) = self.folder.as_ref().filter(|folder| folder.is_ours()) {
            lock::release(folder, self.hold);
        }
    }
}

fn open_folder(of: &Path) -> Option<OwnFile> {
    let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    OwnFile::new(apart(opening::open_folder(folder).ok()?).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use crate::disk::scratch::Scratch;

    use super::*;

    #[test]
    fn those_who_write_are_together_and_whoever_removes_is_alone() {
        let folder = Scratch::new();
        let [one, other] = ["one", "other"].map(|name| folder.path(name));
        let now = Duration::ZERO;

        let writers = [&one, &other].map(|path| FolderLock::together(path, now));
        assert!(writers.iter().all(FolderLock::is_held));
        assert!(FolderLock::alone(&one, now).is_refused());
        drop(writers);

        let remover = FolderLock::alone(&one, now);
        assert!(remover.is_held());
        assert!(FolderLock::together(&other, now).is_refused());
        assert!(FolderLock::alone(&other, now).is_refused());
        drop(remover);
        assert!(FolderLock::alone(&other, now).is_held());
    }

    #[test]
    fn a_folder_that_is_not_there_refuses_nobody() {
        let folder = Scratch::new();

        let lock = FolderLock::alone(&folder.path("none/file"), Duration::ZERO);

        assert!(!lock.is_held() && !lock.is_refused());
    }
}
