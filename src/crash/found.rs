//! Crash files of other processes: which of them are dead, and the records that the log lacks.
//!
//! A file is read, never mapped: a file that shrinks must not end this process. Only files that belong to this user,
//! and to no one else, are read. A record whose guard is wrong is skipped, and reading goes on at the next that is
//! right.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::crash::journal;
use crate::crash::journal::{Intent, Journal, Place};
use crate::crash::layout::{HEADER_BYTES, Header, JOURNAL, NOTED, NOTES, TAIL, Unreadable, WANTED, number, places};
use crate::crash::notes::Notes;
use crate::crash::own;
use crate::crash::own::Names;
use crate::disk::identity::Identity;
use crate::disk::own_file::OwnFile;
use crate::disk::regular::read_full_at;
use crate::process::inherited::Lockable;
use crate::queue::kept::{Conditions, Entry, conditions_of, entry_at};
use crate::sys::descriptors::apart;
use crate::sys::metadata;
use crate::sys::metadata::{links, mode};
use crate::sys::opening::open_existing;

/// Permissions that let other users write to a file.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// The result of a look at a crash file.
pub enum Look {
    /// Its process is gone. The file is locked for this process.
    Dead(Box<Dead>),
    /// Its process uses it, or another process recovers it.
    InUse(Option<Header>),
    /// It is no file whose records could be written, for this reason.
    Refused(String),
    /// It is another user's, or it went away.
    Nothing,
}

/// The crash file of a process that is gone.
pub struct Dead {
    pub path: PathBuf,
    pub header: Header,
    pub intent: Option<Intent>,
    pub notes: Notes,
    /// The position of the first record that the log may lack.
    pub head: u64,
    /// The conditions that the sink had. Records below its level were for other sinks.
    pub conditions: Option<Conditions>,
    tail: u64,
    ring: Vec<u8>,
    /// Whether the machine has not been started since, so that all stores are there.
    is_stamped: bool,
    /// Declared before the file, because the descriptor's number may be reused once the file is closed.
    _lockable: Lockable,
    file: Arc<OwnFile>,
}

/// A step through the records of a dead process.
pub enum Step<'d> {
    /// A record, and the position after it.
    Record(&'d [u8], u64),
    /// A part that holds no whole record, and the position after it.
    Broken(u64),
}

/// Looks at a crash file, and locks it if its process is gone.
pub fn look(path: &Path) -> Look {
    let Ok(file) = open_existing(path) else { return Look::Nothing };
    let Ok(found) = metadata::of(&file) else { return Look::Nothing };
    if !is_own(&file) {
        return Look::Nothing;
    }
    if links(&found) != 1 || mode(&found) & WRITABLE_BY_OTHERS != 0 {
        return Look::Refused("others can write to it".to_owned());
    }
    let Ok(file) = apart(file).and_then(OwnFile::new) else { return Look::Nothing };
    let lockable = Lockable::new(&file);
    let is_locked = file.try_lock().is_ok();
    let header = header_of(&file);
    if !is_locked {
        return Look::InUse(header.ok());
    }
    let is_there = metadata::link_at(path).is_ok_and(|there| Identity::of(&there) == Identity::of(&found));
    if !is_there {
        return Look::Nothing;
    }
    match header {
        Ok(header) if is_used(&header, Identity::of(&found)) => Look::InUse(Some(header)),
        Ok(header) => {
            dead(path, lockable, file, header, found.len()).unwrap_or_else(|error| Look::Refused(error.to_string()))
        }
        Err(Unreadable::Version(version)) => {
            Look::Refused(format!("another version of logly made it (format {version})"))
        }
        Err(Unreadable::Truncated) => Look::Refused("it was truncated".to_owned()),
        Err(Unreadable::Foreign) => Look::Refused("it is no crash file of logly's".to_owned()),
    }
}

/// Whether the process of a file still uses it. This process uses the files of its queues, and no other.
fn is_used(header: &Header, file: Identity) -> bool {
    header.process.is_running() && (!header.process.is_this() || own::is_live(file))
}

/// Whether lines of some queue of this log are on their way into a file, or were when a process died.
pub fn is_awaited(names: &Names, file: Identity) -> bool {
    let (paths, _) = names.list();
    paths.iter().filter_map(|path| place_of(path)).any(|place| Identity::from_parts(place.device, place.inode) == file)
}

