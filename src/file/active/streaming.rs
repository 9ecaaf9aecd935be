//! Writes to the active file, and the standard stream that takes the place of a file.

use std::fs::File;
use std::io::{self, Write};

use crate::disk::identity::Identity;
use crate::disk::standard;
use crate::file::active::{ActiveFile, Open};
use crate::sys::metadata;

impl ActiveFile {
    /// Duplicates the descriptor of a standard stream. Returns None for a file.
    pub(super) fn open_standard(&self) -> io::Result<Option<File>> {
        self.options.standard.as_deref().map(standard::duplicate_again).transpose()
    }

    /// Makes the file that the standard stream leads to now the right one.
    pub fn follow(&self) -> io::Result<()> {
        if let Some(stream) = &self.options.standard {
            let file = standard::duplicate(stream.standard)?;
            stream.follow(Identity::of(&metadata::of(&file)?).parts());
        }
        Ok(())
    }
}

impl Open {
    /// Writes some of the bytes to a file, and all of them to a standard stream whose reader takes them.
    pub(super) fn write(&mut self, bytes: &[u8], is_standard: bool) -> io::Result<usize> {
        if is_standard {
            return standard::write(&self.file, bytes);
        }
        loop {
            match self.file.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}
