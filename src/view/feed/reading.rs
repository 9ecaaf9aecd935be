//! The state that all feeds of a command share.

use crate::view::choice::Choice;
use crate::view::needles::Needles;
use crate::view::times::Times;

/// How much was read, and why entries were left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub files: u64,
    pub lines: u64,
    /// Entries that were looked at; others were passed over by a search for the texts that wanted ones have.
    pub read: u64,
    pub by_level: u64,
    pub by_time: u64,
    pub by_condition: u64,
    /// Lines that were too long, and were cut.
    pub cut: u64,
    /// Files that could not be read to their end.
    pub unreadable: u64,
}

/// Bytes that are read before the caller goes on.
const READ_AT_ONCE: usize = 16 * 1024 * 1024;

/// The state that all feeds of a command share.
pub struct Reading {
    pub choice: Choice,
    /// None if all lines must be read.
    pub needles: Option<Needles>,
    pub times: Times,
    pub counts: Counts,
    /// Lines for the user about files that could not be read.
    pub notes: Vec<String>,
    /// Bytes that may be read before the feed rests.
    pub budget: usize,
}

impl Reading {
    pub fn new(choice: Choice, needles: Option<Needles>, times: Times) -> Self {
        Self { choice, needles, times, counts: Counts::default(), notes: Vec::new(), budget: 0 }
    }

    /// Begins another part.
    pub fn begin(&mut self) {
        self.budget = READ_AT_ONCE;
    }
}

/// The result of looking for the next entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Entry,
    /// The budget is used up.
    Pause,
    /// There are no more yet.
    Wait,
    /// There are no more.
    End,
}
