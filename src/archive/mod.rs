//! Archives: rotated files, their names, order, compression and removal.
//!
//! Read `series` first (all archives of one file), then `naming` and `period` (the name of the next archive), `order`,
//! `retention`, `removal`, `compression`, `replacement` and `leftovers` (temporary files of a process that was killed).
//! `worker` is the thread that compresses and removes archives, `jobs` its queue, and `job` its work for one file.
//! Files and the readers use this folder.

pub mod compression;
pub mod job;
pub mod jobs;
pub mod leftovers;
pub mod naming;
pub mod order;
pub mod period;
pub mod removal;
pub mod replacement;
pub mod retention;
pub mod series;
pub mod worker;
