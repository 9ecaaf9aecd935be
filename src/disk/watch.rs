//! Kernel notifications that a file was renamed or removed.
//!
//! They are for files that are written line by line: asking the kernel costs a tenth of looking at the path. If the
//! system has no such notifications, or no more watches, the path is checked each time.
//!
//! All watches of a process share one queue of events. The thread that reads the queue notifies the other watches.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Weak};

use arc_swap::ArcSwapOption;

use crate::disk::own_file::OwnFile;
use crate::process::per_process::ProcessMark;
use crate::sync::Mutex;
use crate::sys::descriptors::apart;
use crate::sys::watch;

/// The event queue that all watches of this process share. A user may have 128 such queues.
static EVENTS: ArcSwapOption<Events> = ArcSwapOption::const_empty();

pub struct Watch {
    events: Arc<Events>,
    watched: Option<i32>,
    told: Arc<AtomicU8>,
}

/// The kernel's queue of events, and the watches to notify.
struct Events {
    queue: OwnFile,
    /// The process that made the queue. A forked child has the queue too and must not take its parent's events.
    process: ProcessMark,
    listeners: Mutex<HashMap<i32, Vec<Weak<AtomicU8>>>>,
    /// Whether the program closed the descriptor. No further events arrive then.
    is_lost: AtomicBool,
}

/// A change to a file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Change {
    Nothing,
    /// A change other than a rename; the file may have been removed.
    Other,
    /// The file has another name now, or had one before it was removed. The process that renamed it has its lines.
    Renamed,
}

impl Watch {
    /// Watches the file at a path. Check the path once more afterwards, because it may have changed before.
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
        let mut listeners = self.events.listeners.lock();
        let watched = watch::watch(&self.events.queue, path)?;
        listeners.entry(watched).or_default().push(Arc::downgrade(&self.told));
        drop(listeners);
        self.watched = Some(watched);
        Some(self)
    }

    /// Returns the change since the last call.
    pub fn change(&self) -> Change {
        match watch::is_quiet(&self.events.queue) {
            true => {}
            false if self.events.is_usable() => self.events.distribute(),
            false => return Change::Other,
        }
        if self.told.load(Ordering::Relaxed) == Change::Nothing as u8 {
            return Change::Nothing;
        }
        match self.told.swap(Change::Nothing as u8, Ordering::Relaxed) {
            told if told == Change::Renamed as u8 => Change::Renamed,
            _ => Change::Other,
        }
    }

    /// Ends the watch. The kernel's watch stays if another `Watch` uses it.
    fn stop(&mut self) {
        let Some(watched) = self.watched.take() else { return };
        let mut listeners = self.events.listeners.lock();
        let Some(told) = listeners.get_mut(&watched) else { return };
        told.retain(|told| !Weak::ptr_eq(told, &Arc::downgrade(&self.told)) && told.strong_count() > 0);
        if told.is_empty() {
            listeners.remove(&watched);
            if self.events.is_usable() {
                watch::unwatch(&self.events.queue, watched);
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // A forked child leaves the watches to its parent: their locks may be held.
        if self.events.process.is_current() {
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
        let queue = OwnFile::new(apart(watch::make_queue()?)?)?;
        let process = ProcessMark::current();
        Ok(Self { queue, process, listeners: Mutex::default(), is_lost: AtomicBool::new(false) })
    }

    fn is_usable(&self) -> bool {
        if !self.is_lost.load(Ordering::Relaxed) && !self.queue.is_ours() {
            self.is_lost.store(true, Ordering::Relaxed);
        }
        self.process.is_current() && !self.is_lost.load(Ordering::Relaxed)
    }

    /// Reads the available events and notifies the watches concerned.
    fn distribute(&self) {
        let mut listeners = self.listeners.lock();
        watch::for_each_event(&self.queue, |event| {
            let change = if event.is_rename { Change::Renamed } else { Change::Other };
            let concerned: Vec<_> = match event.watched {
                // Events were lost: anything may have happened to any file.
                None => listeners.values().flatten().collect(),
                Some(watched) => listeners.get(&watched).into_iter().flatten().collect(),
            };
            for told in concerned.into_iter().filter_map(Weak::upgrade) {
                told.fetch_max(change as u8, Ordering::Relaxed);
            }
            if let Some(watched) = event.watched.filter(|_| event.is_over) {
                listeners.remove(&watched);
            }
        });
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
