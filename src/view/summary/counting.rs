//! Reading logs for their counts, a part at a time.

use super::Summary;
use crate::view::choice::Choice;
use crate::view::feed::{Feed, Found, Reading};
use crate::view::needles::Needles;
use crate::view::times::Times;

pub struct Counting {
    feeds: Vec<Feed>,
    /// The log that is read.
    at: usize,
    pub reading: Reading,
    pub summary: Summary,
}

impl Counting {
    pub fn new(feeds: Vec<Feed>, choice: Choice, times: Times, summary: Summary) -> Self {
        let needles = Needles::of(&choice);
        Self { feeds, at: 0, reading: Reading::new(choice, needles, times), summary }
    }

    /// Reads a part. Returns whether there is more. The logs are read one after the other.
    pub fn step(&mut self) -> bool {
        self.reading.begin();
        while let Some(feed) = self.feeds.get_mut(self.at) {
            match feed.visit_next(&mut self.reading, &mut |entry, time| self.summary.add(entry, time)) {
                Found::Entry => {}
                Found::Pause => return true,
                Found::Wait | Found::End => self.at += 1,
            }
        }
        false
    }
}
