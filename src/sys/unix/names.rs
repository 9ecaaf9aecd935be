//! The names of files: moving them without replacing, exchanging them, and links.

use std::io;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, RenameFlags, linkat, renameat_with, unlink};
use rustix::io::Errno;

pub use std::fs::remove_file as remove_open;
pub use std::os::unix::fs::symlink;

/// Moves a file within its file system. Returns false if the name is already taken, even by a dangling link.
pub fn move_exclusively(from: &Path, to: &Path) -> io::Result<bool> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        // The file system or the kernel does not support the flag.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => link_and_unlink(from, to),
        Err(error) => Err(error.into()),
    }
}

/// Between the two steps the file has both names, so a crash there loses nothing.
fn link_and_unlink(from: &Path, to: &Path) -> io::Result<bool> {
    match linkat(CWD, from, CWD, to, AtFlags::empty()) {
        Ok(()) => unlink(from).map(|()| true).map_err(io::Error::from),
        Err(Errno::EXIST) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Has the names in a folder survive a crash of the machine.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

/// Exchanges two names in one step.
pub fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

/// Whether names were not exchanged because the file system or the kernel cannot do it.
pub fn is_no_exchange(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::disk::scratch::Scratch;

    use super::*;

    #[test]
    fn both_ways_move_to_a_free_name_and_never_to_a_taken_one() {
        for way in [move_exclusively, link_and_unlink] {
            let folder = Scratch::new();
            let [from, to, file, link] = ["from", "to", "file", "link"].map(|name| folder.path(name));
            for path in [&from, &file] {
                fs::write(path, path.as_os_str().as_encoded_bytes()).expect("written");
            }
            symlink("nowhere", &link).expect("a link");

            let moved = [&file, &link, &to].map(|to| way(&from, to).expect("no error"));

            assert_eq!(moved, [false, false, true]);
            assert_eq!(fs::read(&to).expect("there"), from.as_os_str().as_encoded_bytes());
            assert_eq!(fs::read(&file).expect("there"), file.as_os_str().as_encoded_bytes());
            assert!(!from.exists());
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_an_error() {
        let folder = Scratch::new();

        let error = move_exclusively(&folder.path("from"), &folder.path("to")).expect_err("not there");

        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
