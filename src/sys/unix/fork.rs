//! Forks of the process, and the descriptors that a child inherits.
#![expect(unsafe_code, reason = "pthread_atfork and dup3 have no safe interface")]

use std::os::fd::{AsRawFd, RawFd};

use rustix::fs::{Mode, OFlags};

/// Runs a function in each child, before anything else of the child. It may neither lock nor allocate.
pub fn on_fork(in_child: extern "C" fn()) {
    // SAFETY: the function does only things that a child of a program with threads may do. The call can fail only for
    // lack of memory; forks then go unnoticed, as they would without logly.
    let _ = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
}

/// Replaces inherited files with a harmless one. They are not closed: inherited values still have their numbers, and
/// may close them. A forked child may call this.
pub fn replace_files(files: impl Iterator<Item = RawFd>) {
    // If no descriptor is left, the files stay as they are.
    let Ok(nothing) = rustix::fs::open(c"/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()) else { return };
    for file in files {
        replace(nothing.as_raw_fd(), file);
    }
}

#[cfg(target_os = "linux")]
fn replace(nothing: RawFd, file: RawFd) {
    // SAFETY: the number belongs to a file of the parent that the child does not read or write; `dup3` may be called
    // here.
    let _ = unsafe { libc::dup3(nothing, file, libc::O_CLOEXEC) };
}

#[cfg(not(target_os = "linux"))]
fn replace(nothing: RawFd, file: RawFd) {
    // SAFETY: as above. The child has one thread, so no program is started between the two calls.
    unsafe {
        let _ = libc::dup2(nothing, file);
        let _ = libc::fcntl(file, libc::F_SETFD, libc::FD_CLOEXEC);
    }
}
