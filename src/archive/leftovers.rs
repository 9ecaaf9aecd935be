//! Other files found among archives: unfinished compressed files of a killed process, and archives of Loguru.
//!
//! Compressing an archive first removes such a leftover. A leftover whose archive has gone, for example by retention,
//! would stay forever. No process can be writing it, since the archive is removed last.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;

use crate::archive::series::Series;
use crate::report;
use crate::sys::paths::{bytes_of, name_of};

impl Series {
    /// Removes leftovers without an archive, on the first call only. A leftover that cannot be removed is tried again
    /// at the next start.
    pub(super) fn sweep(&self) {
        if self.is_swept.swap(true, Ordering::Relaxed) {
            return;
        }
        let active = self.active();
        let folder = active.parent().unwrap_or(Path::new("/"));
        let Ok(entries) = fs::read_dir(folder) else { return };
        let mut foreign = Foreign::default();
        // Links are skipped, because logly does not make them.
        for entry in entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file())) {
            let name = entry.file_name();
            if self.original(&name).is_some_and(|original| !folder.join(original).exists()) {
                let _ = fs::remove_file(entry.path());
            } else if self.names().parse(&name).is_none() && self.names().parse_loguru(&name).is_some() {
                foreign.note(name);
            }
        }
        foreign.tell(&active);
    }

    /// Returns the archive whose unfinished compressed form has this name: `.NAME.gz.tmp`.
    fn original(&self, name: &OsStr) -> Option<OsString> {
        let compressed = bytes_of(name).strip_prefix(b".")?.strip_suffix(b".tmp")?;
        let suffix = self.names().parse(&name_of(compressed.to_vec()))?.suffix?;
        let original = compressed.strip_suffix(suffix.as_bytes())?.strip_suffix(b".")?;
        Some(name_of(original.to_vec()))
    }
}

/// Archives that Loguru made of the file and that are not adopted. A program that has moved to logly may expect their
/// removal.
#[derive(Default)]
struct Foreign {
    count: u64,
    first: Option<OsString>,
}

impl Foreign {
    fn note(&mut self, name: OsString) {
        self.count += 1;
        if self.first.as_ref().is_none_or(|first| name < *first) {
            self.first = Some(name);
        }
    }

    fn tell(self, active: &Path) {
        let Some(first) = self.first else { return };
        let (path, count, first) = (active.display(), self.count, first.display());
        let these = if count == 1 { "1 archive of Loguru's is" } else { &format!("{count} archives of Loguru's are") };
        let line = format!(
            "{path}: {these} beside it, the first {first}, and neither removed nor compressed; \
             add(adopt=\"loguru\") has that done"
        );
        report::tell_once(&format!("loguru {path}"), &line);
    }
}
