//! Regular files: opens them without blocking, reads parts of them, and detects files that took their place.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::disk::guarded::is_exposed;
use crate::disk::identity::Identity;
use crate::sys::content::read_at;
use crate::sys::metadata;
use crate::sys::opening::without_waiting;

/// Reads at an offset until `out` is full or the file ends. Returns the number of bytes.
pub fn read_full_at(file: &File, out: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut length = 0;
    while length < out.len() {
        match read_at(file, &mut out[length..], offset + length as u64) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Opens a regular file; returns None if there is none. Anything else might block and has no text to read back. A link
/// also counts as none if others could have put it there.
pub fn open_regular(path: &Path, how: &mut OpenOptions) -> io::Result<Option<File>> {
    let is_guarded = is_exposed(path);
    let is_file = match if is_guarded { path.symlink_metadata() } else { path.metadata() } {
        Ok(found) => found.is_file(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if !is_file {
        return Ok(None);
    }
    match without_waiting(how, !is_guarded).open(path) {
        Ok(file) => Ok(Some(file).filter(|file| file.metadata().is_ok_and(|found| found.is_file()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the file at `path` is still the open one, or is still missing if none was open.
pub fn is_at(path: &Path, file: Option<&File>) -> io::Result<bool> {
    let now = match metadata::at(path) {
        Ok(found) => Some(Identity::of(&found)).filter(|_| found.is_file()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let open = file.map(metadata::of).transpose()?.map(|found| Identity::of(&found));
    Ok(now == open)
}

/// Returns the name of an archive after compression.
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".");
    name.push(suffix);
    name.into()
}
