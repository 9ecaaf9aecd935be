//! Bytes to somewhere. Knows no format.

pub mod clock;
pub mod exclusive;
pub mod file;
pub mod naming;
pub mod order;
pub mod retention;
pub mod schedule;
#[cfg(test)]
pub mod scratch;
pub mod series;
