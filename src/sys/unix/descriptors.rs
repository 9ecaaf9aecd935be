//! Descriptors: their numbers, duplicates, and writes that must not block.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, retry_on_intr};
use rustix::process::{Resource, getrlimit};

/// A pipe keeps a write of up to this many bytes in one piece.
pub const PIPE_BUF: u64 = libc::PIPE_BUF as u64;

/// Whether a console must be asked for colours even if the settings demand them.
pub const MUST_CONSOLES_BE_ASKED: bool = false;

/// The lowest descriptor number to use, if the limit on open files is high enough.
const APART: u64 = 512;

/// The number of a file's descriptor.
pub fn number(file: &File) -> i32 {
    file.as_raw_fd()
}

/// Moves a file to a descriptor number far from those given next, and never to 0, 1 or 2. If the program had closed
/// those, the log would take the place of a standard stream and receive its output.
pub fn apart(file: File) -> io::Result<File> {
    let most = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let lowest = i32::try_from(APART.min(most / 2)).unwrap_or(3).max(3);
    let moved: OwnedFd = match rustix::io::fcntl_dupfd_cloexec(&file, lowest) {
        Ok(moved) => moved,
        // The limit on open files is reached.
        Err(_) if file.as_raw_fd() > 2 => return Ok(file),
        Err(_) => rustix::io::fcntl_dupfd_cloexec(&file, 3)?,
    };
    Ok(moved.into())
}

/// Whether an error says that the descriptor is closed.
pub fn is_closed(error: &io::Error) -> bool {
    Errno::from_io_error(error) == Some(Errno::BADF)
}

/// Duplicates the descriptor of standard output.
pub fn duplicate_output() -> io::Result<File> {
    io::stdout().as_fd().try_clone_to_owned().map(File::from)
}

/// Duplicates the descriptor of standard error.
pub fn duplicate_error() -> io::Result<File> {
    io::stderr().as_fd().try_clone_to_owned().map(File::from)
}

/// Waits until a stream has room, for `longest` at most. False if the system cannot tell.
pub fn wait_for_room(file: &File, longest: Duration) -> bool {
    let longest = Timespec { tv_sec: longest.as_secs() as i64, tv_nsec: i64::from(longest.subsec_nanos()) };
    let mut streams = [PollFd::new(file, PollFlags::OUT)];
    retry_on_intr(|| poll(&mut streams, Some(&longest))).is_ok()
}

/// Whether standard error is open.
pub fn is_error_open() -> bool {
    rustix::io::fcntl_getfd(rustix::stdio::stderr()).is_ok()
}

/// Writes to standard error, unless that would block. A failure cannot be reported anywhere.
pub fn write_error(text: &[u8]) {
    let stderr = rustix::stdio::stderr();
    let mut events = [PollFd::new(&stderr, PollFlags::OUT)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    if poll(&mut events, Some(&now)).is_ok_and(|ready| ready > 0) {
        let _ = rustix::io::write(stderr, text);
    }
}

/// A pipe whose writes do not block, for tests.
#[cfg(test)]
pub fn pipe_without_blocking() -> (File, File) {
    let (reader, writer) = io::pipe().expect("a pipe");
    rustix::io::ioctl_fionbio(&writer, true).expect("set");
    (OwnedFd::from(reader).into(), OwnedFd::from(writer).into())
}
