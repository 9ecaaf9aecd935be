//! Tests that names read back as their stamp and number, and that unrelated names are rejected.

use jiff::civil::{DateTime, date};
use proptest::prelude::*;

use super::*;
use crate::format::time::reading::Precision;

const NOON: DateTime = date(2025, 1, 14).at(13, 5, 59, 0);

fn names(active: &str, pattern: Option<&str>) -> ArchiveNames {
    let pattern = pattern.map(|source| ArchivePattern::parse("archive", source).expect("valid"));
    ArchiveNames::new(active.as_ref(), pattern)
}

fn timed(name: &str) -> ArchiveNames {
    ArchiveNames::timed(&FileName::parse(name.as_ref()).expect("valid"))
}

fn text(name: &OsStr) -> &str {
    name.to_str().expect("UTF-8")
}

#[test]
fn stamps_are_as_exact_as_rotation() {
    let stamps = [
        (Precision::Month, "app.2025-01-14.log"),
        (Precision::Day, "app.2025-01-14.log"),
        (Precision::Hour, "app.2025-01-14_13.log"),
        (Precision::Minute, "app.2025-01-14_13-05.log"),
        (Precision::Second, "app.2025-01-14_13-05-59.log"),
    ];

    for (precision, expected) in stamps {
        assert_eq!(names("/logs/app.log", None).render(Stamp { civil: NOON, precision }, 1), expected);
    }
}

#[test]
fn numbers_stand_before_the_extension() {
    let stamp = Stamp { civil: NOON, precision: Precision::Day };
    let cases = [
        ("app.log", None, "app.2025-01-14.2.log"),
        ("app", None, "app.2025-01-14.2"),
        ("app.error.log", None, "app.error.2025-01-14.2.log"),
        (".hidden", None, ".hidden.2025-01-14.2"),
        ("app.log", Some("{stem}.{time:YYYYMMDD}.{n}{ext}"), "app.20250114.2.log"),
        ("app.log", Some("{n}-{stem}{ext}"), "2-app.log"),
        ("app.log", Some("{stem}{ext}.{time:YYYYMMDD}"), "app.2.log.20250114"),
        ("app.log", Some("{stem}.{time:YYYYMMDD}"), "app.20250114.2"),
    ];

    for (active, pattern, expected) in cases {
        assert_eq!(text(&names(active, pattern).render(stamp, 2)), expected, "{active} {pattern:?}");
    }
}

#[test]
fn names_of_others_are_not_read() {
    let foreign = [
        "app.log",
        "app.log.important",
        "app.log.bak",
        "app.error.log",
        "app.log.md",
        "app.log.zip",
        "app.log.gz",
        "app.log.1",
        "app.2025-01-14.log.bak",
        "app.2025-01-14.log.gz.bak",
        "app.2025-01-14.log.lz4",
        "app.2025-01-14.log.gz.gz",
        "app.2025-13-01.log",
        "app.2025-02-30.log",
        "app.2025-1-14.log",
        "app.2025-01-14_.log",
        "app.2025-01-14_24.log",
        "app.2025-01-14.1.log",
        "app.2025-01-14.02.log",
        "app.2025-01-14.0.log",
        "app.2025-01-14.4294967296.log",
        "app.2025-01-14.log.2",
        "app.2025-01-14",
        "app-2025-01-14.log",
        "App.2025-01-14.log",
        "app.2025-01-14.log\n",
        ".app.2025-01-14.log.gz.tmp",
        "my.app.2025-01-14.log",
    ];

    for name in foreign {
        assert_eq!(names("/logs/app.log", None).parse(name.as_ref()), None, "{name}");
    }
}

#[test]
fn characters_of_patterns_have_no_meaning_in_names() {
    for active in ["app[1x].log", "a*.log", "{x}.log", "%s", "a+b?.log", "{stem}.{n}.log", "new\nline.log", "(.log"] {
        let names = names(active, None);
        let name = names.render(Stamp { civil: NOON, precision: Precision::Day }, 3);

        assert_eq!(names.parse(&name).map(|read| read.number), Some(3), "{active}");
    }
    assert_eq!(names("a*.log", None).parse("ab.2025-01-14.log".as_ref()), None);
}

#[test]
fn a_file_named_by_time_keeps_its_name() {
    let names = timed("/logs/app-{time:YYYY-MM-DD}.log");

    let read = |name: &str| names.parse(name.as_ref()).map(|read| (read.number, read.suffix));
    assert_eq!(read("app-2025-01-14.log"), Some((1, None)));
    assert_eq!(read("app-2025-01-14.2.log.gz"), Some((2, Some("gz"))));
    assert_eq!(read("app-latest.log"), None);
    assert_eq!(text(&names.numbered("app-2025-01-14.log".as_ref(), 2)), "app-2025-01-14.2.log");
}

