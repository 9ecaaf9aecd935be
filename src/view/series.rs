//! The files of a log: its archives as logly, Loguru, `logging` or logrotate name them, oldest first, and the file itself.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::feed::Files;
use super::growing::{Followed, Growing};
use crate::archive::series::{Archive, Series};
use crate::clock::modified_ns;
use crate::config::archive::Adopted;
use crate::config::archive_name::{ArchiveName, SUFFIXES};
use crate::config::file_name::FileName;
use crate::config::sink::FileOptions;
use crate::reading::source::{Opened, Source, sources};

/// Opens a file whose compression only Python can read.
pub type Unpack = fn(&Path, &'static str) -> io::Result<Option<Box<dyn Read + Send>>>;

/// The files of one log that are not read yet.
pub struct LogFiles {
    rest: VecDeque<Source>,
    unpack: Unpack,
    /// The file that is followed, once it is open, and what is known of it.
    following: Option<(Option<File>, Followed)>,
}

impl LogFiles {
    /// The file at `path` with its archives; one that is compressed is read alone. Archives that ended before `since` are left out.
    pub fn find(path: &Path, since: Option<i64>, unpack: Unpack) -> io::Result<Self> {
        if compression_of(path)?.is_some() {
            return Self::alone(path, unpack);
        }
        let folder_path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let rest = sources(&folder_path, || archives_of(&folder_path, since))?;
        Ok(Self { rest: rest.into(), unpack, following: None })
    }

    /// The file at `path` from its last `lines` on, and what comes after it. All of it is read for None.
    pub fn follow(path: &Path, lines: Option<u64>, unpack: Unpack) -> io::Result<Self> {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let mut rest = sources(&path, || Ok(Vec::new()))?;
        if let (Some(lines), Some(active)) = (lines, rest.last_mut()) {
            active.skip_to_tail(lines)?;
        }
        let followed = Followed::new(&path, &archives_of(&path, None)?);
        Ok(Self { rest: rest.into(), unpack, following: Some((None, followed)) })
    }

    /// The file at `path` alone, compressed or not.
    pub fn alone(path: &Path, unpack: Unpack) -> io::Result<Self> {
        let suffix = compression_of(path)?;
        Ok(Self { rest: VecDeque::from([Source::alone(path, suffix)]), unpack, following: None })
    }
}

impl Files for LogFiles {
    fn next(&mut self) -> Option<(PathBuf, io::Result<Box<dyn Read + Send>>)> {
        loop {
            let source = self.rest.pop_front()?;
            if let Some((file, followed)) = self.following.as_mut().filter(|_| self.rest.is_empty())
                && let Some(growing) = source.growing().transpose()
            {
                let opened = growing.and_then(|growing| {
                    followed.take(&growing)?;
                    *file = Some(growing.try_clone()?);
                    Ok(Box::new(Growing::new(growing)?) as Box<dyn Read + Send>)
                });
                return Some((source.path, opened));
            }
            let opened = match source.open() {
                Ok(Opened::Text(reader)) => Ok(Some(reader)),
                Ok(Opened::Foreign(path, suffix)) => (self.unpack)(&path, suffix),
                Ok(Opened::Gone) => Ok(None),
                Err(error) => Err(error),
            };
            if let Some(opened) = opened.transpose() {
                return Some((source.path, opened));
            }
        }
    }

    fn is_growing(&self) -> bool {
        self.following.is_some() && self.rest.is_empty()
    }

    fn is_succeeded(&mut self) -> io::Result<bool> {
        let Some((file, followed)) = &mut self.following else { return Ok(false) };
        if file.as_ref().is_some_and(|file| !followed.is_over(file)) {
            return Ok(false);
        }
        let last = RefCell::new(Vec::new());
        let listed = sources(followed.path(), || {
            let archives = archives_of(followed.path(), None)?;
            let missed = followed.missed(&archives);
            *last.borrow_mut() = archives;
            Ok(missed)
        })?;
        if !listed.last().is_some_and(Source::is_active) {
            return Ok(false);
        }
        followed.know(&last.into_inner());
        self.rest = listed.into();
        Ok(true)
    }
}

/// The compression of a file, by its first bytes, or by its name if Python must read it.
fn compression_of(path: &Path) -> io::Result<Option<&'static str>> {
    let mut start = [0; 4];
    let length = File::open(path)?.read(&mut start)?;
    if start[..length].starts_with(&[0x1f, 0x8b]) && !has_suffix(path, "tar.gz") {
        return Ok(Some("gz"));
    }
    if start[..length].starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        return Ok(Some("zst"));
    }
    let foreign = SUFFIXES.iter().filter(|suffix| !matches!(**suffix, "gz" | "zst"));
    Ok(foreign.copied().find(|suffix| has_suffix(path, suffix)))
}

fn has_suffix(path: &Path, suffix: &str) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    name.strip_suffix(suffix.as_bytes()).is_some_and(|stem| stem.ends_with(b"."))
}

/// The archives of a file: those of other programs first, then logly's own and Loguru's.
fn archives_of(path: &Path, since: Option<i64>) -> io::Result<Vec<Archive>> {
    let series = own_series(path);
    // Own names are never read as foreign ones: archives are made and compressed between the two listings.
    let is_own = |name: &OsStr| series.as_ref().is_some_and(|series| series.names().parse(name).is_some());
    let mut all = foreign_archives(path, is_own)?;
    if let Some(series) = &series {
        all.extend(series.archives()?);
    }
    all.retain(|archive| since.is_none_or(|since| archive.modified_ns >= since));
    Ok(all)
}

