//! The link that leads to the newest of files with a time in their name.
//!
//! A link is replaced by a link, and nothing else is: somebody's file that has the name stays.

use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;

use crate::disk::exclusive::move_exclusively;
use crate::report;

/// Has the link lead to a file. It is a convenience: a folder that takes no links has none.
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

/// Whether there is a link at a path; None when there is nothing.
fn is_link(path: &Path) -> Option<bool> {
    std::fs::symlink_metadata(path).ok().map(|found| found.is_symlink())
}

/// Makes the link under a name of its own.
fn draft(link: &Path, target: &Path) -> Option<PathBuf> {
    let mut draft = link.as_os_str().to_owned();
    draft.push(format!(".{}.tmp", std::process::id()));
    let draft = PathBuf::from(draft);
    // A leftover of a process that had our number.
    remove_link(&draft);
    symlink(target, &draft).ok().map(|()| draft)
}

/// Puts the draft in the link's place; false when something else than a link stands there.
fn replace(draft: &Path, link: &Path) -> io::Result<bool> {
    if is_link(link).is_none() && move_exclusively(draft, link)? {
        return Ok(true);
    }
    match rustix::fs::renameat_with(CWD, draft, CWD, link, RenameFlags::EXCHANGE) {
        // The file system, or the kernel, does not know the flag.
        Err(Errno::INVAL | Errno::NOSYS) if is_link(link) == Some(true) => std::fs::rename(draft, link)?,
        exchanged => exchanged?,
    }
    // Another program may have put its file there just before.
    let is_file = is_link(draft) == Some(false);
    if is_file {
        rustix::fs::renameat_with(CWD, draft, CWD, link, RenameFlags::EXCHANGE)?;
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
