//! The whole of a view: logs are read, merged, chosen and written, a part at a time.

use std::collections::VecDeque;

use super::choice::Choice;
use super::feed::{Feed, Found, Reading};
use super::merge::Merge;
use super::needles::Needles;
use super::show::Show;
use super::times::Times;

/// Bytes that are written in one part.
const WRITTEN_AT_ONCE: usize = 256 * 1024;

/// Whether more is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    More,
    /// Nothing is there now; more may come.
    Wait,
    Done,
}

pub struct Viewer {
    merge: Merge,
    pub reading: Reading,
    show: Show,
    /// The last entries, if only so many are wanted.
    tail: Option<(usize, VecDeque<Vec<u8>>)>,
    /// Entries that were written.
    pub shown: u64,
    has_begun: bool,
}

impl Viewer {
    /// `around` is the number of entries to show before and after each wanted one; `tail` the number of last ones.
    pub fn new(feeds: Vec<Feed>, choice: Choice, show: Show, times: Times, tail: Option<usize>, around: usize) -> Self {
        // Neighbours of wanted entries must be read, too.
        let needles = if around > 0 { None } else { Needles::of(&choice) };
        Self {
            merge: Merge::new(feeds),
            reading: Reading::new(choice, needles, times),
            show,
            tail: tail.map(|most| (most, VecDeque::new())),
            shown: 0,
            has_begun: false,
        }
    }

    /// Reads and writes a part. An end of the budget with nothing to write is possible.
    pub fn step(&mut self, out: &mut Vec<u8>) -> Progress {
        if !std::mem::replace(&mut self.has_begun, true) {
            self.show.put_head(out);
        }
        self.reading.begin();
        while out.len() < WRITTEN_AT_ONCE {
            match self.merge.next(&mut self.reading) {
                Ok(feed) => {
                    let (lines, _, is_wanted) = feed.entry();
                    self.shown += u64::from(is_wanted);
                    match &mut self.tail {
                        None => self.show.put(lines, is_wanted, &mut self.reading.times, out),
                        Some((most, last)) => {
                            let mut shown = Vec::new();
                            self.show.put(lines, is_wanted, &mut self.reading.times, &mut shown);
                            last.push_back(shown);
                            if last.len() > *most {
                                last.pop_front();
                            }
                        }
                    }
                }
                Err(end @ (Found::End | Found::Wait)) => {
                    if let Some((_, last)) = self.tail.take() {
                        for shown in last {
                            out.extend_from_slice(&shown);
                        }
                    }
                    return if end == Found::End { Progress::Done } else { Progress::Wait };
                }
                Err(_) => break,
            }
        }
        Progress::More
    }
}
