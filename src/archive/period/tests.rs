//! Tests of boundaries against a model that reads the clock step by step, and against known facts of single days.

use std::slice;

use jiff::civil::{DateTime, date, time};
use proptest::prelude::*;

use super::*;

/// Jumps of an hour at 01:00 UTC, at 02:00 local time, of half an hour at 02:00, and at midnight in both directions.
const ZONES: [&str; 7] = [
    "CET-1CEST,M3.5.0,M10.5.0/3",
    "EST5EDT,M3.2.0,M11.1.0",
    "LHST-10:30LHDT-11,M10.1.0,M4.1.0",
    "BRT3BRST,M10.3.0/0,M2.3.0/0",
    "NST3:30NDT,M4.1.0/0:01,M10.5.0/0:01",
    "IST-5:30",
    "UTC0",
];

fn zone(name: &str) -> TimeZone {
    TimeZone::posix(name).or_else(|_| TimeZone::get(name)).expect("a zone")
}

fn at(hour: i8, minute: i8) -> Schedule {
    Schedule::At { weekday: None, time: time(hour, minute, 0, 0), zone: None }
}

fn instant(zone: &TimeZone, civil: DateTime) -> i64 {
    civil.to_zoned(zone.clone()).expect("in range").timestamp().as_second()
}

/// Returns the boundaries in `from..to` by reading the clock every `step` seconds, from some days before.
fn model(schedule: &Schedule, zone: &TimeZone, from: i64, to: i64, step: i64) -> Vec<i64> {
    let shown = |at: i64| {
        zone.to_offset(Timestamp::from_second(at).expect("in range"))
            .to_datetime(Timestamp::from_second(at).expect("in range"))
    };
    let mut highest = shown(from - 4 * 86_400 - step);
    let mut before = highest;
    let mut found = Vec::new();
    for at in (from - 4 * 86_400..to).step_by(step as usize) {
        let now = shown(at);
        let is_new = match schedule {
            // Every reading of a multiple counts, and so does a multiple that a jump skipped.
            Schedule::Seconds(every) if every % 86_400 != 0 => {
                let (low, high) = (counted(before), counted(now));
                high % i64::from(*every) == 0 || (low + 1..=high).any(|count| count % i64::from(*every) == 0)
            }
            // Each mark counts when the clock first shows it or a later reading.
            _ => {
                let later = (1..).map(|steps| highest + jiff::Span::new().seconds(steps * step));
                later.take_while(|mark| *mark <= now).any(|mark| is_mark(schedule, mark))
            }
        };
        if is_new && at >= from {
            found.push(at);
        }
        before = now;
        highest = highest.max(now);
    }
    found
}

fn counted(civil: DateTime) -> i64 {
    civil.duration_since(date(1969, 12, 29).at(0, 0, 0, 0)).as_secs()
}

fn is_mark(schedule: &Schedule, civil: DateTime) -> bool {
    match schedule {
        Schedule::Seconds(every) => counted(civil) % i64::from(*every) == 0,
        // Tested by themselves.
        Schedule::Since { .. } => false,
        Schedule::Months(every) => {
            let month = i64::from(civil.year()) * 12 + i64::from(civil.month()) - 1;
            civil.day() == 1 && civil.time() == Time::midnight() && month % i64::from(*every) == 0
        }
        Schedule::At { weekday, time, .. } => {
            civil.time() == *time && weekday.is_none_or(|weekday| civil.weekday() == weekday)
        }
    }
}

/// Returns the boundaries in `from..to` from the periods, which must lie end to end.
fn boundaries(schedules: &[Schedule], zone: &TimeZone, from: i64, to: i64) -> Vec<i64> {
    let mut found = Vec::new();
    let mut now = from - 1;
    loop {
        let here = period(schedules, zone, now * NS);
        assert!(here.start_ns <= now * NS && now * NS < here.end_ns);
        assert_eq!(period(schedules, zone, here.end_ns - 1), here);
        assert_eq!(period(schedules, zone, here.start_ns), here);
        now = here.end_ns / NS;
        if now >= to {
            return found;
        }
        found.push(now);
    }
}

