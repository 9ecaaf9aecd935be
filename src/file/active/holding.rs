//! The lock on the open file, and writing without it while another program keeps it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::disk::folder_lock::FolderLock;
use crate::disk::lock;
use crate::disk::lock::{Hold, PATIENCE};
use crate::file::active::{ActiveFile, Open};
use crate::report;
use crate::sys::paths::canonical;

/// How long another program may keep the lock before the file is rotated without it. A process of ours keeps the lock
/// for one write, and the others wait a second for it. A disk that hangs for some seconds recovers by itself.
const LONGEST_REFUSAL: Duration = Duration::from_secs(5);

impl Open {
    /// Whether no process removes an archive during a write: this process has the file's lock, or other processes can
    /// tell that it writes without the lock.
    pub(super) fn is_guarded_from_removal(&self) -> bool {
        self.hold != Hold::Refused || self.presence.as_ref().is_some_and(FolderLock::is_held)
    }
}

impl ActiveFile {
    /// Whether this process may rotate the file now.
    pub fn can_rotate(&self) -> bool {
        let is_kept = |since: Instant| since.elapsed() >= LONGEST_REFUSAL;
        self.open.as_ref().is_some_and(|open| {
            open.is_regular
                && match open.hold {
                    Hold::Held | Hold::Unsupported => true,
                    Hold::Free => false,
                    Hold::Refused => open.refused_since.is_some_and(is_kept),
                }
        })
    }

    /// Asks for the open file's lock for one batch. If it is refused, shares the folder's lock: archives stay while
    /// that is shared.
    pub(super) fn hold_file(&mut self) {
        let Some(open) = &mut self.open else { return };
        open.hold = lock::acquire(&open.file, self.patience);
        self.patience = patience_after(open.hold == Hold::Refused);
        open.presence = None;
        if open.hold != Hold::Refused {
            open.refused_since = None;
            return;
        }
        open.refused_since.get_or_insert_with(Instant::now);
        let path = self.path.display();
        let line = format!("{path}: another process keeps its lock; lines are written without it");
        report::tell_paced(&format!("lock {path}"), &line);
        if let Ok(real) = self.real_path() {
            let presence = FolderLock::together(&real, self.folder_patience);
            self.folder_patience = patience_after(presence.is_refused());
            if let Some(open) = &mut self.open {
                open.presence = Some(presence);
            }
        }
    }

    /// Takes the exclusive lock on the folder, to rename the file. No other process renames it while the returned lock
    /// lives.
    pub(super) fn hold_folder(&mut self, real: &Path) -> FolderLock {
        // This process's own share would block the exclusive lock.
        if let Some(open) = &mut self.open
            && open.presence.take().is_some()
        {
            open.is_current = false;
        }
        let lock = FolderLock::alone(real, self.folder_patience);
        self.folder_patience = patience_after(lock.is_refused());
        lock
    }

    /// Returns the file's real path, with links followed as far as allowed.
    pub(super) fn real_path(&self) -> io::Result<PathBuf> {
        if self.is_guarded { Ok(self.path.clone()) } else { canonical(&self.path) }
    }
}

/// After a wait in vain, the lock is asked for without waiting until it can be taken again.
fn patience_after(is_refused: bool) -> Duration {
    if is_refused { Duration::ZERO } else { PATIENCE }
}