fn own_series(path: &Path) -> Option<Arc<Series>> {
    // Braces in a path that is given here are no parts of a pattern.
    if path.as_os_str().as_encoded_bytes().contains(&b'{') {
        return None;
    }
    let name = FileName::parse(path.as_os_str()).ok()?;
    let file = FileOptions { path: path.to_owned(), name, adopted: Some(Adopted::Loguru), ..FileOptions::default() };
    Some(Series::new(&file, None))
}

/// Files beside this one whose names have a date or a number added, such as `app.log.1` and `app-20250115.log.gz`.
fn foreign_archives(path: &Path, is_own: impl Fn(&OsStr) -> bool) -> io::Result<Vec<Archive>> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Some(active) = path.file_name() else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if is_own(&name) {
            continue;
        }
        let Some((added, suffix)) = added_to(active, &name) else { continue };
        let Ok(status) = entry.metadata() else { continue };
        if status.is_file() {
            let name = ArchiveName { stamp: None, number: added.mixed(), suffix, is_adopted: true };
            let modified_ns = modified_ns(&status);
            let archive = Archive {
                path: entry.path(),
                name,
                size: status.len(),
                modified_ns,
                ended_ns: modified_ns,
                twins: Vec::new(),
            };
            found.push((added, archive));
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(found.into_iter().map(|(_, archive)| archive).collect())
}

/// What a name adds to that of the active file. Dates are ordered by time; a plain number is larger for older files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Added {
    Number(std::cmp::Reverse<u64>),
    Date(Vec<u64>),
}

impl Added {
    /// A number that tells archives of a log apart.
    fn mixed(&self) -> u32 {
        let numbers = match self {
            Self::Number(number) => std::slice::from_ref(&number.0),
            Self::Date(numbers) => numbers,
        };
        numbers.iter().fold(1, |mixed: u32, number| mixed.wrapping_mul(1_000_003) ^ (*number as u32))
    }
}

/// Parses the name of an archive. Returns what it adds, and the suffix of its compression.
fn added_to(active: &OsStr, name: &OsStr) -> Option<(Added, Option<&'static str>)> {
    let (active, name) = (active.as_encoded_bytes(), name.as_encoded_bytes());
    let suffix = SUFFIXES
        .iter()
        .copied()
        .find(|suffix| name.strip_suffix(suffix.as_bytes()).is_some_and(|rest| rest.ends_with(b".")));
    let plain = suffix.map_or(name, |suffix| &name[..name.len() - suffix.len() - 1]);
    let added = plain.strip_prefix(active).or_else(|| {
        let dot = active.iter().rposition(|byte| *byte == b'.').filter(|at| *at > 0)?;
        plain.strip_prefix(&active[..dot])?.strip_suffix(&active[dot..])
    })?;
    let (separator, rest) = added.split_first()?;
    if !matches!(separator, b'.' | b'-' | b'_') {
        return None;
    }
    numbers(rest).map(|added| (added, suffix))
}

fn numbers(text: &[u8]) -> Option<Added> {
    let is_part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b':' | b'.' | b'T' | b'Z');
    if !text.first()?.is_ascii_digit() || !text.iter().all(is_part) {
        return None;
    }
    let groups = text.split(|byte| !byte.is_ascii_digit()).filter(|group| !group.is_empty());
    // A date without separators counts like one with them.
    let groups = groups.flat_map(|group| match group.split_at_checked(4) {
        Some((year, rest)) if matches!(group.len(), 8 | 10 | 12 | 14) => {
            [year].into_iter().chain(rest.chunks(2)).collect()
        }
        _ => vec![group],
    });
    let numbers: Option<Vec<u64>> = groups.map(|group| std::str::from_utf8(group).ok()?.parse().ok()).collect();
    let numbers = numbers?;
    Some(match numbers[..] {
        [number] if text.len() < 6 => Added::Number(std::cmp::Reverse(number)),
        _ => Added::Date(numbers),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::scratch::Scratch;

    #[expect(clippy::unnecessary_wraps, reason = "it stands for one that may fail")]
    fn no_python(_: &Path, _: &'static str) -> io::Result<Option<Box<dyn Read + Send>>> {
        Ok(None)
    }

    fn found(names: &[&str]) -> Vec<String> {
        let folder = Scratch::new();
        for name in names {
            folder.file(name, 1);
        }
        let files = LogFiles::find(&folder.path("app.log"), None, no_python).expect("listed");
        files
            .rest
            .iter()
            .map(|source| source.path.file_name().expect("a name").to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn archives_of_logrotate_are_older_the_larger_their_number() {
        let names = ["app.log", "app.log.1", "app.log.2.gz", "app.log.10.gz", "app.log.bak", "other.log.1"];

        assert_eq!(found(&names), ["app.log.10.gz", "app.log.2.gz", "app.log.1", "app.log"]);
    }

    #[test]
    fn archives_with_dates_are_ordered_by_them() {
        let names = ["app.log", "app.log.2025-01-15", "app.log.2025-01-14", "app.log-20250113.gz", "app.log.old"];

        assert_eq!(found(&names), ["app.log-20250113.gz", "app.log.2025-01-14", "app.log.2025-01-15", "app.log"]);
    }

    #[test]
    fn archives_of_logly_are_in_its_order() {
        let names = ["app.2025-01-14.log", "app.2025-01-14.2.log.zst", "app.2025-01-13.log.gz", "app.log"];

        assert_eq!(
            found(&names),
            ["app.2025-01-13.log.gz", "app.2025-01-14.log", "app.2025-01-14.2.log.zst", "app.log"]
        );
    }
}
