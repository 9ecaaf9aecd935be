//! Files in folders that other users can write to: detects such paths, and opens them without following other users'
//! links.
//!
//! Links in the path are followed once, when the sink is added. The resolved path has no links, so any link found there
//! later was put in the file's place.

use std::fs::{File, symlink_metadata};
use std::io;
use std::path::{Path, PathBuf};

use crate::sys::appending::Appending;
use crate::sys::metadata::{Metadata, are_links_protected, is_foreign, is_pipe, links, mode};
use crate::sys::opening;
use crate::sys::opening::is_link_in_path;
use crate::sys::paths::canonical;

const WRITABLE_BY_OTHERS: u32 = 0o022;
const STICKY: u32 = 0o1000;

/// Whether another user could replace a file, or a folder on its path. The path contains no links.
pub fn is_exposed(path: &Path) -> bool {
    path.ancestors().skip(1).enumerate().any(|(height, folder)| {
        let Ok(found) = std::fs::metadata(folder) else { return false };
        // In a sticky folder others may make files, but cannot rename or remove ours.
        let is_shared = mode(&found) & WRITABLE_BY_OTHERS != 0 && (height == 0 || mode(&found) & STICKY == 0);
        is_foreign(&found) || is_shared
    })
}

/// Opens a file for appending. It follows no link in the path and never waits for the reader of a pipe.
pub(super) fn open_guarded(path: &Path, how: Appending) -> io::Result<File> {
    let opened = opening::open_guarded(path, how);
    opened.map_err(|error| if is_link_in_path(&error) { refusal("a link was put in its place") } else { error })
}

/// Returns an error if a reopened file is of another kind than the sink's file. Opening a pipe would wait for a reader.
pub(super) fn check_kind(found: &Metadata, is_guarded: bool) -> io::Result<()> {
    if is_pipe(found) || is_guarded && !found.is_file() {
        return Err(refusal("something else than a file was put in its place"));
    }
    if is_guarded && links(found) > 1 && !are_links_protected() {
        return Err(refusal("a file with a second name was put in its place"));
    }
    Ok(())
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
            Some(canonical(folder).ok()?.join(rest))
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
