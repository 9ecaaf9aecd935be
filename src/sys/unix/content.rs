//! The content of files: parts at an offset, and room on the disk.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::{Errno, retry_on_intr};
use rustix::process::{Resource, getrlimit};

/// Reads some bytes at an offset.
pub fn read_at(file: &File, out: &mut [u8], offset: u64) -> io::Result<usize> {
    file.read_at(out, offset)
}

/// Fills `out` from an offset on.
pub fn read_exact_at(file: &File, out: &mut [u8], offset: u64) -> io::Result<()> {
    file.read_exact_at(out, offset)
}

/// Writes bytes at an offset.
#[inline]
pub fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    file.write_all_at(bytes, offset)
}

/// Empties a file that may be open for appending alone.
pub fn empty(file: &File) -> io::Result<()> {
    file.set_len(0)
}

/// Allocates all bytes of a file. False if the file system cannot allocate.
pub fn allocate(file: &File, length: u64) -> io::Result<bool> {
    if getrlimit(Resource::Fsize).current.is_some_and(|most| length > most) {
        return Err(Errno::FBIG.into());
    }
    match retry_on_intr(|| fallocate(file, FallocateFlags::empty(), 0, length)) {
        Ok(()) => Ok(true),
        Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Waits for a write to a file that another process is in the middle of, where the system allows that.
///
/// Linux searches for holes under the lock that a write holds. The seek therefore waits for a write that was interrupted
/// in the middle of a line, however long its process does not run.
pub fn wait_for_write(file: &File) {
    #[cfg(target_os = "linux")]
    let _ = rustix::fs::seek(file, rustix::fs::SeekFrom::Hole(0));
    #[cfg(not(target_os = "linux"))]
    let _ = file;
}
