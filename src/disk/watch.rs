//! Hearing from the kernel that a file was renamed or removed.
//!
//! For files that are written line by line: to ask costs a tenth of looking at the path. Where the kernel has no more watches
//! to give, the path is looked at each time.
//!
//! All watches of a process share one queue of events, from which the thread that asks tells the others.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Weak};

use arc_swap::ArcSwapOption;
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};

use crate::disk::own_file::{OwnFile, apart};
use crate::sync::Mutex;

/// What the watches of this process share: a user may have 128 such queues.
static EVENTS: ArcSwapOption<Events> = ArcSwapOption::const_empty();

pub struct Watch {
    events: Arc<Events>,
    watched: Option<i32>,
    told: Arc<AtomicU8>,
}

/// The kernel's queue of events, and who is to be told of them.
struct Events {
    queue: OwnFile,
    /// A forked child has the queue too, and must not take its parent's events.
    process: u32,
    listeners: Mutex<HashMap<i32, Vec<Weak<AtomicU8>>>>,
    /// The program closed the descriptor: nothing is told any more.
    is_lost: AtomicBool,
}

/// What happened to a file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
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
        Self { events: Events::shared()?, watched: None, told: Arc::default() }.moved_to(path)
    }

    /// Watches the file at another path instead.
    pub fn moved_to(mut self, path: &Path) -> Option<Self> {
        if !self.events.is_usable() {
            return Self::new(path);
        }
        self.stop();
        self.told = Arc::default();
        // A removed file that is open changes its count of links, which is an attribute.
        let changes = WatchFlags::MOVE_SELF | WatchFlags::DELETE_SELF | WatchFlags::ATTRIB;
        let mut listeners = self.events.listeners.lock();
        let watched = inotify::add_watch(&*self.events.queue, path, changes).ok()?;
        listeners.entry(watched).or_default().push(Arc::downgrade(&self.told));
        drop(listeners);
        self.watched = Some(watched);
        Some(self)
    }

    /// What happened since this was asked last.
    pub fn change(&self) -> Change {
        // Asking for the length costs a third of a read that finds nothing.
        match rustix::io::ioctl_fionread(&*self.events.queue) {
            Ok(0) => {}
            _ if self.events.is_usable() => self.events.distribute(),
            _ => return Change::Other,
        }
        if self.told.load(Ordering::Relaxed) == Change::Nothing as u8 {
            return Change::Nothing;
        }
        match self.told.swap(Change::Nothing as u8, Ordering::Relaxed) {
            told if told == Change::Renamed as u8 => Change::Renamed,
            _ => Change::Other,
        }
    }

    /// Ends watching, unless another one watches the same file.
    fn stop(&mut self) {
        let Some(watched) = self.watched.take() else { return };
        let mut listeners = self.events.listeners.lock();
        let Some(told) = listeners.get_mut(&watched) else { return };
        told.retain(|told| !Weak::ptr_eq(told, &Arc::downgrade(&self.told)) && told.strong_count() > 0);
        if told.is_empty() {
            listeners.remove(&watched);
            if self.events.is_usable() {
                // It ends by itself when its file is gone.
                let _ = inotify::remove_watch(&*self.events.queue, watched);
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // A forked child leaves the watches to its parent, with locks that may be held.
        if self.events.process == std::process::id() {
            self.stop();
        }
    }
}

impl Events {
    fn shared() -> Option<Arc<Self>> {
        if let Some(events) = EVENTS.load_full().filter(|events| events.is_usable()) {
            return Some(events);
        }
        let events = Arc::new(Self::new().ok()?);
        EVENTS.store(Some(Arc::clone(&events)));
        Some(events)
    }

    fn new() -> io::Result<Self> {
        let queue = File::from(inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?);
        let queue = OwnFile::new(apart(queue)?)?;
        let process = std::process::id();
        Ok(Self { queue, process, listeners: Mutex::default(), is_lost: AtomicBool::new(false) })
    }

    fn is_usable(&self) -> bool {
        if !self.is_lost.load(Ordering::Relaxed) && !self.queue.is_ours() {
            self.is_lost.store(true, Ordering::Relaxed);
        }
        self.process == std::process::id() && !self.is_lost.load(Ordering::Relaxed)
    }

    /// Takes the events there are, and tells whom they concern.
    fn distribute(&self) {
        let mut listeners = self.listeners.lock();
        let mut buffer = [MaybeUninit::uninit(); 1024];
        let mut reader = Reader::new(&*self.queue, &mut buffer);
        while let Ok(event) = reader.next() {
            let flags = event.events();
            let change = if flags.contains(ReadFlags::MOVE_SELF) { Change::Renamed } else { Change::Other };
            // More events than the kernel keeps: anything may have happened to any file.
            let concerned: Vec<_> = if flags.contains(ReadFlags::QUEUE_OVERFLOW) {
                listeners.values().flatten().collect()
            } else {
                listeners.get(&event.wd()).into_iter().flatten().collect()
            };
            for told in concerned.into_iter().filter_map(Weak::upgrade) {
                told.fetch_max(change as u8, Ordering::Relaxed);
            }
            if flags.contains(ReadFlags::IGNORED) {
                // The file is gone, and the kernel may give its number to another.
                listeners.remove(&event.wd());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::disk::scratch::Scratch;

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
