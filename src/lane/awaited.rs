//! Lanes whose records are waited for, and for whose threads callers make way.

use crate::lane::patience::Patience;
use crate::lane::queue::Lane;

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
