//! The file system operations that logly needs. Nothing here knows records or rotation.
//!
//! Read `open` first, then `own_file` (a descriptor that the program may close), `identity` (telling files apart),
//! `standard` (the process's own output), `regular` (opening without blocking), `guarded` (folders that others can
//! write to), `lock` and `watch` (noticing that a file was moved).

pub mod folder_lock;
pub mod guarded;
pub mod identity;
pub mod lock;
pub mod open;
pub mod own_file;
pub mod regular;
#[cfg(test)]
pub mod scratch;
pub mod standard;
pub mod watch;
