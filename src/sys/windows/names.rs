//! The names of files: moving them without replacing, exchanging them, and links.
#![expect(unsafe_code, reason = "MoveFileEx has no safe interface that keeps the file at the new name")]

use std::ffi::OsString;
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

/// Removes a file that is open here. It gets another name first: a removed file may keep its name until all programs have
/// closed it, and no other file could have the name.
pub fn remove_open(path: &Path) -> io::Result<()> {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.removed", std::process::id()));
    let aside = path.with_file_name(name);
    if !move_exclusively(path, &aside)? {
        return std::fs::remove_file(path);
    }
    std::fs::remove_file(&aside).inspect_err(|_| {
        // Another program forbids it. If the name is taken by now, the file stays under the other one.
        let _ = move_exclusively(&aside, path);
    })
}

/// Does nothing: a name that was moved is written through, and the system cannot sync a folder.
pub fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// The system cannot exchange names.
pub fn exchange(_one: &Path, _other: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether names were not exchanged because the system cannot do it.
pub fn is_no_exchange(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
}
