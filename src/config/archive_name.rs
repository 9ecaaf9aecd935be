//! Names of archives: made from a stamp and a number, and read back.
//!
//! Reading back tells a sink's own archives from unrelated files, so it is exact: a name counts only if this sink would
//! give the same name, byte for byte.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::clock::local_zone;
use crate::config::archive::Adopted;
use crate::config::archive_pattern::{ArchivePattern, loguru_time, split_extension};
use crate::config::file_name::{BARE_TIME, FileName, NamePiece};
use crate::config::name_template::{Part, Stamp, Template};
use crate::sys::paths::{bytes_of, name_of};

/// A suffix of compressed archives that Loguru uses and logly does not.
const LOGURU_SUFFIX: &str = "lzma";

/// The suffixes of compressed archives, without the dot.
pub const SUFFIXES: [&str; 9] = ["gz", "zst", "bz2", "xz", "zip", "tar", "tar.gz", "tar.bz2", "tar.xz"];

/// A name read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveName {
    /// None if the pattern has no time.
    pub stamp: Option<Stamp>,
    /// Tells archives of the same stamp apart; starts at 1.
    pub number: u32,
    /// One of `SUFFIXES`, or `LOGURU_SUFFIX` for an adopted archive.
    pub suffix: Option<&'static str>,
    /// Whether another library gave the name. Its time then tells, to the microsecond, when the file was begun.
    pub is_adopted: bool,
}

/// The names of one file's archives. Their times are in the local zone, as those in the names of files are.
#[derive(Clone, Debug)]
pub struct ArchiveNames {
    /// None if times cannot be read back. Then no file is recognized as an archive.
    template: Option<Template>,
    /// For a file with a time in its own name: the text after the number.
    own_extension: Option<Vec<u8>>,
    /// The names that Loguru gives to the archives of the same file.
    loguru: Vec<Template>,
    adopted: Option<Adopted>,
}

impl ArchiveNames {
    /// Names for a file that keeps its name. `active` is the file itself, with links followed.
    pub fn new(active: &Path, pattern: Option<ArchivePattern>) -> Self {
        let name = bytes_of(active.file_name().unwrap_or_default());
        let pattern = pattern.unwrap_or_else(ArchivePattern::standard);
        let loguru = vec![ArchivePattern::loguru().template(name)];
        Self { template: Some(pattern.template(name)), own_extension: None, loguru, adopted: None }
    }

    /// Names for a file with a time in its own name. Old files keep their names; only files that must move get a
    /// number.
    pub fn timed(name: &FileName) -> Self {
        let pieces = name.last_component();
        let is_readable = pieces.is_some();
        let mut parts: Vec<Part> = pieces.unwrap_or_default().into_iter().map(Part::from).collect();
        let extension = match parts.as_mut_slice() {
            [Part::Text(only)] => split_off_extension(only),
            // The parts before this text make even a leading dot the start of an extension.
            [.., Part::Text(last)] => last.split_off(memchr::memrchr(b'.', last).unwrap_or(last.len())),
            _ => Vec::new(),
        };
        let loguru = if is_readable { timed_by_loguru(&parts, &extension) } else { Vec::new() };
        parts.extend([Part::Repeat, Part::Text(extension.clone())]);
        let template = Some(Template(parts)).filter(|template| is_readable && template.is_faithful());
        Self { template, own_extension: Some(extension), loguru, adopted: None }
    }

    /// The same names, and also those of archives that another library made of the file.
    pub fn adopting(self, adopted: Option<Adopted>) -> Self {
        Self { adopted, ..self }
    }

    /// Whether the file's own name has a time in it.
    pub fn is_timed(&self) -> bool {
        self.own_extension.is_some()
    }

    /// Whether names can be read back. If not, no archive is ever found or removed.
    pub(super) fn is_readable(&self) -> bool {
        self.template.is_some()
    }

    pub fn render(&self, stamp: Stamp, number: u32) -> OsString {
        let name = self.template.as_ref().map(|template| template.render(stamp, number, &local_zone()));
        name_of(name.unwrap_or_default())
    }

    /// The new name of a file that has a time in its own name and must make room.
    pub fn numbered(&self, own: &OsStr, number: u32) -> OsString {
        let own = bytes_of(own);
        let extension = self.own_extension.as_deref().unwrap_or_default();
        let stem = own.strip_suffix(extension).unwrap_or(own);
        name_of([stem, b".", number.to_string().as_bytes(), extension].concat())
    }

    /// Reads the name of an archive, including an adopted one.
    pub fn parse(&self, name: &OsStr) -> Option<ArchiveName> {
        let own = self.template.as_ref().and_then(|template| read(template, bytes_of(name), &SUFFIXES));
        own.or_else(|| self.parse_loguru(name).filter(|_| self.adopted == Some(Adopted::Loguru)))
    }

    /// Reads a name that Loguru gave to an archive of the file, whether or not its archives are adopted.
    pub fn parse_loguru(&self, name: &OsStr) -> Option<ArchiveName> {
        let suffixes = [SUFFIXES.as_slice(), &[LOGURU_SUFFIX]].concat();
        let found = self.loguru.iter().find_map(|template| read(template, bytes_of(name), &suffixes))?;
        Some(ArchiveName { is_adopted: true, ..found })
    }
}

/// Reads a name that a template gave, or the name of its compressed file.
fn read(template: &Template, name: &[u8], suffixes: &[&'static str]) -> Option<ArchiveName> {
    // Most files in a directory are unrelated; the start of their names already shows it.
    if let Some(Part::Text(start)) = template.0.first()
        && !name.starts_with(start)
    {
        return None;
    }
    let compressed = suffixes
        .iter()
        .filter_map(|suffix| Some((name.strip_suffix(suffix.as_bytes())?.strip_suffix(b".")?, Some(*suffix))));
    std::iter::once((name, None)).chain(compressed).find_map(|(name, suffix)| {
        let (stamp, number) = template.parse(name, &local_zone())?;
        Some(ArchiveName { stamp, number, suffix, is_adopted: false })
    })
}

/// Loguru's names for a file with a time in its own name, given by `parts` and an extension. The first is for a file
/// that had to make room for the next. The second is for a bare `{time}`, as Loguru expands it.
fn timed_by_loguru(parts: &[Part], extension: &[u8]) -> Vec<Template> {
    let end = Part::Text(extension.to_owned());
    let stamp = [Part::Text(b".".to_vec()), Part::Time(loguru_time()), Part::Repeat];
    let moved = parts.iter().cloned().chain(stamp).chain([end.clone()]).collect();
    let is_bare = |part: &Part| matches!(part, Part::Time(pattern) if pattern.source() == BARE_TIME);
    let exact = |part: &Part| if is_bare(part) { Part::Time(loguru_time()) } else { part.clone() };
    let bare = parts.iter().any(is_bare).then(|| parts.iter().map(exact).chain([end]).collect());
    std::iter::once(moved).chain(bare).map(Template).collect()
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
