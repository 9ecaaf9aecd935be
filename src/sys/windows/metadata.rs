//! Facts about files: identity, links and times. Owners and access lists are not looked at.
#![expect(unsafe_code, reason = "the standard library does not tell yet which file is open")]

use std::fs;
use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Deref;
use std::os::windows::fs::{MetadataExt, OpenOptionsExt};
use std::os::windows::io::AsRawHandle;
use std::path::Path;

use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_READ_ATTRIBUTES,
    GetFileInformationByHandle,
};

/// Facts about a file, and which file it is.
pub struct Metadata {
    found: fs::Metadata,
    volume: u64,
    number: u64,
    links: u64,
}

impl Deref for Metadata {
    type Target = fs::Metadata;

    fn deref(&self) -> &fs::Metadata {
        &self.found
    }
}

/// The facts about an open file.
pub fn of(file: &File) -> io::Result<Metadata> {
    let found = file.metadata()?;
    let mut known = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: the handle is open, and the system fills in the struct, or refuses.
    if unsafe { GetFileInformationByHandle(file.as_raw_handle(), &raw mut known) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let number = u64::from(known.nFileIndexHigh) << 32 | u64::from(known.nFileIndexLow);
    Ok(Metadata { found, volume: known.dwVolumeSerialNumber.into(), number, links: known.nNumberOfLinks.into() })
}

/// The facts about the file that a path leads to.
pub fn at(path: &Path) -> io::Result<Metadata> {
    of(&open(path, FILE_FLAG_BACKUP_SEMANTICS)?)
}

/// The facts about the file at a path. Those of a link are its own.
pub fn link_at(path: &Path) -> io::Result<Metadata> {
    of(&open(path, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT)?)
}

/// Opens a file or folder for its facts alone. Other programs that have it open are not hindered.
fn open(path: &Path, flags: u32) -> io::Result<File> {
    OpenOptions::new().access_mode(FILE_READ_ATTRIBUTES).custom_flags(flags).open(path)
}

/// 100-nanosecond steps between 1601 and the Unix epoch.
const EPOCH: i64 = 116_444_736_000_000_000;

/// The volume and the number of a file, which tell it apart from all others.
pub fn device_and_inode(found: &Metadata) -> (u64, u64) {
    (found.volume, found.number)
}

/// The number of names of a file.
pub fn links(found: &Metadata) -> u64 {
    found.links
}

/// Pipes have no names among files.
pub fn is_pipe(_found: &fs::Metadata) -> bool {
    false
}

/// The permissions of the file's user. Access lists, which may let others in, are not looked at.
pub fn mode(found: &fs::Metadata) -> u32 {
    if found.permissions().readonly() { 0o400 } else { 0o600 }
}

/// Users have no numbers.
pub fn user(_found: &fs::Metadata) -> u32 {
    0
}

/// Groups have no numbers.
pub fn group(_found: &fs::Metadata) -> u32 {
    0
}

/// Owners are not looked at.
pub fn is_own(_found: &fs::Metadata) -> bool {
    true
}

/// Owners are not looked at.
pub fn is_foreign(_found: &fs::Metadata) -> bool {
    false
}

/// When the file was last written: seconds since the Unix epoch, and nanoseconds.
pub fn modified(found: &fs::Metadata) -> (i64, i64) {
    let ticks = found.last_write_time() as i64 - EPOCH;
    (ticks.div_euclid(10_000_000), ticks.rem_euclid(10_000_000) * 100)
}

/// A new file has its owner already.
pub fn give_to_user(_file: &File, _user: u32) -> bool {
    true
}

/// A new file has its group already.
pub fn give_to_group(_file: &File, _group: u32) -> bool {
    true
}

/// There are no such permissions.
pub fn set_mode(_file: &File, _mode: u32) -> bool {
    false
}

/// Links are not looked at.
pub fn are_links_protected() -> bool {
    true
}
