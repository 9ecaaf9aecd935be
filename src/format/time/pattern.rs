//! Time patterns, in Loguru's tokens or strftime, and the cache that renders a pattern once a second.
//!
//! A pattern is compiled during configuration, where an invalid one is refused; rendering cannot fail. A `TimeCache`
//! belongs to one thread. Zone transitions fall on whole seconds. Text cached for one second therefore stays correct
//! except for the digits of its fractions, which are patched.

use std::iter::repeat_n;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::format::time::strftime;
use crate::format::time::strftime::{Field, Moment, Name, Piece, number, push_number, push_text};

pub use jiff::tz::TimeZone;

const RFC3339: &str = "YYYY-MM-DDTHH:mm:ss.SSSSSSZ";
const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// A compiled time pattern. It is cheap to clone, and equal to any pattern with the same source.
#[derive(Clone, Debug)]
pub struct TimePattern(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    source: String,
    is_utc: bool,
    pieces: Vec<Piece>,
}

impl TimePattern {
    /// Compiles Loguru's tokens, or strftime when `text` has a `%`; a trailing `!UTC` renders in UTC.
    ///
    /// `argument` names the parameter in errors. An empty pattern is RFC 3339, like a bare `{time}`.
    pub fn parse(argument: &str, text: &str) -> Result<Self> {
        let (body, is_utc) = text.strip_suffix("!UTC").map_or((text, false), |body| (body, true));
        let pieces = match body {
            "" => tokens(argument, RFC3339)?,
            body if body.contains('%') => strftime::parse(argument, body)?,
            body => tokens(argument, body)?,
        };
        Ok(Self(Arc::new(Compiled { source: text.to_owned(), is_utc, pieces })))
    }

    /// The pattern of a bare `{time}`: `2025-01-15T10:30:45.123456+01:00`.
    pub fn rfc3339_local() -> Self {
        Self::builtin(RFC3339)
    }

    /// The default of text sinks: `2025-01-15 10:30:45`, in local time.
    pub fn default_text() -> Self {
        Self::builtin("YYYY-MM-DD HH:mm:ss")
    }

    /// The `timestamp` of JSON: `2025-01-15T10:30:45.123Z`.
    pub fn json_utc() -> Self {
        Self::builtin("YYYY-MM-DDTHH:mm:ss.SSS[Z]!UTC")
    }

    /// Like `json_utc`, to the microsecond.
    pub fn micros_utc() -> Self {
        Self::builtin("YYYY-MM-DDTHH:mm:ss.SSSSSS[Z]!UTC")
    }

    /// The source text of the pattern.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    pub(super) fn pieces(&self) -> &[Piece] {
        &self.0.pieces
    }

    pub(super) fn is_utc(&self) -> bool {
        self.0.is_utc
    }

    fn builtin(text: &str) -> Self {
        Self::parse("time", text).expect("built-in patterns are valid; this is a bug in logly")
    }
}

impl PartialEq for TimePattern {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.source() == other.source()
    }
}

impl Eq for TimePattern {}

/// The time rendered last. Each engine and pattern has its own cache; threads do not share it.
#[derive(Debug, Default)]
pub struct TimeCache {
    /// The second, pattern and zone of `text`. None if the text is valid for one instant only.
    key: Option<Key>,
    text: Vec<u8>,
    fractions: Vec<Fraction>,
}

#[derive(Debug)]
struct Key {
    start_ns: i64,
    pattern: TimePattern,
    zone: TimeZone,
}

/// The position of a fraction in the cached text.
#[derive(Debug)]
struct Fraction {
    start: usize,
    digits: usize,
}

impl TimeCache {
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends the time `unix_ns`, in nanoseconds since 1970, negative before.
    ///
    /// Within one second, with the same pattern and zone, this copies the cached text and patches its fractions.
    pub fn render(&mut self, pattern: &TimePattern, unix_ns: i64, zone: &TimeZone, out: &mut Vec<u8>) {
        let nanos = self.nanos_within(pattern, unix_ns, zone).unwrap_or_else(|| {
            let nanos = unix_ns.rem_euclid(NANOS_PER_SECOND) as u32;
            self.refresh(pattern, unix_ns.div_euclid(NANOS_PER_SECOND), nanos, zone);
            nanos
        });
        let start = out.len();
        out.extend_from_slice(&self.text);
        for fraction in &self.fractions {
            let at = start + fraction.start;
            write_fraction(&mut out[at..at + fraction.digits], nanos);
        }
    }

