//! Names of archives: made from a stamp and a number, and read back.
//!
//! Reading back is what tells a sink's own archives from the files of others, and so it is exact: a name counts only if it is,
//! byte for byte, one that this sink would give.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

use crate::config::archive_pattern::split_extension;
use crate::config::file_name::{FileName, NamePiece};
use crate::config::name_template::{Part, Template, instant_ns};
use crate::config::rotation::Precision;
use crate::sink::clock::local_zone;

pub use crate::config::archive_pattern::ArchivePattern;

/// What names of compressed archives end with, behind a dot.
pub const SUFFIXES: [&str; 9] = ["gz", "zst", "bz2", "xz", "zip", "tar", "tar.gz", "tar.bz2", "tar.xz"];

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
    /// One of `SUFFIXES`.
    pub suffix: Option<&'static str>,
}

/// The names of one file's archives.
#[derive(Clone, Debug)]
pub struct ArchiveNames {
    /// None where times cannot be read back: then no file is known for an archive.
    template: Option<Template>,
    /// For a file with a time in its own name: what stands behind the number.
    own_extension: Option<Vec<u8>>,
}

impl Stamp {
    /// The first instant that is not in it any more, as a local clock shows it.
    pub fn end(&self) -> DateTime {
        self.civil.checked_add(self.unit()).unwrap_or(DateTime::MAX)
    }

    pub fn start_ns(&self, zone: &TimeZone) -> i64 {
        instant_ns(self.civil, zone)
    }

    pub fn end_ns(&self, zone: &TimeZone) -> i64 {
        instant_ns(self.end(), zone)
    }

    fn unit(&self) -> Span {
        match self.precision {
            Precision::Year => 1.year(),
            Precision::Month => 1.month(),
            Precision::Week => 1.week(),
            Precision::Day => 1.day(),
            Precision::Hour => 1.hour(),
            Precision::Minute => 1.minute(),
            Precision::Second => 1.second(),
        }
    }
}

impl ArchiveNames {
    /// Of a file that keeps its name; `active` is the file itself, links followed.
    pub fn new(active: &Path, pattern: Option<ArchivePattern>) -> Self {
        let name = active.file_name().unwrap_or_default().as_bytes();
        let pattern = pattern.unwrap_or_else(ArchivePattern::standard);
        Self { template: Some(pattern.template(name)), own_extension: None }
    }

    /// Of a file whose own name has a time in it: old files keep their names, and only those that must move get a number.
    pub fn timed(name: &FileName) -> Self {
        let pieces = name.last_component();
        let is_readable = pieces.is_some();
        let mut parts: Vec<Part> = pieces.unwrap_or_default().into_iter().map(Part::from).collect();
        let extension = match parts.as_mut_slice() {
            [Part::Text(only)] => split_off_extension(only),
            // Whatever stands before makes even a leading dot the start of an extension.
            [.., Part::Text(last)] => last.split_off(memchr::memrchr(b'.', last).unwrap_or(last.len())),
            _ => Vec::new(),
        };
        parts.extend([Part::Repeat, Part::Text(extension.clone())]);
        let template = Some(Template(parts)).filter(|template| is_readable && template.is_faithful());
        Self { template, own_extension: Some(extension) }
    }

    /// Whether the file's own name has a time in it.
    pub fn is_timed(&self) -> bool {
        self.own_extension.is_some()
    }

    /// Whether names can be read back; without that nothing is ever found, and nothing removed.
    pub fn is_readable(&self) -> bool {
        self.template.is_some()
    }

    /// The zone of their times: the local one of now, as files are named by it.
    pub fn zone(&self) -> TimeZone {
        local_zone()
    }

    pub fn render(&self, stamp: Stamp, number: u32) -> OsString {
        let name = self.template.as_ref().map(|template| template.render(stamp, number, &self.zone()));
        OsString::from_vec(name.unwrap_or_default())
    }

    /// The name that a file with a time in its own name is given when it must make room.
    pub fn numbered(&self, own: &OsStr, number: u32) -> OsString {
        let own = own.as_bytes();
        let extension = self.own_extension.as_deref().unwrap_or_default();
        let stem = own.strip_suffix(extension).unwrap_or(own);
        OsString::from_vec([stem, b".", number.to_string().as_bytes(), extension].concat())
    }

    pub fn parse(&self, name: &OsStr) -> Option<ArchiveName> {
        let name = name.as_bytes();
        let template = self.template.as_ref()?;
        // Most files of a folder are somebody else's, and are told by how they begin.
        if let Some(Part::Text(start)) = template.0.first()
            && !name.starts_with(start)
        {
            return None;
        }
        let compressed = SUFFIXES
            .iter()
            .filter_map(|suffix| Some((name.strip_suffix(suffix.as_bytes())?.strip_suffix(b".")?, Some(*suffix))));
        std::iter::once((name, None)).chain(compressed).find_map(|(name, suffix)| {
            let (stamp, number) = template.parse(name, &self.zone())?;
            Some(ArchiveName { stamp, number, suffix })
        })
    }
}

impl From<NamePiece> for Part {
    fn from(piece: NamePiece) -> Self {
        match piece {
            NamePiece::Text(text) => Self::Text(text),
            NamePiece::Time(pattern) => Self::Time(pattern),
        }
    }
}

fn split_off_extension(name: &mut Vec<u8>) -> Vec<u8> {
    let at = split_extension(name).0.len();
    name.split_off(at)
}

#[cfg(test)]
mod tests;
