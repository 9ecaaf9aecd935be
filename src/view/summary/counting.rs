//! Reading logs for their counts, a part at a time.

use super::Summary;
use crate::view::choice::Choice;
use crate::view::feed::{Counts, Feed, Found, Reading};
use crate::view::needles::Needles;
use crate::view::times::Times;

/// Bytes that are read in one part.
const READ_AT_ONCE: usize = 16 * 1024 * 1024;

pub struct Counting {
    feeds: Vec<Feed>,
    /// The log that is read.
    at: usize,
    choice: Choice,
    needles: Option<Needles>,
    times: Times,
    pub summary: Summary,
    pub counts: Counts,
    /// What the user should know about files, a line each.
    pub notes: Vec<String>,
}

impl Counting {
    pub fn new(feeds: Vec<Feed>, choice: Choice, times: Times, summary: Summary) -> Self {
        let needles = Needles::of(&choice);
        let (counts, notes) = (Counts::default(), Vec::new());
        Self { feeds, at: 0, choice, needles, times, summary, counts, notes }
    }

    /// Reads a part. Returns whether there is more. The logs are read one after the other.
    pub fn step(&mut self) -> bool {
        let mut budget = READ_AT_ONCE;
        let mut reading = Reading {
            choice: &self.choice,
            needles: self.needles.as_ref(),
            times: &mut self.times,
            counts: &mut self.counts,
            notes: &mut self.notes,
            budget: &mut budget,
        };
        while let Some(feed) = self.feeds.get_mut(self.at) {
            match feed.visit_next(&mut reading, &mut |entry, time| self.summary.add(entry, time)) {
                Found::Entry => {}
                Found::Pause => return true,
                Found::Wait | Found::End => self.at += 1,
            }
        }
        false
    }
}
