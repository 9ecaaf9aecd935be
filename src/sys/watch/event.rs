//! A change that the kernel tells.

/// A change to the name of a file that is watched.
pub struct Event {
    /// The number of the watch. None if events were lost, so that anything may have happened to any file.
    pub watched: Option<i32>,
    pub is_rename: bool,
    /// Whether the kernel ended the watch, and may reuse its number.
    pub is_over: bool,
}
