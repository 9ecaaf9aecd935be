//! The archives of one file, and their order.
//!
//! A series is shared by the thread that rotates, the archiver and readers. Everything is read from the folder, apart
//! from the newest archive, which `naming` remembers.

use std::any::Any;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::{fs, io};

use arc_swap::ArcSwap;

use crate::archive::order::{Newest, Order, Position};
use crate::archive::period::{precision, stamped};
use crate::clock::{local_zone, modified_ns};
use crate::config::archive::{Adopted, ArchiveOptions};
use crate::config::archive_name::{ArchiveName, ArchiveNames, SUFFIXES};
use crate::config::file_name::FileName;
use crate::config::name_template;
use crate::config::name_template::Stamp;
use crate::config::schedule::Schedule;
use crate::config::sink::FileOptions;
use crate::crash::found;
use crate::crash::own::Names;
use crate::disk::guarded::{Base, is_exposed};
use crate::disk::identity::Identity;
use crate::disk::regular::with_suffix;
use crate::format::time::reading::Precision;
use crate::sys::metadata::Metadata;
use crate::sys::paths::canonical;
use crate::{clock, report};

/// The most links followed to a file that does not exist yet. The kernel follows as many.
const MOST_LINKS: u32 = 40;

/// A file's archives, and the options for their maintenance.
///
/// It has no locks: a forked child has the same series, and would inherit the locks as they are.
pub struct Series {
    pub(super) names: ArchiveNames,
    /// The folder that names with a time in them begin with.
    base: Option<Base>,
    file_name: FileName,
    schedules: Vec<Schedule>,
    options: ArchiveOptions,
    active: ArcSwap<PathBuf>,
    /// The active file's path as its name gives it.
    current: ArcSwap<PathBuf>,
    pub(super) newest: ArcSwap<Newest>,
    pub(super) is_swept: AtomicBool,
    /// The functions that tasks of the series call.
    pub functions: Option<Box<dyn Functions>>,
}

/// Functions of the program for archives. Only `python/files/archiving.rs` knows their type, and calls them.
pub trait Functions: Any + Send + Sync {}

/// An archive on the disk.
#[derive(Clone, Debug)]
pub struct Archive {
    pub path: PathBuf,
    pub name: ArchiveName,
    /// Bytes on the disk, including the twins.
    pub size: u64,
    pub modified_ns: i64,
    /// When its last record was logged, or a little later.
    pub ended_ns: i64,
    /// The same archive in compressed form, if compression ended before the original was removed.
    pub twins: Vec<PathBuf>,
}

impl Series {
    /// Makes the series of a file. Links to the file are followed, whether it exists yet or not.
    pub fn new(file: &FileOptions, functions: Option<Box<dyn Functions>>) -> Arc<Self> {
        name_template::prepare();
        let active = resolved(&file.path);
        let names = if file.name.has_time() {
            ArchiveNames::timed(&file.name)
        } else {
            ArchiveNames::new(&active, file.archive.clone())
        };
        Arc::new(Self {
            names: names.adopting(file.adopted),
            base: file.name.has_time().then(|| Base::new(file.name.base())),
            file_name: file.name.clone(),
            schedules: file.rotation.schedules.clone(),
            options: file.archives.clone(),
            active: ArcSwap::from_pointee(active),
            current: ArcSwap::from_pointee(file.path.clone()),
            newest: ArcSwap::from_pointee(Newest::Unknown),
            is_swept: AtomicBool::new(false),
            functions,
        })
    }

    pub fn base(&self) -> Option<&Base> {
        self.base.as_ref()
    }

    pub fn options(&self) -> &ArchiveOptions {
        &self.options
    }

    pub fn names(&self) -> &ArchiveNames {
        &self.names
    }

    /// Returns the path of the active file, with links followed.
    pub fn active(&self) -> PathBuf {
        self.active.load().as_ref().clone()
    }

    /// Returns the path of the active file as its name gives it. A writer that opens the file after others continues
    /// there.
    pub fn current(&self) -> PathBuf {
        self.current.load().as_ref().clone()
    }

