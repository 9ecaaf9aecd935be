//! How log files are opened, for all platforms.

/// How a log file is opened and created.
#[derive(Clone, Copy)]
pub struct Appending {
    /// Whether it is opened for reading too.
    pub reads: bool,
    /// Whether the file must be new.
    pub is_new: bool,
    /// The permissions of a new file.
    #[cfg_attr(windows, expect(dead_code, reason = "files of Windows have access lists"))]
    pub mode: u32,
}
