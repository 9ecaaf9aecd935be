//! Counts over time, in steps that become longer as the time does.

use std::collections::BTreeMap;

use crate::format::time::pattern::TimeZone;

const NS: i64 = 1_000_000_000;

/// Seconds of a step. Each is a multiple of the one before.
const STEPS: [i64; 16] =
    [1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_419_200, 29_030_400];

/// The most steps in memory that have entries.
const MOST: usize = 4_000;

/// The number of the level from which on entries are errors.
const ERROR: i32 = 40;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bar {
    pub count: u64,
    /// Entries of the level ERROR or above.
    pub errors: u64,
}

pub struct Timeline {
    zone: TimeZone,
    /// Seconds east of UTC, so that days begin at midnight. Taken from the first entry.
    offset: i64,
    /// The place of the current step in `STEPS`.
    step: usize,
    bars: BTreeMap<i64, Bar>,
    /// The step of the last entry, which most entries share with the one before them.
    last: (i64, Bar),
    /// The least and the largest time.
    pub span: Option<(i64, i64)>,
    /// Entries without a time.
    pub missing: u64,
}

/// Steps of one length, the first and last of which have entries.
#[derive(Debug, PartialEq, Eq)]
pub struct Bars {
    pub seconds: i64,
    /// The start of each, in nanoseconds since 1970.
    pub bars: Vec<(i64, Bar)>,
}

impl Timeline {
    pub fn new(zone: TimeZone) -> Self {
        Self {
            zone,
            offset: 0,
            step: 0,
            bars: BTreeMap::new(),
            last: (i64::MIN, Bar::default()),
            span: None,
            missing: 0,
        }
    }

    pub fn add(&mut self, time: Option<i64>, level: Option<i32>) {
        let Some(time) = time else {
            self.missing += 1;
            return;
        };
        let (first, last) = self.span.unwrap_or_else(|| {
            self.offset = offset_of(&self.zone, time);
            (time, time)
        });
        self.span = Some((first.min(time), last.max(time)));
        let index = self.index(time);
        if index != self.last.0 {
            self.keep_last();
            self.last.0 = index;
            if self.bars.len() >= MOST {
                self.lengthen();
                self.last.0 = self.index(time);
            }
        }
        self.last.1.count += 1;
        self.last.1.errors += u64::from(level.is_some_and(|level| level >= ERROR));
    }

    fn index(&self, time: i64) -> i64 {
        (time.div_euclid(NS) + self.offset).div_euclid(STEPS[self.step])
    }

    fn keep_last(&mut self) {
        let (index, last) = std::mem::take(&mut self.last);
        if last.count > 0 {
            put(&mut self.bars, index, last);
        }
    }

    /// Goes on to longer steps until there are few of them.
    fn lengthen(&mut self) {
        while self.bars.len() > MOST / 2 && self.step + 1 < STEPS.len() {
            let times = STEPS[self.step + 1] / STEPS[self.step];
            self.bars = grouped(&self.bars, times);
            self.step += 1;
        }
    }

    /// The counts in the shortest steps of which there are no more than `most`, those without entries included.
    pub fn bars(&mut self, most: usize) -> Option<Bars> {
        self.keep_last();
        self.last.0 = i64::MIN;
        let (first, last) = self.span?;
        let seconds = |time: i64| time.div_euclid(NS) + self.offset;
        let number = |step: i64| seconds(last).div_euclid(step) - seconds(first).div_euclid(step) + 1;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let step = STEPS[self.step..].iter().copied().find(|step| number(*step) <= most).unwrap_or(STEPS[15]);
        let found = grouped(&self.bars, step / STEPS[self.step]);
        let range = seconds(first).div_euclid(step)..=seconds(last).div_euclid(step);
        let start = |index: i64| (index * step - self.offset).saturating_mul(NS);
        let bars = range.map(|index| (start(index), found.get(&index).copied().unwrap_or_default()));
        Some(Bars { seconds: step, bars: bars.collect() })
    }
}

fn put(bars: &mut BTreeMap<i64, Bar>, index: i64, added: Bar) {
    let bar = bars.entry(index).or_default();
    bar.count += added.count;
    bar.errors += added.errors;
}

fn grouped(bars: &BTreeMap<i64, Bar>, times: i64) -> BTreeMap<i64, Bar> {
    let mut longer = BTreeMap::new();
    for (index, bar) in bars {
        put(&mut longer, index.div_euclid(times), *bar);
    }
    longer
}

fn offset_of(zone: &TimeZone, time: i64) -> i64 {
    jiff::Timestamp::from_nanosecond(i128::from(time)).map_or(0, |time| i64::from(zone.to_offset(time).seconds()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(times: &[i64], most: usize) -> (i64, Vec<(i64, u64)>) {
        let mut timeline = Timeline::new(TimeZone::UTC);
        for time in times {
            timeline.add(Some(time * NS), Some(40));
        }
        let bars = timeline.bars(most).expect("entries");
        (bars.seconds, bars.bars.iter().map(|(start, bar)| (start / NS, bar.count)).collect())
    }

    #[test]
    fn steps_without_entries_are_between_the_others() {
        assert_eq!(counts(&[10, 12, 10], 30), (1, vec![(10, 2), (11, 0), (12, 1)]));
        let (seconds, bars) = counts(&[10, 12, 100], 30);
        assert_eq!((seconds, bars.len(), bars[0], bars[1], bars[18]), (5, 19, (10, 2), (15, 0), (100, 1)));
    }

    #[test]
    fn many_times_need_little_memory_and_are_all_counted() {
        let mut timeline = Timeline::new(TimeZone::UTC);
        for number in 0..100_000 {
            timeline.add(Some(number * 977 * NS), None);
            assert!(timeline.bars.len() <= MOST + 1);
        }

        let bars = timeline.bars(100).expect("entries");
        assert_eq!(bars.bars.iter().map(|(_, bar)| bar.count).sum::<u64>(), 100_000);
        assert!(bars.bars.len() <= 100);
    }

    #[test]
    fn days_begin_at_midnight() {
        let mut timeline = Timeline::new(TimeZone::get("Asia/Kolkata").expect("a zone"));
        for day in 0..100 {
            timeline.add(Some(day * 86_400 * NS), None);
        }

        let bars = timeline.bars(100).expect("entries");
        assert_eq!((bars.seconds, bars.bars[0].0), (86_400, -19_800 * NS));
    }
}
