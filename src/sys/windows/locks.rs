//! Locks on open files, which end with the process that holds them.
//!
//! The system lets no other handle read or write a part that is locked. So one byte is locked that no file reaches.
#![expect(unsafe_code, reason = "the safe interface locks all of the file, which readers would be kept from")]

use std::fs::{File, TryLockError};
use std::io;
use std::os::windows::io::AsRawHandle;

use windows_sys::Win32::Foundation::{ERROR_IO_PENDING, ERROR_LOCK_VIOLATION};
use windows_sys::Win32::Storage::FileSystem::{
    LOCK_FILE_FLAGS, LOCKFILE_EXCLUSIVE_LOCK, LOCKFILE_FAIL_IMMEDIATELY, LockFileEx, UnlockFile,
};
use windows_sys::Win32::System::IO::{OVERLAPPED, OVERLAPPED_0, OVERLAPPED_0_0};

/// The offset of the byte, in two parts.
const HIGH: u32 = 0x7fff_ffff;
const LOW: u32 = 0xffff_0000;

/// Takes the lock that excludes all others, if it is free.
pub fn try_lock(file: &File) -> Result<(), TryLockError> {
    lock(file, LOCKFILE_EXCLUSIVE_LOCK)
}

/// Takes the lock that several may have, if no other lock excludes it.
pub fn try_lock_shared(file: &File) -> Result<(), TryLockError> {
    lock(file, 0)
}

fn lock(file: &File, kind: LOCK_FILE_FLAGS) -> Result<(), TryLockError> {
    let at = OVERLAPPED_0_0 { Offset: LOW, OffsetHigh: HIGH };
    let mut place = OVERLAPPED { Anonymous: OVERLAPPED_0 { Anonymous: at }, ..OVERLAPPED::default() };
    // SAFETY: the handle is open, and the call does not wait, so nothing uses the place after it.
    let is_locked =
        unsafe { LockFileEx(file.as_raw_handle(), kind | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &raw mut place) } != 0;
    if is_locked {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    match error.raw_os_error().map(i32::unsigned_abs) {
        Some(ERROR_LOCK_VIOLATION | ERROR_IO_PENDING) => Err(TryLockError::WouldBlock),
        _ => Err(TryLockError::Error(error)),
    }
}

/// Releases the lock.
pub fn unlock(file: &File) -> io::Result<()> {
    // SAFETY: the handle is open.
    match unsafe { UnlockFile(file.as_raw_handle(), LOW, HIGH, 1, 0) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
