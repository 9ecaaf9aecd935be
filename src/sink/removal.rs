//! Removing or emptying the active file, while its writer goes on.
//!
//! It is done under the lock that writers of a rotated file take for each batch, so that the file at the path is the one that is
//! removed or emptied, never an archive it has just become. Who holds the lock for longer than a second is not waited for.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::sink::source::{is_at, open_regular};

const LONGEST_WAIT: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(2);

/// Removes the file, not a link that leads to it; false when there is none.
pub fn delete(path: &Path) -> io::Result<bool> {
    on_active(path, |path, _| std::fs::remove_file(path))
}

/// Empties the file in place; false when there is none.
pub fn clear(path: &Path) -> io::Result<bool> {
    on_active(path, |_, file| file.set_len(0))
}

fn on_active(path: &Path, change: impl Fn(&Path, &File) -> io::Result<()>) -> io::Result<bool> {
    let path = match path.canonicalize() {
        Ok(path) => path,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let deadline = Instant::now() + LONGEST_WAIT;
    loop {
        // For writing, as the sink opens it: the program may not be allowed to read it.
        let Some(file) = open_regular(&path, OpenOptions::new().write(true))? else { return Ok(false) };
        let is_locked = file.try_lock().is_ok();
        let is_late = Instant::now() >= deadline;
        if is_late || (is_locked && is_at(&path, Some(&file))?) {
            change(&path, &file)?;
            return Ok(true);
        }
        std::thread::sleep(PAUSE);
    }
}
