//! Bytes to somewhere. Knows no format.

pub mod clock;
pub mod compression;
pub mod file;
pub mod replacement;
pub mod retention;
pub mod schedule;
pub mod series;
