//! Whether callers make way for a lane's thread, or wait for it.

/// How callers treat the lane's thread.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Patience {
    #[default]
    None,
    /// Callers leave it the interpreter, since the end of the process waits for it.
    MakeWay,
    /// Callers wait for their record, since the process may end at any moment.
    Wait,
}

impl Patience {
    pub fn of(is_awaited: bool) -> Self {
        if is_awaited { Self::Wait } else { Self::None }
    }
}
