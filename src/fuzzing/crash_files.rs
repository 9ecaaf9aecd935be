//! Crash files: a dead process's records are found once and in order, and damage invents none.

use std::ffi::OsStr;
use std::fs;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process;

use super::input::Input;
use super::sample::{Sample, site};
use crate::crash::buried::{PARTS, bury};
use crate::crash::found::{Dead, Look, Step, look};
use crate::crash::journal::Place;
use crate::crash::notes;
use crate::crash::own::{CrashFile, Names, Wanted, create};
use crate::level::Levels;
use crate::queue::kept::take_position;
use crate::queue::ring::{Ring, padded};
use crate::record::encoded::length_of;
use crate::sync::Mutex;
use crate::sys::content::write_all_at;

/// The most steps through a file: one for each place of a record.
const MOST_STEPS: usize = 4096;

/// The site of all records of a sample.
const SITE: u32 = 3;

thread_local! {
    static FOLDER: Folder = Folder::new();
}

/// A folder for the files of one thread.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("logly-fuzz-{}-{:?}", process::id(), std::thread::current().id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(super) fn run(bytes: &[u8]) {
    FOLDER.with(|folder| run_in(&folder.0, &mut Input::new(bytes)));
}

fn run_in(folder: &Path, input: &mut Input<'_>) {
    let is_of_this_boot = input.flag();
    let names = Names::new(folder.to_owned(), OsStr::new("app.log"));
    let wanted = Wanted { bytes: 4096 << input.below(3), ..Wanted::default() };
    let (ring, file) = create(&names, &wanted).expect("a crash file");
    let filled = fill(&ring, &file, input);
    let path = folder.join("buried");
    fs::copy(&file.path, &path).expect("a copy");
    file.remove();
    bury(&path, is_of_this_boot).expect("a header");
    let is_damaged = damage(&path, input, is_of_this_boot);
    match look(&path) {
        Look::Dead(dead) if is_damaged => check_damaged(&dead, &filled.kept),
        Look::Dead(dead) => {
            let end = if is_of_this_boot { filled.kept.len() } else { filled.sealed };
            let expected = &filled.kept[filled.done..end];
            assert!(found(&dead, true).iter().eq(expected), "{} records are left", expected.len());
        }
        Look::Refused(_) => assert!(is_damaged),
        Look::InUse(_) | Look::Nothing => panic!("the file is there, and its process is not"),
    }
    let _ = fs::remove_file(&path);
}

/// Records in a crash file, in order.
#[derive(Default)]
struct Filled {
    kept: Vec<Vec<u8>>,
    /// The number of those that have a checksum, so that even an earlier run of the machine may have kept them.
    sealed: usize,
    /// The number of those that the log has.
    done: usize,
}

/// Keeps records, and takes some out as the thread that writes does.
fn fill(ring: &Ring, file: &CrashFile, input: &mut Input<'_>) -> Filled {
    let (lock, seed) = (Mutex::new(()), ring.seed().unwrap_or_default());
    let (site, mut filled) = (site(input), Filled::default());
    let held = lock.lock();
    let journal = file.journal(ring).expect("a ring in a file");
    ring.note(&held, &notes::of_site(seed, SITE, &site));
    for _ in 0..=input.below(6) {
        let record = Sample::of(input, &site).bytes;
        if record.len() <= ring.longest_kept() && ring.push_kept(&held, &record) {
            filled.kept.push(record);
        }
        let step = input.byte() % 4;
        let mut batch = Vec::new();
        if step > 1 && ring.pop_into(&mut batch, usize::MAX) > 0 {
            filled.sealed = filled.kept.len();
            let (place, after) = (Place { device: 1, inode: 2, offset: 3 }, last_position(&batch));
            journal.prepare(journal.head(), place, b"a line\n", after, 5);
            if step > 2 {
                filled.done = filled.sealed;
                journal.done(after);
            }
        }
    }
    filled
}

/// The position after the last record of a batch.
fn last_position(batch: &[u8]) -> u64 {
    let (mut rest, mut position) = (batch, 0);
    while !rest.is_empty() {
        position = take_position(&mut rest);
        rest = &rest[padded(length_of(rest))..];
    }
    position
}

/// Changes bytes of a file. Records whose stamps are enough are left: no kill of a process changes them.
fn damage(path: &Path, input: &mut Input<'_>, is_of_this_boot: bool) -> bool {
    let file = File::options().write(true).open(path).expect("the copy");
    let mut is_damaged = false;
    while !input.is_empty() {
        let parts = if is_of_this_boot { &PARTS[..PARTS.len() - 1] } else { &PARTS[..] };
        let at = input.one_of(parts) + usize::from(input.byte()) + usize::from(input.byte() % 16) * 256;
        is_damaged = true;
        write_all_at(&file, &[input.byte()], at as u64).expect("a byte");
    }
    is_damaged
}

/// Damage neither makes up a record nor changes their order.
fn check_damaged(dead: &Dead, kept: &[Vec<u8>]) {
    let mut rest = kept.iter();
    assert!(found(dead, false).iter().all(|record| rest.any(|known| known == record)));
}

/// The records that are found. `is_whole` says that their site has a note.
fn found(dead: &Dead, is_whole: bool) -> Vec<&[u8]> {
    let (mut position, mut found, mut steps) = (dead.head, Vec::new(), 0);
    while let Some(step) = dead.step(position) {
        let (Step::Record(_, after) | Step::Broken(after)) = step;
        assert!(after != position && steps < MOST_STEPS, "each step goes on");
        if let Step::Record(record, _) = step {
            found.push(record);
            let translated = dead.notes.translated(record, &Levels::default());
            assert!(!is_whole || translated.is_some());
        }
        position = after;
        steps += 1;
    }
    found
}
