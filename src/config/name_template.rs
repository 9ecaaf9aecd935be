//! Names of a series of files: made from a time and a number, and read back exactly.
//!
//! A name is read part by part. It counts only if the values that were read give exactly the same name again.

use std::sync::LazyLock;

use jiff::civil::{DateTime, date};
use jiff::tz::{self, TimeZone};
use jiff::{Span, Timestamp, ToSpan};

use crate::format::time::digits::Digits;
use crate::format::time::pattern::{TimeCache, TimePattern};
use crate::format::time::reading::{Precision, TimeRead, TimeReading};

/// The standard stamps. They use digits and no colons, so that they sort and are valid in names everywhere.
static STAMPS: LazyLock<[(Precision, TimePattern); 4]> = LazyLock::new(|| {
    [
        (Precision::Day, "YYYY-MM-DD"),
        (Precision::Hour, "YYYY-MM-DD_HH"),
        (Precision::Minute, "YYYY-MM-DD_HH-mm"),
        (Precision::Second, "YYYY-MM-DD_HH-mm-ss"),
    ]
    .map(|(precision, text)| {
        (precision, TimePattern::parse("archive", text).expect("a constant pattern; this is a bug in logly"))
    })
});

/// Builds the lazy values on the thread that adds a sink. If another thread were building them during a fork, the child
/// would wait forever.
pub fn prepare() {
    LazyLock::force(&STAMPS);
}

/// The time in an archive's name, in local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    pub civil: DateTime,
    pub precision: Precision,
}

impl Stamp {
    /// The stamp of a period that holds a time and began at a whole unit of the precision, from days to seconds.
    pub fn begun(civil: DateTime, precision: Precision) -> Self {
        let (hour, minute, second) = (civil.hour(), civil.minute(), civil.second());
        let civil = match precision {
            Precision::Second => civil.date().at(hour, minute, second, 0),
            Precision::Minute => civil.date().at(hour, minute, 0, 0),
            Precision::Hour => civil.date().at(hour, 0, 0, 0),
            _ => civil.date().at(0, 0, 0, 0),
        };
        Self { civil, precision }
    }

    /// The first instant after the stamp, as a local clock shows it.
    pub fn end(&self) -> DateTime {
        self.civil.checked_add(self.unit()).unwrap_or(DateTime::MAX)
    }

    pub fn start_ns(&self, zone: &TimeZone) -> i64 {
        instant_ns(self.civil, zone)
    }

    pub fn end_ns(&self, zone: &TimeZone) -> i64 {
        instant_ns(self.end(), zone)
    }

    /// The next whole second, or the stamp itself if it is one.
    pub fn rounded_up(&self) -> Self {
        let fraction = i64::from(self.civil.subsec_nanosecond());
        let missing = if fraction > 0 { 1_000_000_000 - fraction } else { 0 };
        Self { civil: self.civil.checked_add(missing.nanoseconds()).unwrap_or(self.civil), ..*self }
    }

    fn unit(&self) -> Span {
        match self.precision {
            Precision::Year => 1.year(),
            Precision::Month => 1.month(),
            Precision::Week => 1.week(),
            Precision::Day => 1.day(),
            Precision::Hour => 1.hour(),
            Precision::Minute => 1.minute(),
            Precision::Second => 1.second(),
        }
    }
}

/// A part of a name.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    Text(Vec<u8>),
    Time(TimePattern),
    /// The standard stamp, as exact as the time it is made from.
    Stamp,
    /// The number, from 1.
    Number,
    /// Empty for 1, otherwise a dot and the number.
    Repeat,
}

impl Part {
    fn digits(&self) -> Vec<Digits> {
        match self {
            Self::Text(text) => vec![Digits::of_text(text)],
            Self::Time(pattern) => pattern.digits().collect(),
            Self::Stamp => vec![Digits::Fixed, Digits::None, Digits::Fixed],
            Self::Number => vec![Digits::Open],
            Self::Repeat => vec![Digits::None, Digits::Open],
        }
    }
}

/// The parts of a name in order.
#[derive(Clone, Debug)]
pub struct Template(pub Vec<Part>);

/// The values read from a name so far.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    time: TimeReading,
    has_time: bool,
    number: Option<u32>,
}

impl Template {
    pub fn render(&self, stamp: Stamp, number: u32, zone: &TimeZone) -> Vec<u8> {
        // Local time is rendered as if it were UTC, so that it is unambiguous when clocks change.
        let is_of_utc = self.0.iter().any(|part| matches!(part, Part::Time(pattern) if pattern.is_of_utc()));
        let zone = if is_of_utc { zone } else { &TimeZone::UTC };
        self.put(instant_ns(stamp.civil, zone), stamp.precision, number)
    }

    /// One of the names.
    pub(super) fn sample(&self) -> Vec<u8> {
        self.put(0, Precision::Second, 1)
    }

    /// The time and the number that this template made the name from. None for any other name.
    pub fn parse(&self, name: &[u8], zone: &TimeZone) -> Option<(Option<Stamp>, u32)> {
        read(&self.0, name, Found::default(), &|found| {
            let number = found.number.unwrap_or(1);
            if !found.has_time {
                return (self.put(0, Precision::Second, number) == name).then_some((None, number));
            }
            let time = found.time.time()?;
            let is_same = self.put(instant_ns(time.civil, &TimeZone::UTC), time.precision, number) == name;
            is_same.then(|| (Some(local(time, zone)), number))
        })
    }

