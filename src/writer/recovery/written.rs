//! The write that was under way when a process died: how many of its lines are in the log, and writing the rest.
//!
//! The lines are compared with the file where they were to go. The file may have been renamed since, or compressed. A
//! process that did not take the lock may have written in between, so they are also looked for further on.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use memchr::memchr_iter;
use memchr::memmem;

use crate::archive::series::{Archive, Series};
use crate::crash::journal::{Intent, Place};
use crate::disk::identity::Identity;
use crate::file::file_writer::FileWriter;
use crate::queue::checksum::checksum;
use crate::reading::source::{Opened, open_archive};
use crate::writer::snapshot::{Sink, Target};

/// The bytes after its place in which the first line is looked for.
const WINDOW: usize = 1024 * 1024;

/// The most archives that are decompressed to look into them, newest first.
const MOST_UNPACKED: usize = 8;

/// The part of the lines that is in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Found {
    /// Bytes of whole lines.
    whole: usize,
    /// Bytes of a line that was cut, at the very end of the file.
    cut: usize,
    /// The end of the file, if it ends there.
    end: u64,
}

/// Puts the lines of the intent that are not in the log before all others. Returns how many they are, and the position
/// from which records are to be handled; None if it is the head.
pub fn resume(writer: &mut FileWriter, intent: &Intent, sink: &Sink) -> (u64, Option<u64>) {
    let Target::File(target) = &sink.target else { return (0, None) };
    let series = &target.series;
    let Some(lines) = &intent.lines else {
        return (0, is_written(series, intent).then_some(intent.after));
    };
    let found = find(series, intent.place, lines);
    let rest = &lines[found.whole..];
    let mut begin = 0;
    for end in memchr_iter(b'\n', rest).map(|at| at + 1) {
        writer.put_finished(&rest[begin..end], intent.time_ns);
        begin = end;
    }
    if found.cut > 0 {
        writer.resume(found.cut, Place { offset: found.end, ..intent.place });
    }
    (memchr_iter(b'\n', rest).count() as u64, Some(intent.after))
}

/// Whether lines that were too long for the journal are in the log.
fn is_written(series: &Series, intent: &Intent) -> bool {
    let Some(file) = file_of(series, intent.place) else { return false };
    let mut left = usize::try_from(intent.length).unwrap_or(0);
    let mut bytes = Vec::new();
    left = left.min(file.metadata().map_or(0, |found| found.len() as usize));
    bytes.resize(left, 0);
    file.read_exact_at(&mut bytes, intent.place.offset).is_ok()
        && bytes.len() as u64 == intent.length
        && checksum(intent.after, &bytes) == intent.sum
}

fn find(series: &Series, place: Place, lines: &[u8]) -> Found {
    if let Some(file) = file_of(series, place) {
        return compare(&file, place.offset, lines);
    }
    let archives = series.archives().unwrap_or_default();
    let packed = archives.iter().rev().filter(|archive| archive.name.suffix.is_some() || !archive.twins.is_empty());
    let found = packed.take(MOST_UNPACKED).map(|archive| compare_packed(archive, place.offset, lines));
    found.max_by_key(|found| found.whole).map_or_else(Found::default, |found| Found { cut: 0, ..found })
}

/// Opens the file with this identity: the active one, or an archive.
fn file_of(series: &Series, place: Place) -> Option<File> {
    // Another process may rotate during the search, so the active file is looked at once more.
    let listed = || series.archives().unwrap_or_default().into_iter().flat_map(paths_of);
    let paths = std::iter::once(series.active()).chain(listed()).chain(std::iter::once(series.active()));
    paths.filter_map(|path| File::open(path).ok()).find(|file| {
        file.metadata().is_ok_and(|found| Identity::of(&found) == Identity::from_parts(place.device, place.inode))
    })
}

fn paths_of(archive: Archive) -> impl Iterator<Item = PathBuf> {
    std::iter::once(archive.path).chain(archive.twins)
}

fn compare(file: &File, offset: u64, lines: &[u8]) -> Found {
    let mut bytes = vec![0; lines.len() + WINDOW];
    let Ok(length) = read_full_at(file, &mut bytes, offset) else { return Found::default() };
    let end = offset + length as u64;
    let found = matched(&bytes[..length], lines);
    if found.whole > 0 || found.cut > 0 {
        return Found { end, ..found };
    }
    let first = memchr::memchr(b'\n', lines).map_or(lines, |at| &lines[..=at]);
    // A line begins where another ends.
    let places = memmem::find_iter(&bytes[..length], first).filter(|at| *at > 0 && bytes[at - 1] == b'\n');
    let found = places.map(|at| matched(&bytes[at..length], lines)).next();
    Found { end, ..found.unwrap_or_default() }
}

fn read_full_at(file: &File, out: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut length = 0;
    while length < out.len() {
        match file.read_at(&mut out[length..], offset + length as u64) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Compares the lines with the bytes at their place.
fn matched(bytes: &[u8], lines: &[u8]) -> Found {
    let same = bytes.iter().zip(lines).take_while(|(one, other)| one == other).count();
    let whole = memchr::memrchr(b'\n', &lines[..same]).map_or(0, |at| at + 1);
    let cut = if same == bytes.len() && same < lines.len() { same - whole } else { 0 };
    Found { whole, cut, end: 0 }
}

fn compare_packed(archive: &Archive, offset: u64, lines: &[u8]) -> Found {
    let compare = || -> io::Result<Found> {
        let Opened::Text(mut text) = open_archive(archive.clone())? else { return Ok(Found::default()) };
        io::copy(&mut text.by_ref().take(offset), &mut io::sink())?;
        let mut bytes = Vec::new();
        text.take(lines.len() as u64).read_to_end(&mut bytes)?;
        Ok(matched(&bytes, lines))
    };
    compare().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::disk::scratch::{Scratch, series};

    use super::*;

    const LINES: &[u8] = b"one\ntwo\nthree\n";

    fn found(text: &[u8], offset: u64) -> (usize, usize, u64) {
        let folder = Scratch::new();
        let path = folder.path("app.log");
        std::fs::write(&path, text).expect("written");
        let (device, inode) = Identity::of(&path.metadata().expect("there")).parts();
        let found = find(&series(&folder, "app.log", |_| ()), Place { device, inode, offset }, LINES);
        (found.whole, found.cut, found.end)
    }

    #[test]
    fn lines_are_found_as_far_as_they_were_written() {
        assert_eq!(found(b"x\n", 2), (0, 0, 2));
        assert_eq!(found(b"x\none\ntw", 2), (4, 2, 8));
        assert_eq!(found(b"x\none\ntwo\nthree\n", 2), (14, 0, 16));
    }

    #[test]
    fn lines_of_others_behind_them_do_not_count() {
        assert_eq!(found(b"x\none\ntw\nother\n", 2), (4, 0, 15));
        assert_eq!(found(b"x\nother\none\ntwo\nth", 2), (8, 2, 18));
        assert_eq!(found(b"x\notherone\n", 2), (0, 0, 11));
    }

    #[test]
    fn a_file_that_was_renamed_is_found_and_another_is_not() {
        let folder = Scratch::new();
        let path = folder.file("app.2025-01-13.log", 0);
        std::fs::write(&path, LINES).expect("written");
        folder.file("app.log", 3);
        let (device, inode) = Identity::of(&path.metadata().expect("there")).parts();
        let series = series(&folder, "app.log", |_| ());

        assert_eq!(find(&series, Place { device, inode, offset: 0 }, LINES).whole, 14);
        assert_eq!(find(&series, Place { device, inode: inode + 1000, offset: 0 }, LINES), Found::default());
    }
}
