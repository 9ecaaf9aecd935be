//! Whether callers make way for a lane's thread, or wait for it.

use crate::lane::queue::Lane;

/// Whether callers have regard for the lane's thread.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Patience {
    #[default]
    None,
    /// They leave it the interpreter, since the end of the process waits for it.
    MakeWay,
    /// They wait for their record, since the process may end at any moment.
    Wait,
}

impl Patience {
    pub fn of(is_awaited: bool) -> Self {
        if is_awaited { Self::Wait } else { Self::None }
    }
}

impl Lane {
    /// Has calls return when their record is handled, or at once.
    pub fn set_awaited(&self, is_awaited: bool) {
        self.state.lock().patience = Patience::of(is_awaited);
    }

    pub fn is_awaited(&self) -> bool {
        self.state.lock().patience == Patience::Wait
    }

    /// Has callers make way for its thread, or no longer.
    pub fn press(&self, is_pressed: bool) {
        let mut state = self.state.lock();
        if state.patience != Patience::Wait {
            state.patience = if is_pressed { Patience::MakeWay } else { Patience::None };
        }
    }

    /// Whether all but the record that was pushed last is handled.
    pub fn has_kept_up(&self) -> bool {
        let state = self.state.lock();
        let ticket = state.pushed.saturating_sub(1);
        state.is_handled(ticket)
    }
}
