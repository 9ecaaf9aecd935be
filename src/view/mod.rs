//! Viewing logs of any program: lines become entries, which are chosen, merged by time and shown.
//!
//! Read `entry` first: what is known of an entry, in `roles` with a `value` each, and its `place`. `lines` reads entries, by `json`,
//! `text` and `pairs`, which share `times` and `severity`. A `feed` cuts a file and its archives (`series`) into
//! entries by `cutting` its `input`, and chooses some by a `choice`, after `needles` passed over most lines. `merge` has
//! the entries of all feeds in order, `growing` goes on where files grow, and `show` writes them. `viewer` is the whole;
//! `when` reads the times of its options. `summary` counts entries instead.

pub mod choice;
mod cutting;
pub mod entry;
pub mod feed;
mod growing;
pub mod input;
mod json;
mod lines;
pub mod merge;
mod needles;
mod pairs;
mod place;
mod roles;
pub mod series;
pub mod severity;
pub mod show;
pub mod summary;
mod text;
pub mod times;
mod value;
pub mod viewer;
pub mod when;
