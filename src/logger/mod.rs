//! One logger: its state, and its functions for callers.
//!
//! Read `core` first, then `registry` (sinks, callbacks, settings), `entries` (one sink as listed), `wants` (the work
//! callers must do, as bits), `callbacks`, `saved` (going back to an earlier state), `testing` (captures) and
//! `throttle` (`once`, `every`, `limit`).

pub mod callbacks;
pub mod core;
pub mod entries;
pub mod registry;
pub mod saved;
mod testing;
pub mod throttle;
pub mod wants;
