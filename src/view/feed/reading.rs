//! What feeds share while they are read.

use crate::view::choice::Choice;
use crate::view::needles::Needles;
use crate::view::times::Times;

/// What was read, and why entries were left out.
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

/// What all feeds share while one of them is read.
pub struct Reading<'r> {
    pub choice: &'r Choice,
    pub needles: Option<&'r Needles>,
    pub times: &'r mut Times,
    pub counts: &'r mut Counts,
    /// Lines for the user about files that could not be read.
    pub notes: &'r mut Vec<String>,
    /// Bytes that may be read before the feed rests.
    pub budget: &'r mut usize,
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
