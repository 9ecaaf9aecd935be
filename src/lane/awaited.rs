//! Lanes whose callers wait for their records or make way for the lane's thread.

use crate::lane::patience::Patience;
use crate::lane::queue::Lane;

impl Lane {
    /// Sets whether calls return once their record is handled, or at once.
    pub(super) fn set_awaited(&self, is_awaited: bool) {
        self.state.lock().patience = Patience::of(is_awaited);
    }

    pub fn is_awaited(&self) -> bool {
        self.state.lock().patience == Patience::Wait
    }

    /// Sets whether callers make way for its thread.
    pub(super) fn press(&self, is_pressed: bool) {
        let mut state = self.state.lock();
        if state.patience != Patience::Wait {
            state.patience = if is_pressed { Patience::MakeWay } else { Patience::None };
        }
    }

    /// Whether every record but the last one enqueued is handled.
    pub fn has_kept_up(&self) -> bool {
        let state = self.state.lock();
        let ticket = state.enqueued.saturating_sub(1);
        state.is_handled(ticket)
    }
}
