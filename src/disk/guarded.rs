//! Files in folders that others can write to: whether a path is such, and opening it without following a link of theirs.
//!
//! Links on the way are followed once, when the sink is added. From then on the path has none, and one that is found there was put
//! in the file's place.

use std::fs::{File, Metadata, symlink_metadata};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

const WRITABLE_BY_OTHERS: u32 = 0o022;
const STICKY: u32 = 0o1000;

/// Whether another user may put something in the place of a file, or of a folder on the way to it. The path has no links.
pub fn is_exposed(path: &Path) -> bool {
    let user = rustix::process::geteuid().as_raw();
    path.ancestors().skip(1).enumerate().any(|(height, folder)| {
        let Ok(found) = std::fs::metadata(folder) else { return false };
        let is_foreign = found.uid() != 0 && found.uid() != user;
        // In a sticky folder others may make files, but rename or remove none of ours.
        let is_shared = found.mode() & WRITABLE_BY_OTHERS != 0 && (height == 0 || found.mode() & STICKY == 0);
        is_foreign || is_shared
    })
}

/// Opens a file for appending, made if need be; no link in its path is followed, and nothing waits for a reader of a pipe.
pub fn open_guarded(path: &Path, flags: OFlags, mode: u32) -> io::Result<File> {
    let flags = flags | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    // Modes beyond these are given to the open file.
    let mode = if flags.contains(OFlags::CREATE) { Mode::from_raw_mode(mode & 0o777) } else { Mode::empty() };
    let opened = match rustix::fs::openat2(CWD, path, flags, mode, ResolveFlags::NO_SYMLINKS) {
        // Kernels before 5.6, and sandboxes, do not know the call.
        Err(Errno::NOSYS | Errno::PERM) => rustix::fs::openat(CWD, path, flags, mode),
        opened => opened,
    };
    match opened {
        Ok(file) => Ok(file.into()),
        Err(Errno::LOOP) => Err(refusal("a link was put in its place")),
        Err(error) => Err(error.into()),
    }
}

/// An error when a file that was opened anew is not what the sink wrote to: a pipe would have it wait for a reader.
pub fn check_kind(found: &Metadata, is_guarded: bool) -> io::Result<()> {
    if found.file_type().is_fifo() || is_guarded && !found.is_file() {
        return Err(refusal("something else than a file was put in its place"));
    }
    if is_guarded && found.nlink() > 1 && !are_links_protected() {
        return Err(refusal("a file with a second name was put in its place"));
    }
    Ok(())
}

/// Whether the kernel lets users make other names for their own files alone, as it does everywhere unless told otherwise.
fn are_links_protected() -> bool {
    std::fs::read("/proc/sys/fs/protected_hardlinks").is_ok_and(|setting| setting.starts_with(b"1"))
}

fn refusal(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("{what}, and is not written to"))
}

/// Whether the links of `path` need not be followed any more, since `real` is where they led. Not for what has no path of its own,
/// such as a pipe behind `/dev/stdout`. `base` is there where the name has a time in it.
pub fn is_guarded(path: &Path, real: &Path, was_regular: bool, base: Option<&Base>) -> bool {
    let is_placed = || match std::fs::metadata(path) {
        Ok(found) => found.is_file() && symlink_metadata(real).is_ok(),
        Err(_) => true,
    };
    (was_regular || is_placed()) && (is_exposed(real) || base.is_some_and(Base::is_exposed))
}

/// The folder that names with a time begin with, as it was named and as it was found when the sink was added.
pub struct Base {
    named: PathBuf,
    real: PathBuf,
}

impl Base {
    /// What is not there yet has no links.
    pub fn new(named: PathBuf) -> Self {
        let real = named.ancestors().find_map(|folder| {
            let rest = named.strip_prefix(folder).ok()?;
            Some(folder.canonicalize().ok()?.join(rest))
        });
        Self { real: real.unwrap_or_else(|| named.clone()), named }
    }

    /// Whether another user may put something in the place of the next file, or of a folder that is made for it.
    pub fn is_exposed(&self) -> bool {
        is_exposed(&self.real.join("next"))
    }

    /// Where a name leads, when links in the base are followed as they were then, and none behind it.
    pub fn real_path(&self, name: &Path) -> PathBuf {
        name.strip_prefix(&self.named).map_or_else(|_| name.to_owned(), |rest| self.real.join(rest))
    }
}

/// An error when a folder on the way is a link, before more folders are made behind it.
pub fn check_folders(path: &Path) -> io::Result<()> {
    let is_link = |folder: &Path| symlink_metadata(folder).is_ok_and(|found| found.is_symlink());
    if path.ancestors().skip(1).any(is_link) { Err(refusal("a link was put in its place")) } else { Ok(()) }
}