    /// Sets the file that is written from now on. This matters only if its name has a time in it.
    pub fn set_active(&self, path: &Path) {
        let Some(base) = &self.base else { return };
        self.current.store(Arc::new(path.to_owned()));
        // Links that others may have made since the sink was added are not followed.
        let real = base.real_path(path);
        let path = if base.is_exposed() || is_exposed(&real) { real } else { resolved(path) };
        let before = self.active.swap(Arc::new(path.clone()));
        if before.parent() != path.parent() {
            self.rescan();
        }
    }

    /// Returns the folder of this log's crash files, and the name in theirs. The file that a name with a time in it gives
    /// at the moment says nothing to a process that starts tomorrow.
    pub fn crash_place(&self) -> (PathBuf, OsString) {
        let Some(base) = &self.base else {
            let active = self.active();
            let folder = active.parent().unwrap_or(Path::new("/")).to_owned();
            return (folder, active.file_name().unwrap_or_default().to_owned());
        };
        let (named, latest) = (self.file_name.base(), self.file_name.latest());
        let log = latest.strip_prefix(&named).unwrap_or(&latest).as_os_str().to_owned();
        (base.real_path(&named), log)
    }

    /// Whether lines of a queue in a crash file may be missing in a file.
    pub(super) fn is_awaited(&self, file: &Metadata) -> bool {
        let (folder, log) = self.crash_place();
        found::is_awaited(&Names::new(folder, &log), Identity::of(file))
    }

    /// Returns the archives, oldest first. A compressed archive and its leftover original count as one.
    pub fn archives(&self) -> io::Result<Vec<Archive>> {
        let archives = self.listed(&self.names)?;
        if let Some(last) = archives.last() {
            self.remember(self.position_of(&last.name));
        }
        Ok(archives)
    }

    /// Returns the archives as they would be if those of another library were adopted.
    pub fn archives_adopting(&self, adopted: Adopted) -> io::Result<Vec<Archive>> {
        self.listed(&self.names.clone().adopting(Some(adopted)))
    }

    fn listed(&self, names: &ArchiveNames) -> io::Result<Vec<Archive>> {
        let mut found = Vec::new();
        for (path, name) in self.named_by(names)? {
            let Some((path, name, status)) = metadata_of(path, name) else { continue };
            // A link is never an archive, wherever it leads.
            if status.is_file() {
                let order = self.order_of(&name);
                found.push((order, self.archive_of(path, name, order, &status)));
            }
        }
        found.sort_by(|(a, one), (b, other)| a.cmp(b).then(one.name.suffix.cmp(&other.name.suffix)));
        // An archive that was compressed during the listing may have been found under both of its names.
        found.dedup_by(|(_, one), (_, other)| one.path == other.path);
        Ok(with_twins(found.into_iter().map(|(_, archive)| archive)))
    }

    /// Returns the archives for background work. If the folder cannot be listed, returns none and reports it once.
    pub(super) fn archives_or_none(&self) -> Vec<Archive> {
        self.archives().unwrap_or_else(|error| {
            let active = self.active();
            let path = active.display();
            let line = format!("{path}: its folder cannot be searched for archives: {error}");
            report::tell_once(&format!("archives of {path}"), &line);
            Vec::new()
        })
    }

    pub(super) fn position(&self, stamp: Option<Stamp>, number: u32) -> Position {
        let zone = &local_zone();
        // A file with a time in its name continues under that name after its numbered archives, so it comes last.
        let rank = if self.names.is_timed() && number == 1 { u32::MAX } else { number };
        let order = Order::new(stamp, rank, zone, |stamp| self.end_of_period(stamp));
        Position { order, stamp, number }
    }

    pub(super) fn order_of(&self, name: &ArchiveName) -> Order {
        match name.stamp {
            Some(stamp) if name.is_adopted => Order::adopted(stamp, name.number, &local_zone()),
            stamp => self.position(stamp, name.number).order,
        }
    }

    fn end_of_period(&self, stamp: Stamp) -> i64 {
        let zone = &local_zone();
        if self.schedules.is_empty() { stamp.end_ns(zone) } else { stamped(&self.schedules, zone, stamp).end_ns }
    }

