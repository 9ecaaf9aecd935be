//! Calls that log seldom: when each key's last record passed, and how many of its records were suppressed since.
//!
//! Memory is bounded. The 10,000 keys that were used last are known, and at most as many more; other keys are forgotten
//! and start again. A long key is kept as a digest, and a window does not keep every time, so a state takes two
//! kilobytes at most.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem;

use ahash::AHashMap;

use crate::config::rate::Rule;

/// The number of keys that are certainly known; at most twice as many are.
const CERTAIN: usize = 10_000;

/// Longer keys are told apart by their digest.
const LONGEST_KEY: usize = 64;

/// A window of up to this many records keeps the time of each. In a larger one, records that passed shortly after one
/// another share a time.
const EXACT: usize = 32;

/// The key by which calls are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// The number of a call site.
    Site(u32),
    /// A key that the program gave.
    Given(Box<[u8]>),
    /// The place of the call, for a site that is not remembered.
    Place(Box<[u8]>, u32),
    /// The digest of a long key: its length and two hashes.
    Digest(usize, [u64; 2]),
}

impl Key {
    /// Makes a key from text that the program gave, and its kind.
    pub fn given(kind: u8, text: &[u8]) -> Self {
        if text.len() < LONGEST_KEY {
            return Self::Given([&[kind], text].concat().into());
        }
        let hash = |seed: u8| {
            let mut hasher = DefaultHasher::new();
            (seed, kind, text).hash(&mut hasher);
            hasher.finish()
        };
        Self::Digest(text.len(), [hash(0), hash(1)])
    }
}

/// The states of all keys of one logger.
#[derive(Debug, Default)]
pub struct Throttle {
    recent: AHashMap<(Rule, Key), State>,
    /// Keys that were not used since `recent` was full.
    older: AHashMap<(Rule, Key), State>,
}

#[derive(Debug, Default)]
struct State {
    asked: u64,
    suppressed: u64,
    /// When the last record passed, in nanoseconds.
    last: i64,
    /// The last records that passed, for a window.
    passed: Window,
}

/// Records that passed within an interval, as runs. A run counts until its last record is out of the interval. So no
/// interval ever has more records than allowed, but if runs hold many records, a record may be kept back for a
/// thirtieth of the interval longer.
#[derive(Debug, Default)]
struct Window {
    runs: VecDeque<Run>,
    count: usize,
}

#[derive(Debug)]
struct Run {
    first: i64,
    last: i64,
    count: usize,
}

impl Throttle {
    /// Asks for one record: None if it is suppressed, else how many were suppressed since the last that passed.
    ///
    /// Another rule has already suppressed `before` records for it.
    pub fn ask(&mut self, rule: Rule, key: Key, now: i64, before: u64) -> Option<u64> {
        let state = self.state(rule, key);
        let passes = state.passes(rule, now);
        state.asked += 1;
        if passes {
            state.last = now;
            return Some(mem::take(&mut state.suppressed) + before);
        }
        state.suppressed += 1 + before;
        None
    }

    fn state(&mut self, rule: Rule, key: Key) -> &mut State {
        let entry = (rule, key);
        if self.recent.len() >= CERTAIN && !self.recent.contains_key(&entry) {
            self.older = mem::take(&mut self.recent);
        }
        let known = self.older.remove(&entry);
        self.recent.entry(entry).or_insert_with(|| known.unwrap_or_default())
    }
}

impl State {
    fn passes(&mut self, rule: Rule, now: i64) -> bool {
        match rule {
            Rule::First => self.asked == 0,
            Rule::EachNth(count) => self.asked.is_multiple_of(count),
            // A clock that was set back starts again.
            Rule::Interval(length) => self.asked == 0 || now.saturating_sub(self.last) >= length || now < self.last,
            Rule::Window(most, length) => self.passed.admits(most, length, now),
        }
    }
}

impl Window {
    fn admits(&mut self, most: usize, length: i64, now: i64) -> bool {
        if self.runs.back().is_some_and(|run| run.last > now) {
            *self = Self::default();
        }
        while let Some(run) = self.runs.pop_front_if(|run| now.saturating_sub(run.last) >= length) {
            self.count -= run.count;
        }
        let passes = self.count < most;
        if passes {
            self.put(now, if most <= EXACT { 0 } else { length / (EXACT as i64 - 2) });
        }
        passes
    }

