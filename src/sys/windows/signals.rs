//! Signals that end the process, which this system does not have.

use std::thread::sleep;
use std::time::Duration;

/// Does nothing.
pub fn before_fatal(_before: fn()) {}

/// Waits for a millisecond.
pub fn pause() {
    sleep(Duration::from_millis(1));
}
