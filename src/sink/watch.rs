//! Hearing from the kernel that a file was renamed or removed.
//!
//! For files that are written line by line: to ask costs a tenth of looking at the path. Where the kernel has no more watches
//! to give, the path is looked at each time.

use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};

pub struct Watch {
    events: OwnedFd,
    watched: Option<i32>,
}

/// What happened to a file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Nothing,
    /// Something else than a rename: perhaps it was removed.
    Other,
    /// It has another name now, or had one before it was removed: somebody has its lines.
    Renamed,
}

impl Watch {
    /// Watches the file at a path; look at the path once more after this, since it may have changed before.
    pub fn new(path: &Path) -> Option<Self> {
        let events = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok()?;
        Self { events, watched: None }.moved_to(path)
    }

    /// Watches the file at another path instead. Closing a watch for a new one would wait milliseconds for the kernel.
    pub fn moved_to(mut self, path: &Path) -> Option<Self> {
        if let Some(before) = self.watched.take() {
            // It ends by itself when its file is gone.
            let _ = inotify::remove_watch(&self.events, before);
            self.change();
        }
        // A removed file that is open changes its count of links, which is an attribute.
        let changes = WatchFlags::MOVE_SELF | WatchFlags::DELETE_SELF | WatchFlags::ATTRIB;
        self.watched = Some(inotify::add_watch(&self.events, path, changes).ok()?);
        Some(self)
    }

    /// What happened since this was asked last.
    pub fn change(&self) -> Change {
        // Asking for the length costs a third of a read that finds nothing.
        if rustix::io::ioctl_fionread(&self.events).is_ok_and(|length| length == 0) {
            return Change::Nothing;
        }
        let mut buffer = [MaybeUninit::uninit(); 1024];
        let mut reader = Reader::new(&self.events, &mut buffer);
        let mut change = Change::Other;
        while let Ok(event) = reader.next() {
            if event.events().contains(ReadFlags::MOVE_SELF) {
                change = Change::Renamed;
            }
        }
        change
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::sink::scratch::Scratch;

    use super::*;

    #[test]
    fn a_rename_is_told_from_a_removal() {
        let folder = Scratch::new();
        let [here, there] = ["here", "there"].map(|name| folder.path(name));
        let _open = fs::File::create(&here).expect("made");
        let watch = Watch::new(&here).expect("watched");

        assert_eq!(watch.change(), Change::Nothing);
        fs::rename(&here, &there).expect("renamed");
        fs::remove_file(&there).expect("removed");
        assert_eq!(watch.change(), Change::Renamed);
        assert_eq!(watch.change(), Change::Nothing);
    }

    #[test]
    fn a_watch_that_moved_hears_of_its_new_file_alone() {
        let folder = Scratch::new();
        let [old, new, elsewhere] = ["old", "new", "elsewhere"].map(|name| folder.path(name));
        for path in [&old, &new] {
            fs::File::create(path).expect("made");
        }
        let watch = Watch::new(&old).expect("watched");

        fs::rename(&old, &elsewhere).expect("renamed");
        let watch = watch.moved_to(&new).expect("watched");
        fs::remove_file(&elsewhere).expect("removed");

        assert_eq!(watch.change(), Change::Nothing);
        fs::rename(&new, &old).expect("renamed");
        assert_eq!(watch.change(), Change::Renamed);
    }

    #[test]
    fn a_removal_of_an_open_file_is_heard() {
        let folder = Scratch::new();
        let path = folder.path("here");
        let _open = fs::File::create(&path).expect("made");
        let watch = Watch::new(&path).expect("watched");

        fs::remove_file(&path).expect("removed");

        assert_eq!(watch.change(), Change::Other);
    }
}
