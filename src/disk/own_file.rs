//! A file of ours whose descriptor the program may close. Daemons close all their descriptors, and the next file they
//! open reuses the number.
//!
//! Descriptors get numbers far from those the program is given next. A write to a closed descriptor then fails instead
//! of going into another file.

use std::fs::File;
use std::io;
use std::ops::{Deref, DerefMut};
use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd};

use rustix::process::{Resource, getrlimit};

use crate::disk::identity::Identity;

/// The lowest descriptor number to use, if the limit on open files is high enough.
const APART: u64 = 512;

const THERE: &str = "a file is there until it is dropped; this is a bug in logly";

/// A file that is closed on drop only if its descriptor still belongs to it.
pub struct OwnFile {
    /// Always present until drop.
    file: Option<File>,
    identity: Identity,
}

impl OwnFile {
    pub fn new(file: File) -> io::Result<Self> {
        let identity = Identity::of(&file.metadata()?);
        Ok(Self { file: Some(file), identity })
    }

    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Whether the descriptor still belongs to this file.
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
            // The number belongs to another file now, and its owner closes it.
            let _ = file.into_raw_fd();
        }
    }
}

/// Moves a file to a descriptor number far from those given next, and never to 0, 1 or 2. If the program had closed
/// those, the log would take the place of a standard stream and receive its output.
pub fn apart(file: File) -> io::Result<File> {
    let most = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let lowest = i32::try_from(APART.min(most / 2)).unwrap_or(3).max(3);
    let moved: OwnedFd = match rustix::io::fcntl_dupfd_cloexec(&file, lowest) {
        Ok(moved) => moved,
        // The limit on open files is reached.
        Err(_) if file.as_raw_fd() > 2 => return Ok(file),
        Err(_) => rustix::io::fcntl_dupfd_cloexec(&file, 3)?,
    };
    Ok(moved.into())
}
