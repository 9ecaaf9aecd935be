//! Removal and emptying of the active file while its writer goes on.
//!
//! Both happen under the lock that writers of a rotated file take for each batch. The file at the path is therefore the
//! one that is removed or emptied, never an archive it has just become. A process that holds the lock for longer than a
//! second is not waited for. The folder's lock excludes processes that rotate the file while another program keeps the
//! file's lock.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use crate::disk::folder_lock::FolderLock;
use crate::disk::guarded::is_exposed;
use crate::disk::lock;
use crate::disk::lock::PATIENCE;
use crate::disk::regular::{is_at, open_regular};

/// The number of times the file is reopened because it was rotated during the wait for its lock.
const MOST_TRIES: u32 = 10;

/// Removes the file, not a link that leads to it. Returns false if there is none.
pub fn delete(path: &Path) -> io::Result<bool> {
    on_active(path, |path, _| std::fs::remove_file(path))
}

/// Empties the file in place. Returns false if there is none.
pub fn clear(path: &Path) -> io::Result<bool> {
    on_active(path, |_, file| file.set_len(0))
}

fn on_active(path: &Path, change: impl Fn(&Path, &File) -> io::Result<()>) -> io::Result<bool> {
    let path = match path.canonicalize() {
        // Links were followed when the sink was added.
        _ if is_exposed(path) => path.to_owned(),
        Ok(path) => path,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    for _ in 0..MOST_TRIES {
        // The file is opened for writing, as the sink opens it: the program may not be allowed to read it.
        let Some(file) = open_regular(&path, OpenOptions::new().write(true))? else { return Ok(false) };
        let hold = lock::acquire(&file, PATIENCE);
        let alone = FolderLock::alone(&path, PATIENCE);
        let is_changed = change_if_active(&path, &file, &change);
        drop(alone);
        lock::release(&file, hold);
        if is_changed? {
            return Ok(true);
        }
    }
    Err(io::Error::other("it is rotated all the time"))
}

fn change_if_active(path: &Path, file: &File, change: impl Fn(&Path, &File) -> io::Result<()>) -> io::Result<bool> {
    let is_active = is_at(path, Some(file))?;
    if is_active {
        change(path, file)?;
    }
    Ok(is_active)
}
