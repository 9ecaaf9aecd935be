//! The process that made a crash file, and whether it still lives.
//!
//! The lock on the file says so first. The rest is for a process that closed all its descriptors, and the lock with
//! them, while it still uses the mapping.

use crate::record::encoded::{Reader, put_bytes};
use crate::sys::process::{boot, space, status_of};
use crate::sys::status::State;

/// Tells a process from any other, also after its number was given to another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// The machine's start; empty if it cannot be told.
    boot: Vec<u8>,
    /// The space in which the number counts, as containers have their own.
    space: Vec<u8>,
    pub number: u32,
    /// When the process began, as the system counts time.
    started: u64,
}

impl Process {
    pub fn current() -> Self {
        let number = std::process::id();
        let started = status_of(number).map_or(0, |status| status.started);
        Self { boot: boot(), space: space(), number, started }
    }

    /// A process that never ran.
    #[cfg(any(test, fuzzing))]
    pub(super) fn gone(is_of_this_boot: bool) -> Self {
        let boot = if is_of_this_boot { boot() } else { b"an earlier one".to_vec() };
        Self { boot, number: u32::MAX, started: 1, space: space() }
    }

    /// Whether the process ran since the machine was started. Pages of an earlier run may have been lost.
    pub fn is_of_this_boot(&self) -> bool {
        self.boot == boot()
    }

    /// Whether the process certainly runs.
    pub fn is_running(&self) -> bool {
        self.is_of_this_boot()
            && self.space == space()
            && status_of(self.number).is_some_and(|status| {
                status.started == self.started && self.started != 0 && status.state != State::Ended
            })
    }

    /// Whether it is this process.
    pub fn is_this(&self) -> bool {
        self.number == std::process::id() && *self == Self::current()
    }

    /// Whether the process was stopped by a signal and goes on later.
    pub fn is_stopped(&self) -> bool {
        self.is_running() && status_of(self.number).is_some_and(|status| status.state == State::Stopped)
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.number.to_ne_bytes());
        put_bytes(out, &self.started.to_ne_bytes());
        put_bytes(out, &self.boot);
        put_bytes(out, &self.space);
    }

    /// Reads a process from bytes whose checksum was right.
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let number = reader.u32();
        let started = reader.bytes().try_into().map_or(0, u64::from_ne_bytes);
        Self { number, started, boot: reader.bytes().to_vec(), space: reader.bytes().to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_runs_and_one_of_another_time_does_not() {
        let own = Process::current();

        assert!(own.is_running() && own.is_of_this_boot() && own.is_this() && !own.is_stopped());
        assert!(!Process { started: own.started + 1, ..own.clone() }.is_running());
        assert!(!Process { boot: b"another".to_vec(), ..own }.is_running());
    }
}
