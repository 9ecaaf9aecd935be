//! Names of archives: made from a stamp and a number, and read back.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use jiff::civil::DateTime;

use crate::config::rotation::Precision;
use crate::error::Result;

/// What `add(archive=)` was given, compiled.
#[derive(Clone, Debug, PartialEq)]
pub struct ArchivePattern {
    source: String,
}

/// The time in an archive's name, in local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    pub civil: DateTime,
    pub precision: Precision,
}

/// A name read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveName {
    /// None where the pattern has no time.
    pub stamp: Option<Stamp>,
    /// From 1; what tells archives of the same stamp apart.
    pub number: u32,
    /// `gz`, `zst`, `bz2`, `xz`, `zip` or `tar.gz`.
    pub suffix: Option<&'static str>,
}

/// The names of one file's archives.
#[derive(Clone, Debug)]
pub struct ArchiveNames {
    active: PathBuf,
    pattern: Option<ArchivePattern>,
}

impl ArchivePattern {
    pub fn parse(_argument: &str, source: &str) -> Result<Self> {
        Ok(Self { source: source.to_owned() })
    }

    pub fn source(&self) -> &str {
        &self.source
    }
}

impl ArchiveNames {
    /// `active` is the file itself, links followed.
    pub fn new(active: &Path, pattern: Option<ArchivePattern>) -> Self {
        Self { active: active.to_owned(), pattern }
    }

    pub fn render(&self, _stamp: Stamp, _number: u32) -> OsString {
        todo!("{:?} {:?}", self.active, self.pattern)
    }

    pub fn parse(&self, _name: &OsStr) -> Option<ArchiveName> {
        todo!()
    }
}
