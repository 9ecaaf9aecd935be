//! disk: to be described.

pub mod exclusive;
pub mod folder_lock;
pub mod guarded;
pub mod identity;
pub mod lock;
pub mod open;
pub mod own_file;
pub mod regular;
#[cfg(test)]
pub mod scratch;
pub mod watch;