    /// The nanoseconds since the cached second began; None if the cached text is of another second, pattern or zone.
    #[inline]
    fn nanos_within(&self, pattern: &TimePattern, unix_ns: i64, zone: &TimeZone) -> Option<u32> {
        let key = self.key.as_ref()?;
        // Cheaper than a division. The last second and the first one are 2^64 nanoseconds apart.
        let nanos = unix_ns.saturating_sub(key.start_ns);
        let is_current = (0..NANOS_PER_SECOND).contains(&nanos)
            && key.pattern == *pattern
            && (pattern.0.is_utc || key.zone == *zone);
        is_current.then_some(nanos as u32)
    }

    fn refresh(&mut self, pattern: &TimePattern, second: i64, nanos: u32, zone: &TimeZone) {
        self.text.clear();
        self.fractions.clear();
        let pieces = &pattern.0.pieces;
        let utc = TimeZone::UTC;
        let moment = Moment::new(second, if pattern.0.is_utc { &utc } else { zone });
        for piece in pieces {
            self.push(piece, &moment, nanos);
        }
        let is_reusable = second > 0 || !pieces.contains(&Piece::UnixMicros);
        // The first second of all begins before the first instant.
        let start_ns = second.checked_mul(NANOS_PER_SECOND).filter(|_| is_reusable);
        self.key = start_ns.map(|start_ns| Key { start_ns, pattern: pattern.clone(), zone: zone.clone() });
    }

    fn push(&mut self, piece: &Piece, moment: &Moment, nanos: u32) {
        match piece {
            Piece::Text(text) => self.text.extend_from_slice(text.as_bytes()),
            Piece::Number { field, width, pad } => {
                push_number(&mut self.text, moment.number(*field), *width, *pad);
            }
            Piece::Name(name) => self.text.extend_from_slice(moment.name(*name).as_bytes()),
            Piece::Fraction(digits) => self.push_fraction(*digits),
            Piece::Offset(separator) => moment.push_offset(&mut self.text, separator),
            Piece::Zone => self.text.extend_from_slice(moment.info.abbreviation().as_bytes()),
            Piece::UnixMicros => self.push_micros(moment.second, nanos),
        }
    }

    fn push_fraction(&mut self, digits: usize) {
        self.fractions.push(Fraction { start: self.text.len(), digits });
        self.text.extend(repeat_n(b'0', digits));
    }

    /// Appends the seconds, then the microseconds as a fraction. Before 1970 and in its first second the digits do not
    /// split this way, so the number is written out.
    fn push_micros(&mut self, second: i64, nanos: u32) {
        if second > 0 {
            push_number(&mut self.text, second, 0, b'0');
            self.push_fraction(6);
        } else {
            let micros = second * 1_000_000 + i64::from(nanos / 1000);
            push_number(&mut self.text, micros, 0, b'0');
        }
    }
}

/// Loguru's tokens. Among those with the same letter, the longest comes first. `S` is handled separately.
static TOKENS: [(&str, Piece); 29] = [
    ("YYYY", number(Field::Year, 4)),
    ("YY", number(Field::YearOfCentury, 2)),
    ("Q", number(Field::Quarter, 1)),
    ("MMMM", Piece::Name(Name::Month)),
    ("MMM", Piece::Name(Name::MonthShort)),
    ("MM", number(Field::Month, 2)),
    ("M", number(Field::Month, 1)),
    ("DDDD", number(Field::DayOfYear, 3)),
    ("DDD", number(Field::DayOfYear, 1)),
    ("DD", number(Field::Day, 2)),
    ("D", number(Field::Day, 1)),
    ("dddd", Piece::Name(Name::Weekday)),
    ("ddd", Piece::Name(Name::WeekdayShort)),
    ("d", number(Field::WeekdayFromZero, 1)),
    ("E", number(Field::WeekdayIso, 1)),
    ("A", Piece::Name(Name::HalfDay)),
    ("HH", number(Field::Hour, 2)),
    ("H", number(Field::Hour, 1)),
    ("hh", number(Field::Hour12, 2)),
    ("h", number(Field::Hour12, 1)),
    ("mm", number(Field::Minute, 2)),
    ("m", number(Field::Minute, 1)),
    ("ss", number(Field::Second, 2)),
    ("s", number(Field::Second, 1)),
    ("zz", Piece::Zone),
    ("ZZ", Piece::Offset("")),
    ("Z", Piece::Offset(":")),
    ("X", number(Field::UnixSecond, 1)),
    ("x", Piece::UnixMicros),
];

