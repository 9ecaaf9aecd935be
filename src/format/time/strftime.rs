//! The directives of strftime, the pieces that every time pattern compiles to, and the text of each piece.
//!
//! Supports Python's directives, in English, and some of glibc's. An unknown directive is refused, because C leaves it
//! undefined. Years are 1677 to 2262, the range of an `i64` of nanoseconds, so nothing here can overflow.

use std::iter::repeat_n;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneOffsetInfo};

use crate::error::{Error, Result};

/// Compiles a pattern that contains a `%`; `argument` names the parameter in errors.
pub(super) fn parse(argument: &str, text: &str) -> Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((literal, tail)) = rest.split_once('%') {
        push_text(&mut pieces, literal);
        let length = push_directive(&mut pieces, tail).ok_or_else(|| unknown(argument, text, tail))?;
        rest = &tail[length..];
    }
    push_text(&mut pieces, rest);
    Ok(pieces)
}

fn unknown(argument: &str, text: &str, tail: &str) -> Error {
    let directive: String = tail.chars().take(if tail.starts_with(['-', ':']) { 2 } else { 1 }).collect();
    let expected = format!("known strftime directives (\"%{directive}\" is none; \"%%\" is a percent sign)");
    Error::value(argument, expected, format!("\"{text}\""))
}

/// Compiles the directive after a `%` and returns its length.
fn push_directive(pieces: &mut Vec<Piece>, tail: &str) -> Option<usize> {
    if tail.starts_with(":z") {
        pieces.push(Piece::Offset(":"));
        return Some(2);
    }
    if let Some(unpadded) = tail.strip_prefix('-') {
        pieces.push(without_pad(&piece(unpadded.chars().next()?)?)?);
        return Some(2);
    }
    let letter = tail.chars().next()?;
    match composite(letter) {
        Some(pattern) => pieces.extend(parse("", pattern).ok()?),
        None => pieces.push(piece(letter)?),
    }
    Some(letter.len_utf8())
}

fn without_pad(piece: &Piece) -> Option<Piece> {
    match piece {
        Piece::Number { field, pad, .. } => Some(Piece::Number { field: *field, width: 1, pad: *pad }),
        _ => None,
    }
}

/// The directives that expand to others, as the C locale defines them.
fn composite(letter: char) -> Option<&'static str> {
    Some(match letter {
        'c' => "%a %b %e %H:%M:%S %Y",
        'D' | 'x' => "%m/%d/%y",
        'F' => "%Y-%m-%d",
        'R' => "%H:%M",
        'r' => "%I:%M:%S %p",
        'T' | 'X' => "%H:%M:%S",
        _ => return None,
    })
}

fn piece(letter: char) -> Option<Piece> {
    Some(match letter {
        'A' => Piece::Name(Name::Weekday),
        'a' => Piece::Name(Name::WeekdayShort),
        'B' => Piece::Name(Name::Month),
        'b' | 'h' => Piece::Name(Name::MonthShort),
        'C' => number(Field::Century, 2),
        'd' => number(Field::Day, 2),
        'e' => Piece::Number { field: Field::Day, width: 2, pad: b' ' },
        'f' => Piece::Fraction(6),
        'G' => number(Field::IsoYear, 4),
        'g' => number(Field::IsoYearOfCentury, 2),
        'H' => number(Field::Hour, 2),
        'I' => number(Field::Hour12, 2),
        'j' => number(Field::DayOfYear, 3),
        'k' => Piece::Number { field: Field::Hour, width: 2, pad: b' ' },
        'l' => Piece::Number { field: Field::Hour12, width: 2, pad: b' ' },
        'M' => number(Field::Minute, 2),
        'm' => number(Field::Month, 2),
        'n' => Piece::Text("\n".to_owned()),
        'p' => Piece::Name(Name::HalfDay),
        'S' => number(Field::Second, 2),
        's' => number(Field::UnixSecond, 1),
        't' => Piece::Text("\t".to_owned()),
        'U' => number(Field::WeekFromSunday, 2),
        'u' => number(Field::WeekdayIso, 1),
        'V' => number(Field::IsoWeek, 2),
        'W' => number(Field::WeekFromMonday, 2),
        'w' => number(Field::WeekdayFromSunday, 1),
        'Y' => number(Field::Year, 4),
        'y' => number(Field::YearOfCentury, 2),
        'Z' => Piece::Zone,
        'z' => Piece::Offset(""),
        '%' => Piece::Text("%".to_owned()),
        _ => return None,
    })
}

