//! Calls that log seldom: what each key passed last, and how many of its records were suppressed since.
//!
//! Bounded: of more than 10,000 keys the ones that were not asked for longest are forgotten, and then begin anew.

use std::collections::VecDeque;
use std::mem;

use ahash::AHashMap;

use crate::config::rate::Rule;

/// Half of the keys that are known at most.
const HALF: usize = 5000;

/// What calls are counted by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// The number of a call site.
    Site(u32),
    /// What the program gave.
    Given(Box<[u8]>),
    /// Where it was logged, for a site that is not remembered.
    Place(Box<[u8]>, u32),
}

/// The states of all keys of one logger.
#[derive(Debug, Default)]
pub struct Throttle {
    recent: AHashMap<(Rule, Key), State>,
    /// Those that were not asked for since `recent` was full.
    older: AHashMap<(Rule, Key), State>,
}

#[derive(Debug, Default)]
struct State {
    asked: u64,
    suppressed: u64,
    /// When the last record passed, in nanoseconds.
    last: i64,
    /// When the last ones did, for a window.
    passed: VecDeque<i64>,
}

impl Throttle {
    /// Asks for one record: None where it is suppressed, else how many were since the last that passed.
    ///
    /// `before` were suppressed for it already, by another rule.
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
        if self.recent.len() >= HALF && !self.recent.contains_key(&entry) {
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
            // A clock that was put back begins anew.
            Rule::Interval(length) => self.asked == 0 || now.saturating_sub(self.last) >= length || now < self.last,
            Rule::Window(most, length) => {
                if self.passed.back().is_some_and(|last| *last > now) {
                    self.passed.clear();
                }
                while self.passed.front().is_some_and(|first| now.saturating_sub(*first) >= length) {
                    self.passed.pop_front();
                }
                let passes = self.passed.len() < most;
                if passes {
                    self.passed.push_back(now);
                }
                passes
            }
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
    fn keys_are_bounded_and_those_in_use_stay() {
        let mut throttle = Throttle::default();

        for number in 0..30_000u32 {
            throttle.ask(Rule::First, Key::Site(number), 0, 0);
            throttle.ask(Rule::First, given("kept"), 0, 0);
        }

        assert!(throttle.recent.len() + throttle.older.len() <= 2 * HALF);
        assert_eq!(throttle.ask(Rule::First, given("kept"), 0, 0), None);
        assert_eq!(throttle.ask(Rule::First, Key::Site(0), 0, 0), Some(0));
    }
}
