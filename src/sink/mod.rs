//! Bytes to somewhere. Knows no format.

pub mod clock;
pub mod file;
pub mod leveled;
pub mod reading;
pub mod removal;
pub mod schedule;
pub mod search;
pub mod series;
pub mod source;
