//! The files a sink's text is in, opened for reading: its archives, oldest first, and the active one.
//!
//! Other hands may rotate, compress and prune meanwhile. What is read of the active file ends where it ended when it was opened,
//! however fast it grows.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use memchr::memrchr_iter;

use crate::config::archive_name::SUFFIXES;
use crate::sink::guarded::is_exposed;
use crate::sink::open::Identity;
use crate::sink::series::Archive;

/// How long archives are listed again, because the file was rotated or archives were compressed meanwhile.
const LONGEST_LISTING: Duration = Duration::from_secs(1);

const TAIL_BLOCK: usize = 64 * 1024;

/// One file to read.
pub struct Source {
    pub path: PathBuf,
    /// How it is compressed, as its name says when it is read as an archive's: `app.gz` may be the log itself.
    suffix: Option<&'static str>,
    /// The active file, open since before the archives were listed, and the part of it to read.
    active: Option<(File, Range<u64>)>,
}

/// What `Source::open` found.
pub enum Opened {
    Text(Box<dyn Read + Send>),
    /// Compressed in a way that only Python's standard library reads, as the suffix says.
    Foreign(PathBuf, &'static str),
    /// Removed meanwhile.
    Gone,
}

/// The active file at `path`, if it is there, after what `archives` lists.
///
/// The active file is opened first, and must still be at its path once the archives are listed: otherwise one that is rotated in
/// between would be in neither, or in both. They are listed until nothing is missing that the list before had: one that is
/// compressed while the folder is read may be seen under neither of its names, but not in two lists one after the other.
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

/// Whether a list has all archives of the one before, compressed or not.
fn has_all(listed: &[Archive], before: &[Archive]) -> bool {
    let name = |archive: &Archive| (archive.name.is_adopted, archive.name.stamp, archive.name.number);
    let names: HashSet<_> = listed.iter().map(name).collect();
    before.iter().all(|archive| names.contains(&name(archive)))
}

impl Source {
    fn archive(archive: Archive) -> Self {
        Self { path: archive.path, suffix: archive.name.suffix, active: None }
    }

    /// Opens it, as often as it is asked to. An archive that vanished may have been compressed, and is looked for under that name.
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

    /// Leaves only the last `lines` to be read, without reading the rest; returns how many there are. None for an archive.
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

/// A regular file; None where there is none. Anything else might block, and has no text to read back; so has a link where others
/// can put one.
pub fn open_regular(path: &Path, how: &mut OpenOptions) -> io::Result<Option<File>> {
    let is_guarded = is_exposed(path);
    let is_file = match if is_guarded { path.symlink_metadata() } else { path.metadata() } {
        Ok(found) => found.is_file(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if !is_file {
        return Ok(None);
    }
    let follow = if is_guarded { libc::O_NOFOLLOW } else { 0 };
    match how.custom_flags(libc::O_NONBLOCK | follow).open(path) {
        Ok(file) => Ok(Some(file).filter(|file| file.metadata().is_ok_and(|found| found.is_file()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the file at `path` is still the one that is open, or still none.
pub fn is_at(path: &Path, file: Option<&File>) -> io::Result<bool> {
    let now = match path.metadata() {
        Ok(found) => Some(Identity::of(&found)).filter(|_| found.is_file()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let open = file.map(File::metadata).transpose()?.map(|found| Identity::of(&found));
    Ok(now == open)
}

/// The name of an archive once it is compressed.
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".");
    name.push(suffix);
    name.into()
}

/// Where the last `lines` of a file begin, and how many they are.
fn tail(file: &File, length: u64, lines: u64) -> io::Result<(u64, u64)> {
    let mut block = vec![0; TAIL_BLOCK];
    let mut found = 0;
    // The line break of the last line begins no other one.
    let mut end = length.saturating_sub(1);
    while end > 0 {
        let start = end.saturating_sub(TAIL_BLOCK as u64);
        let part = &mut block[..(end - start) as usize];
        file.read_exact_at(part, start)?;
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

    use crate::sink::scratch::{Scratch, series};

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
