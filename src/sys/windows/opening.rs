//! Opening files. Other programs may rename and remove a file while it is open here.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;

use windows_sys::Win32::Storage::FileSystem::FILE_FLAG_OPEN_REPARSE_POINT;

use crate::sys::appending::Appending;

fn refused() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "crash files are not supported on Windows")
}

/// Opens a file for appending, and creates it if it is missing. All programs share it, by the default of the standard
/// library.
pub fn open_appending(path: &Path, how: Appending) -> io::Result<File> {
    OpenOptions::new().append(true).read(how.reads).create(true).create_new(how.is_new).open(path)
}

/// The same: owners of folders and links are not looked at.
pub fn open_guarded(path: &Path, how: Appending) -> io::Result<File> {
    open_appending(path, how)
}

/// Whether a file was not opened because a link is in its path.
pub fn is_link_in_path(_error: &io::Error) -> bool {
    false
}

/// Refuses: folders have no locks.
pub fn open_folder(_folder: &Path) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Refuses.
pub fn create_private(_path: &Path) -> io::Result<File> {
    Err(refused())
}

/// Refuses.
pub fn open_existing(_path: &Path) -> io::Result<File> {
    Err(refused())
}

/// Makes an opening give the link itself, which is no regular file, unless it `follows` links. No opening waits.
pub fn without_waiting(how: &mut OpenOptions, follows: bool) -> &mut OpenOptions {
    if follows { how } else { without_links(how) }
}

/// Makes an opening give the link itself, which is no regular file.
pub fn without_links(how: &mut OpenOptions) -> &mut OpenOptions {
    how.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT)
}

/// Changes nothing: new files have the rights of their folder.
pub fn privately(how: &mut OpenOptions) -> &mut OpenOptions {
    how
}

/// The error for a path that leads through something other than a folder.
pub fn not_a_folder() -> io::Error {
    io::ErrorKind::NotADirectory.into()
}
