//! Periods of time between rotations, by the local clock and across its jumps.
//!
//! A *mark* is the reading of the local clock when a file ends; the *boundary* is the instant of that reading. All
//! marks and boundaries are at whole seconds, unless they count from the making of a file. Readings are counted in
//! seconds as if they were UTC, so that calendar arithmetic is plain division.

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::config::name_template::Stamp;
use crate::config::schedule::Schedule;
use crate::format::time::reading::Precision;

const NS: i64 = 1_000_000_000;
const HOUR: i64 = 3600;
const DAY: i64 = 86_400;

/// The time from 1970-01-01 back to the Monday before, from which weeks and other intervals are counted.
const TO_MONDAY: i64 = 3 * DAY;

/// No two offsets from UTC are further apart, and no jump of the clock is larger.
const LARGEST_JUMP: i64 = 3 * DAY;

/// The time from the boundary at which a file began to the next one, in nanoseconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The last boundary at or before the instant; `i64::MIN` without schedules.
    pub start_ns: i64,
    /// The first boundary after the instant; `i64::MAX` without schedules.
    pub end_ns: i64,
}

/// Returns the period that contains an instant.
pub fn period(schedules: &[Schedule], zone: &TimeZone, at_ns: i64) -> Period {
    let mut period = Period { start_ns: i64::MIN, end_ns: i64::MAX };
    for schedule in schedules {
        let (start_ns, end_ns) = around(schedule, zone, at_ns);
        period.start_ns = period.start_ns.max(start_ns);
        period.end_ns = period.end_ns.min(end_ns);
    }
    period
}

/// Returns the period of a file whose name has this stamp: the last period that begins while the clock shows the stamp.
pub(super) fn stamped(schedules: &[Schedule], zone: &TimeZone, stamp: Stamp) -> Period {
    period(schedules, zone, stamp.end_ns(zone).saturating_sub(1))
}

/// Returns the precision of archive names under these schedules. If possible, no two periods of a day have the same
/// name.
pub fn precision(schedules: &[Schedule]) -> Precision {
    match schedules {
        [Schedule::At { .. }] | [] => Precision::Day,
        _ => schedules.iter().map(fineness).max().unwrap_or(Precision::Day),
    }
}

fn fineness(schedule: &Schedule) -> Precision {
    let seconds = match schedule {
        Schedule::Seconds(count) => i64::from(*count),
        Schedule::Months(_) => DAY,
        Schedule::Since { .. } => 1,
        Schedule::At { time, .. } => seconds_of_day(*time),
    };
    match seconds {
        count if count % DAY == 0 => Precision::Day,
        count if count % HOUR == 0 => Precision::Hour,
        count if count % 60 == 0 => Precision::Minute,
        _ => Precision::Second,
    }
}

/// Returns the last boundary at or before an instant, and the first one after it, in nanoseconds.
fn around(schedule: &Schedule, zone: &TimeZone, at_ns: i64) -> (i64, i64) {
    let at = at_ns.div_euclid(NS);
    let shown = at + offset(zone, at);
    let (start, end) = match schedule {
        Schedule::Seconds(count) if i64::from(*count) % DAY != 0 => {
            let every = i64::from(*count);
            (repeated_before(every, zone, at), repeated_after(every, zone, at))
        }
        Schedule::Seconds(count) => {
            let every = i64::from(*count);
            marked(zone, at, (shown + TO_MONDAY).div_euclid(every), |index| index * every - TO_MONDAY)
        }
        Schedule::Months(count) => {
            let every = i64::from(*count);
            marked(zone, at, month_of(shown).div_euclid(every), |index| month_start(index * every))
        }
        Schedule::Since { every, made_ns } => return since(*every, *made_ns, zone, at_ns),
        Schedule::At { weekday, time, zone: own } => at_time(own.as_ref().unwrap_or(zone), at, *weekday, *time),
    };
    (start.saturating_mul(NS), end.saturating_mul(NS))
}

/// Returns the boundaries around an instant, in nanoseconds, of an interval that counts from an instant.
fn since(every: u32, made_ns: i64, zone: &TimeZone, at_ns: i64) -> (i64, i64) {
    let (every, rest) = (i64::from(every), made_ns.rem_euclid(NS));
    let (made, at) = (made_ns.div_euclid(NS), (at_ns - rest).div_euclid(NS));
    let phase = made + offset(zone, made);
    let shown = at + offset(zone, at);
    let (start, end) = marked(zone, at, (shown - phase).div_euclid(every), |index| index * every + phase);
    (start.saturating_mul(NS) + rest, end.saturating_mul(NS) + rest)
}

fn at_time(zone: &TimeZone, at: i64, weekday: Option<Weekday>, time: Time) -> (i64, i64) {
    let shown = at + offset(zone, at);
    let of_day = seconds_of_day(time);
    let (every, phase) = match weekday {
        None => (DAY, of_day),
        Some(weekday) => (7 * DAY, i64::from(weekday.to_monday_zero_offset()) * DAY + of_day - TO_MONDAY),
    };
    marked(zone, at, (shown - phase).div_euclid(every), |index| index * every + phase)
}

