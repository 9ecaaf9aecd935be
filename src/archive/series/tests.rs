//! Tests of which files are archives.

use super::*;
use crate::config::archive_pattern::ArchivePattern;
use crate::config::schedule::Schedule;
use crate::disk::scratch::{Scratch, series};
use crate::sys::names::symlink;

mod named_by_time;

fn found(series: &Series) -> Vec<String> {
    let archives = series.archives().expect("listed");
    archives.iter().map(|archive| archive.path.file_name().unwrap_or_default().to_string_lossy().into_owned()).collect()
}

#[test]
fn archives_come_in_the_order_of_logging() {
    let folder = Scratch::new();
    let names = [
        "app.2025-01-13.log.gz",
        "app.2025-01-14_09.log",
        "app.2025-01-14_09-59-59.2.log",
        "app.2025-01-14_09-59-59.10.log",
        "app.2025-01-14_10-00-00.log",
        "app.2025-01-14.log",
        "app.2025-01-14.2.log.zst",
        "app.2025-01-15.log",
    ];
    // The stamp of an hour comes after that of its last second, because the hour ends later.
    let expected = [names[0], names[2], names[3], names[1], names[4], names[5], names[6], names[7]];
    for name in names {
        folder.file(name, 1);
    }
    folder.file("app.log", 1);

    assert_eq!(found(&series(&folder, "app.log", |_| ())), expected);
}

fn adopting(folder: &Scratch, name: &str, archive: Option<&str>) -> Arc<Series> {
    let archive = archive.map(|source| ArchivePattern::parse("archive", source).expect("valid"));
    series(folder, name, |options| {
        options.adopted = Some(Adopted::Loguru);
        options.archive = archive;
    })
}

#[test]
fn adopted_archives_stand_among_others_by_their_times() {
    let folder = Scratch::new();
    let expected = [
        "app.2025-01-13.log.gz",
        "app.2025-01-14_09-59-59_000000.log",
        "app.2025-01-14_09-59-59.log",
        "app.2025-01-14_09-59-59_123456.log",
        "app.2025-01-14_09-59-59_123456.2.log.lzma",
        "app.2025-01-14_09-59-59_123457.log.gz",
        "app.2025-01-14_10-00-00.log",
        "app.2025-01-14.log",
        "app.2025-01-15_00-00-01_000000.log",
    ];
    for name in expected.iter().rev() {
        folder.file(name, 1);
    }

    assert_eq!(found(&adopting(&folder, "app.log", None)), expected);
    assert_eq!(found(&series(&folder, "app.log", |_| ())).len(), 4);
}

#[test]
fn adopted_archives_come_before_those_whose_names_have_no_time() {
    let folder = Scratch::new();
    let expected =
        ["app.2024-01-15_10-30-45_123456.log", "app.2261-01-15_10-30-45_123456.log", "app.1.log", "app.2.log"];
    for name in expected {
        folder.file(name, 1);
    }

    assert_eq!(found(&adopting(&folder, "app.log", Some("{stem}.{n}{ext}"))), expected);
}

#[test]
fn files_that_loguru_named_by_their_time_are_adopted() {
    let folder = Scratch::new();
    let daily = ["app-2025-01-13.2025-01-13_10-30-45_123456.log", "app-2025-01-13.log", "app-2025-01-14.log"];
    let bare = ["app_2025-01-13_10-30-45_123456.log.gz", "app_2025-01-14_10-30-45.log"];
    for name in daily.iter().chain(&bare) {
        folder.file(name, 1);
    }

    assert_eq!(found(&adopting(&folder, "app-{time:YYYY-MM-DD}.log", None)), daily);
    assert_eq!(found(&adopting(&folder, "app_{time}.log", None)), bare);
}

#[test]
fn an_adopted_archive_ended_when_it_was_written_last() {
    let folder = Scratch::new();
    let path = folder.file("app.2024-01-15_10-30-45_123456.log", 1);
    let modified = |seconds| {
        let file = fs::File::open(&path).expect("there");
        file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds)).expect("set");
        adopting(&folder, "app.log", None).archives().expect("listed")[0].ended_ns
    };

    assert_eq!(modified(1_800_000_000), 1_800_000_000_000_000_000);
    assert_ne!(modified(0), 0);
}

#[test]
fn an_adopted_original_and_its_compressed_twin_are_one_and_no_other_file_is() {
    let folder = Scratch::new();
    folder.file("app.2025-01-14_13-05-59_000000.log", 100);
    let twin = folder.file("app.2025-01-14_13-05-59_000000.log.gz", 10);
    folder.file("app.2025-01-14_13-05-59.log.gz", 1);

    let archives = adopting(&folder, "app.log", None).archives().expect("listed");

    assert_eq!(archives.iter().map(|archive| archive.size).collect::<Vec<_>>(), [110, 1]);
    assert_eq!(archives[0].twins, [twin]);
}

#[test]
fn an_adopted_archive_comes_before_one_of_the_same_second() {
    let series = adopting(&Scratch::new(), "app.log", None);
    let order = |name: &str| series.order_of(&series.names().parse(name.as_ref()).expect("an archive"));

    assert!(order("app.2025-01-14_09-59-59_000000.log") < order("app.2025-01-14_09-59-59.log"));
}