fn schedules() -> impl Strategy<Value = Schedule> {
    let weekday = prop::option::of((0..7_i8).prop_map(|day| Weekday::from_monday_zero_offset(day).expect("a weekday")));
    prop_oneof![
        (1..4000_u32).prop_map(|minutes| Schedule::Seconds(minutes * 60)),
        (1..90_u32).prop_map(|minutes| Schedule::Seconds(minutes * 60)),
        prop::sample::select(vec![1800, 3600, 5400, 7200, 21_600, 43_200, 129_600]).prop_map(Schedule::Seconds),
        (1..20_u32).prop_map(|days| Schedule::Seconds(days * 86_400)),
        (1..30_u32).prop_map(Schedule::Months),
        (weekday, 0..24_i8, 0..60_i8).prop_map(|(weekday, hour, minute)| Schedule::At {
            weekday,
            time: time(hour, minute, 0, 0),
            zone: None
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Checks two days around a jump, to the minute.
    #[test]
    fn boundaries_are_where_a_walk_finds_them(
        schedule in schedules(), name in prop::sample::select(&ZONES[..]), which in 0..4_usize, hours in 0..48_i64,
    ) {
        let zone = zone(name);
        let start = instant(&zone, date(2025, 1, 1).at(0, 0, 0, 0));
        let jump = zone.following(Timestamp::from_second(start).expect("in range")).nth(which);
        let from = jump.map_or(start, |jump| jump.timestamp().as_second()) - hours * HOUR;

        let found = boundaries(slice::from_ref(&schedule), &zone, from, from + 2 * DAY);

        prop_assert_eq!(found, model(&schedule, &zone, from, from + 2 * DAY, 60));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Checks a year with both jumps, to the half-hour.
    #[test]
    fn boundaries_of_a_year_are_where_a_walk_finds_them(
        days in 1..40_u32, hours in 1..300_u32, months in 1..15_u32, hour in 0..24_i8, name in prop::sample::select(&ZONES[..4]),
    ) {
        let zone = zone(name);
        let from = instant(&zone, date(2025, 1, 1).at(0, 0, 0, 0));
        let weekly = Schedule::At { weekday: Some(Weekday::Sunday), time: time(hour, 30, 0, 0), zone: None };
        let schedules = [Schedule::Seconds(days * 86_400), Schedule::Seconds(hours * 3600), Schedule::Months(months), at(hour, 30), weekly];
        let schedule = &schedules[days as usize % schedules.len()];

        let found = boundaries(slice::from_ref(schedule), &zone, from, from + 366 * DAY);

        prop_assert_eq!(found, model(schedule, &zone, from, from + 366 * DAY, 1800));
    }
}

proptest! {
    #[test]
    fn several_schedules_end_a_period_at_any(first in schedules(), second in schedules(), at in 0..2_000_000_000_i64) {
        let zone = zone(ZONES[0]);
        let [one, other] = [&first, &second].map(|schedule| period(slice::from_ref(schedule), &zone, at * NS));

        let both = period(&[first, second], &zone, at * NS);

        prop_assert_eq!(both.start_ns, one.start_ns.max(other.start_ns));
        prop_assert_eq!(both.end_ns, one.end_ns.min(other.end_ns));
    }

    /// Old offsets have odd seconds, clocks were set by days, and the ends of the 64-bit range come into sight.
    #[test]
    fn periods_tile_all_of_time(
        schedule in prop_oneof![schedules(), (1..3_155_760_000_u32).prop_map(Schedule::Seconds), (1..=1200_u32).prop_map(Schedule::Months)],
        name in prop::sample::select(vec!["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Juneau", "Africa/Casablanca"]),
        at in any::<i64>(),
    ) {
        let Ok(zone) = TimeZone::get(name) else { return Ok(()) };

        let here = period(slice::from_ref(&schedule), &zone, at);

        prop_assert!(here.start_ns <= at && at <= here.end_ns);
        if here.end_ns != i64::MAX {
            prop_assert_eq!(period(slice::from_ref(&schedule), &zone, here.end_ns).start_ns, here.end_ns);
        }
        if here.start_ns > i64::MIN + NS {
            prop_assert_eq!(period(slice::from_ref(&schedule), &zone, here.start_ns), here);
            prop_assert_eq!(period(&[schedule], &zone, here.start_ns - 1).end_ns, here.start_ns);
        }
    }
}

#[test]
fn real_zones_agree_with_a_walk() {
    for name in ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"] {
        let Ok(zone) = TimeZone::get(name) else { continue };
        // Samoa skipped a whole day at the end of 2011.
        let from = instant(&zone, date(2011, 1, 1).at(0, 0, 0, 0));
        for schedule in [
            Schedule::Seconds(3600),
            Schedule::Seconds(86_400),
            Schedule::Seconds(604_800),
            Schedule::Months(1),
            at(2, 30),
        ] {
            let found = boundaries(slice::from_ref(&schedule), &zone, from, from + 366 * DAY);

            assert_eq!(found, model(&schedule, &zone, from, from + 366 * DAY, 1800), "{name} {schedule:?}");
        }
    }
}

#[test]
fn hours_of_the_long_day_are_25_and_of_the_short_one_23() {
    let zone = zone("CET-1CEST,M3.5.0,M10.5.0/3");
    let count = |month, day| {
        let start = instant(&zone, date(2025, month, day).at(0, 0, 0, 0));
        let end = instant(&zone, date(2025, month, day + 1).at(0, 0, 0, 0));
        boundaries(&[Schedule::Seconds(3600)], &zone, start, end).len()
    };

    assert_eq!((count(10, 26), count(3, 30), count(6, 1)), (25, 23, 24));
}

#[test]
fn time_that_is_left_out_or_shown_twice_comes_once() {
    let zone = zone("CET-1CEST,M3.5.0,M10.5.0/3");
    let of_day = |month, day| {
        let noon = instant(&zone, date(2025, month, day).at(12, 0, 0, 0));
        period(&[at(2, 30)], &zone, noon * NS).start_ns / NS
    };

    assert_eq!(of_day(3, 30), instant(&zone, date(2025, 3, 30).at(3, 0, 0, 0)));
    assert_eq!(of_day(10, 26), instant(&zone, date(2025, 10, 26).at(2, 30, 0, 0)));
}

#[test]
fn weeks_begin_on_monday_and_years_in_january() {
    let zone = TimeZone::UTC;
    let start =
        |schedule| period(&[schedule], &zone, instant(&zone, date(2025, 1, 15).at(10, 0, 0, 0)) * NS).start_ns / NS;

    assert_eq!(start(Schedule::Seconds(7 * 86_400)), instant(&zone, date(2025, 1, 13).at(0, 0, 0, 0)));
    assert_eq!(start(Schedule::Months(12)), instant(&zone, date(2025, 1, 1).at(0, 0, 0, 0)));
}

#[test]
fn time_with_a_zone_of_its_own_is_of_that_zone() {
    let own = Schedule::At { weekday: None, time: time(0, 0, 0, 0), zone: Some(TimeZone::fixed(jiff::tz::offset(9))) };
    let noon = instant(&TimeZone::UTC, date(2025, 1, 15).at(12, 0, 0, 0));

    let here = period(&[own], &zone(ZONES[1]), noon * NS);

    assert_eq!(here.start_ns / NS, instant(&TimeZone::UTC, date(2025, 1, 14).at(15, 0, 0, 0)));
}

#[test]
fn without_schedules_nothing_ends() {
    assert_eq!(period(&[], &TimeZone::UTC, 0), Period { start_ns: i64::MIN, end_ns: i64::MAX });
}

#[test]
fn names_are_as_exact_as_the_finest_schedule() {
    let daily = Schedule::Seconds(86_400);
    let cases = [
        (vec![], Precision::Day),
        (vec![daily.clone()], Precision::Day),
        (vec![Schedule::Months(1), daily.clone()], Precision::Day),
        (vec![at(18, 30)], Precision::Day),
        (vec![daily.clone(), at(18, 30)], Precision::Minute),
        (vec![at(0, 0), at(12, 0)], Precision::Hour),
        (vec![Schedule::Seconds(7200), daily], Precision::Hour),
        (vec![Schedule::Seconds(5400)], Precision::Minute),
        (vec![Schedule::Seconds(90)], Precision::Second),
    ];
    for (schedules, exact) in cases {
        assert_eq!(precision(&schedules), exact, "{schedules:?}");
    }
}

proptest! {
    #[test]
    fn stamp_of_a_period_leads_back_to_it(
        schedule in prop::sample::select(vec![Schedule::Seconds(86_400), Schedule::Seconds(172_800), Schedule::Months(1), at(18, 30)]),
        name in prop::sample::select(&ZONES[..5]), at in 1_700_000_000..1_800_000_000_i64,
    ) {
        let zone = zone(name);
        let here = period(slice::from_ref(&schedule), &zone, at * NS);
        let civil = zone.to_datetime(Timestamp::from_second(here.start_ns / NS).expect("in range"));
        let midnight = civil.date().at(0, 0, 0, 0);

        let found = stamped(&[schedule], &zone, Stamp { civil: midnight, precision: Precision::Day });

        prop_assert_eq!(found, here);
    }
}

#[test]
fn intervals_since_a_file_was_made_count_from_then_by_the_local_clock() {
    let zone = zone("CET-1CEST,M3.5.0,M10.5.0/3");
    let made_ns = instant(&zone, date(2025, 3, 29).at(10, 0, 0, 0)) * NS + 700_000_000;
    let minute = 60 * NS;
    let around = |every, minutes| {
        let found = period(&[Schedule::Since { every, made_ns }], &zone, made_ns + minutes * minute);
        ((found.start_ns - made_ns) / minute, (found.end_ns - made_ns) / minute)
    };

    // The night has an hour less.
    assert_eq!(around(86_400, 0), (0, 23 * 60));
    assert_eq!(around(86_400, -1), (-24 * 60, 0));
    assert_eq!(around(86_400, 23 * 60), (23 * 60, 47 * 60));
    assert_eq!(around(5400, 60), (0, 90));
    assert_eq!(around(5400, 120), (90, 180));
}
