//! What is found beside archives: compressed files in the making that a killed process left, and archives of Loguru.
//!
//! Whoever compresses an archive removes such a leftover first. One whose archive is gone meanwhile, by retention, say, would stay
//! for ever; no process can be making it, since the archive goes last.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::sync::atomic::Ordering;

use crate::config::archive_pattern::split_extension;
use crate::report;
use crate::sink::series::Series;

/// The time in a name of Loguru's, each digit a 0.
const LOGURU: &[u8] = b"0000-00-00_00-00-00_000000";

impl Series {
    /// Removes leftovers without an archive, the first time this is called. What cannot be removed is tried at the next start.
    pub fn sweep(&self) {
        if self.is_swept.swap(true, Ordering::Relaxed) {
            return;
        }
        let active = self.active();
        let folder = active.parent().unwrap_or(Path::new("/"));
        let Ok(entries) = fs::read_dir(folder) else { return };
        let mut foreign = Foreign::default();
        for entry in entries.flatten() {
            foreign.look_at(&active, &entry.file_name());
            let is_leftover = self.original(&entry.file_name()).is_some_and(|original| !folder.join(original).exists());
            // A link is not ours.
            if is_leftover && entry.file_type().is_ok_and(|kind| kind.is_file()) {
                let _ = fs::remove_file(entry.path());
            }
        }
        foreign.tell(&active);
    }

    /// The archive that a file of this name is a compressed form of, in the making: `.NAME.gz.tmp`.
    fn original(&self, name: &OsStr) -> Option<OsString> {
        let compressed = name.as_bytes().strip_prefix(b".")?.strip_suffix(b".tmp")?;
        let suffix = self.names().parse(OsStr::from_bytes(compressed))?.suffix?;
        let original = compressed.strip_suffix(suffix.as_bytes())?.strip_suffix(b".")?;
        Some(OsStr::from_bytes(original).to_owned())
    }
}

/// Archives that Loguru made of a file of the same name: a program that has moved to logly may wait for them to be removed.
#[derive(Default)]
struct Foreign {
    count: u64,
    /// The first of them in order, and the name that would make it an archive.
    first: Option<(OsString, OsString)>,
}

impl Foreign {
    fn look_at(&mut self, active: &Path, name: &OsStr) {
        let Some(renamed) = renamed(active.file_name().unwrap_or_default().as_bytes(), name.as_bytes()) else { return };
        self.count += 1;
        let found = (name.to_owned(), OsString::from_vec(renamed));
        if self.first.as_ref().is_none_or(|first| found < *first) {
            self.first = Some(found);
        }
    }

    fn tell(self, active: &Path) {
        let Some((name, renamed)) = self.first else { return };
        let (path, count, name, renamed) = (active.display(), self.count, name.display(), renamed.display());
        let line = format!(
            "{path}: {count} archives of Loguru's are beside it, and are neither removed nor compressed; \
             rename them to have that done, such as {name} to {renamed}"
        );
        report::tell_once(&format!("loguru {path}"), &line);
    }
}

/// `app.2024-01-15_10-30-45.log` for `app.2024-01-15_10-30-45_123456.log`, compressed or not, if that is what a name is made of.
fn renamed(active: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    let (stem, extension) = split_extension(active);
    let rest = name.strip_prefix(stem)?.strip_prefix(b".")?;
    let (stamp, end) = rest.split_at_checked(LOGURU.len())?;
    let is_stamp = stamp.iter().zip(LOGURU).all(|(byte, pattern)| match pattern {
        b'0' => byte.is_ascii_digit(),
        pattern => byte == pattern,
    });
    end.strip_prefix(extension).filter(|end| is_stamp && (end.is_empty() || end.starts_with(b".")))?;
    let whole_seconds = &stamp[..LOGURU.len() - b"_000000".len()];
    Some([stem, b".", whole_seconds, end].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_loguru_are_told_from_others() {
        let renamed =
            |name: &str| renamed(b"app.log", name.as_bytes()).map(|name| String::from_utf8(name).expect("text"));

        assert_eq!(renamed("app.2024-01-15_10-30-45_123456.log").as_deref(), Some("app.2024-01-15_10-30-45.log"));
        assert_eq!(renamed("app.2024-01-15_10-30-45_123456.log.gz").as_deref(), Some("app.2024-01-15_10-30-45.log.gz"));
        for name in [
            "app.2024-01-15_10-30-45.log",
            "app.2024-01-15_10-30-45_12345x.log",
            "app.2024-01-15_10-30-45_123456.txt",
            "app.2024-01-15_10-30-45_123456.logs",
            "other.2024-01-15_10-30-45_123456.log",
            "app.log",
        ] {
            assert_eq!(renamed(name), None, "{name}");
        }
    }
}