fn tokens(argument: &str, text: &str) -> Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    // Computed once: a failed search for a closing bracket at each opening one would take quadratic time.
    let from_last = text.rfind(']').map_or(usize::MAX, |at| text.len() - at);
    while let Some(first) = rest.chars().next() {
        let length = push_token(&mut pieces, rest, rest.len() > from_last).unwrap_or_else(|| {
            push_text(&mut pieces, &rest[..first.len_utf8()]);
            first.len_utf8()
        });
        rest = &rest[length..];
    }
    let is_too_fine = pieces.iter().any(|piece| matches!(piece, Piece::Fraction(10..)));
    if is_too_fine {
        let expected = "at most nine successive \"S\" (nanoseconds)";
        return Err(Error::value(argument, expected, format!("\"{text}\"")));
    }
    Ok(pieces)
}

/// Compiles the token or `[text]` at the start of `rest` and returns its length. `has_end` is true if a `]` follows.
fn push_token(pieces: &mut Vec<Piece>, rest: &str, has_end: bool) -> Option<usize> {
    let digits = rest.len() - rest.trim_start_matches('S').len();
    if digits > 0 {
        pieces.push(Piece::Fraction(digits));
        return Some(digits);
    }
    let bracket = rest.strip_prefix('[').filter(|_| has_end);
    if let Some((literal, _)) = bracket.and_then(|rest| rest.split_once(']')) {
        push_text(pieces, literal);
        return Some(literal.len() + 2);
    }
    let (token, piece) = TOKENS.iter().find(|(token, _)| rest.starts_with(*token))?;
    pieces.push(piece.clone());
    Some(token.len())
}

