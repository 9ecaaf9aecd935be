//! Lanes whose callers wait for their records or make way for the lane's thread.

use std::time::{Duration, Instant};

use crate::lane::patience::Patience;
use crate::lane::queue::Lane;

/// How long a caller waits for a record that others do not hold up.
const SHORT_WAIT: Duration = Duration::from_millis(50);

/// How long callers of a process may wait beyond that for an export, in all. A first request connects and imports
/// modules; a receiver that is slow must not hold up each call.
const GRACE: Duration = Duration::from_secs(2);

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

    /// How long the caller of the last record may wait for it. Zero if records before it are not handled.
    pub fn short_wait(&self) -> Duration {
        let state = self.state.lock();
        let ticket = state.enqueued.saturating_sub(1);
        if state.is_handled(ticket) { SHORT_WAIT } else { Duration::ZERO }
    }

    /// As `short_wait`, and what is left of `GRACE` beyond it.
    pub fn grace_wait(&self) -> Duration {
        let short = self.short_wait();
        short + GRACE.saturating_sub(self.state.lock().overtime)
    }

    /// Counts a wait that began at `start`, as far as it was longer than a short one.
    pub fn spend_grace(&self, start: Instant) {
        self.state.lock().overtime += start.elapsed().saturating_sub(SHORT_WAIT);
    }
}
