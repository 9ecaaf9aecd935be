//! Other systems: no queue can be made, and each path is checked instead.

use std::fs::File;
use std::io;
use std::path::Path;

use super::event::Event;

pub fn make_queue() -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

pub fn watch(_queue: &File, _path: &Path) -> Option<i32> {
    None
}

pub fn unwatch(_queue: &File, _watched: i32) {}

pub fn is_quiet(_queue: &File) -> bool {
    false
}

pub fn for_each_event(_queue: &File, _act: impl FnMut(Event)) {}
