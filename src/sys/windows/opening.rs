//! Opening files. Log files are refused.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use crate::sys::appending::Appending;

fn refused() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "log files are not supported on Windows")
}

/// Refuses.
pub fn open_appending(_path: &Path, _how: Appending) -> io::Result<File> {
    Err(refused())
}

/// Refuses.
pub fn open_guarded(_path: &Path, _how: Appending) -> io::Result<File> {
    Err(refused())
}

/// Whether a file was not opened because a link is in its path.
pub fn is_link_in_path(_error: &io::Error) -> bool {
    false
}

/// Refuses: folders have no locks.
pub fn open_folder(_folder: &Path) -> io::Result<File> {
    Err(refused())
}

/// Refuses.
pub fn create_private(_path: &Path) -> io::Result<File> {
    Err(refused())
}

/// Refuses.
pub fn open_existing(_path: &Path) -> io::Result<File> {
    Err(refused())
}

/// Changes nothing: no opening waits.
pub fn without_waiting(how: &mut OpenOptions, _follows: bool) -> &mut OpenOptions {
    how
}

/// Changes nothing: links are not looked at.
pub fn without_links(how: &mut OpenOptions) -> &mut OpenOptions {
    how
}

/// Changes nothing: new files have the rights of their folder.
pub fn privately(how: &mut OpenOptions) -> &mut OpenOptions {
    how
}

/// The error for a path that leads through something other than a folder.
pub fn not_a_folder() -> io::Error {
    io::ErrorKind::NotADirectory.into()
}
