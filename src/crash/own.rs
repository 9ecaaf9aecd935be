//! The crash file of this process: made with all its bytes allocated, locked, and removed when nothing is left in it.
//!
//! A file gets its name once it is whole. A process that is killed before leaves a file that the next one removes.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::fs::{File, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::config::queue::LineForm;
use crate::crash::journal::Journal;
use crate::crash::layout::{Header, places};
use crate::crash::owner::Process;
use crate::disk::identity::Identity;
use crate::disk::own_file::OwnFile;
use crate::process::inherited::Lockable;
use crate::process::per_process::{PerProcess, ProcessMark};
use crate::queue::memory::Memory;
use crate::queue::ring::Ring;
use crate::sync::Mutex;
use crate::sys::content::{allocate, write_all_at};
use crate::sys::descriptors::apart;
use crate::sys::names::move_exclusively;
use crate::sys::opening::create_private;
use crate::sys::paths::{bytes_of, name_of};

const NAME_END: &str = ".crash";
const UNFINISHED_END: &str = ".new";

/// The most numbers tried for a free name.
const MOST_NUMBERS: u32 = 1000;

/// Bytes of zeros written at a time where the file system cannot allocate.
const ZEROS: usize = 256 * 1024;

/// The options of a crash file.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Bytes of the ring.
    pub bytes: usize,
    pub most_records: Option<u64>,
    pub start_ns: i64,
    /// As in `Header`, with the form.
    pub has_functions: bool,
    pub form: LineForm,
}

/// The file of this process's queue.
pub struct CrashFile {
    pub path: PathBuf,
    /// None once the queue has ended.
    open: Mutex<Option<Open>>,
    process: ProcessMark,
    is_removed: AtomicBool,
}

/// A crash file while the queue uses it. The lock is held as long as it is open.
struct Open {
    /// Declared before the file, because the descriptor's number may be reused once the file is closed.
    _lockable: Lockable,
    file: Arc<OwnFile>,
}

/// The crash files that queues of this process use. A program may have closed their descriptors, and the locks.
static LIVE: PerProcess<Mutex<Vec<Identity>>> = PerProcess::new();

/// Whether a queue of this process uses this file.
pub(super) fn is_live(file: Identity) -> bool {
    LIVE.get().lock().contains(&file)
}

/// The names of a log's crash files, which all processes find by the log's path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Names {
    folder: PathBuf,
    log: OsString,
}

impl Names {
    /// The names next to the log at this path, which contains no links.
    pub fn new(folder: PathBuf, log: &OsStr) -> Self {
        let log = bytes_of(log).iter().map(|byte| if *byte == b'/' { b'_' } else { *byte }).collect();
        Self { folder, log: name_of(log) }
    }

    fn path(&self, number: u32, end: &str) -> PathBuf {
        let mut name = OsString::from(".");
        name.push(&self.log);
        name.push(format!(".{}-{number}{end}", std::process::id()));
        self.folder.join(name)
    }

    /// The crash files in the folder, and those that were never finished.
    pub fn list(&self) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let named: Vec<_> =
            entries.filter_map(|entry| Some((self.end_of(&entry.file_name())?, entry.path()))).collect();
        let of = |wanted: &str| {
            let mut paths: Vec<_> =
                named.iter().filter(|(end, _)| *end == wanted).map(|(_, path)| path.clone()).collect();
            paths.sort();
            paths
        };
        (of(NAME_END), of(UNFINISHED_END))
    }

    /// The end of a name that is one of these.
    fn end_of(&self, name: &OsStr) -> Option<&'static str> {
        let rest = bytes_of(name).strip_prefix(b".")?.strip_prefix(bytes_of(&self.log))?.strip_prefix(b".")?;
        let end = [NAME_END, UNFINISHED_END].into_iter().find(|end| rest.ends_with(end.as_bytes()))?;
        let numbers = &rest[..rest.len() - end.len()];
        let is_number = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
        let at = memchr::memchr(b'-', numbers)?;
        (is_number(&numbers[..at]) && is_number(&numbers[at + 1..])).then_some(end)
    }

    /// When a name was last added or removed.
    pub fn changed(&self) -> Option<std::time::SystemTime> {
        fs::metadata(&self.folder).and_then(|found| found.modified()).ok()
    }
}

