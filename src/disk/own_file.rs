//! A file of ours whose descriptor the program may close: daemons close all they have, and the next file they open gets the number.
//!
//! Descriptors are put far from those that a program is given next, so that a write after that fails rather than goes into another file.

use std::fs::File;
use std::io;
use std::ops::{Deref, DerefMut};
use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd};

use rustix::process::{Resource, getrlimit};

use crate::disk::identity::Identity;

/// The lowest number given, where the program may have as many.
const APART: u64 = 512;

const THERE: &str = "a file is there until it is dropped; this is a bug in logly";

/// A file that is closed only if its descriptor still is this file's.
pub struct OwnFile {
    /// There until this is dropped.
    file: Option<File>,
    identity: Identity,
}

impl OwnFile {
    pub fn new(file: File) -> io::Result<Self> {
        let identity = Identity::of(&file.metadata()?);
        Ok(Self { file: Some(file), identity })
    }

    /// Whether the descriptor still is this file's.
    pub fn is_ours(&self) -> bool {
        self.metadata().is_ok_and(|found| Identity::of(&found) == self.identity)
    }
}

impl Deref for OwnFile {
    type Target = File;

    fn deref(&self) -> &File {
        self.file.as_ref().expect(THERE)
    }
}

impl DerefMut for OwnFile {
    fn deref_mut(&mut self) -> &mut File {
        self.file.as_mut().expect(THERE)
    }
}

impl Drop for OwnFile {
    fn drop(&mut self) {
        let is_ours = self.is_ours();
        if let Some(file) = self.file.take().filter(|_| !is_ours) {
            // Somebody else's by now, who closes it.
            let _ = file.into_raw_fd();
        }
    }
}

/// Moves a file to a number far from those given next, and in any case off 0 to 2: with those closed a log would take their place,
/// and their output.
pub fn apart(file: File) -> io::Result<File> {
    let most = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let lowest = i32::try_from(APART.min(most / 2)).unwrap_or(3).max(3);
    let moved: OwnedFd = match rustix::io::fcntl_dupfd_cloexec(&file, lowest) {
        Ok(moved) => moved,
        // As many are open as may be.
        Err(_) if file.as_raw_fd() > 2 => return Ok(file),
        Err(_) => rustix::io::fcntl_dupfd_cloexec(&file, 3)?,
    };
    Ok(moved.into())
}
