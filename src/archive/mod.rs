//! archive: to be described.

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
