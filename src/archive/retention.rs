//! Retention: decides which archives to delete and why, and deletes them.
//!
//! The decision is a pure function. The deletion checks each path again, and leaves alone anything that is no longer
//! a regular file.

use std::path::Path;
use std::time::Duration;
use std::{fmt, fs, io};

use crate::archive::series::{Archive, Series};
use crate::config::archive::Retention;
use crate::report;

/// The reason to delete an archive: the condition it does not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    Count(u64),
    Age(Duration),
    Size(u64),
}

/// Returns the archives to delete by any condition, each with its first reason. They are given as indexes into
/// `archives`, which are sorted from the oldest.
///
/// Archives that a Python function would remove are not included.
pub fn doomed(archives: &[Archive], conditions: &[Retention], now_ns: i64) -> Vec<(usize, Reason)> {
    let mut newer_bytes: u64 = archives.iter().map(|archive| archive.size).sum();
    let mut doomed = Vec::new();
    for (at, archive) in archives.iter().enumerate() {
        let with_newer = newer_bytes;
        newer_bytes -= archive.size;
        let reason = conditions.iter().find_map(|condition| match *condition {
            Retention::Count(most) => ((archives.len() - at) as u64 > most).then_some(Reason::Count(most)),
            Retention::Age(oldest) => is_older(archive, oldest, now_ns).then_some(Reason::Age(oldest)),
            Retention::Size(most) => (with_newer > most).then_some(Reason::Size(most)),
            Retention::Function => None,
        });
        doomed.extend(reason.map(|reason| (at, reason)));
    }
    doomed
}

fn is_older(archive: &Archive, oldest: Duration, now_ns: i64) -> bool {
    let age = i128::from(now_ns) - i128::from(archive.ended_ns);
    age > i128::try_from(oldest.as_nanos()).unwrap_or(i128::MAX)
}

/// Deletes the archives that do not meet the conditions. An archive that cannot be deleted is reported once and stays.
pub fn prune(series: &Series, now_ns: i64) {
    let conditions = &series.options().retention;
    if conditions.iter().all(|condition| *condition == Retention::Function) {
        return;
    }
    let archives = series.archives_or_none();
    for (at, _) in doomed(&archives, conditions, now_ns) {
        remove(&archives[at]);
    }
}

fn remove(archive: &Archive) {
    for path in archive.twins.iter().chain([&archive.path]) {
        if let Err(error) = remove_file(path) {
            tell(path, &error);
        }
    }
}

/// Another process may have removed the file.
fn remove_file(path: &Path) -> io::Result<()> {
    match remove_if_regular(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn remove_if_regular(path: &Path) -> io::Result<()> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file any more"));
    }
    fs::remove_file(path)
}

fn tell(path: &Path, error: &io::Error) {
    let path = path.display();
    report::tell_once(&format!("retention {path}"), &format!("{path}: cannot be removed: {error}"));
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Count(1) => write!(f, "more than 1 archive"),
            Self::Count(most) => write!(f, "more than {most} archives"),
            Self::Age(oldest) => write!(f, "older than {}", duration(oldest)),
            Self::Size(most) => write!(f, "beyond {} in total", size(most)),
        }
    }
}

/// Formats a duration as a user would have written it: `7 days`, `1 day 12 hours`.
fn duration(duration: Duration) -> String {
    let units = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    let mut rest = duration.as_secs();
    let mut words = Vec::new();
    for (seconds, unit) in units {
        let count = rest / seconds;
        rest %= seconds;
        if count > 0 {
            words.push(format!("{count} {unit}{}", if count == 1 { "" } else { "s" }));
        }
    }
    if words.is_empty() { "0 seconds".to_owned() } else { words.join(" ") }
}