/// The place that the intent of a crash file names. Its process may be alive.
fn place_of(path: &Path) -> Option<Place> {
    let file = open_existing(path).ok()?;
    is_own(&file).then_some(())?;
    header_of(&file).ok()?;
    let mut journal = vec![0; journal::FIXED];
    read_full_at(&file, &mut journal, JOURNAL as u64).ok()?;
    journal::read(&journal).1.map(|intent| intent.place)
}

fn is_own(file: &File) -> bool {
    file.metadata().is_ok_and(|found| found.is_file() && metadata::is_own(&found))
}

/// Removes a file that was never finished, unless its process is about to finish it.
pub fn remove_unfinished(path: &Path) {
    if let Ok(file) = open_existing(path)
        && is_own(&file)
        && file.try_lock().is_ok()
    {
        let _ = std::fs::remove_file(path);
    }
}

fn header_of(file: &File) -> Result<Header, Unreadable> {
    let mut page = vec![0; HEADER_BYTES];
    let length = read_full_at(file, &mut page, 0).unwrap_or(0);
    page.truncate(length);
    Header::decode(&page)
}

fn dead(path: &Path, lockable: Lockable, file: OwnFile, header: Header, length: u64) -> io::Result<Look> {
    if length < header.whole() {
        return Ok(Look::Refused("it was truncated".to_owned()));
    }
    let places = places(header.capacity);
    let mut before = vec![0; NOTES];
    read_full_at(&file, &mut before, 0)?;
    let (head, intent) = journal::read(&before[JOURNAL..]);
    let (tail, length) = (number(&before[TAIL..]), number(&before[NOTED..]) as usize);
    let mut notes = vec![0; length.min(places.most_notes)];
    read_full_at(&file, &mut notes, NOTES as u64)?;
    let notes = Notes::read(header.seed, &notes);
    if tail.wrapping_sub(head) > header.capacity {
        return Ok(Look::Refused("its counters are damaged".to_owned()));
    }
    let mut ring = Vec::new();
    ring.try_reserve_exact(header.capacity as usize).map_err(io::Error::other)?;
    ring.resize(header.capacity as usize, 0);
    for (at, length) in parts(head, tail, header.capacity) {
        read_full_at(&file, &mut ring[at..at + length], (places.ring + at) as u64)?;
    }
    let conditions = conditions_of(number(&before[WANTED..]));
    let (path, is_stamped) = (path.to_owned(), header.process.is_of_this_boot());
    let file = Arc::new(file);
    let dead =
        Dead { path, is_stamped, header, intent, notes, head, conditions, tail, ring, _lockable: lockable, file };
    Ok(Look::Dead(Box::new(dead)))
}

/// The parts of a ring between two positions: one, or two around its end.
fn parts(head: u64, tail: u64, capacity: u64) -> [(usize, usize); 2] {
    let length = tail.wrapping_sub(head);
    let at = head % capacity;
    let first = length.min(capacity - at);
    [(at as usize, first as usize), (0, (length - first) as usize)]
}

impl Dead {
    /// The journal of the file. Recovered records are noted there, so that a kill during the recovery loses and
    /// doubles nothing either.
    pub fn journal(&self) -> Journal {
        Journal::new(Arc::clone(&self.file), &self.path, Arc::new(AtomicU64::new(self.head)))
    }

    /// The step from a position; None at the end.
    pub fn step(&self, mut position: u64) -> Option<Step<'_>> {
        let mut is_broken = false;
        while position != self.tail && self.tail.wrapping_sub(position) <= self.header.capacity {
            match entry_at(&self.ring, self.header.seed, position, self.is_stamped) {
                (Entry::Broken, next) => {
                    is_broken = true;
                    position = next;
                }
                _ if is_broken => break,
                (Entry::Wrap, next) => position = next,
                // Nothing behind the tail was read.
                (Entry::Record(_), next) if next.wrapping_sub(position) > self.tail.wrapping_sub(position) => {
                    return Some(Step::Broken(self.tail));
                }
                (Entry::Record(record), next) => return Some(Step::Record(record, next)),
            }
        }
        is_broken.then_some(Step::Broken(position))
    }

    /// Removes the file.
    pub fn remove(&self) {
        let _ = std::fs::remove_file(&self.path);
    }
}
