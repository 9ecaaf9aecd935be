//! The write that was under way when a process died: how many of its lines are in the log, and writing the rest.
//!
//! The lines are compared with the file where they were to go. The file may have been renamed since, or compressed. A
//! process that did not take the lock may have written in between, so they are also looked for further on.

use std::fs::File;
use std::io::{self, Read};
use std::time::SystemTime;

use memchr::memchr_iter;
use memchr::memmem;

use crate::archive::series::{Archive, Series};
use crate::crash::journal::{Intent, Place};
use crate::disk::identity::Identity;
use crate::disk::regular::read_full_at;
use crate::file::file_writer::FileWriter;
use crate::queue::checksum::checksum;
use crate::reading::source::{Opened, open_archive};
use crate::sys::metadata;
use crate::writer::snapshot::{Sink, Target};

/// The bytes after its place in which the first line is looked for.
const WINDOW: usize = 1024 * 1024;

/// How much earlier than the write an archive may have ended, by clocks that are coarse or were set.
const MARGIN_NS: i64 = 60_000_000_000;

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
    let found = find(series, intent, lines);
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
    let is_same = |bytes: Vec<u8>| bytes.len() as u64 == intent.length && checksum(intent.after, &bytes) == intent.sum;
    let (offset, length) = (intent.place.offset, intent.length);
    let (plain, archives) = places(series, intent);
    plain.is_some_and(|file| read_at(&file, offset, length).is_ok_and(is_same))
        || archives.iter().any(|archive| unpack(archive, offset, length).is_ok_and(is_same))
}

fn find(series: &Series, intent: &Intent, lines: &[u8]) -> Found {
    let offset = intent.place.offset;
    let (plain, archives) = places(series, intent);
    let found = plain.map(|file| compare(&file, offset, lines)).unwrap_or_default();
    if found.whole > 0 || found.cut > 0 {
        return found;
    }
    let texts = archives.iter().filter_map(|archive| unpack(archive, offset, lines.len() as u64).ok());
    // No line can be continued there.
    let older = texts.map(|text| Found { cut: 0, ..matched(&text, lines) }).find(|found| found.whole > 0);
    older.unwrap_or(found)
}

/// Returns the file that the lines were to go to, and the compressed archives that it may have become, oldest first.
fn places(series: &Series, intent: &Intent) -> (Option<File>, Vec<Archive>) {
    let mut archives = series.archives().unwrap_or_default();
    let mut plain = file_of(series, &archives, intent.place);
    if plain.is_none() {
        // A list may lack an archive that is compressed during the listing. Two lists do not.
        archives = series.archives().unwrap_or_default();
        plain = file_of(series, &archives, intent.place);
    }
    if plain.as_ref().is_some_and(|file| is_as_old(file, intent)) {
        return (plain, Vec::new());
    }
    let is_packed = |archive: &Archive| archive.name.suffix.is_some() || !archive.twins.is_empty();
    // Compression keeps the time of the last write.
    let since = intent.begun_ns.saturating_sub(MARGIN_NS);
    archives.retain(|archive| is_packed(archive) && archive.ended_ns.max(archive.modified_ns) >= since);
    (plain, archives)
}

/// Opens the file with this identity: the active one, or an archive that is not compressed.
fn file_of(series: &Series, archives: &[Archive], place: Place) -> Option<File> {
    let plain = archives.iter().filter(|archive| archive.name.suffix.is_none()).map(|archive| archive.path.clone());
    let paths = std::iter::once(series.active()).chain(plain);
    paths.filter_map(|path| File::open(path).ok()).find(|file| {
        metadata::of(file).is_ok_and(|found| Identity::of(&found) == Identity::from_parts(place.device, place.inode))
    })
}

/// Whether a file was there before the write. The number of one that was removed may be given to another.
fn is_as_old(file: &File, intent: &Intent) -> bool {
    let born = file.metadata().and_then(|found| found.created()).ok();
    let born = born.and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
    born.is_some_and(|born| born.as_nanos() <= intent.begun_ns.max(0) as u128)
}

/// Reads `length` bytes at an offset of a compressed archive, or as many as there are.
fn unpack(archive: &Archive, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Opened::Text(mut text) = open_archive(archive.clone())? {
        io::copy(&mut text.by_ref().take(offset), &mut io::sink())?;
        text.take(length).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// Reads `length` bytes at an offset of a file, or as many as there are.
fn read_at(file: &File, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let there = file.metadata()?.len().saturating_sub(offset);
    let mut bytes = vec![0; usize::try_from(length.min(there)).map_err(io::Error::other)?];
    let count = read_full_at(file, &mut bytes, offset)?;
    bytes.truncate(count);
    Ok(bytes)
}

fn compare(file: &File, offset: u64, lines: &[u8]) -> Found {
    let Ok(bytes) = read_at(file, offset, (lines.len() + WINDOW) as u64) else { return Found::default() };
    let end = offset + bytes.len() as u64;
    let found = matched(&bytes, lines);
    if found.whole > 0 || found.cut > 0 {
        return Found { end, ..found };
    }
    let first = memchr::memchr(b'\n', lines).map_or(lines, |at| &lines[..=at]);
    // A line begins where another ends.
    let places = memmem::find_iter(&bytes, first).filter(|at| *at > 0 && bytes[at - 1] == b'\n');
    let found = places.map(|at| matched(&bytes[at..], lines)).next();
    Found { end, ..found.unwrap_or_default() }
}

/// Compares the lines with the bytes at their place.
fn matched(bytes: &[u8], lines: &[u8]) -> Found {
    let same = bytes.iter().zip(lines).take_while(|(one, other)| one == other).count();
    let whole = memchr::memrchr(b'\n', &lines[..same]).map_or(0, |at| at + 1);
    let cut = if same == bytes.len() && same < lines.len() { same - whole } else { 0 };
    Found { whole, cut, end: 0 }
}

#[cfg(test)]
mod tests {
    use crate::disk::scratch::{Scratch, series};

    use super::*;

    const LINES: &[u8] = b"one\ntwo\nthree\n";

    fn intent(place: Place) -> Intent {
        Intent { place, after: 0, time_ns: 0, begun_ns: 0, length: 0, sum: 0, lines: None }
    }

    fn found(text: &[u8], offset: u64) -> (usize, usize, u64) {
        let folder = Scratch::new();
        let path = folder.path("app.log");
        std::fs::write(&path, text).expect("written");
        let (device, inode) = Identity::of(&metadata::at(&path).expect("there")).parts();
        let found = find(&series(&folder, "app.log", |_| ()), &intent(Place { device, inode, offset }), LINES);
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
        let (device, inode) = Identity::of(&metadata::at(&path).expect("there")).parts();
        let series = series(&folder, "app.log", |_| ());

        assert_eq!(find(&series, &intent(Place { device, inode, offset: 0 }), LINES).whole, 14);
        assert_eq!(find(&series, &intent(Place { device, inode: inode + 1000, offset: 0 }), LINES), Found::default());
    }
}
