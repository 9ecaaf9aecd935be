//! Crash files: queues that outlive their process, next to the log.
//!
//! Read `layout` first (the places in such a file), then `own` (making one), `journal` (the progress of the log), `notes`
//! (the sites and levels that records refer to), `owner` (whether a process still lives) and `found` (reading the file
//! of a dead process). The ring itself is `queue::ring::kept`; `writer::recovery` writes the records that were found.

pub mod found;
pub mod journal;
mod layout;
pub mod notes;
pub mod own;
pub mod owner;

#[cfg(any(test, fuzzing))]
pub mod buried;