/// Makes the crash file of this process, with its ring.
pub fn create(names: &Names, wanted: &Wanted) -> io::Result<(Ring, CrashFile)> {
    fs::create_dir_all(&names.folder)?;
    for number in 1..=MOST_NUMBERS {
        let unfinished = names.path(number, UNFINISHED_END);
        let file = match create_private(&unfinished) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            opened => opened?,
        };
        let path = names.path(number, NAME_END);
        match finish(file, wanted, &unfinished, &path) {
            Ok(Some(made)) => return Ok(made),
            Ok(None) => {}
            Err(error) => {
                let _ = fs::remove_file(&unfinished);
                return Err(error);
            }
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Fills a new file and gives it its name. None if the name is taken, or if another process took the file for a
/// leftover.
fn finish(file: File, wanted: &Wanted, unfinished: &Path, path: &Path) -> io::Result<Option<(Ring, CrashFile)>> {
    let file = apart(file)?;
    let lockable = Lockable::new(&file);
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        // Without a lock, other processes could not tell that this one lives.
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let capacity = wanted.bytes.next_power_of_two();
    let places = places(capacity as u64);
    let seed = RandomState::new().hash_one(path);
    let header = Header {
        capacity: capacity as u64,
        seed,
        process: Process::current(),
        start_ns: wanted.start_ns,
        has_functions: wanted.has_functions,
        form: wanted.form.clone(),
    };
    provide(&file, header.whole())?;
    write_all_at(&file, &header.encode(), 0)?;
    let memory = Memory::of_file(&file, header.whole() as usize, places.ring)?;
    match move_exclusively(unfinished, path) {
        Ok(true) => {}
        Ok(false) => {
            let _ = fs::remove_file(unfinished);
            return Ok(None);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    let freed = Arc::new(AtomicU64::new(0));
    let Some(ring) = Ring::of_file(memory, seed, places, freed, wanted.most_records) else { return Ok(None) };
    let file = Arc::new(OwnFile::new(file)?);
    LIVE.get().lock().push(file.identity());
    let open = Mutex::new(Some(Open { _lockable: lockable, file }));
    let (process, is_removed) = (ProcessMark::current(), AtomicBool::new(false));
    Ok(Some((ring, CrashFile { path: path.to_owned(), open, process, is_removed })))
}

/// Allocates all bytes of a file now: later there might be no room, and a store to the mapping would end the process.
fn provide(mut file: &File, length: u64) -> io::Result<()> {
    if allocate(file, length)? {
        return Ok(());
    }
    let zeros = vec![0; ZEROS];
    let mut left = length as usize;
    while left > 0 {
        let count = left.min(ZEROS);
        file.write_all(&zeros[..count])?;
        left -= count;
    }
    Ok(())
}

impl CrashFile {
    /// The journal of the file, for the thread that writes the log.
    pub fn journal(&self, ring: &Ring) -> Option<Journal> {
        let file = self.open.lock().as_ref().map(|open| Arc::clone(&open.file))?;
        ring.freed().map(|freed| Journal::new(file, &self.path, freed))
    }

    /// Closes the file, and gives up its lock. The next look at it finds it dead, if it is still there.
    pub fn release(&self) {
        if !self.process.is_current() {
            return;
        }
        if let Some(open) = self.open.lock().take() {
            LIVE.get().lock().retain(|file| *file != open.file.identity());
            // The mapping keeps the file open, and the lock with it.
            if open.file.is_ours() {
                let _ = open.file.unlock();
            }
        }
    }

    /// Removes the file, once. A forked child leaves its parent's file alone.
    pub fn remove(&self) {
        if self.process.is_current() && !self.is_removed.swap(true, Ordering::Relaxed) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Drop for CrashFile {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use crate::crash::found::{Look, look};
    use crate::disk::scratch::Scratch;
    use crate::queue::kept::Conditions;

    use super::*;

    fn names(folder: &Scratch) -> Names {
        Names::new(folder.path(""), OsStr::new("app.log"))
    }

    fn wanted() -> Wanted {
        Wanted { bytes: 5000, ..Wanted::default() }
    }

    #[test]
    fn a_file_is_whole_and_is_removed() {
        let folder = Scratch::new();

        let (ring, file) = create(&names(&folder), &wanted()).expect("made");
        let (other, _other) = create(&names(&folder), &wanted()).expect("made");

        assert_eq!((ring.capacity(), other.capacity()), (8192, 8192));
        assert_eq!(file.path.metadata().expect("there").len(), (places(8192).ring + 8192) as u64);
        assert_eq!(names(&folder).list().0.len(), 2);
        file.remove();
        assert_eq!(names(&folder).list().0.len(), 1);
    }

    #[test]
    fn a_file_whose_queue_ended_is_found_with_its_lowest_level_and_any_rule() {
        let folder = Scratch::new();
        let (ring, file) = create(&names(&folder), &wanted()).expect("made");
        for (level, has_rules) in [(30, false), (10, true), (20, false)] {
            ring.tell_conditions(Conditions { level, has_rules });
        }

        assert!(matches!(look(&file.path), Look::InUse(Some(_))));
        file.release();
        ring.leave_file();

        let expected = Conditions { level: 10, has_rules: true };
        assert!(matches!(look(&file.path), Look::Dead(dead) if dead.conditions == Some(expected)));
    }

    #[test]
    fn notes_that_find_no_room_are_remembered() {
        let folder = Scratch::new();
        let (ring, _file) = create(&names(&folder), &wanted()).expect("made");
        let (lock, most) = (Mutex::new(()), places(8192).most_notes);

        assert!(ring.note(&lock.lock(), &vec![1; most - 8]) && !ring.is_noted_up());
        assert!(!ring.note(&lock.lock(), &[1; 9]) && ring.is_noted_up());
    }

    #[test]
    fn only_names_of_this_log_are_listed() {
        let folder = Scratch::new();
        for name in [".app.log.1-2.crash", ".app.log.1-2.new", ".app.log.1.crash", ".app.log.x-2.crash"] {
            folder.file(name, 0);
        }
        for name in ["app.log.1-2.crash", ".app.log.b.1-2.crash", ".app.log.-2.crash", ".pp.log.1-2.crash"] {
            folder.file(name, 0);
        }

        let (whole, unfinished) = names(&folder).list();

        assert_eq!(whole, [folder.path(".app.log.1-2.crash")]);
        assert_eq!(unfinished, [folder.path(".app.log.1-2.new")]);
    }

    #[test]
    fn a_folder_without_permission_is_an_error_and_holds_nothing() {
        let folder = Scratch::new();
        let file = folder.file("file", 0);

        assert!(create(&Names::new(file, OsStr::new("app.log")), &wanted()).is_err());
        assert_eq!(folder.names(), ["file"]);
    }
}