/// Formats a size in the largest unit, decimal or binary, that expresses it exactly.
fn size(bytes: u64) -> String {
    let units = [
        (1 << 40, "TiB"),
        (1_000_000_000_000, "TB"),
        (1 << 30, "GiB"),
        (1_000_000_000, "GB"),
        (1 << 20, "MiB"),
        (1_000_000, "MB"),
        (1 << 10, "KiB"),
        (1000, "kB"),
    ];
    let exact = units.iter().find(|(unit, _)| bytes > 0 && bytes.is_multiple_of(*unit));
    exact.map_or_else(|| format!("{bytes} bytes"), |(unit, name)| format!("{} {name}", bytes / unit))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use proptest::prelude::*;

    use crate::config::archive_name::ArchiveName;
    use crate::disk::scratch::{Scratch, series};
    use crate::sys::names::symlink;

    use super::*;

    const DAY: Duration = Duration::from_hours(24);
    const DAY_NS: i64 = 86_400_000_000_000;

    fn archive(size: u64, ended_ns: i64) -> Archive {
        let name = ArchiveName { stamp: None, number: 1, suffix: None, is_adopted: false };
        Archive { path: PathBuf::new(), name, size, modified_ns: 0, ended_ns, twins: Vec::new() }
    }

    fn gone(sizes: &[u64], conditions: &[Retention]) -> Vec<(usize, Reason)> {
        let archives: Vec<_> =
            sizes.iter().enumerate().map(|(day, size)| archive(*size, day as i64 * DAY_NS)).collect();
        doomed(&archives, conditions, (sizes.len() as i64 - 1) * DAY_NS)
    }

    #[test]
    fn a_count_keeps_the_newest() {
        assert_eq!(gone(&[1, 1, 1], &[Retention::Count(2)]), [(0, Reason::Count(2))]);
        assert_eq!(gone(&[1, 1], &[Retention::Count(2)]), []);
    }

    #[test]
    fn an_age_keeps_what_ended_within_it() {
        assert_eq!(gone(&[1, 1, 1], &[Retention::Age(DAY)]), [(0, Reason::Age(DAY))]);
    }

    #[test]
    fn a_size_keeps_the_newest_that_fit() {
        let reason = Reason::Size(10);

        assert_eq!(gone(&[1, 6, 5, 5], &[Retention::Size(10)]), [(0, reason), (1, reason)]);
        assert_eq!(gone(&[5, 5], &[Retention::Size(10)]), []);
        assert_eq!(gone(&[11], &[Retention::Size(10)]), [(0, reason)]);
    }

    #[test]
    fn any_condition_will_do_and_the_first_is_the_reason() {
        let conditions = [Retention::Function, Retention::Size(4), Retention::Count(1)];

        assert_eq!(gone(&[4, 3, 1], &conditions), [(0, Reason::Size(4)), (1, Reason::Count(1))]);
    }

    #[test]
    fn reasons_read_as_the_user_would_write_them() {
        let reasons = [
            (Reason::Count(7), "more than 7 archives"),
            (Reason::Count(1), "more than 1 archive"),
            (Reason::Age(7 * DAY), "older than 7 days"),
            (Reason::Age(Duration::from_secs(90_061)), "older than 1 day 1 hour 1 minute 1 second"),
            (Reason::Size(2_000_000_000), "beyond 2 GB in total"),
            (Reason::Size(5 << 40), "beyond 5 TiB in total"),
            (Reason::Size(1 << 30), "beyond 1 GiB in total"),
            (Reason::Size(3 << 20), "beyond 3 MiB in total"),
            (Reason::Size(1 << 10), "beyond 1 KiB in total"),
            (Reason::Size(0), "beyond 0 bytes in total"),
            (Reason::Size(1_500_000), "beyond 1500 kB in total"),
            (Reason::Size(1001), "beyond 1001 bytes in total"),
        ];

        for (reason, text) in reasons {
            assert_eq!(reason.to_string(), text);
        }
    }

    #[test]
    fn pruning_removes_archives_and_nothing_else() {
        let folder = Scratch::new();
        let foreign = ["app.log", "app.log.bak", "app.error.log", "app.2025-01-14.log.bak", "app.2025-13-01.log"];
        let archives = ["app.2025-01-13.log", "app.2025-01-14.log", "app.2025-01-14.log.gz", "app.2025-01-15.log.gz"];
        for name in foreign.iter().chain(&archives) {
            folder.file(name, 1);
        }
        symlink(folder.path("app.log.bak"), folder.path("app.2025-01-12.log")).expect("a link");
        let series = series(&folder, "app.log", |options| options.archives.retention = vec![Retention::Count(1)]);

        prune(&series, 0);

        let mut kept = [foreign.as_slice(), &["app.2025-01-12.log", "app.2025-01-15.log.gz"]].concat();
        kept.sort_unstable();
        assert_eq!(folder.names(), kept);
    }

    #[test]
    fn a_file_that_is_gone_is_no_error_and_another_kind_is() {
        let folder = Scratch::new();
        fs::create_dir(folder.path("app.2025-01-13.log")).expect("a folder");

        let gone = remove_file(&folder.path("app.2025-01-12.log"));
        let error = remove_file(&folder.path("app.2025-01-13.log")).expect_err("a folder is no archive");

        assert!(gone.is_ok());
        assert_eq!(error.to_string(), "it is no regular file any more");
        assert!(folder.path("app.2025-01-13.log").exists());
    }

    #[test]
    fn without_conditions_nothing_goes() {
        let folder = Scratch::new();
        folder.file("app.2025-01-13.log", 1);

        prune(&series(&folder, "app.log", |_| ()), i64::MAX);

        assert_eq!(folder.names().len(), 1);
    }

    fn condition() -> impl Strategy<Value = Retention> {
        prop_oneof![
            (1_u64..12).prop_map(Retention::Count),
            (0_u64..12).prop_map(|days| Retention::Age(DAY * days as u32)),
            (0_u64..60).prop_map(Retention::Size),
        ]
    }

    proptest! {
        #[test]
        fn what_goes_is_what_a_simple_model_says(
            sizes in prop::collection::vec(0_u64..10, 0..12),
            conditions in prop::collection::vec(condition(), 0..4),
        ) {
            let today = sizes.len() as i64 - 1;

            let expected: Vec<usize> = (0..sizes.len())
                .filter(|&at| {
                    conditions.iter().any(|condition| match *condition {
                        Retention::Count(most) => sizes[at..].len() as u64 > most,
                        Retention::Age(oldest) => (today - at as i64) as u64 > oldest.as_secs() / 86_400,
                        Retention::Size(most) => sizes[at..].iter().sum::<u64>() > most,
                        Retention::Function => false,
                    })
                })
                .collect();

            let got: Vec<usize> = gone(&sizes, &conditions).into_iter().map(|(at, _)| at).collect();

            prop_assert_eq!(got, expected);
        }
    }
}
