//! Tests that names are given in order, and never twice.

use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::config::archive::Adopted;
use crate::config::archive_pattern::ArchivePattern;
use crate::config::sink::FileOptions;
use crate::disk::scratch::{Scratch, series};
use crate::sys::names::symlink;

const MIDNIGHT: DateTime = date(2025, 1, 14).at(0, 0, 0, 0);
const DAY: Stamp = Stamp { civil: MIDNIGHT, precision: Precision::Day };

/// Archives a new file and returns the name given.
fn archive(folder: &Scratch, series: &Series, stamp: Stamp) -> String {
    let moved = series.archive(&folder.file("app.log", 1), stamp).expect("moved");
    moved.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn at(hour: i8, minute: i8) -> Stamp {
    Stamp { civil: date(2025, 1, 14).at(hour, minute, 0, 0), precision: Precision::Second }
}

fn newest(series: &Series) -> Option<Stamp> {
    series.position_of_newest().and_then(|position| position.stamp)
}

#[test]
fn archives_of_one_stamp_are_numbered_from_two() {
    let folder = Scratch::new();
    let series = series(&folder, "app.log", |_| ());

    let names = [DAY, DAY, DAY].map(|stamp| archive(&folder, &series, stamp));

    assert_eq!(names, ["app.2025-01-14.log", "app.2025-01-14.2.log", "app.2025-01-14.3.log"]);
}

#[test]
fn a_number_is_never_given_again() {
    let folder = Scratch::new();
    let series = series(&folder, "app.log", |_| ());
    let name = archive(&folder, &series, DAY);
    fs::remove_file(folder.path(&name)).expect("removed");

    assert_eq!(archive(&folder, &series, DAY), "app.2025-01-14.2.log");
}

#[test]
fn no_name_comes_before_an_adopted_archive() {
    let adopting = |options: &mut FileOptions| options.adopted = Some(Adopted::Loguru);
    let cases = [
        ("app.2025-01-14_12-00-00_000000.log", at(11, 0), "app.2025-01-14_12-00-00.log"),
        ("app.2025-01-14_12-00-00_000001.7.log.gz", at(12, 0), "app.2025-01-14_12-00-01.log"),
        ("app.2025-01-14_12-00-00_123456.log", at(12, 1), "app.2025-01-14_12-01-00.log"),
        ("app.2025-01-15_00-10-00_000000.log", DAY, "app.2025-01-15_00-10-00.log"),
        ("app.2025-01-14_12-00-00_123456.log", DAY, "app.2025-01-14.log"),
        ("app.2261-01-15_00-10-00_000000.log", DAY, "app.2025-01-14.log"),
    ];

    for (adopted, stamp, expected) in cases {
        let folder = Scratch::new();
        folder.file(adopted, 1);
        let series = series(&folder, "app.log", adopting);

        let name = archive(&folder, &series, stamp);
        let next = archive(&folder, &series, stamp);

        assert_eq!((name.as_str(), next), (expected, expected.replace(".log", ".2.log")), "{adopted}");
    }
}

#[test]
fn compressed_archives_and_links_take_their_names() {
    let folder = Scratch::new();
    let series = series(&folder, "app.log", |_| ());
    assert_eq!(newest(&series), None);
    folder.file("app.2025-01-14.log.xz", 1);
    symlink("nowhere", folder.path("app.2025-01-14.2.log")).expect("a link");

    assert_eq!(archive(&folder, &series, DAY), "app.2025-01-14.3.log");
    assert!(!folder.path("nowhere").exists());
}

#[test]
fn a_clock_set_back_a_little_keeps_the_order() {
    let folder = Scratch::new();
    let series = series(&folder, "app.log", |_| ());

    let names = [at(12, 30), at(11, 45), at(12, 15), at(12, 31)].map(|stamp| archive(&folder, &series, stamp));

    assert_eq!(
        names,
        [
            "app.2025-01-14_12-30-00.log",
            "app.2025-01-14_12-30-00.2.log",
            "app.2025-01-14_12-30-00.3.log",
            "app.2025-01-14_12-31-00.log"
        ]
    );
}

#[test]
fn a_clock_set_back_far_is_believed() {
    let folder = Scratch::new();
    folder.file("app.2025-01-14_12-00-00.4.log", 1);
    folder.file("app.2030-01-01.log", 1);

    let name = archive(&folder, &series(&folder, "app.log", |_| ()), at(12, 0));

    assert_eq!(name, "app.2025-01-14_12-00-00.5.log");
}

#[test]
fn what_another_process_archived_is_known_after_a_rescan() {
    let folder = Scratch::new();
    let [mine, other] = [(), ()].map(|()| series(&folder, "app.log", |_| ()));
    assert_eq!((newest(&mine), archive(&folder, &other, at(12, 30)).as_str()), (None, "app.2025-01-14_12-30-00.log"));

    mine.rescan();

    assert_eq!(newest(&mine), Some(at(12, 30)));
    assert_eq!(archive(&folder, &mine, at(12, 0)), "app.2025-01-14_12-30-00.2.log");
}

#[test]
fn patterns_without_a_time_count_on() {
    let folder = Scratch::new();
    folder.file("app.9.log.gz", 1);
    let pattern = ArchivePattern::parse("archive", "{stem}.{n}{ext}").expect("valid");
    let series = series(&folder, "app.log", |options| options.archive = Some(pattern));

    let names = [DAY, DAY].map(|stamp| archive(&folder, &series, stamp));

    assert_eq!(names, ["app.10.log", "app.11.log"]);
}

#[test]
fn a_file_named_by_time_makes_room_with_a_number() {
    let folder = Scratch::new();
    let series = series(&folder, "app-{time:YYYY-MM-DD}.log", |_| ());
    let active = folder.file("app-2025-01-14.log", 1);
    series.set_active(&active);

    let moved = [(), ()].map(|()| series.archive(&folder.file("app-2025-01-14.log", 1), DAY).expect("moved"));

    assert_eq!(moved, [folder.path("app-2025-01-14.2.log"), folder.path("app-2025-01-14.3.log")]);
}

/// An event between two archives.
#[derive(Clone, Debug)]
enum Step {
    Forward(i64),
    Back(i64),
    Restart,
    RemoveOldest,
    CompressNewest,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_i64..200_000).prop_map(Step::Forward),
        2 => (0_i64..50_000).prop_map(Step::Back),
        1 => Just(Step::Restart),
        1 => Just(Step::RemoveOldest),
        1 => Just(Step::CompressNewest),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Files are closed by their size and at midnight, while the clock moves and processes come and go.
    #[test]
    fn archives_are_in_the_order_they_were_made(steps in prop::collection::vec((step(), any::<bool>()), 1..25)) {
        let folder = Scratch::new();
        let mut shared = series(&folder, "app.log", |_| ());
        let (mut now, mut latest, mut made) = (0_i64, 0_i64, 0_usize);
        let mut period = MIDNIGHT.date();
        for (step, is_daily) in steps {
            match step {
                Step::Forward(seconds) => now += seconds,
                // Beyond a day the clock is trusted, and the order is that of the clock.
                Step::Back(seconds) => now = (now - seconds).max(latest - 86_000),
                Step::Restart => shared = series(&folder, "app.log", |_| ()),
                Step::RemoveOldest => {
                    let archives = shared.archives().expect("listed");
                    // The last archive stays, because a new process could not know that it existed.
                    if archives.len() > 1 {
                        fs::remove_file(&archives[0].path).expect("removed");
                    }
                }
                Step::CompressNewest => {
                    if let Some(last) = shared.archives().expect("listed").last().filter(|last| last.name.suffix.is_none()) {
                        fs::rename(&last.path, last.path.with_extension("log.gz")).expect("renamed");
                    }
                }
            }
            latest = latest.max(now);
            let civil = MIDNIGHT.checked_add(now.seconds()).expect("a time");
            // A file belongs to the day it was begun on, and no later file belongs to an earlier day.
            let stamp = if is_daily && period < civil.date() {
                Stamp { civil: period.at(0, 0, 0, 0), precision: Precision::Day }
            } else {
                Stamp { civil, precision: Precision::Second }
            };
            period = period.max(civil.date());
            made += 1;
            shared.archive(&folder.file("app.log", made), stamp).expect("moved");
        }

        let sizes: Vec<u64> = shared.archives().expect("listed").iter().map(|archive| archive.size).collect();

        prop_assert!(sizes.is_sorted(), "{sizes:?} {:?}", folder.names());
        prop_assert_eq!(sizes.last().copied(), Some(made as u64));
    }
}
