//! Facts about files. The standard library does not tell yet which file it is, so log files are refused.

use std::fs::{File, Metadata};
use std::os::windows::fs::MetadataExt;

/// Whether files can be told apart, which rotation and several processes need.
pub const ARE_LOG_FILES_SUPPORTED: bool = false;

/// 100-nanosecond steps between 1601 and the Unix epoch.
const EPOCH: i64 = 116_444_736_000_000_000;

/// No file is told apart from another.
pub fn device_and_inode(_found: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// The number of names is not told.
pub fn links(_found: &Metadata) -> u64 {
    1
}

/// Pipes have no names among files.
pub fn is_pipe(_found: &Metadata) -> bool {
    false
}

/// The permissions that Python shows for such a file.
pub fn mode(found: &Metadata) -> u32 {
    if found.permissions().readonly() { 0o444 } else { 0o666 }
}

/// Users have no numbers.
pub fn user(_found: &Metadata) -> u32 {
    0
}

/// Groups have no numbers.
pub fn group(_found: &Metadata) -> u32 {
    0
}

/// Owners are not looked at.
pub fn is_own(_found: &Metadata) -> bool {
    true
}

/// Owners are not looked at.
pub fn is_foreign(_found: &Metadata) -> bool {
    false
}

/// When the file was last written: seconds since the Unix epoch, and nanoseconds.
pub fn modified(found: &Metadata) -> (i64, i64) {
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
