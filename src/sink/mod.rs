//! Bytes to somewhere. Knows no format.

pub mod clock;
pub mod exclusive;
pub mod file;
pub mod leveled;
pub mod naming;
pub mod order;
pub mod reading;
pub mod removal;
pub mod retention;
pub mod schedule;
#[cfg(test)]
pub mod scratch;
pub mod search;
pub mod series;
pub mod source;
