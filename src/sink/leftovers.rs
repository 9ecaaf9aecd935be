//! What a killed process left of compressed files in the making.
//!
//! Whoever compresses an archive removes such a leftover first. One whose archive is gone meanwhile, by retention, say, would stay
//! for ever; no process can be making it, since the archive goes last.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::Ordering;

use crate::sink::series::Series;

impl Series {
    /// Removes leftovers without an archive, the first time this is called. What cannot be removed is tried at the next start.
    pub fn sweep(&self) {
        if self.is_swept.swap(true, Ordering::Relaxed) {
            return;
        }
        let active = self.active();
        let folder = active.parent().unwrap_or(Path::new("/"));
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let is_leftover = self.original(&entry.file_name()).is_some_and(|original| !folder.join(original).exists());
            // A link is not ours.
            if is_leftover && entry.file_type().is_ok_and(|kind| kind.is_file()) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// The archive that a file of this name is a compressed form of, in the making: `.NAME.gz.tmp`.
    fn original(&self, name: &OsStr) -> Option<OsString> {
        let compressed = name.as_bytes().strip_prefix(b".")?.strip_suffix(b".tmp")?;
        let suffix = self.names().parse(OsStr::from_bytes(compressed))?.suffix?;
        let original = compressed.strip_suffix(suffix.as_bytes())?.strip_suffix(b".")?;
        Some(OsStr::from_bytes(original).to_owned())
    }
}
