//! A file of ours whose descriptor the program may close. Daemons close all their descriptors, and the next file they
//! open reuses the number.
//!
//! Descriptors get numbers far from those the program is given next (`sys::descriptors::apart`). A write to a closed
//! descriptor then fails instead of going into another file.

use std::fs::File;
use std::io;
use std::ops::{Deref, DerefMut};

use crate::disk::identity::Identity;
use crate::sys::metadata;

const THERE: &str = "a file is there until it is dropped; this is a bug in logly";

/// A file that is closed on drop only if its descriptor still belongs to it.
pub struct OwnFile {
    /// Always present until drop.
    file: Option<File>,
    identity: Identity,
}

impl OwnFile {
    pub fn new(file: File) -> io::Result<Self> {
        let identity = Identity::of(&metadata::of(&file)?);
        Ok(Self { file: Some(file), identity })
    }

    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Whether the descriptor still belongs to this file.
    pub fn is_ours(&self) -> bool {
        metadata::of(self).is_ok_and(|found| Identity::of(&found) == self.identity)
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
            std::mem::forget(file);
        }
    }
}
