//! Locks on open files, which end with the process that holds them.

use std::fs::{File, TryLockError};
use std::io;

/// Takes the lock that excludes all others, if it is free.
pub fn try_lock(file: &File) -> Result<(), TryLockError> {
    file.try_lock()
}

/// Takes the lock that several may have, if no other lock excludes it.
pub fn try_lock_shared(file: &File) -> Result<(), TryLockError> {
    file.try_lock_shared()
}

/// Releases the lock.
pub fn unlock(file: &File) -> io::Result<()> {
    file.unlock()
}
