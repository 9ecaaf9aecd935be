//! Shared test fixtures for files: a folder that lasts for one test, and archives in it.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::tz::TimeZone;

use crate::archive::series::Series;
use crate::config::file_name::FileName;
use crate::config::sink::FileOptions;
use crate::sys::paths::canonical;

static NUMBER: AtomicU32 = AtomicU32::new(0);

pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Self {
        let name = format!("logly-test-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder).expect("a new folder");
        Self(canonical(&folder).expect("the folder"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Makes a file of `bytes` bytes.
    pub fn file(&self, name: &str, bytes: usize) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, vec![b'x'; bytes]).expect("written");
        path
    }

    /// Returns the names in the folder, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("the folder");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Makes the series of the file `name` in `folder`.
pub fn series(folder: &Scratch, name: &str, change: impl FnOnce(&mut FileOptions)) -> Arc<Series> {
    let mut options = file_options(folder, name);
    change(&mut options);
    Series::new(&options, None)
}

/// Options for the file `name` in `folder`, with nothing else requested.
pub fn file_options(folder: &Scratch, name: &str) -> FileOptions {
    let name = FileName::parse(folder.path(name).as_os_str()).expect("valid");
    FileOptions { path: name.expand(0, &TimeZone::UTC), name, ..FileOptions::default() }
}
