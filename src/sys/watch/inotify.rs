//! Linux: the queue of events that inotify fills.

use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::path::Path;

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};

use super::event::Event;

/// Makes a queue of events. A user may have 128 of them.
pub fn make_queue() -> io::Result<File> {
    Ok(File::from(inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?))
}

/// Watches the file at a path. Returns the number of the watch.
pub fn watch(queue: &File, path: &Path) -> Option<i32> {
    // Removing an open file changes its link count, which is an attribute.
    let changes = WatchFlags::MOVE_SELF | WatchFlags::DELETE_SELF | WatchFlags::ATTRIB;
    inotify::add_watch(queue, path, changes).ok()
}

/// Ends a watch. The kernel's watch ends by itself when its file is gone, so this may fail.
pub fn unwatch(queue: &File, watched: i32) {
    let _ = inotify::remove_watch(queue, watched);
}

/// Whether a queue is known to be empty. This costs a third of a read that finds nothing.
#[inline]
pub fn is_quiet(queue: &File) -> bool {
    matches!(rustix::io::ioctl_fionread(queue), Ok(0))
}

/// Reads the available events.
pub fn for_each_event(queue: &File, mut act: impl FnMut(Event)) {
    let mut buffer = [MaybeUninit::uninit(); 1024];
    let mut reader = Reader::new(queue, &mut buffer);
    while let Ok(event) = reader.next() {
        let flags = event.events();
        act(Event {
            watched: Some(event.wd()).filter(|_| !flags.contains(ReadFlags::QUEUE_OVERFLOW)),
            is_rename: flags.contains(ReadFlags::MOVE_SELF),
            is_over: flags.contains(ReadFlags::IGNORED),
        });
    }
}
