//! Regular files: opened without waiting for anything, and told from what came in their place.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::disk::guarded::is_exposed;
use crate::disk::identity::Identity;

/// A regular file; None where there is none. Anything else might block, and has no text to read back; so has a link where others
/// can put one.
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
    let follow = if is_guarded { libc::O_NOFOLLOW } else { 0 };
    match how.custom_flags(libc::O_NONBLOCK | follow).open(path) {
        Ok(file) => Ok(Some(file).filter(|file| file.metadata().is_ok_and(|found| found.is_file()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the file at `path` is still the one that is open, or still none.
pub fn is_at(path: &Path, file: Option<&File>) -> io::Result<bool> {
    let now = match path.metadata() {
        Ok(found) => Some(Identity::of(&found)).filter(|_| found.is_file()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let open = file.map(File::metadata).transpose()?.map(|found| Identity::of(&found));
    Ok(now == open)
}

/// The name of an archive once it is compressed.
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".");
    name.push(suffix);
    name.into()
}
