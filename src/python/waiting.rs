//! Waits, as calls that wait for the core are made of: steps without the interpreter lock, between which Ctrl-C is looked for.

use std::time::{Duration, Instant};

/// Between looks for Ctrl-C.
const SIGNAL_TICK: Duration = Duration::from_millis(50);

/// How long what is removed gets for what it has.
pub const LONGEST_CLOSE: Duration = Duration::from_secs(5);

/// When the next step of a wait ends; without a deadline it lasts as long as it takes.
pub fn next_look(deadline: Option<Instant>) -> Instant {
    let tick = Instant::now() + SIGNAL_TICK;
    deadline.map_or(tick, |deadline| deadline.min(tick))
}

/// Whether somebody has waited long enough.
pub fn is_over(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|deadline| Instant::now() >= deadline)
}
