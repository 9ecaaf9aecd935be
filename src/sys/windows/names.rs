//! The names of files: moving them without replacing, exchanging them, and links.
#![expect(unsafe_code, reason = "MoveFileEx has no safe interface that keeps the file at the new name")]

use std::io;
use std::os::windows::ffi::OsStrExt;
use std::path::Path;

use windows_sys::Win32::Foundation::{ERROR_ALREADY_EXISTS, ERROR_FILE_EXISTS};
use windows_sys::Win32::Storage::FileSystem::{MOVEFILE_WRITE_THROUGH, MoveFileExW};

pub use std::os::windows::fs::symlink_file as symlink;

/// Moves a file within its file system. Returns false if the name is already taken.
pub fn move_exclusively(from: &Path, to: &Path) -> io::Result<bool> {
    let [from, to] = [from, to].map(|path| path.as_os_str().encode_wide().chain([0]).collect::<Vec<u16>>());
    // SAFETY: both texts end in a null character.
    if unsafe { MoveFileExW(from.as_ptr(), to.as_ptr(), MOVEFILE_WRITE_THROUGH) } != 0 {
        return Ok(true);
    }
    let error = io::Error::last_os_error();
    match error.raw_os_error().map(i32::unsigned_abs) {
        Some(ERROR_ALREADY_EXISTS | ERROR_FILE_EXISTS) => Ok(false),
        _ => Err(error),
    }
}

/// The system cannot exchange names.
pub fn exchange(_one: &Path, _other: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether names were not exchanged because the system cannot do it.
pub fn is_no_exchange(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
}
