//! The operating system: everything that differs by platform. Only files in this folder name `libc`, `rustix` or
//! `std::os`.
//!
//! Each platform has a folder with the same files and functions; `docs/platforms.md` says what each one gives. Functions
//! here know no records, no sinks and no locks of logly's.
//!
//! - `clock`, `zone`: the clocks, and the zone of the C library.
//! - `thread`, `unwinding`: numbers, processor time and priority of threads, barriers among them, and their end.
//! - `process`, `fork`, `exit`, `signals`: facts about processes, and what runs at their fork, their end and their
//!   failures.
//! - `opening`, `content`, `metadata`, `names`, `paths`: files, parts of them, facts about them, and their names.
//! - `descriptors`, `watch`, `sockets`: descriptors and streams, notifications of the kernel, and sockets with a path.
//! - `mapping`: the memory of queues. `library`: the library that holds an address.

#[cfg(unix)]
mod unix;

#[cfg(unix)]
pub use unix::*;
