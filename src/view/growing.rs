//! Files that grow while they are read, and what comes after them when they are rotated.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::archive::series::Archive;
use crate::disk::identity::Identity;
use crate::reading::source::{Opened, open_archive};

/// Bytes at the start of a file by which its archive is known again.
const HEAD: usize = 512;

/// Reads a file to its end, and goes on there later. A file that was made shorter is read from its start again.
pub struct Growing {
    file: File,
    position: u64,
}

impl Growing {
    pub fn new(mut file: File) -> io::Result<Self> {
        let position = file.stream_position()?;
        Ok(Self { file, position })
    }
}

impl Read for Growing {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut count = self.file.read(out)?;
        if count == 0 && self.file.metadata()?.len() < self.position {
            self.position = self.file.seek(SeekFrom::Start(0))?;
            count = self.file.read(out)?;
        }
        self.position += count as u64;
        Ok(count)
    }
}

/// What is known of the file that is followed, to tell it among the archives after a rotation.
pub struct Followed {
    path: PathBuf,
    identity: Option<Identity>,
    head: Vec<u8>,
    /// The archives that there were, without the suffixes of their compression.
    known: HashSet<PathBuf>,
    /// Whether another file was seen at the path. What is in this one must be read once more then.
    is_moved: bool,
}

impl Followed {
    pub fn new(path: &Path, archives: &[Archive]) -> Self {
        let known = archives.iter().map(plain_path).collect();
        Self { path: path.to_owned(), identity: None, head: Vec::new(), known, is_moved: false }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the file that is read from now on.
    pub fn take(&mut self, file: &File) -> io::Result<()> {
        self.identity = Some(Identity::of(&file.metadata()?));
        self.is_moved = false;
        self.head = head_of(file)?;
        Ok(())
    }

    /// Whether another file is at the path, and all of this one is read. Called at its end.
    pub fn is_over(&mut self, file: &File) -> bool {
        let Ok(found) = fs::metadata(&self.path) else { return false };
        let is_other = self.identity != Some(Identity::of(&found));
        // A file that was empty when it was opened has a head by now.
        self.head = head_of(file).unwrap_or_default();
        std::mem::replace(&mut self.is_moved, is_other) && is_other
    }

    /// Of these archives, those that were made since `know` and are not this file.
    pub fn missed(&self, archives: &[Archive]) -> Vec<Archive> {
        let is_new = |archive: &&Archive| !self.known.contains(&plain_path(archive)) && !self.is_this(archive);
        archives.iter().filter(is_new).cloned().collect()
    }

    /// Takes the archives that there are.
    pub fn know(&mut self, archives: &[Archive]) {
        self.known = archives.iter().map(plain_path).collect();
    }

    /// Whether an archive is the file that was followed: it begins with the same bytes.
    fn is_this(&self, archive: &Archive) -> bool {
        let Ok(Opened::Text(mut reader)) = open_archive(archive.clone()) else { return false };
        let mut head = vec![0; self.head.len()];
        !head.is_empty() && reader.read_exact(&mut head).is_ok() && head == self.head
    }
}

fn head_of(file: &File) -> io::Result<Vec<u8>> {
    let mut head = vec![0; HEAD];
    let length = usize::try_from(file.metadata()?.len()).unwrap_or(HEAD).min(HEAD);
    head.truncate(length);
    crate::sys::content::read_exact_at(file, &mut head, 0)?;
    Ok(head)
}

/// The path of an archive before it was compressed.
fn plain_path(archive: &Archive) -> PathBuf {
    let bytes = archive.path.as_os_str().as_encoded_bytes();
    let suffix = archive.name.suffix.and_then(|suffix| bytes.strip_suffix(suffix.as_bytes()));
    match suffix.and_then(|plain| std::str::from_utf8(plain).ok()) {
        Some(plain) => PathBuf::from(plain.trim_end_matches('.')),
        None => archive.path.clone(),
    }
}
