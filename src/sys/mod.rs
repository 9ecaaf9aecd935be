//! The operating system: everything that differs by platform. Only files in this folder name `libc`, `rustix` or
//! `std::os`.
//!
//! Each platform has a folder with the same files and functions; `docs/platforms.md` says what each one gives. Functions
//! here know no records, no sinks and no locks of logly's.
//!
//! - `clock`, `zone`: the clocks, and the zone of the C library.
//! - `thread`, `unwinding`: threads, barriers among them, and their end.
//! - `process`, `status`, `fork`, `exit`, `signals`: facts about processes; code that runs at forks, ends and failures.
//! - `opening`, `appending`, `content`, `locks`, `metadata`, `names`, `paths`: files, parts of them, facts, and names.
//! - `descriptors`, `watch`, `sockets`: descriptors and streams, notifications of the kernel, and sockets with a path.
//! - `mapping`: the memory of queues. `library`: the library that holds an address.
//! - `support`: the features that a system lacks.

pub mod appending;
pub mod status;
pub mod watch;

#[cfg(unix)]
mod unix;
#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "signatures are those of `unix`, where the calls may fail")]
mod windows;

#[cfg(unix)]
pub use unix::*;
#[cfg(windows)]
pub use windows::*;