/// One part of a compiled pattern.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Text(String),
    Number {
        field: Field,
        width: usize,
        pad: u8,
    },
    Name(Name),
    /// The leading digits of the second's fraction, truncated.
    Fraction(usize),
    /// `+01:00`, with this separator between hours and minutes.
    Offset(&'static str),
    Zone,
    UnixMicros,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Field {
    Year,
    YearOfCentury,
    Century,
    Quarter,
    Month,
    Day,
    DayOfYear,
    /// Monday is 0.
    WeekdayFromZero,
    /// Monday is 1, Sunday 7.
    WeekdayIso,
    /// Sunday is 0.
    WeekdayFromSunday,
    Hour,
    Hour12,
    Minute,
    Second,
    UnixSecond,
    IsoYear,
    IsoYearOfCentury,
    IsoWeek,
    /// Weeks begin on Sunday; the days before the first Sunday are week 0.
    WeekFromSunday,
    /// Weeks begin on Monday; the days before the first Monday are week 0.
    WeekFromMonday,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Name {
    Month,
    MonthShort,
    Weekday,
    WeekdayShort,
    HalfDay,
}

pub(super) const fn number(field: Field, width: usize) -> Piece {
    Piece::Number { field, width, pad: b'0' }
}

pub(super) fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Text(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => pieces.push(Piece::Text(text.to_owned())),
    }
}

/// One second in one zone.
pub(super) struct Moment<'z> {
    pub(super) second: i64,
    civil: DateTime,
    pub(super) info: TimeZoneOffsetInfo<'z>,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

impl<'z> Moment<'z> {
    pub(super) fn new(second: i64, zone: &'z TimeZone) -> Self {
        let timestamp = Timestamp::from_second(second)
            .expect("an i64 of nanoseconds is within years 1677 to 2262; this is a bug in logly");
        let info = zone.to_offset_info(timestamp);
        Self { second, civil: info.offset().to_datetime(timestamp), info }
    }

    pub(super) fn number(&self, field: Field) -> i64 {
        let date = self.civil.date();
        let year = i64::from(date.year());
        let hour = i64::from(self.civil.hour());
        match field {
            Field::Year => year,
            Field::YearOfCentury => year % 100,
            Field::Century => year / 100,
            Field::Quarter => i64::from((date.month() - 1) / 3 + 1),
            Field::Month => i64::from(date.month()),
            Field::Day => i64::from(date.day()),
            Field::DayOfYear => i64::from(date.day_of_year()),
            Field::WeekdayFromZero => i64::from(date.weekday().to_monday_zero_offset()),
            Field::WeekdayIso => i64::from(date.weekday().to_monday_one_offset()),
            Field::WeekdayFromSunday => i64::from(date.weekday().to_sunday_zero_offset()),
            Field::Hour => hour,
            Field::Hour12 => (hour + 11) % 12 + 1,
            Field::Minute => i64::from(self.civil.minute()),
            Field::Second => i64::from(self.civil.second()),
            Field::UnixSecond => self.second,
            Field::IsoYear => i64::from(date.iso_week_date().year()),
            Field::IsoYearOfCentury => i64::from(date.iso_week_date().year() % 100),
            Field::IsoWeek => i64::from(date.iso_week_date().week()),
            Field::WeekFromSunday => self.week(date.weekday().to_sunday_zero_offset()),
            Field::WeekFromMonday => self.week(date.weekday().to_monday_zero_offset()),
        }
    }

    fn week(&self, weekday: i8) -> i64 {
        i64::from((self.civil.date().day_of_year() + 6 - i16::from(weekday)) / 7)
    }

    pub(super) fn name(&self, name: Name) -> &'static str {
        let month = MONTHS[self.civil.month() as usize - 1];
        let weekday = WEEKDAYS[self.civil.weekday().to_monday_zero_offset() as usize];
        match name {
            Name::Month => month,
            Name::MonthShort => &month[..3],
            Name::Weekday => weekday,
            Name::WeekdayShort => &weekday[..3],
            Name::HalfDay if self.civil.hour() < 12 => "AM",
            Name::HalfDay => "PM",
        }
    }

    /// Appends the offset. Old offsets include seconds, which are shown as Python does.
    pub(super) fn push_offset(&self, out: &mut Vec<u8>, separator: &str) {
        let offset = i64::from(self.info.offset().seconds());
        out.push(if offset < 0 { b'-' } else { b'+' });
        let offset = offset.abs();
        push_number(out, offset / 3600, 2, b'0');
        out.extend_from_slice(separator.as_bytes());
        push_number(out, offset / 60 % 60, 2, b'0');
        if offset % 60 != 0 {
            out.extend_from_slice(separator.as_bytes());
            push_number(out, offset % 60, 2, b'0');
        }
    }
}

