//! Opening files in ways that the standard library does not offer. No opened file is inherited by other programs.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, RawMode, openat};
use rustix::io::{Errno, retry_on_intr};

use crate::sys::appending::Appending;

fn flags_of(how: Appending) -> OFlags {
    let access = if how.reads { OFlags::RDWR } else { OFlags::WRONLY };
    let new = if how.is_new { OFlags::EXCL } else { OFlags::empty() };
    access | new | OFlags::APPEND | OFlags::CREATE | OFlags::NOCTTY | OFlags::CLOEXEC
}

fn mode_of(mode: u32) -> Mode {
    Mode::from_raw_mode(mode as RawMode)
}

/// Opens a file for appending, and creates it if it is missing.
pub fn open_appending(path: &Path, how: Appending) -> io::Result<File> {
    Ok(retry_on_intr(|| openat(CWD, path, flags_of(how), mode_of(how.mode)))?.into())
}

/// Opens a file for appending. It follows no link in the path and never waits for the reader of a pipe. The caller sets
/// any further mode bits on the open file.
pub fn open_guarded(path: &Path, how: Appending) -> io::Result<File> {
    let (flags, mode) = (flags_of(how) | OFlags::NOFOLLOW | OFlags::NONBLOCK, mode_of(how.mode & 0o777));
    Ok(open_without_links(path, flags, mode)?.into())
}

#[cfg(target_os = "linux")]
fn open_without_links(path: &Path, flags: OFlags, mode: Mode) -> rustix::io::Result<std::os::fd::OwnedFd> {
    match rustix::fs::openat2(CWD, path, flags, mode, rustix::fs::ResolveFlags::NO_SYMLINKS) {
        // Kernels before 5.6, and sandboxes, do not know the call.
        Err(Errno::NOSYS | Errno::PERM) => openat(CWD, path, flags, mode),
        opened => opened,
    }
}

#[cfg(target_vendor = "apple")]
fn open_without_links(path: &Path, flags: OFlags, mode: Mode) -> rustix::io::Result<std::os::fd::OwnedFd> {
    let anywhere = OFlags::from_bits_retain(libc::O_NOFOLLOW_ANY as _);
    match openat(CWD, path, flags | anywhere, mode) {
        // Systems before macOS 11 ignore the new flag; some later ones refuse it together with the old one.
        Err(Errno::INVAL) => openat(CWD, path, (flags - OFlags::NOFOLLOW) | anywhere, mode),
        opened => opened,
    }
}

/// Whether a file was not opened because a link is in its path.
pub fn is_link_in_path(error: &io::Error) -> bool {
    Errno::from_io_error(error) == Some(Errno::LOOP)
}

/// Opens a folder, for its lock.
pub fn open_folder(folder: &Path) -> io::Result<File> {
    Ok(openat(CWD, folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?.into())
}

/// Creates a file that only its user can use, for reading and writing. It follows no link.
pub fn create_private(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(retry_on_intr(|| openat(CWD, path, flags, Mode::RUSR | Mode::WUSR))?.into())
}

/// Opens a file for reading and writing, if it is no link. It never waits for the other end of a pipe.
pub fn open_existing(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(openat(CWD, path, flags, Mode::empty())?.into())
}

/// Makes an opening wait for no other end of a pipe, and refuse links unless it `follows` them.
pub fn without_waiting(how: &mut OpenOptions, follows: bool) -> &mut OpenOptions {
    let links = if follows { OFlags::empty() } else { OFlags::NOFOLLOW };
    how.custom_flags((OFlags::NONBLOCK | links).bits() as i32)
}

/// Makes an opening refuse links.
pub fn without_links(how: &mut OpenOptions) -> &mut OpenOptions {
    how.custom_flags(OFlags::NOFOLLOW.bits() as i32)
}

/// Makes new files usable by their user alone.
pub fn privately(how: &mut OpenOptions) -> &mut OpenOptions {
    how.mode(0o600)
}

/// The error for a path that leads through something other than a folder.
pub fn not_a_folder() -> io::Error {
    Errno::NOTDIR.into()
}
