//! The entries of several logs in the order of their times.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::feed::{Feed, Found, Reading};

/// Logs with the next entry of each. At equal times the log that was given first comes first.
pub struct Merge {
    feeds: Vec<Feed>,
    next: BinaryHeap<Reverse<(i64, usize)>>,
    /// Logs whose next entry is not known yet.
    unknown: Vec<usize>,
    /// Logs that have no next entry yet.
    waiting: Vec<usize>,
}

impl Merge {
    pub fn new(feeds: Vec<Feed>) -> Self {
        let unknown = (0..feeds.len()).rev().collect();
        Self { feeds, next: BinaryHeap::new(), unknown, waiting: Vec::new() }
    }

    /// Finds the next entry of all. Its log is `Ok`.
    pub fn next(&mut self, reading: &mut Reading) -> Result<&Feed, Found> {
        while let Some(index) = self.unknown.pop() {
            match self.feeds[index].advance(reading) {
                Found::Entry => self.next.push(Reverse((self.feeds[index].order(), index))),
                Found::Pause => {
                    self.unknown.push(index);
                    return Err(Found::Pause);
                }
                Found::Wait => self.waiting.push(index),
                Found::End => {}
            }
        }
        let Some(Reverse((_, index))) = self.next.pop() else {
            let is_over = self.waiting.is_empty();
            self.unknown.append(&mut self.waiting);
            return Err(if is_over { Found::End } else { Found::Wait });
        };
        self.unknown.push(index);
        Ok(&self.feeds[index])
    }
}