pub(super) fn push_number(out: &mut Vec<u8>, value: i64, width: usize, pad: u8) {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(value).as_bytes();
    out.extend(repeat_n(pad, width.saturating_sub(digits.len())));
    out.extend_from_slice(digits);
}

#[cfg(test)]
mod tests {
    use jiff::fmt::strtime::{BrokenDownTime, Config, PosixCustom};
    use proptest::prelude::*;

    use crate::format::time::pattern::{TimeCache, TimePattern};

    use super::*;

    fn shown(pattern: &str, unix_ns: i64) -> String {
        let pattern = TimePattern::parse("format", pattern).expect("a pattern");
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a POSIX zone");
        let mut out = Vec::new();
        TimeCache::new().render(&pattern, unix_ns, &zone, &mut out);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn every_directive_is_rendered() {
        let expected = [
            ("%Y-%m-%d %H:%M:%S.%f", "2025-01-05 14:05:09.123456"),
            ("%z %:z %Z", "+0100 +01:00 CET"),
            ("%A %a %B %b %h", "Sunday Sun January Jan Jan"),
            ("%c", "Sun Jan  5 14:05:09 2025"),
            ("%x %X %D %T %F %R %r", "01/05/25 14:05:09 01/05/25 14:05:09 2025-01-05 14:05 02:05:09 PM"),
            ("%j %U %W %V %G %g %u %w", "005 01 00 01 2025 25 7 0"),
            ("%I %p %y %C %e %k %l %s", "02 PM 25 20  5 14  2 1736082309"),
            ("%-d.%-m. %-H %-I %-M %-S %-j", "5.1. 14 2 5 9 5"),
            ("100%% YYYY%n%t|", "100% YYYY\n\t|"),
        ];

        for (pattern, text) in expected {
            assert_eq!(shown(pattern, 1_736_082_309_123_456_789), text, "{pattern}");
        }
    }

    #[test]
    fn an_unknown_directive_is_refused_by_name() {
        for (pattern, directive) in [("%Y %Q", "%Q"), ("%", "%"), ("%-A", "%-A"), ("%é", "%é"), ("%:Y", "%:Y")] {
            let error = TimePattern::parse("format", pattern).expect_err("not a directive").to_string();

            let text = format!("format: expected known strftime directives (\"{directive}\" is none; ");
            assert!(error.starts_with(&text), "{error}");
            assert!(error.ends_with(&format!(", got \"{pattern}\"")), "{error}");
        }
    }

    #[test]
    fn offsets_with_seconds_show_them() {
        let mut out = Vec::new();
        let zone = TimeZone::fixed(jiff::tz::Offset::from_seconds(-3208).expect("an offset"));

        Moment::new(0, &zone).push_offset(&mut out, ":");

        assert_eq!(out, b"-00:53:28");
    }

    /// The directives that jiff's `strtime` has too, except `%f`, for which jiff leaves out zeros at the end.
    const SHARED: &str = "%A %a %B %b %C %c %D %d %e %F %G %g %H %h %I %j %k %l %M %m %n %p %R %r %S %s %T %t %U %u %V \
                          %W %w %X %x %Y %y %Z %z %:z %% %-d %-m %-H %-I %-M %-S %-j";

    fn shown_by_jiff(second: i64) -> String {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a POSIX zone");
        let zoned = Timestamp::from_second(second).expect("in range").to_zoned(zone);
        let config = Config::new().custom(PosixCustom::new());
        BrokenDownTime::from(&zoned).to_string_with_config(&config, SHARED).expect("a text")
    }

    #[test]
    fn days_around_each_new_year_agree_with_jiff() {
        for year in 1678..=2261 {
            let first = jiff::civil::date(year, 1, 1).at(0, 30, 0, 0).to_zoned(TimeZone::UTC).expect("a time");
            for day in -5..=8 {
                let second = first.timestamp().as_second() + day * 86_400;
                assert_eq!(shown(SHARED, second * 1_000_000_000), shown_by_jiff(second));
            }
        }
    }

    proptest! {
        #[test]
        fn directives_agree_with_jiff(second in -9_000_000_000_i64..9_000_000_000) {
            prop_assert_eq!(shown(SHARED, second * 1_000_000_000), shown_by_jiff(second));
        }
    }
}
