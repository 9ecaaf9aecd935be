//! Facts about a process that `process` tells.

/// The state of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    #[cfg_attr(windows, expect(dead_code, reason = "processes serve crash files, which Windows does not have"))]
    Running,
    /// A signal stopped it, and it may go on later.
    Stopped,
    /// It has ended, and its parent does not know yet.
    Ended,
}

/// Facts about one process.
#[derive(Clone, Copy, Debug)]
pub struct Status {
    pub state: State,
    /// When it began, on a clock that tells processes of one run of the machine apart.
    pub started: u64,
}
