//! The advisory locks on files that several processes write to and rotate, and on the folders of such files.
//!
//! A lock belongs to the open file and ends with the process that holds it. Waiting is always limited: a holder that
//! was stopped must not stop the others.

use std::fs::{File, TryLockError};
use std::time::{Duration, Instant};
use std::{io, thread};

use crate::sys::locks;

/// How long a batch of lines waits for its turn.
pub const PATIENCE: Duration = Duration::from_secs(1);

const FIRST_PAUSE: Duration = Duration::from_micros(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(1);

/// The result of asking for the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Not asked for.
    Free,
    Held,
    /// Another process kept the lock for too long.
    Refused,
    /// The file system has no locks, so other processes cannot be detected.
    Unsupported,
}

/// Asks for the exclusive lock and waits for it for up to `patience`.
pub fn acquire(file: &File, patience: Duration) -> Hold {
    ask(|| locks::try_lock(file), patience)
}

/// Asks for the shared lock and waits for it for up to `patience`.
pub(super) fn acquire_shared(file: &File, patience: Duration) -> Hold {
    ask(|| locks::try_lock_shared(file), patience)
}

fn ask(try_lock: impl Fn() -> Result<(), TryLockError>, patience: Duration) -> Hold {
    let mut pause = FIRST_PAUSE;
    let mut until = None;
    loop {
        match try_lock() {
            Ok(()) => return Hold::Held,
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(TryLockError::Error(_)) => return Hold::Unsupported,
            Err(TryLockError::WouldBlock) => {}
        }
        if patience.is_zero() {
            return Hold::Refused;
        }
        let now = Instant::now();
        if now >= *until.get_or_insert(now + patience) {
            return Hold::Refused;
        }
        thread::sleep(pause);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Releases the lock. Closing the file might not, because a forked child may share the open file.
pub fn release(file: &File, hold: Hold) {
    if hold == Hold::Held {
        // This fails only for a file without a lock.
        let _ = locks::unlock(file);
    }
}
