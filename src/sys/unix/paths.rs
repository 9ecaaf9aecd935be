//! Names and paths as bytes, and the name of the machine.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// The bytes of a name.
pub fn bytes_of(name: &OsStr) -> &[u8] {
    name.as_bytes()
}

/// The name with these bytes.
pub fn name_of(bytes: Vec<u8>) -> OsString {
    OsString::from_vec(bytes)
}

/// The length of the folder at the start of a path, with the separator after it.
pub fn folder_length(path: &[u8]) -> usize {
    memchr::memrchr(b'/', path).map_or(0, |at| at + 1)
}

/// The text before a name that makes it absolute: nothing, or the working folder and a separator.
pub fn base_of(name: &OsStr) -> io::Result<Vec<u8>> {
    if bytes_of(name).starts_with(b"/") {
        return Ok(Vec::new());
    }
    let folder = std::env::current_dir()?;
    Ok([bytes_of(folder.as_os_str()), b"/"].concat())
}

/// The reason why no log file has such a path, if there is one.
pub fn objection(_path: &Path) -> Option<&'static str> {
    None
}

/// The reason why no file has such a name, if there is one. A name is the last part of a path.
pub fn objection_to_name(_name: &[u8]) -> Option<&'static str> {
    None
}

/// The path without links.
pub fn canonical(path: &Path) -> io::Result<PathBuf> {
    std::fs::canonicalize(path)
}

/// The name of the machine.
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
