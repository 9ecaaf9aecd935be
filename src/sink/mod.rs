//! Bytes to somewhere. Knows no format.

pub mod active;
mod c_zone;
pub mod clock;
pub mod compression;
pub mod encoding;
pub mod exclusive;
pub mod file;
pub mod folder_lock;
pub mod guarded;
pub mod inherited;
pub mod latest;
pub mod leftovers;
pub mod leveled;
pub mod lock;
pub mod naming;
pub mod open;
pub mod order;
pub mod own_file;
pub mod pending;
pub mod reading;
pub mod removal;
pub mod replacement;
pub mod retention;
pub mod schedule;
#[cfg(test)]
pub mod scratch;
pub mod search;
pub mod series;
pub mod source;
pub mod watch;
