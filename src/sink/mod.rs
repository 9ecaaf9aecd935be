//! Bytes to somewhere. Knows no format.

pub mod clock;
pub mod file;
pub mod schedule;
pub mod series;
