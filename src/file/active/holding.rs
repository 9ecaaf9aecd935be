//! The lock on the open file, and what goes on without it while another program keeps it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::disk::folder_lock::FolderLock;
use crate::disk::lock;
use crate::disk::lock::{Hold, PATIENCE};
use crate::file::active::{ActiveFile, Open};
use crate::report;

/// How long another program may keep the lock before the file is rotated without it. A process of ours keeps it for one write, and the
/// others wait a second for that; a disk that hangs for some seconds recovers by itself.
const LONGEST_REFUSAL: Duration = Duration::from_secs(5);

impl Open {
    /// Whether nobody removes an archive under a write: this process has the file's lock, or is known to write without it.
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

    /// Asks for the lock of the open file for a batch. Without it the folder's is shared: archives stay while it is.
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

    /// The folder's lock, to rename the file: while this lives no other process does.
    pub(super) fn hold_folder(&mut self, real: &Path) -> FolderLock {
        // It would be in our own way.
        if let Some(open) = &mut self.open
            && open.presence.take().is_some()
        {
            open.is_current = false;
        }
        let lock = FolderLock::alone(real, self.folder_patience);
        self.folder_patience = patience_after(lock.is_refused());
        lock
    }

    /// Where the file is, links followed as far as they may be.
    pub(super) fn real_path(&self) -> io::Result<PathBuf> {
        if self.is_guarded { Ok(self.path.clone()) } else { std::fs::canonicalize(&self.path) }
    }
}

/// After waiting in vain a lock is asked for once, until it is to be had again.
fn patience_after(is_refused: bool) -> Duration {
    if is_refused { Duration::ZERO } else { PATIENCE }
}
