//! The files that hold a sink's text, opened for reading: its archives, oldest first, and the active file.
//!
//! Other processes may rotate, compress and prune at the same time. Reading the active file ends at the length it had
//! when it was opened, however fast it grows.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use memchr::memrchr_iter;

use crate::archive::series::Archive;
use crate::config::archive_name::SUFFIXES;
use crate::disk::regular::{is_at, open_regular, with_suffix};
use crate::sys::content::read_exact_at;

/// How long to list the archives again because the file was rotated or archives were compressed in between.
const LONGEST_LISTING: Duration = Duration::from_secs(1);

const TAIL_BLOCK: usize = 64 * 1024;

/// One file to read.
pub struct Source {
    pub path: PathBuf,
    /// The compression, from the name if the file is read as an archive. The log itself may be called `app.gz`.
    suffix: Option<&'static str>,
    /// The active file, opened before the archives were listed, and the part of it to read.
    active: Option<(File, Range<u64>)>,
}

/// The result of `Source::open`.
pub enum Opened {
    Text(Box<dyn Read + Send>),
    /// A file whose compression, named by the suffix, only Python's standard library can read.
    Foreign(PathBuf, &'static str),
    /// The file has been removed.
    Gone,
}

/// Returns the archives that `archives` lists, followed by the active file at `path` if it exists.
///
/// The active file is opened first, and must still be at its path once the archives are listed. Otherwise a file that
/// is rotated in between would be in neither, or in both. The archives are listed until a list has everything that the
/// list before it had. An archive that is compressed while the folder is read may be missing under both of its names,
/// but not in two consecutive lists.
pub fn sources(path: &Path, archives: impl Fn() -> io::Result<Vec<Archive>>) -> io::Result<Vec<Source>> {
    let mut active = open_to_read(path)?;
    let mut listed = archives()?;
    let until = Instant::now() + LONGEST_LISTING;
    while Instant::now() < until {
        let before = std::mem::replace(&mut listed, archives()?);
        if !is_at(path, active.as_ref())? {
            active = open_to_read(path)?;
        } else if has_all(&listed, &before) {
            break;
        }
    }
    let mut sources: Vec<_> = listed.into_iter().map(Source::archive).collect();
    if let Some(file) = active {
        let length = file.metadata()?.len();
        sources.push(Source { path: path.to_owned(), suffix: None, active: Some((file, 0..length)) });
    }
    Ok(sources)
}

/// Whether a list has all archives of the previous list, compressed or not.
fn has_all(listed: &[Archive], before: &[Archive]) -> bool {
    let name = |archive: &Archive| (archive.name.is_adopted, archive.name.stamp, archive.name.number);
    let names: HashSet<_> = listed.iter().map(name).collect();
    before.iter().all(|archive| names.contains(&name(archive)))
}

/// Opens one archive.
pub fn open_archive(archive: Archive) -> io::Result<Opened> {
    Source::archive(archive).open()
}

impl Source {
    /// A file by itself, which is compressed if it has a suffix.
    pub fn alone(path: &Path, suffix: Option<&'static str>) -> Self {
        Self { path: path.to_owned(), suffix, active: None }
    }

    fn archive(archive: Archive) -> Self {
        Self { path: archive.path, suffix: archive.name.suffix, active: None }
    }

    /// Opens the file; it can be opened any number of times. An archive that has vanished may have been compressed, and
    /// is looked for under its compressed name.
    pub fn open(&self) -> io::Result<Opened> {
        if let Some((file, part)) = &self.active {
            let mut file = file.try_clone()?;
            file.seek(SeekFrom::Start(part.start))?;
            return Ok(Opened::Text(Box::new(file.take(part.end - part.start))));
        }
        if let Some(file) = open_to_read(&self.path)? {
            return unpack(file, &self.path, self.suffix);
        }
        for suffix in SUFFIXES.iter().filter(|_| self.suffix.is_none()) {
            let path = with_suffix(&self.path, suffix);
            if let Some(file) = open_to_read(&path)? {
                return unpack(file, &path, Some(suffix));
            }
        }
        Ok(Opened::Gone)
    }

    pub fn is_active(&self) -> bool {
        self.active.is_some()
    }

    /// The active file at the start of its part, without an end; None for an archive.
    pub fn growing(&self) -> io::Result<Option<File>> {
        let Some((file, part)) = &self.active else { return Ok(None) };
        let mut file = file.try_clone()?;
        file.seek(SeekFrom::Start(part.start))?;
        Ok(Some(file))
    }

    /// Leaves only the last `lines` to be read, without reading the rest. Returns how many there are, or None for an
    /// archive.
    pub fn skip_to_tail(&mut self, lines: u64) -> io::Result<Option<u64>> {
        let Some((file, part)) = &mut self.active else { return Ok(None) };
        let (offset, found) = tail(file, part.end, lines)?;
        part.start = offset;
        Ok(Some(found))
    }
}

fn unpack(file: File, path: &Path, suffix: Option<&'static str>) -> io::Result<Opened> {
    Ok(match suffix {
        None => {
            let length = file.metadata()?.len();
            Opened::Text(Box::new(file.take(length)))
        }
        Some("gz") => Opened::Text(Box::new(flate2::read::MultiGzDecoder::new(file))),
        Some("zst") => Opened::Text(Box::new(zstd::Decoder::new(file)?)),
        Some(suffix) => Opened::Foreign(path.to_owned(), suffix),
    })
}

fn open_to_read(path: &Path) -> io::Result<Option<File>> {
    open_regular(path, OpenOptions::new().read(true))
}

/// Returns the offset of the last `lines` of a file, and how many there are.
fn tail(file: &File, length: u64, lines: u64) -> io::Result<(u64, u64)> {
    let mut block = vec![0; TAIL_BLOCK];
    let mut found = 0;
    // The line break of the last line does not begin another line.
    let mut end = length.saturating_sub(1);
    while end > 0 {
        let start = end.saturating_sub(TAIL_BLOCK as u64);
        let part = &mut block[..(end - start) as usize];
        read_exact_at(file, part, start)?;
        for at in memrchr_iter(b'\n', part) {
            found += 1;
            if found == lines {
                return Ok((start + at as u64 + 1, found));
            }
        }
        end = start;
    }
    Ok((0, found + u64::from(length > 0)))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use crate::disk::scratch::{Scratch, series};

    use super::*;

    #[test]
    fn archives_are_listed_until_none_is_missing_that_was_seen() {
        let folder = Scratch::new();
        for day in 13..16 {
            folder.file(&format!("app.2025-01-{day}.log"), 1);
        }
        let whole = series(&folder, "app.log", |_| ()).archives().expect("listed");
        let missing = whole[..2].to_vec();
        for lists in [vec![missing.clone(), whole.clone()], vec![whole.clone(), missing, whole]] {
            let lists = RefCell::new(lists.into_iter());

            let found =
                sources(&folder.path("app.log"), || Ok(lists.borrow_mut().next().expect("no more are asked for")));

            assert_eq!(found.expect("no error").len(), 3);
        }
    }
}