#[test]
fn a_time_at_the_end_is_no_extension() {
    let names = timed("/logs/app-{time:YYYY.MM.DD}");

    assert_eq!(text(&names.numbered("app-2025.01.14".as_ref(), 2)), "app-2025.01.14.2");
    assert_eq!(names.parse("app-2025.01.14.2".as_ref()).map(|read| read.number), Some(2));
}

#[test]
fn times_in_words_are_never_read() {
    let names = timed("/logs/app-{time:MMM}.log");

    assert!(!names.is_readable());
    assert_eq!(names.parse("app-Jan.log".as_ref()), None);
    assert_eq!(text(&names.numbered("app-Jan.log".as_ref(), 2)), "app-Jan.2.log");
}

#[test]
fn names_of_loguru_are_adopted_where_they_are_read_whole() {
    let log = names("/logs/app.log", None).adopting(Some(Adopted::Loguru));
    let plain = names("/logs/app", Some("{stem}.{n}")).adopting(Some(Adopted::Loguru));
    let daily = timed("/logs/app-{time:YYYY-MM-DD}.log").adopting(Some(Adopted::Loguru));
    let bare = timed("/logs/app_{time}.log").adopting(Some(Adopted::Loguru));
    let cases = [
        (&log, "app.2024-01-15_10-30-45_123456.log", 1, None),
        (&log, "app.2024-01-15_10-30-45_000000.2.log", 2, None),
        (&log, "app.2024-02-29_23-59-59_999999.10.log.tar.bz2", 10, Some("tar.bz2")),
        (&log, "app.2024-01-15_10-30-45_123456.log.lzma", 1, Some("lzma")),
        (&plain, "app.2024-01-15_10-30-45_123456", 1, None),
        (&plain, "app.2024-01-15_10-30-45_123456.3.gz", 3, Some("gz")),
        (&daily, "app-2024-01-15.2024-01-15_10-30-45_123456.log", 1, None),
        (&daily, "app-2024-01-15.2024-01-15_10-30-45_123456.2.log.gz", 2, Some("gz")),
        (&bare, "app_2024-01-15_10-30-45_123456.log", 1, None),
        (&bare, "app_2024-01-15_10-30-45_123456.log.zip", 1, Some("zip")),
        (&bare, "app_2024-01-15_10-30-45.2024-01-15_10-30-45_123456.log", 1, None),
    ];

    for (names, name, number, suffix) in cases {
        let read = names.parse(name.as_ref()).unwrap_or_else(|| panic!("{name}"));

        assert_eq!((read.is_adopted, read.number, read.suffix), (true, number, suffix), "{name}");
        assert_eq!(names.clone().adopting(None).parse(name.as_ref()), None, "{name}");
    }
    let read = log.parse("app.2024-01-15_10-30-45_123456.log".as_ref()).and_then(|read| read.stamp);
    assert_eq!(read.map(|stamp| stamp.civil), Some(date(2024, 1, 15).at(10, 30, 45, 123_456_000)));
}

#[test]
fn names_that_only_look_like_those_of_loguru_are_not_adopted() {
    let log = [
        "app.2024-01-15.notes.log",
        "app.2024-01-15_10-30-45_123456.notes.log",
        "app.2024-01-15_10-30-45_12345.log",
        "app.2024-01-15_10-30-45_1234567.log",
        "app.2024-01-15_10-30-45_12345x.log",
        "app.2024-01-15_10-30-45_+23456.log",
        "app.2024-01-15 10-30-45_123456.log",
        "app.2024-01-15_10:30:45_123456.log",
        "app.2024-13-15_10-30-45_123456.log",
        "app.2023-02-29_10-30-45_123456.log",
        "app.2024-01-15_24-30-45_123456.log",
        "app.2024-01-15_10-60-45_123456.log",
        "app.2024-01-15_10-30-60_123456.log",
        "app.2024-01-15_10-30-45_123456.0.log",
        "app.2024-01-15_10-30-45_123456.1.log",
        "app.2024-01-15_10-30-45_123456.02.log",
        "app.2024-01-15_10-30-45_123456.4294967296.log",
        "app.2024-01-15_10-30-45_123456.log.bak",
        "app.2024-01-15_10-30-45_123456.log.2",
        "app.2024-01-15_10-30-45_123456.log.gz.bak",
        "app.2024-01-15_10-30-45_123456.log.gz.gz",
        "app.2024-01-15_10-30-45_123456.log.lzma.gz",
        "app.2024-01-15_10-30-45_123456.log.LZMA",
        "app.2024-01-15_10-30-45_123456.log~",
        "app.2024-01-15_10-30-45_123456.log\n",
        "app.2024-01-15_10-30-45_123456.LOG",
        "app.2024-01-15_10-30-45_123456.txt",
        "app.2024-01-15_10-30-45_123456",
        "app_2024-01-15_10-30-45_123456.log",
        "app.log.2024-01-15_10-30-45_123456",
        "app.error.2024-01-15_10-30-45_123456.log",
        "App.2024-01-15_10-30-45_123456.log",
        "apps.2024-01-15_10-30-45_123456.log",
        "my.app.2024-01-15_10-30-45_123456.log",
        ".app.2024-01-15_10-30-45_123456.log.gz.tmp",
        "app.\u{0662}\u{0660}24-01-15_10-30-45_123456.log",
        "app.2024-01-15_10-30-45.log.lzma",
        "app.log",
        "",
    ];
    let daily = [
        // Loguru renames a file to make room for one of the same name, and therefore of the same day.
        "app-2024-01-15.2024-01-16_10-30-45_123456.log",
        "app-2024-01-15.2.2024-01-15_10-30-45_123456.log",
        "app-.2024-01-15_10-30-45_123456.log",
        "app-2024-01-15_10-30-45_123456.log",
    ];
    let adopting = |names: ArchiveNames| names.adopting(Some(Adopted::Loguru));

    for name in log {
        assert_eq!(adopting(names("/logs/app.log", None)).parse_loguru(name.as_ref()), None, "{name}");
    }
    for name in daily {
        assert_eq!(adopting(timed("/logs/app-{time:YYYY-MM-DD}.log")).parse(name.as_ref()), None, "{name}");
    }
}

