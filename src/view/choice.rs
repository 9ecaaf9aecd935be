//! The entries that are wanted: by their level, time and values.

use super::entry::Entry;
use crate::expression::compiled::Expression;

/// What entries must have. What is None is not asked for.
#[derive(Default)]
pub struct Choice {
    pub least_level: Option<i32>,
    /// Nanoseconds since 1970: the first instant that is wanted.
    pub since: Option<i64>,
    /// The first instant that is not wanted any more.
    pub until: Option<i64>,
    pub condition: Option<Expression>,
}

/// The first of the conditions that an entry does not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missed {
    Level,
    Time,
    Condition,
}

impl Choice {
    /// Whether an entry is wanted. `time` is its time, or that of the entry before it.
    pub fn check(&self, entry: &Entry<'_>, time: Option<i64>) -> Result<(), Missed> {
        let level = entry.severity.and_then(|level| level.no);
        if self.least_level.is_some_and(|least| level.is_none_or(|level| level < least)) {
            return Err(Missed::Level);
        }
        let is_early = |since| time.is_none_or(|time| time < since);
        let is_late = |until| time.is_none_or(|time| time >= until);
        if self.since.is_some_and(is_early) || self.until.is_some_and(is_late) {
            return Err(Missed::Time);
        }
        match &self.condition {
            Some(condition) if !condition.accepts(entry) => Err(Missed::Condition),
            _ => Ok(()),
        }
    }
}
