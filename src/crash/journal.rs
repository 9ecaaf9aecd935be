//! The journal of a crash file: how far the log has its records, and the write that is under way.
//!
//! The *head* is the position before which all records are in the log. Before a write, an *intent* says where the lines
//! are to go, and has them. A reader compares the lines with the log, and so learns how many of them were written
//! before the process was killed. A kill may cut the write of an intent, as its lines take several pages. Its checksums
//! tell that, and the write to the log had not begun then. The head is one number, which is never seen half done.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use crate::crash::layout::{JOURNAL, MOST_STAGED, number};
use crate::disk::identity::Identity;
use crate::disk::own_file::OwnFile;
use crate::queue::checksum::checksum;
use crate::queue::kept::Freed;
use crate::report;
use crate::sys::content::write_all_at;
use crate::sys::metadata;
use crate::sys::opening::without_links;

/// Bytes of the head and the intent before the lines.
pub(super) const FIXED: usize = 8 * 10;

/// Says that the lines were too long to be kept here.
const UNSTAGED: u64 = 1;

/// The place in a file where lines are to begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub device: u64,
    pub inode: u64,
    pub offset: u64,
}

/// The lines of a write that was under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    pub place: Place,
    /// The position after the records that these lines are of.
    pub after: u64,
    /// When the last of the lines was logged.
    pub time_ns: i64,
    /// When the write began, by the system's clock.
    pub begun_ns: i64,
    /// Bytes of the lines, and their checksum.
    pub length: u64,
    pub sum: u64,
    /// The lines, unless they were too long.
    pub lines: Option<Vec<u8>>,
}

/// Writes the journal of one crash file. One thread at a time uses it.
#[derive(Clone)]
pub struct Journal {
    file: Arc<OwnFile>,
    path: Arc<Path>,
    freed: Freed,
}

impl Journal {
    pub(super) fn new(file: Arc<OwnFile>, path: &Path, freed: Freed) -> Self {
        Self { file, path: path.into(), freed }
    }

    /// The position before which all records are in the log.
    pub fn head(&self) -> u64 {
        self.freed.load(Ordering::Acquire)
    }

    /// Notes that the log has all records before `head`, and that `lines` are about to be written, which are of the
    /// records before `after`.
    pub fn prepare(&self, head: u64, place: Place, lines: &[u8], after: u64, time_ns: i64) {
        let sum = checksum(after, lines);
        let is_staged = lines.len() <= MOST_STAGED;
        let flags = if is_staged { 0 } else { UNSTAGED };
        let length = lines.len() as u64 | flags << 63;
        let times = [time_ns, system_ns()].map(|time| time as u64);
        let facts = [place.device, place.inode, place.offset, after, times[0], length, sum, times[1]];
        let mut block = Vec::with_capacity(FIXED + lines.len());
        for fact in [head, 0].into_iter().chain(facts) {
            block.extend_from_slice(&fact.to_ne_bytes());
        }
        let whole = checksum(head, &block[16..]);
        block[8..16].copy_from_slice(&whole.to_ne_bytes());
        if is_staged {
            block.extend_from_slice(lines);
        }
        self.write(&block);
        self.freed.store(head, Ordering::Release);
    }

    /// Notes that the log has all records before `head`, whose room is then free.
    pub fn done(&self, head: u64) {
        let mut block = [0u8; 16];
        block[..8].copy_from_slice(&head.to_ne_bytes());
        self.write(&block);
        self.freed.store(head, Ordering::Release);
    }

    fn write(&self, block: &[u8]) {
        let written =
            if self.file.is_ours() { write_all_at(&self.file, block, JOURNAL as u64) } else { self.write_anew(block) };
        if let Err(error) = written {
            report::tell_paced(
                "journal",
                &format!("a crash file cannot be written: {error}; a crash may double lines"),
            );
        }
    }
}

