//! Bytes to somewhere. Knows no format.

pub mod active;
pub mod clock;
pub mod compression;
pub mod encoding;
pub mod file;
pub mod lock;
pub mod open;
pub mod pending;
pub mod replacement;
pub mod retention;
pub mod schedule;
pub mod series;
pub mod watch;