    /// Counts a record, in the last run if that began less than `longest` nanoseconds ago.
    fn put(&mut self, now: i64, longest: i64) {
        self.count += 1;
        match self.runs.back_mut() {
            Some(run) if now - run.first < longest => {
                run.last = now;
                run.count += 1;
            }
            _ => self.runs.push_back(Run { first: now, last: now, count: 1 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(key: &str) -> Key {
        Key::Given(key.as_bytes().into())
    }

    fn asked(rule: Rule, times: &[i64]) -> Vec<Option<u64>> {
        let mut throttle = Throttle::default();
        times.iter().map(|time| throttle.ask(rule, given("a"), *time, 0)).collect()
    }

    #[test]
    fn the_first_passes_alone() {
        assert_eq!(asked(Rule::First, &[0, 1, 2]), [Some(0), None, None]);
    }

    #[test]
    fn one_of_so_many_passes_and_says_how_many_did_not() {
        let expected = [Some(0), None, None, Some(2), None, None, Some(2)];

        assert_eq!(asked(Rule::EachNth(3), &[0; 7]), expected);
    }

    #[test]
    fn one_an_interval_passes() {
        let expected = [Some(0), None, None, Some(2), None, Some(1)];

        assert_eq!(asked(Rule::Interval(10), &[5, 6, 14, 15, 24, 25]), expected);
    }

    #[test]
    fn no_window_of_any_beginning_has_more_than_allowed() {
        let expected = [Some(0), Some(0), None, Some(1), None, Some(1)];

        assert_eq!(asked(Rule::Window(2, 10), &[0, 8, 9, 10, 17, 18]), expected);
    }

    #[test]
    fn no_window_of_many_has_more_than_allowed() {
        let (most, length) = (1000, 9_999);
        let mut throttle = Throttle::default();

        let asked = (0..50_000).filter(|time| time % 20_000 < 9_000);
        let passed: Vec<i64> =
            asked.filter(|time| throttle.ask(Rule::Window(most, length), given("a"), *time, 0).is_some()).collect();

        assert!(passed.windows(most + 1).all(|some| some[most] - some[0] >= length));
        assert_eq!(passed.len(), 3000);
    }

    #[test]
    fn records_of_a_window_wait_for_hardly_longer_than_they_must() {
        let (most, length) = (100, 30_000);
        let mut throttle = Throttle::default();

        let passed = (0..10 * length).filter(|t| throttle.ask(Rule::Window(most, length), given("a"), *t, 0).is_some());

        // With a time for each record, there would be a thousand.
        assert!((950..=1000).contains(&passed.count()));
    }

    #[test]
    fn state_of_a_window_is_small() {
        let mut window = Window::default();

        for time in 0..2_000_000 {
            window.admits(10_000, 100_000, time);
        }

        assert!(window.runs.capacity() * size_of::<Run>() <= 2048);
    }

    #[test]
    fn counts_of_suppressed_records_add_up() {
        let mut throttle = Throttle::default();

        let answers: Vec<_> = (0..100_000).map(|t| throttle.ask(Rule::Window(100, 3000), given("a"), t, 0)).collect();

        let told: u64 = answers.iter().flatten().sum();
        let untold = answers.iter().rev().take_while(|answer| answer.is_none()).count() as u64;
        assert_eq!(told + untold, answers.iter().filter(|answer| answer.is_none()).count() as u64);
    }

    #[test]
    fn long_keys_are_small_and_told_apart() {
        let text = |last: &str| Key::given(b't', ["x".repeat(1 << 20).as_str(), last].concat().as_bytes());

        assert!(matches!(text("a"), Key::Digest(..)));
        assert_eq!(text("a"), text("a"));
        assert_ne!(text("a"), text("b"));
        assert_ne!(text("a"), Key::given(b'r', ["x".repeat(1 << 20).as_str(), "a"].concat().as_bytes()));
    }

    #[test]
    fn clock_that_is_put_back_begins_anew() {
        assert_eq!(asked(Rule::Interval(10), &[100, 50, 55]), [Some(0), Some(0), None]);
        assert_eq!(asked(Rule::Window(1, 10), &[100, 50, 55]), [Some(0), Some(0), None]);
    }

    #[test]
    fn keys_and_rules_are_counted_apart() {
        let mut throttle = Throttle::default();

        let answers = [(Rule::First, "a"), (Rule::First, "b"), (Rule::EachNth(2), "a"), (Rule::First, "a")]
            .map(|(rule, key)| throttle.ask(rule, given(key), 0, 0));

        assert_eq!(answers, [Some(0), Some(0), Some(0), None]);
    }

    #[test]
    fn keys_that_are_used_in_turn_stay_too() {
        let mut throttle = Throttle::default();
        let mut ask = |number| throttle.ask(Rule::First, Key::Site(number), 0, 0);

        let first = (0..CERTAIN as u32).filter_map(&mut ask).count();
        let again = (0..CERTAIN as u32).filter_map(&mut ask).count();

        assert_eq!((first, again), (CERTAIN, 0));
    }

    #[test]
    fn keys_are_bounded_and_those_in_use_stay() {
        let mut throttle = Throttle::default();

        for number in 0..30_000u32 {
            throttle.ask(Rule::First, Key::Site(number), 0, 0);
            throttle.ask(Rule::First, given("kept"), 0, 0);
        }

        assert!(throttle.recent.len() + throttle.older.len() <= 2 * CERTAIN);
        assert_eq!(throttle.ask(Rule::First, given("kept"), 0, 0), None);
        assert_eq!(throttle.ask(Rule::First, Key::Site(0), 0, 0), Some(0));
    }
}
