//! The link to the newest of the files that have a time in their name.
//!
//! The link replaces only a link. A file of that name stays.

use std::io;
use std::path::{Path, PathBuf};

use crate::report;
use crate::sys::names::{exchange, is_no_exchange, move_exclusively, symlink};

/// Makes the link lead to a file. The link is a convenience: a folder that does not support links has none.
pub fn link(link: &Path, file: &Path) {
    let is_beside = link.parent() == file.parent();
    let target = file.file_name().filter(|_| is_beside).map_or(file, Path::new);
    if is_link(link) == Some(false) {
        tell(link);
        return;
    }
    let Some(draft) = draft(link, target) else { return };
    if matches!(replace(&draft, link), Ok(false)) {
        tell(link);
    }
    remove_link(&draft);
}

/// Whether a link is at a path; None if nothing is there.
fn is_link(path: &Path) -> Option<bool> {
    std::fs::symlink_metadata(path).ok().map(|found| found.is_symlink())
}

/// Makes the link under a temporary name.
fn draft(link: &Path, target: &Path) -> Option<PathBuf> {
    let mut draft = link.as_os_str().to_owned();
    draft.push(format!(".{}.tmp", std::process::id()));
    let draft = PathBuf::from(draft);
    // Removes a leftover of an earlier process with this process's number.
    remove_link(&draft);
    symlink(target, &draft).ok().map(|()| draft)
}

/// Puts the draft in the link's place. Returns false if something other than a link is there.
fn replace(draft: &Path, link: &Path) -> io::Result<bool> {
    if is_link(link).is_none() && move_exclusively(draft, link)? {
        return Ok(true);
    }
    match exchange(draft, link) {
        Err(error) if is_no_exchange(&error) && is_link(link) == Some(true) => std::fs::rename(draft, link)?,
        exchanged => exchanged?,
    }
    // Another program may have put its file at the path just before.
    let is_file = is_link(draft) == Some(false);
    if is_file {
        exchange(draft, link)?;
    }
    Ok(!is_file)
}

fn remove_link(path: &Path) {
    if is_link(path) == Some(true) {
        let _ = std::fs::remove_file(path);
    }
}

fn tell(link: &Path) {
    let path = link.display();
    report::tell_once(&format!("latest {path}"), &format!("{path}: is no link, and stays; latest=True makes none"));
}
