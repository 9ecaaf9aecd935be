//! The features that some systems lack. A sink or a call that needs a missing one is refused.

/// Crash files, which hold queues that outlive their process.
pub const HAS_CRASH_FILES: bool = false;

/// Numbers by which Python can open files that are open here.
pub const HAS_DESCRIPTORS: bool = false;

/// Lines written to the descriptor of a standard stream, without Python.
pub const HAS_DIRECT_STREAMS: bool = false;

/// Sinks that send records to another program.
pub const HAS_EXPORTS: bool = false;

/// A handler of signals that end the process.
pub const HAS_FATAL_SIGNALS: bool = false;

/// Links that any user may make.
pub const HAS_LINKS: bool = false;

/// Mode bits of files.
pub const HAS_MODES: bool = false;

/// Whether a write at the end of a file never replaces another process's, so that it needs no lock.
pub const IS_APPENDING_ATOMIC: bool = false;
