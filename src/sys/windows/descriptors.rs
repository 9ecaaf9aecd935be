//! Handles of files and streams. Programs do not close handles that they did not open, so numbers matter less here.

use std::fs::File;
use std::io;
use std::io::Write;
use std::os::windows::io::{AsHandle, AsRawHandle};
use std::time::Duration;

use windows_sys::Win32::Foundation::ERROR_INVALID_HANDLE;

/// The most bytes in one write to a pipe.
pub const PIPE_BUF: u64 = 4096;

/// Consoles must be asked for colours even if the settings demand them.
pub const MUST_CONSOLES_BE_ASKED: bool = true;

/// Handles are not inherited by number, so there is none.
pub fn number(_file: &File) -> i32 {
    -1
}

/// Handles need not be moved.
pub fn apart(file: File) -> io::Result<File> {
    Ok(file)
}

/// Whether an error says that the handle is closed.
pub fn is_closed(error: &io::Error) -> bool {
    error.raw_os_error() == Some(ERROR_INVALID_HANDLE as i32)
}

/// Duplicates the handle of standard output.
pub fn duplicate_output() -> io::Result<File> {
    io::stdout().as_handle().try_clone_to_owned().map(File::from)
}

/// Duplicates the handle of standard error.
pub fn duplicate_error() -> io::Result<File> {
    io::stderr().as_handle().try_clone_to_owned().map(File::from)
}

/// Writes wait by themselves.
pub fn wait_for_room(_file: &File, _longest: Duration) -> bool {
    true
}

/// Whether there is a standard error.
pub fn is_error_open() -> bool {
    !io::stderr().as_raw_handle().is_null()
}

/// Writes to standard error. A failure cannot be reported anywhere.
pub fn write_error(text: &[u8]) {
    let _ = io::stderr().write_all(text);
}