    fn archive_of(&self, path: PathBuf, name: ArchiveName, order: Order, status: &fs::Metadata) -> Archive {
        let modified_ns = modified_ns(status);
        let ended_ns = match name.stamp {
            None => modified_ns,
            // The name says when the file was begun.
            Some(_) if self.names.is_timed() || name.is_adopted => order.end_ns.max(modified_ns),
            // The stamp may be the instant at which the file was closed by its size, or the start of its period.
            Some(stamp) if stamp.precision == Precision::Second && self.has_second_schedule() => {
                self.end_of_period(stamp)
            }
            Some(_) => order.end_ns,
        };
        Archive { path, name, size: status.len(), modified_ns, ended_ns, twins: Vec::new() }
    }

    fn has_second_schedule(&self) -> bool {
        !self.schedules.is_empty() && precision(&self.schedules) == Precision::Second
    }

    /// Returns the files of the folder that are named as archives, in no order.
    pub(super) fn named(&self) -> io::Result<Vec<(PathBuf, ArchiveName)>> {
        self.named_by(&self.names)
    }

    fn named_by(&self, names: &ArchiveNames) -> io::Result<Vec<(PathBuf, ArchiveName)>> {
        let active = self.active();
        let (folder, own) = (active.parent().unwrap_or(Path::new("/")), active.file_name().unwrap_or_default());
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let current = self.current_stamp();
        let mut found = Vec::new();
        for entry in entries {
            let file: OsString = entry?.file_name();
            let Some(name) = names.parse(&file) else { continue };
            if file != own && !is_written(&name, current) {
                found.push((folder.join(file), name));
            }
        }
        Ok(found)
    }

    /// Returns the stamp of the file's name now, if the name has a time in it. Another process may write that file
    /// already.
    fn current_stamp(&self) -> Option<Stamp> {
        if !self.names.is_timed() {
            return None;
        }
        let path = self.file_name.expand(clock::now_ns(), &local_zone());
        self.names.parse(path.file_name().unwrap_or_default())?.stamp
    }
}

/// Returns the metadata of a listed file, or of the compressed file that has replaced it since.
fn metadata_of(path: PathBuf, name: ArchiveName) -> Option<(PathBuf, ArchiveName, fs::Metadata)> {
    if let Ok(status) = fs::symlink_metadata(&path) {
        return Some((path, name, status));
    }
    SUFFIXES.iter().filter(|_| name.suffix.is_none()).find_map(|suffix| {
        let path = with_suffix(&path, suffix);
        let status = fs::symlink_metadata(&path).ok()?;
        Some((path, ArchiveName { suffix: Some(suffix), ..name.clone() }, status))
    })
}

fn is_written(name: &ArchiveName, current: Option<Stamp>) -> bool {
    current.is_some() && !name.is_adopted && name.number == 1 && name.suffix.is_none() && name.stamp >= current
}

/// Joins originals with their compressed twins. `archives` are sorted, originals first.
fn with_twins(archives: impl Iterator<Item = Archive>) -> Vec<Archive> {
    let mut joined: Vec<Archive> = Vec::new();
    for archive in archives {
        match joined.last_mut() {
            Some(last) if is_twin(last, &archive) => {
                last.size += archive.size;
                last.twins.push(archive.path);
            }
            _ => joined.push(archive),
        }
    }
    joined
}

/// Whether `compressed` is the compressed form of the original.
fn is_twin(original: &Archive, compressed: &Archive) -> bool {
    let suffix = compressed.name.suffix.filter(|_| original.name.suffix.is_none());
    suffix.is_some_and(|suffix| with_suffix(&original.path, suffix) == compressed.path)
}

/// Returns the file that a path leads to. The file need not exist yet.
fn resolved(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        if let Ok(real) = canonical(&path) {
            return real;
        }
        let folder = path.parent().map(|folder| canonical(folder).unwrap_or_else(|_| folder.to_owned()));
        let folder = folder.unwrap_or_default();
        match fs::read_link(&path) {
            Ok(target) => path = folder.join(target),
            Err(_) => return folder.join(path.file_name().unwrap_or_default()),
        }
    }
    path
}

#[cfg(test)]
mod tests;
