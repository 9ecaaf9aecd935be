//! One file's archives: finding, naming, and tending them.

use std::any::Any;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::archive::ArchiveOptions;
use crate::config::archive_name::{ArchiveName, ArchiveNames, Stamp};
use crate::config::sink::FileOptions;

/// A file's archives, and what is to become of them. Shared by the thread that rotates, the archiver and readers.
pub struct Series {
    names: ArchiveNames,
    options: ArchiveOptions,
    /// What Python does for it; the Python side knows the type.
    pub python: Option<Box<dyn Any + Send + Sync>>,
}

/// An archive on the disk.
#[derive(Clone, Debug)]
pub struct Archive {
    pub path: PathBuf,
    pub name: ArchiveName,
    /// Bytes on the disk.
    pub size: u64,
    pub modified_ns: i64,
}

impl Series {
    pub fn new(file: &FileOptions, python: Option<Box<dyn Any + Send + Sync>>) -> Arc<Self> {
        let names = ArchiveNames::new(&file.path, file.archive.clone());
        Arc::new(Self { names, options: file.archives.clone(), python })
    }

    pub fn options(&self) -> &ArchiveOptions {
        &self.options
    }

    /// The archives there are, oldest first; a compressed one and its leftover original are one.
    pub fn archives(&self) -> io::Result<Vec<Archive>> {
        todo!("{:?} {:?}", self.names, self.options)
    }

    /// Moves the file at `active` to the next free name and returns it. The caller holds the file's lock.
    pub fn archive(&self, _active: &Path, _stamp: Stamp) -> io::Result<PathBuf> {
        todo!()
    }

    /// Gives an archive its name back, after its successor could not be opened.
    pub fn restore(&self, archived: &Path, active: &Path) -> io::Result<()> {
        todo!("{archived:?} {active:?}")
    }
}