#[test]
fn a_fraction_is_rounded_up_to_a_whole_second() {
    let rounded = |nanos| {
        let stamp = Stamp { civil: date(2024, 12, 31).at(23, 59, 59, nanos), precision: Precision::Second };
        stamp.rounded_up().civil.to_string()
    };

    assert_eq!([rounded(0), rounded(1000)], ["2024-12-31T23:59:59", "2025-01-01T00:00:00"]);
}

#[test]
fn a_stamp_ends_where_the_next_begins() {
    let end = |precision| Stamp { civil: date(2024, 2, 28).at(23, 59, 59, 0), precision }.end().to_string();

    assert_eq!(end(Precision::Second), "2024-02-29T00:00:00");
    assert_eq!(end(Precision::Month), "2024-03-28T23:59:59");
}

fn civil() -> impl Strategy<Value = DateTime> {
    (1970_i16..2200, 1_i8..=12, 1_i8..=28, 0_i8..24, 0_i8..60, 0_i8..60)
        .prop_map(|(year, month, day, hour, minute, second)| date(year, month, day).at(hour, minute, second, 0))
}

fn precision() -> impl Strategy<Value = Precision> {
    prop::sample::select(vec![Precision::Day, Precision::Hour, Precision::Minute, Precision::Second])
}

fn file_name() -> impl Strategy<Value = OsString> {
    let byte = prop_oneof![any::<u8>(), prop::sample::select(b".0123456789-_*[]{}%\n".to_vec())];
    prop::collection::vec(byte, 1..12)
        .prop_map(|bytes| bytes.into_iter().filter(|byte| !matches!(byte, b'/' | 0)).collect::<Vec<u8>>())
        .prop_filter("a name", |bytes| !matches!(bytes.as_slice(), b"" | b"." | b".."))
        .prop_map(name_of)
}

proptest! {
    #[test]
    fn what_is_rendered_is_read_back(
        active in file_name(),
        civil in civil(),
        precision in precision(),
        number in 1_u32..100_000,
        suffix in prop::sample::select(vec![None, Some("gz"), Some("zst"), Some("bz2"), Some("xz"), Some("zip"), Some("tar.gz")]),
    ) {
        let names = ArchiveNames::new(active.as_ref(), None);

        let mut name = names.render(Stamp { civil, precision }, number);
        if let Some(suffix) = suffix {
            name.push(".");
            name.push(suffix);
        }

        let read = names.parse(&name).expect("its own name");
        let stamp = read.stamp.expect("a stamp");
        prop_assert_eq!((stamp.precision, read.number, read.suffix), (precision, number, suffix));
        prop_assert!(stamp.civil <= civil && civil < stamp.end());
    }

    #[test]
    fn what_is_read_is_rendered_the_same(
        name in "app\\.[0-9]{4}-[0-9]{2}-[0-9]{2}(_[0-9]{2}){0,1}(-[0-9]{2}){0,2}(\\.[0-9]{1,3})?\\.log",
    ) {
        let names = names("/logs/app.log", None);

        if let Some(read) = names.parse(name.as_ref()) {
            prop_assert_eq!(names.render(read.stamp.expect("a stamp"), read.number), OsString::from(name));
        }
    }

    #[test]
    fn any_bytes_can_be_asked_about(active in file_name(), name in file_name()) {
        let names = ArchiveNames::new(active.as_ref(), None);

        prop_assert!(names.parse(&active).is_none());
        if let Some(read) = names.parse(&name) {
            prop_assert!(read.stamp.is_some());
        }
    }
}
