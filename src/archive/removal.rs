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
use crate::sys::names;
use crate::sys::paths::canonical;

/// The number of times the file is reopened because it was rotated during the wait for its lock.
const MOST_TRIES: u32 = 10;

/// Removes the file, not a link that leads to it. Returns false if there is none.
pub fn delete(path: &Path) -> io::Result<bool> {
    on_active(path, |path, _| names::remove_open(path))
}

/// Empties the file in place. Returns false if there is none.
pub fn clear(path: &Path) -> io::Result<bool> {
    on_active(path, |_, file| file.set_len(0))
}

fn on_active(path: &Path, change: impl Fn(&Path, &File) -> io::Result<()>) -> io::Result<bool> {
    let path = match canonical(path) {
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::thread;

    use crate::disk::identity::Identity;
    use crate::disk::scratch::Scratch;
    use crate::sys::metadata;
    use crate::sys::names::symlink;

    use super::*;

    #[test]
    fn a_file_is_removed_once() {
        let folder = Scratch::new();
        let path = folder.file("app.log", 10);

        assert!(delete(&path).expect("removed"));
        assert_eq!(folder.names(), Vec::<String>::new());
        assert!(!delete(&path).expect("nothing there"));
        assert!(!clear(&path).expect("nothing there"));
    }

    #[test]
    fn a_file_is_emptied_in_place() {
        let folder = Scratch::new();
        let path = folder.file("app.log", 10);
        let before = Identity::of(&metadata::at(&path).expect("a file"));

        assert!(clear(&path).expect("emptied"));

        let after = metadata::at(&path).expect("a file");
        assert_eq!((after.len(), Identity::of(&after)), (0, before));
    }

    #[test]
    fn a_link_stays_and_its_file_goes() {
        let folder = Scratch::new();
        let path = folder.file("real.log", 10);
        let link = folder.path("app.log");
        symlink(&path, &link).expect("a link");

        assert!(delete(&link).expect("removed"));

        assert_eq!(folder.names(), ["app.log"]);
        assert!(!delete(&link).expect("nothing there"));
    }

    #[test]
    fn a_place_below_a_file_is_an_error_and_a_folder_stays() {
        let folder = Scratch::new();
        let below = folder.file("app.log", 10).join("below.log");
        fs::create_dir(folder.path("logs")).expect("a folder");

        assert!(delete(&below).is_err() && clear(&below).is_err());
        assert_eq!(delete(&folder.path("logs")).ok(), Some(false));
        assert_eq!(folder.names(), ["app.log", "logs"]);
    }

    #[test]
    fn a_file_that_becomes_an_archive_during_the_wait_stays() {
        let folder = Scratch::new();
        let path = folder.file("app.log", 10);
        let writer = File::open(&path).expect("a file");
        let hold = lock::acquire(&writer, PATIENCE);

        thread::scope(|scope| {
            let removing = scope.spawn(|| delete(&path));
            // The other thread has most likely opened the file by then. If not, it opens the new one.
            thread::sleep(PATIENCE / 10);
            fs::rename(&path, folder.path("app.1.log")).expect("renamed");
            fs::write(&path, "new").expect("written");
            lock::release(&writer, hold);
            assert!(removing.join().expect("no panic").expect("removed"));
        });

        assert_eq!(folder.names(), ["app.1.log"]);
    }

    #[test]
    fn locks_are_released() {
        let folder = Scratch::new();
        let path = folder.file("app.log", 10);

        assert!(clear(&path).expect("emptied"));

        assert_eq!(lock::acquire(&File::open(&path).expect("a file"), std::time::Duration::ZERO), lock::Hold::Held);
        assert!(!FolderLock::alone(&path, std::time::Duration::ZERO).is_refused());
    }
}