/// Writes the leading digits of the fraction `nanos` into `out`, which has at most nine bytes.
fn write_fraction(out: &mut [u8], nanos: u32) {
    // Divisions by constants are multiplications.
    let mut rest = match out.len() {
        3 => nanos / 1_000_000,
        6 => nanos / 1_000,
        digits => nanos / 10_u32.pow(9 - digits as u32),
    };
    for digit in out.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    const MOMENT: &str = "2025-01-15T13:05:09.123456789Z";

    fn at(text: &str) -> i64 {
        let timestamp: Timestamp = text.parse().expect("a timestamp");
        i64::try_from(timestamp.as_nanosecond()).expect("within 1677 to 2262")
    }

    fn berlin() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a POSIX zone")
    }

    fn render(cache: &mut TimeCache, pattern: &str, unix_ns: i64, zone: &TimeZone) -> String {
        let pattern = TimePattern::parse("format", pattern).expect("a pattern");
        let mut out = b"| ".to_vec();
        cache.render(&pattern, unix_ns, zone, &mut out);
        String::from_utf8(out).expect("UTF-8").split_off(2)
    }

    fn shown(pattern: &str, moment: &str) -> String {
        render(&mut TimeCache::new(), pattern, at(moment), &berlin())
    }

    #[test]
    fn every_token_is_rendered() {
        let expected = [
            ("YYYY YY Q", "2025 25 1"),
            ("MMMM MMM MM M", "January Jan 01 1"),
            ("DDDD DDD DD D", "015 15 15 15"),
            ("dddd ddd d E", "Wednesday Wed 2 3"),
            ("A HH H hh h", "PM 14 14 02 2"),
            ("mm m ss s", "05 5 09 9"),
            ("S SS SSS SSSS SSSSS", "1 12 123 1234 12345"),
            ("SSSSSS SSSSSSS SSSSSSSS SSSSSSSSS", "123456 1234567 12345678 123456789"),
            ("zz Z ZZ", "CET +01:00 +0100"),
            ("X x", "1736946309 1736946309123456"),
            ("YYYYMMDDTHHmmss, été → ⏱", "20250115T140509, été → ⏱"),
        ];

        for (pattern, text) in expected {
            assert_eq!(shown(pattern, MOMENT), text, "{pattern}");
        }
    }

    #[test]
    fn hours_of_the_half_day_go_from_twelve_to_eleven() {
        assert_eq!(shown("hh h A", "2025-01-14T23:00:00Z"), "12 12 AM");
        assert_eq!(shown("hh h A", "2025-01-15T11:00:00Z"), "12 12 PM");
        assert_eq!(shown("hh h A", "2025-01-15T22:00:00Z"), "11 11 PM");
    }

    #[test]
    fn brackets_make_text_literal() {
        let expected = [
            ("[YYYY] MM [DD]", "YYYY 01 DD"),
            ("[at the hour] HH", "at the hour 14"),
            ("[[YY]]", "[YY]"),
            ("[[]]", "[]"),
            ("SSS[]SSS", "123123"),
            ("[HHmm", "[1405"),
            ("HHmm]", "1405]"),
            ("HH[!UTC]", "14!UTC"),
        ];

        for (pattern, text) in expected {
            assert_eq!(shown(pattern, MOMENT), text, "{pattern}");
        }
    }

    #[test]
    fn a_trailing_utc_mark_renders_in_utc() {
        assert_eq!(shown("HH:mm Z zz!UTC", MOMENT), "13:05 +00:00 UTC");
        assert_eq!(shown("%H:%M %z %Z!UTC", MOMENT), "13:05 +0000 UTC");
        assert_eq!(shown("!UTC HH", MOMENT), "!UTC 14");
    }

    #[test]
    fn built_in_patterns_show_what_they_promise() {
        let cases = [
            (TimePattern::rfc3339_local(), "2025-01-15T14:05:09.123456+01:00"),
            (TimePattern::default_text(), "2025-01-15 14:05:09"),
            (TimePattern::json_utc(), "2025-01-15T13:05:09.123Z"),
        ];

        for (pattern, text) in cases {
            assert_eq!(shown(pattern.source(), MOMENT), text);
        }
        assert_eq!(shown("", MOMENT), "2025-01-15T14:05:09.123456+01:00");
        assert_eq!(shown("!UTC", MOMENT), "2025-01-15T13:05:09.123456+00:00");
    }

    #[test]
    fn more_than_nine_digits_of_a_fraction_are_refused() {
        let error = TimePattern::parse("format", "SSSSSSSSSS").expect_err("ten digits");

        let text = "format: expected at most nine successive \"S\" (nanoseconds), got \"SSSSSSSSSS\"";
        assert_eq!(error.to_string(), text);
    }

    #[test]
    fn patterns_of_the_same_source_are_equal() {
        let parse = |text| TimePattern::parse("format", text).expect("a pattern");

        assert_eq!(parse("HH:mm"), parse("HH:mm"));
        assert_ne!(parse("HH:mm"), parse("HH:mm!UTC"));
    }

    /// A zone, its POSIX rule, and the local times around its two changes of 2025.
    const CHANGES: [(&str, [(&str, &str); 4]); 3] = [
        (
            "CET-1CEST,M3.5.0,M10.5.0/3", // Europe/Berlin
            [
                ("2025-03-30T00:59:59.9Z", "2025-03-30 01:59:59.9 +01:00 CET"),
                ("2025-03-30T01:00:00.1Z", "2025-03-30 03:00:00.1 +02:00 CEST"),
                ("2025-10-26T00:59:59.9Z", "2025-10-26 02:59:59.9 +02:00 CEST"),
                ("2025-10-26T01:00:00.1Z", "2025-10-26 02:00:00.1 +01:00 CET"),
            ],
        ),
        (
            "EST5EDT,M3.2.0,M11.1.0", // America/New_York
            [
                ("2025-03-09T06:59:59.9Z", "2025-03-09 01:59:59.9 -05:00 EST"),
                ("2025-03-09T07:00:00.1Z", "2025-03-09 03:00:00.1 -04:00 EDT"),
                ("2025-11-02T05:59:59.9Z", "2025-11-02 01:59:59.9 -04:00 EDT"),
                ("2025-11-02T06:00:00.1Z", "2025-11-02 01:00:00.1 -05:00 EST"),
            ],
        ),
        (
            "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", // Australia/Lord_Howe: half an hour
            [
                ("2025-04-05T14:59:59.9Z", "2025-04-06 01:59:59.9 +11:00 +11"),
                ("2025-04-05T15:00:00.1Z", "2025-04-06 01:30:00.1 +10:30 +1030"),
                ("2025-10-04T15:29:59.9Z", "2025-10-05 01:59:59.9 +10:30 +1030"),
                ("2025-10-04T15:30:00.1Z", "2025-10-05 02:30:00.1 +11:00 +11"),
            ],
        ),
    ];

    #[test]
    fn one_cache_follows_every_change_of_summer_time() {
        for (rule, moments) in CHANGES {
            let zone = TimeZone::posix(rule).expect("a POSIX zone");
            let mut cache = TimeCache::new();

            for (moment, text) in moments {
                let got = render(&mut cache, "YYYY-MM-DD HH:mm:ss.S Z zz", at(moment), &zone);
                assert_eq!(got, text, "{rule}");
            }
        }
    }

    #[test]
    fn one_cache_follows_a_change_of_pattern_and_of_zone() {
        let mut cache = TimeCache::new();
        let mut shown = |pattern, zone| render(&mut cache, pattern, at(MOMENT), &zone);

        assert_eq!(shown("HH:mm", berlin()), "14:05");
        assert_eq!(shown("HH.mm", berlin()), "14.05");
        assert_eq!(shown("HH.mm", TimeZone::UTC), "13.05");
    }

    #[test]
    fn times_before_1970_count_on_from_the_second_below() {
        assert_eq!(shown("ss.SSS X x", "1969-12-31T23:59:59.25Z"), "59.250 -1 -750000");
        assert_eq!(shown("ss.SSS X x", "1970-01-01T00:00:00.0015Z"), "00.001 0 1500");
    }

    #[test]
    fn the_ends_of_time_are_rendered() {
        let shown = |unix_ns| render(&mut TimeCache::new(), "YYYY-MM-DD X!UTC", unix_ns, &berlin());

        assert_eq!(shown(i64::MIN), "1677-09-21 -9223372037");
        assert_eq!(shown(i64::MAX), "2262-04-11 9223372036");
    }

    const RICH: &str = "YYYY-MM-DDTHH:mm:ss.SSSSSSSSS Z [S] SSS x zz X SSSSSS";

    proptest! {
        #[test]
        fn cached_equals_uncached(
            first in prop_oneof![any::<i64>(), -3_000_000_000_i64..3_000_000_000],
            steps in prop::collection::vec(-2_000_000_000_i64..2_000_000_000, 1..20),
        ) {
            let mut cache = TimeCache::new();

            for step in steps {
                let moment = first.saturating_add(step);
                let cached = render(&mut cache, RICH, moment, &berlin());
                prop_assert_eq!(cached, render(&mut TimeCache::new(), RICH, moment, &berlin()));
            }
        }

        #[test]
        fn tokens_agree_with_jiff(unix_ns in any::<i64>()) {
            let timestamp = Timestamp::from_nanosecond(i128::from(unix_ns)).expect("in range");
            let expected = timestamp.to_zoned(berlin()).strftime("%Y-%m-%dT%H:%M:%S.%9f %:z %Z").to_string();

            let got = render(&mut TimeCache::new(), "YYYY-MM-DDTHH:mm:ss.SSSSSSSSS Z zz", unix_ns, &berlin());

            prop_assert_eq!(got, expected);
        }
    }
}