    /// Whether every name reads back as the time and number it was made from.
    pub(super) fn is_faithful(&self) -> bool {
        if self.0.iter().any(|part| matches!(part, Part::Time(pattern) if pattern.has_open_numbers())) {
            return false;
        }
        if !self.has_clear_numbers() {
            return false;
        }
        let zone = TimeZone::fixed(tz::offset(5));
        let times = [
            // Everything has one digit, in UTC too.
            date(2025, 1, 1).at(6, 1, 1, 0),
            date(2025, 1, 11).at(1, 1, 1, 0),
            date(2025, 11, 1).at(11, 10, 11, 0),
            date(2025, 11, 11).at(1, 11, 1, 0),
            date(2025, 12, 31).at(23, 59, 59, 0),
        ];
        let has_time = self.0.iter().any(|part| matches!(part, Part::Time(_) | Part::Stamp));
        let has_stamp = self.0.contains(&Part::Stamp);
        let precisions = STAMPS.iter().map(|(precision, _)| *precision);
        let precisions: Vec<_> = precisions.filter(|precision| has_stamp || *precision == Precision::Second).collect();
        let stamps = times.iter().flat_map(|civil| precisions.iter().map(|precision| Stamp::begun(*civil, *precision)));
        stamps.flat_map(|stamp| [1, 2, 11].map(|number| (stamp, number))).all(|(stamp, number)| {
            let civil = stamp.civil;
            match self.parse(&self.render(stamp, number, &zone), &zone) {
                Some((Some(read), same)) => same == number && read.civil <= civil && civil < read.end(),
                Some((None, same)) => same == number && !has_time,
                None => false,
            }
        })
    }

    /// Whether each run of digits has at most one number of any length. The digits of two could be divided in several ways.
    fn has_clear_numbers(&self) -> bool {
        let mut open = 0;
        self.0.iter().flat_map(Part::digits).all(|digits| {
            match digits {
                Digits::None => open = 0,
                Digits::Fixed => {}
                Digits::Open => open += 1,
            }
            open < 2
        })
    }

    fn put(&self, utc_ns: i64, precision: Precision, number: u32) -> Vec<u8> {
        let mut out = Vec::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => out.extend_from_slice(text),
                Part::Time(pattern) => TimeCache::default().render(pattern, utc_ns, &TimeZone::UTC, &mut out),
                Part::Stamp => TimeCache::default().render(standard(precision), utc_ns, &TimeZone::UTC, &mut out),
                Part::Number => out.extend_from_slice(number.to_string().as_bytes()),
                Part::Repeat if number < 2 => {}
                Part::Repeat => out.extend_from_slice(format!(".{number}").as_bytes()),
            }
        }
        out
    }
}

/// Reads the parts from the start of `name`, the longest match first, until `accept` takes the values found.
fn read<T>(parts: &[Part], name: &[u8], found: Found, accept: &impl Fn(Found) -> Option<T>) -> Option<T> {
    let Some((part, parts)) = parts.split_first() else {
        return if name.is_empty() { accept(found) } else { None };
    };
    match part {
        Part::Text(text) => read(parts, name.strip_prefix(text.as_slice())?, found, accept),
        Part::Time(pattern) => read_time(pattern, parts, name, found, accept),
        Part::Stamp => STAMPS.iter().rev().find_map(|(_, pattern)| read_time(pattern, parts, name, found, accept)),
        Part::Number => read_number(parts, name, found, accept),
        Part::Repeat => name
            .strip_prefix(b".")
            .and_then(|digits| read_number(parts, digits, found, accept))
            .or_else(|| read(parts, name, found, accept)),
    }
}

fn read_time<T>(
    pattern: &TimePattern,
    parts: &[Part],
    name: &[u8],
    mut found: Found,
    accept: &impl Fn(Found) -> Option<T>,
) -> Option<T> {
    let length = pattern.read(name, &mut found.time)?;
    read(parts, &name[length..], Found { has_time: true, ..found }, accept)
}

fn read_number<T>(parts: &[Part], name: &[u8], found: Found, accept: &impl Fn(Found) -> Option<T>) -> Option<T> {
    // Ten digits hold every u32.
    let digits = name.iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
    (1..=digits).rev().find_map(|length| {
        let number = std::str::from_utf8(&name[..length]).ok()?.parse().ok()?;
        read(parts, &name[length..], Found { number: Some(number), ..found }, accept)
    })
}

fn standard(precision: Precision) -> &'static TimePattern {
    let known = STAMPS.iter().rev().find(|(known, _)| *known <= precision);
    &known.unwrap_or(&STAMPS[0]).1
}

fn local(time: TimeRead, zone: &TimeZone) -> Stamp {
    let civil = if time.is_utc {
        zone.to_datetime(Timestamp::from_nanosecond(instant_ns(time.civil, &TimeZone::UTC).into()).unwrap_or_default())
    } else {
        time.civil
    };
    Stamp { civil, precision: time.precision }
}

/// The instant when a clock in the zone shows a time. It is the first if there are two, and the nearest known one
/// beyond the known range.
pub(super) fn instant_ns(civil: DateTime, zone: &TimeZone) -> i64 {
    let known = date(1678, 1, 1).at(0, 0, 0, 0)..date(2262, 1, 1).at(0, 0, 0, 0);
    let civil = civil.clamp(known.start, known.end);
    let instant = zone.to_ambiguous_timestamp(civil).compatible().unwrap_or_default();
    i64::try_from(instant.as_nanosecond()).unwrap_or(i64::MAX)
}
