//! Tests of files with a time in their own name.

use jiff::civil::DateTime;

use super::*;

#[test]
fn old_files_named_by_time_are_archives_but_the_one_that_is_written() {
    let folder = Scratch::new();
    for name in ["app-2025-01-13.log", "app-2025-01-14.log", "app-2025-01-14.2.log", "app-2261-01-01.log"] {
        folder.file(name, 1);
    }
    symlink("app-2025-01-14.log", folder.path("app-latest.log")).expect("a link");

    let series = series(&folder, "app-{time:YYYY-MM-DD}.log", |_| ());
    let all = found(&series);
    series.set_active(&folder.path("app-2025-01-14.log"));

    assert_eq!(all, ["app-2025-01-13.log", "app-2025-01-14.2.log", "app-2025-01-14.log"]);
    assert_eq!(found(&series), ["app-2025-01-13.log", "app-2025-01-14.2.log"]);
}

#[test]
fn files_of_later_times_are_archives_once_they_are_done() {
    let folder = Scratch::new();
    let names = ["app-2261-01-01.2.log", "app-2261-01-02.log.gz"];
    for name in names {
        folder.file(name, 1);
    }

    assert_eq!(found(&series(&folder, "app-{time:YYYY-MM-DD}.log", |_| ())), names);
}

#[test]
fn a_writer_that_comes_later_goes_on_in_the_file_that_is_written() {
    let folder = Scratch::new();
    let series = series(&folder, "app-{time:YYYY-MM-DD}.log", |_| ());

    series.set_active(&folder.path("app-2025-01-14.log"));

    assert_eq!(series.current(), folder.path("app-2025-01-14.log"));
}

#[test]
fn names_in_another_folder_go_on_after_those_that_are_there() {
    let folder = Scratch::new();
    let series = series(&folder, "{time:ss}/app-{time:YYYY-MM-DD}.log", |_| ());
    let archived = |number: &str| {
        let path = folder.path(number).join("app-2025-01-14.log");
        fs::write(&path, "").expect("written");
        series.set_active(&path);
        let stamp = Stamp { civil: DateTime::default(), precision: Precision::Day };
        series.archive(&path, stamp).expect("moved").file_name().map(ToOwned::to_owned)
    };
    for number in ["00", "01"] {
        fs::create_dir(folder.path(number)).expect("a folder");
    }
    folder.file("01/app-2025-01-14.5.log", 1);

    assert_eq!(archived("00"), Some("app-2025-01-14.2.log".into()));
    assert_eq!(archived("01"), Some("app-2025-01-14.6.log".into()));
}

#[test]
fn crash_files_are_in_the_folder_without_times_and_named_after_the_log() {
    let folder = Scratch::new();
    let of = |name: &str| series(&folder, name, |_| ()).crash_place();

    assert_eq!(of("app.log"), (folder.path(""), "app.log".into()));
    assert_eq!(of("{time:YYYY}/app-{time:MM}.log"), (folder.path(""), "latest/app-latest.log".into()));
}

#[test]
fn only_a_name_with_a_time_has_a_base() {
    let folder = Scratch::new();

    assert!(series(&folder, "app-{time:YYYY}.log", |_| ()).base().is_some());
    assert!(series(&folder, "app.log", |_| ()).base().is_none());
}
