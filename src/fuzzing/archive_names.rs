//! Names of archives: a name that was given is read back, and a name that is read would be given again.

use std::path::Path;

use jiff::civil::DateTime;

use super::input::Input;
use crate::config::archive::Adopted;
use crate::config::archive_name::{ArchiveName, ArchiveNames};
use crate::config::archive_pattern::ArchivePattern;
use crate::config::file_name::FileName;
use crate::config::name_template::Stamp;
use crate::format::time::reading::Precision;
use crate::sys::paths::{bytes_of, name_of};

const PRECISIONS: [Precision; 4] = [Precision::Day, Precision::Hour, Precision::Minute, Precision::Second];

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let number = 1 + u32::from(input.byte()) * 37 % 1000;
    let stamp = stamp(&mut input);
    let (pattern, own, other) = (input.text(), input.bytes(), input.bytes());
    if own.contains(&b'/') || own.contains(&0) {
        return;
    }
    let own = if own.is_empty() { b"app.log" } else { own };
    let pattern = ArchivePattern::parse("archive", pattern).ok();
    let names = ArchiveNames::new(Path::new(&name_of(own.to_vec())), pattern);
    check_given(&names, stamp, number);
    check_read(&names, other);
    let path = [b"/logs/", own].concat();
    if let Ok(name) = FileName::parse(&name_of(path)) {
        check_read(&ArchiveNames::timed(&name), other);
    }
    let _ = names.adopting(Some(Adopted::Loguru)).parse(&name_of(other.to_vec()));
}

fn stamp(input: &mut Input<'_>) -> Stamp {
    let precision = input.one_of(&PRECISIONS);
    // A pattern may have years of two digits, which stand for 1969 to 2068.
    let (year, month, day) = (1970 + input.below(99) as i16, 1 + input.below(12) as i8, 1 + input.below(28) as i8);
    let (hour, minute, second) = (input.below(24) as i8, input.below(60) as i8, input.below(60) as i8);
    let civil = DateTime::new(year, month, day, hour, minute, second, 0).expect("a date");
    Stamp::begun(civil, precision)
}

fn check_given(names: &ArchiveNames, stamp: Stamp, number: u32) {
    let given = names.render(stamp, number);
    let read = names.parse(&given).unwrap_or_else(|| panic!("{} of {names:?} is not read", given.display()));
    assert_eq!((read.number, read.suffix), (number, None), "{}", given.display());
    if let Some(read) = read.stamp {
        assert!(read.civil <= stamp.civil && stamp.civil < read.end(), "{}: {read:?} for {stamp:?}", given.display());
        assert_eq!(names.render(read, number), given);
    }
    for suffix in [".gz", ".tar.xz"] {
        let mut compressed = given.clone();
        compressed.push(suffix);
        let found = names.parse(&compressed);
        assert!(found.is_some_and(|found| found.suffix == Some(&suffix[1..]) || found.suffix.is_none()));
    }
}

fn check_read(names: &ArchiveNames, other: &[u8]) {
    let Some(ArchiveName { stamp, number, suffix, .. }) = names.parse(&name_of(other.to_vec())) else { return };
    let stamp = stamp.unwrap_or(Stamp { civil: DateTime::default(), precision: Precision::Day });
    let mut given = names.render(stamp, number);
    if let Some(suffix) = suffix {
        given.push(".");
        given.push(suffix);
    }
    assert_eq!(bytes_of(&given), other);
}