impl Journal {
    /// Writes to a file whose descriptor the program closed.
    #[cold]
    fn write_anew(&self, block: &[u8]) -> io::Result<()> {
        let file = without_links(File::options().write(true)).open(&self.path)?;
        if Identity::of(&metadata::of(&file)?) != self.file.identity() {
            return Err(io::Error::other("another file is in its place"));
        }
        write_all_at(&file, block, JOURNAL as u64)
    }
}

/// The time of the system, which is also that of files. The program's own clock may be another one.
fn system_ns() -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_nanos()).unwrap_or(i64::MAX)
}

/// Reads the head and the intent from the bytes of a journal.
pub(super) fn read(bytes: &[u8]) -> (u64, Option<Intent>) {
    let fact = |index: usize| number(&bytes[index * 8..]);
    let head = fact(0);
    let whole = fact(1);
    if whole == 0 || checksum(head, &bytes[16..FIXED]) != whole {
        return (head, None);
    }
    let length = fact(7) & !(1 << 63);
    let is_staged = fact(7) >> 63 == 0;
    let staged = bytes[FIXED..].get(..length as usize).filter(|_| is_staged);
    let intent = Intent {
        place: Place { device: fact(2), inode: fact(3), offset: fact(4) },
        after: fact(5),
        time_ns: fact(6) as i64,
        begun_ns: fact(9) as i64,
        length,
        sum: fact(8),
        lines: staged.map(<[u8]>::to_vec),
    };
    // Lines that are not whole belong to a write that never began.
    let is_whole = intent.lines.as_ref().is_none_or(|lines| checksum(intent.after, lines) == intent.sum);
    (head, is_whole.then_some(intent))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use crate::disk::scratch::Scratch;

    use super::*;

    const PLACE: Place = Place { device: 1, inode: 2, offset: 3 };

    fn journal(folder: &Scratch) -> (Journal, std::path::PathBuf) {
        let path = folder.path("crash");
        let file = File::options().read(true).write(true).create_new(true).open(&path).expect("made");
        file.set_len((JOURNAL + FIXED + MOST_STAGED) as u64).expect("set");
        let file = Arc::new(OwnFile::new(file).expect("open"));
        (Journal::new(file, &path, Arc::new(AtomicU64::new(0))), path)
    }

    fn content(path: &std::path::Path) -> Vec<u8> {
        std::fs::read(path).expect("read")[JOURNAL..].to_vec()
    }

    #[test]
    fn an_intent_is_there_until_it_is_done() {
        let folder = Scratch::new();
        let (journal, path) = journal(&folder);

        journal.done(8);
        journal.prepare(8, PLACE, b"one\n", 24, -7);
        let (head, intent) = read(&content(&path));
        journal.done(24);

        let intent = intent.expect("there");
        assert_eq!((head, intent.place, intent.after, intent.time_ns), (8, PLACE, 24, -7));
        assert_eq!(intent.lines.as_deref(), Some(&b"one\n"[..]));
        assert_eq!(read(&content(&path)), (24, None));
        assert_eq!(journal.head(), 24);
    }

    #[test]
    fn lines_that_are_too_long_are_known_by_their_checksum() {
        let folder = Scratch::new();
        let (journal, path) = journal(&folder);
        let lines = vec![b'x'; MOST_STAGED + 1];

        journal.prepare(0, PLACE, &lines, 24, 0);

        let intent = read(&content(&path)).1.expect("there");
        assert_eq!((intent.length, intent.sum, intent.lines), (lines.len() as u64, checksum(24, &lines), None));
    }

    #[test]
    fn an_intent_that_was_cut_is_none() {
        let folder = Scratch::new();
        let (journal, path) = journal(&folder);
        journal.prepare(0, PLACE, b"one\ntwo\n", 24, 0);
        let mut bytes = content(&path);

        bytes[FIXED + 7] = 0;

        assert_eq!(read(&bytes), (0, None));
    }
}