#[test]
fn archives_of_another_library_are_listed_as_if_they_were_adopted() {
    let folder = Scratch::new();
    let path = folder.file("app.2024-01-15_10-30-45_123456.log", 1);
    let series = series(&folder, "app.log", |_| ());

    let archives = series.archives_adopting(Adopted::Loguru).expect("listed");

    assert_eq!(archives.iter().map(|archive| &archive.path).collect::<Vec<_>>(), [&path]);
    assert!(found(&series).is_empty());
}

#[test]
fn an_archive_named_by_its_period_ended_with_the_period_whenever_it_was_written() {
    let folder = Scratch::new();
    folder.file("app.2025-01-14.log", 1);

    let archives = series(&folder, "app.log", |_| ()).archives().expect("listed");

    assert!(archives[0].ended_ns < archives[0].modified_ns);
}

#[test]
fn an_archive_named_by_a_second_ended_then_unless_periods_begin_at_seconds() {
    let folder = Scratch::new();
    folder.file("app.2025-01-14_00-00-00.log", 1);
    let ended = |schedules: &[Schedule]| {
        let series = series(&folder, "app.log", |options| options.rotation.schedules = schedules.to_vec());
        series.archives().expect("listed")[0].ended_ns
    };

    let closed = ended(&[]);

    assert_eq!(ended(&[Schedule::Seconds(86_400)]), closed);
    assert_eq!(ended(&[Schedule::Seconds(90)]), closed + 90_000_000_000);
}

#[test]
fn only_regular_files_are_archives() {
    let folder = Scratch::new();
    fs::create_dir(folder.path("app.2025-01-13.log")).expect("a folder");
    symlink(folder.file("victim", 1), folder.path("app.2025-01-14.log")).expect("a link");
    folder.file("app.2025-01-15.log", 1);

    assert_eq!(found(&series(&folder, "app.log", |_| ())), ["app.2025-01-15.log"]);
}

#[test]
fn an_original_and_its_compressed_twin_are_one() {
    let folder = Scratch::new();
    folder.file("app.2025-01-14.log", 100);
    let twin = folder.file("app.2025-01-14.log.gz", 10);
    folder.file("app.2025-01-14.2.log.gz", 1);

    let archives = series(&folder, "app.log", |_| ()).archives().expect("listed");

    assert_eq!(archives.iter().map(|archive| archive.size).collect::<Vec<_>>(), [110, 1]);
    assert_eq!((archives[0].name.suffix, archives[0].twins.as_slice()), (None, [twin].as_slice()));
}

#[test]
fn an_archive_that_was_compressed_since_the_listing_is_found_as_that() {
    let folder = Scratch::new();
    let path = folder.file("app.2025-01-14.log.gz", 1);
    let series = series(&folder, "app.log", |_| ());
    let name = series.names().parse("app.2025-01-14.log".as_ref()).expect("an archive");

    let (found, name, _) = metadata_of(folder.path("app.2025-01-14.log"), name).expect("found");

    assert_eq!((found, name.suffix), (path, Some("gz")));
}

#[test]
fn archives_are_beside_the_file_that_a_link_leads_to() {
    let (folder, elsewhere) = (Scratch::new(), Scratch::new());
    symlink(elsewhere.path("real.log"), folder.path("app.log")).expect("a link");
    elsewhere.file("real.2025-01-14.log", 1);
    folder.file("app.2025-01-14.log", 1);

    let series = series(&folder, "app.log", |_| ());

    assert_eq!(series.active(), elsewhere.path("real.log"));
    assert_eq!(found(&series), ["real.2025-01-14.log"]);
}

#[test]
fn a_folder_that_is_not_there_has_no_archives() {
    let folder = Scratch::new();

    assert!(found(&series(&folder, "gone/app.log", |_| ())).is_empty());
}

#[test]
fn a_folder_that_cannot_be_listed_is_an_error() {
    let folder = Scratch::new();
    folder.file("file", 1);

    assert!(series(&folder, "file/app.log", |_| ()).archives().is_err());
}

#[test]
fn without_crash_files_no_lines_are_awaited() {
    let folder = Scratch::new();
    let path = folder.file("app.log", 1);

    assert!(!series(&folder, "app.log", |_| ()).is_awaited(&fs::metadata(path).expect("there")));
}

#[test]
fn leftovers_without_an_archive_are_removed_and_nothing_else() {
    let folder = Scratch::new();
    let kept = [
        "app.2025-01-14.log",
        ".app.2025-01-14.log.gz.tmp",
        ".app.2025-01-15.log.tmp",
        "app.2025-01-15.log.gz.tmp",
        ".other.2025-01-15.log.gz.tmp",
        ".app.log.gz.tmp",
    ];
    for name in kept.iter().chain(&[".app.2025-01-15.log.gz.tmp", ".app.2025-01-15_13-05-59.2.log.zst.tmp"]) {
        folder.file(name, 1);
    }

    series(&folder, "app.log", |_| ()).sweep();

    let mut left = kept;
    left.sort_unstable();
    assert_eq!(folder.names(), left);
}