/// Returns the boundaries around an instant if each mark counts once, the first time it is reached.
///
/// `index` is the index of the last mark at or below the clock's reading, so the boundary of that mark has passed. If
/// the clock was set back since, boundaries of later marks have passed too.
fn marked(zone: &TimeZone, at: i64, mut index: i64, mark: impl Fn(i64) -> i64) -> (i64, i64) {
    let mut start = first_shown(zone, mark(index));
    loop {
        index += 1;
        let end = first_shown(zone, mark(index));
        if end > at {
            return (start, end);
        }
        start = end;
    }
}

/// Returns the first instant at which the local clock shows this reading or, after a jump over it, a later one.
fn first_shown(zone: &TimeZone, shown: i64) -> i64 {
    let civil = jiff::tz::Offset::UTC.to_datetime(timestamp(shown));
    match zone.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } => shown - i64::from(offset.seconds()),
        AmbiguousOffset::Fold { before, .. } => shown - i64::from(before.seconds()),
        AmbiguousOffset::Gap { before, after } => {
            let jump = next_jump(zone, shown - i64::from(after.seconds()));
            jump.unwrap_or(shown - i64::from(before.seconds()))
        }
    }
}

/// Returns the first boundary after an instant if a multiple counts whenever the clock shows it.
fn repeated_after(every: i64, zone: &TimeZone, mut at: i64) -> i64 {
    loop {
        let over = (at + offset(zone, at) + TO_MONDAY).rem_euclid(every);
        let left = every - over;
        if over > LARGEST_JUMP && left > 2 * LARGEST_JUMP {
            // Nothing can be due between two multiples that are far away, whatever the clock does.
            at += left - LARGEST_JUMP;
            continue;
        }
        match next_jump(zone, at).filter(|jump| *jump <= at + left) {
            Some(jump) if is_reached_by_jump(every, zone, jump) => return jump,
            Some(jump) => at = jump,
            None => return at + left,
        }
    }
}

/// Returns the last boundary at or before an instant if a multiple counts whenever the clock shows it.
fn repeated_before(every: i64, zone: &TimeZone, mut at: i64) -> i64 {
    loop {
        let over = (at + offset(zone, at) + TO_MONDAY).rem_euclid(every);
        if every - over > LARGEST_JUMP && over > 2 * LARGEST_JUMP {
            at -= over - LARGEST_JUMP;
            continue;
        }
        match last_jump(zone, at).filter(|jump| *jump > at - over) {
            Some(jump) if is_reached_by_jump(every, zone, jump) => return jump,
            Some(jump) => at = jump - 1,
            None => return at - over,
        }
    }
}

/// Whether the clock shows a multiple at a jump, or skips one.
fn is_reached_by_jump(every: i64, zone: &TimeZone, jump: i64) -> bool {
    let before = jump + offset(zone, jump - 1) + TO_MONDAY;
    let after = jump + offset(zone, jump) + TO_MONDAY;
    let multiple = after - after.rem_euclid(every);
    multiple == after || (before..after).contains(&multiple)
}

fn next_jump(zone: &TimeZone, at: i64) -> Option<i64> {
    zone.following(timestamp(at)).next().map(|jump| jump.timestamp().as_second())
}

/// Returns the last jump at or before an instant.
fn last_jump(zone: &TimeZone, at: i64) -> Option<i64> {
    zone.preceding(timestamp(at + 1)).next().map(|jump| jump.timestamp().as_second())
}

fn offset(zone: &TimeZone, at: i64) -> i64 {
    i64::from(zone.to_offset(timestamp(at)).seconds())
}

fn timestamp(seconds: i64) -> Timestamp {
    // Nanoseconds in 64 bits end centuries before this type does, and no interval is longer than one.
    Timestamp::from_second(seconds).expect("within some centuries of 1970; this is a bug in logly")
}

fn seconds(date: Date, time: Time) -> i64 {
    let epoch = Date::constant(1970, 1, 1);
    date.duration_since(epoch).as_secs() + seconds_of_day(time)
}

fn seconds_of_day(time: Time) -> i64 {
    i64::from(time.hour()) * HOUR + i64::from(time.minute()) * 60 + i64::from(time.second())
}

/// Returns the months since January of year 0.
fn month_of(shown: i64) -> i64 {
    let date = jiff::tz::Offset::UTC.to_datetime(timestamp(shown));
    i64::from(date.year()) * 12 + i64::from(date.month()) - 1
}

fn month_start(month: i64) -> i64 {
    let (year, month) = (month.div_euclid(12) as i16, month.rem_euclid(12) as i8 + 1);
    let first = Date::new(year, month, 1).expect("within some centuries of 1970; this is a bug in logly");
    seconds(first, Time::midnight())
}

#[cfg(test)]
mod tests;
