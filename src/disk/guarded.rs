//! Files in folders that other users can write to: detects such paths, and opens them without following other users'
//! links.
//!
//! Links in the path are followed once, when the sink is added. The resolved path has no links, so any link found there
//! later was put in the file's place.

use std::fs::{File, Metadata, symlink_metadata};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

const WRITABLE_BY_OTHERS: u32 = 0o022;
const STICKY: u32 = 0o1000;

/// Whether another user could replace a file, or a folder on its path. The path contains no links.
pub fn is_exposed(path: &Path) -> bool {
    let user = rustix::process::geteuid().as_raw();
    path.ancestors().skip(1).enumerate().any(|(height, folder)| {
        let Ok(found) = std::fs::metadata(folder) else { return false };
        let is_foreign = found.uid() != 0 && found.uid() != user;
        // In a sticky folder others may make files, but cannot rename or remove ours.
        let is_shared = found.mode() & WRITABLE_BY_OTHERS != 0 && (height == 0 || found.mode() & STICKY == 0);
        is_foreign || is_shared
    })
}

/// Opens a file for appending and creates it if `flags` say so. It follows no link in the path and never waits for the
/// reader of a pipe.
pub(super) fn open_guarded(path: &Path, flags: OFlags, mode: u32) -> io::Result<File> {
    let flags = flags | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    // The caller sets any further mode bits on the open file.
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

/// Returns an error if a reopened file is of another kind than the sink's file. Opening a pipe would wait for a reader.
pub(super) fn check_kind(found: &Metadata, is_guarded: bool) -> io::Result<()> {
    if found.file_type().is_fifo() || is_guarded && !found.is_file() {
        return Err(refusal("something else than a file was put in its place"));
    }
    if is_guarded && found.nlink() > 1 && !are_links_protected() {
        return Err(refusal("a file with a second name was put in its place"));
    }
    Ok(())
}

/// Whether the kernel lets users make hard links only to their own files. This is the usual setting.
fn are_links_protected() -> bool {
    std::fs::read("/proc/sys/fs/protected_hardlinks").is_ok_and(|setting| setting.starts_with(b"1"))
}

fn refusal(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("{what}, and is not written to"))
}

/// Whether to stop following the links of `path` and use `real`, the path they led to. False for targets without a path
/// of their own, such as a pipe opened as `/dev/stdout`. `base` is given if the name has a time in it.
pub fn is_guarded(path: &Path, real: &Path, was_regular: bool, base: Option<&Base>) -> bool {
    let is_placed = || match std::fs::metadata(path) {
        Ok(found) => found.is_file() && symlink_metadata(real).is_ok(),
        Err(_) => true,
    };
    (was_regular || is_placed()) && (is_exposed(real) || base.is_some_and(Base::is_exposed))
}

/// The folder part of names with a time in them: as configured, and as resolved when the sink was added.
pub struct Base {
    named: PathBuf,
    real: PathBuf,
}

impl Base {
    /// Resolves the folder. Parts of the path that do not exist yet have no links.
    pub fn new(named: PathBuf) -> Self {
        let real = named.ancestors().find_map(|folder| {
            let rest = named.strip_prefix(folder).ok()?;
            Some(folder.canonicalize().ok()?.join(rest))
        });
        Self { real: real.unwrap_or_else(|| named.clone()), named }
    }

    /// Whether another user could replace the next file, or a folder made for it.
    pub fn is_exposed(&self) -> bool {
        is_exposed(&self.real.join("next"))
    }

    /// Resolves a name. Links in the base are followed as they were when the sink was added; later links are not
    /// followed.
    pub fn real_path(&self, name: &Path) -> PathBuf {
        name.strip_prefix(&self.named).map_or_else(|_| name.to_owned(), |rest| self.real.join(rest))
    }
}

/// Returns an error if a folder on the path is a link. Call it before making more folders.
pub(super) fn check_folders(path: &Path) -> io::Result<()> {
    let is_link = |folder: &Path| symlink_metadata(folder).is_ok_and(|found| found.is_symlink());
    if path.ancestors().skip(1).any(is_link) { Err(refusal("a link was put in its place")) } else { Ok(()) }
}
