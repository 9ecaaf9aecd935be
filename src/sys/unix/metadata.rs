//! Facts about files that only one kind of system has: identity, links, owner and mode.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use rustix::fs::{Gid, Mode, RawMode, Uid, fchmod, fchown};

/// Facts about a file, and which file it is.
pub use std::fs::Metadata;

/// The facts about an open file.
#[inline]
pub fn of(file: &File) -> io::Result<Metadata> {
    file.metadata()
}

/// The facts about the file that a path leads to.
#[inline]
pub fn at(path: &Path) -> io::Result<Metadata> {
    std::fs::metadata(path)
}

/// The facts about the file at a path. Those of a link are its own.
#[inline]
pub fn link_at(path: &Path) -> io::Result<Metadata> {
    std::fs::symlink_metadata(path)
}

/// The device and the number of a file, which tell it apart from all others.
#[inline]
pub fn device_and_inode(found: &Metadata) -> (u64, u64) {
    (found.dev(), found.ino())
}

/// The number of names of a file.
pub fn links(found: &Metadata) -> u64 {
    found.nlink()
}

/// Whether it is a pipe with a name, whose opening may wait for a reader.
pub fn is_pipe(found: &Metadata) -> bool {
    found.file_type().is_fifo()
}

/// The permissions, with the bits for other users' identities and for shared folders.
pub fn mode(found: &Metadata) -> u32 {
    found.mode() & 0o7777
}

pub fn user(found: &Metadata) -> u32 {
    found.uid()
}

pub fn group(found: &Metadata) -> u32 {
    found.gid()
}

/// Whether the file belongs to the user whose rights this process has.
pub fn is_own(found: &Metadata) -> bool {
    found.uid() == rustix::process::geteuid().as_raw()
}

/// Whether the file belongs to a user who is neither root nor the one whose rights this process has.
pub fn is_foreign(found: &Metadata) -> bool {
    found.uid() != 0 && !is_own(found)
}

/// When the file was last written: seconds since the Unix epoch, and nanoseconds.
pub fn modified(found: &Metadata) -> (i64, i64) {
    (found.mtime(), found.mtime_nsec())
}

/// Gives a file to a user. Only root may do that.
pub fn give_to_user(file: &File, user: u32) -> bool {
    fchown(file, Some(Uid::from_raw(user)), None).is_ok()
}

/// Gives a file to a group. Users other than root must be in it.
pub fn give_to_group(file: &File, group: u32) -> bool {
    fchown(file, None, Some(Gid::from_raw(group))).is_ok()
}

/// Sets the permissions; false on file systems that have none.
pub fn set_mode(file: &File, mode: u32) -> bool {
    fchmod(file, Mode::from_raw_mode(mode as RawMode)).is_ok()
}

/// Whether the kernel lets users make hard links only to their own files. This is the usual setting of Linux; macOS has
/// none.
pub fn are_links_protected() -> bool {
    std::fs::read("/proc/sys/fs/protected_hardlinks").is_ok_and(|setting| setting.starts_with(b"1"))
}
