//! Whether the process is ending, and how it is expected to end.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

static IS_EXITING: AtomicBool = AtomicBool::new(false);

/// Begins the end of the process: no thread is started from here on.
pub fn begin_exit() {
    IS_EXITING.store(true, Ordering::Relaxed);
}

pub fn is_exiting() -> bool {
    IS_EXITING.load(Ordering::Relaxed)
}

/// The expected end of this process.
static END: AtomicU8 = AtomicU8::new(Expected::Order as u8);

/// How a process is expected to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Expected {
    /// By its own code, which writes the queued records.
    Order,
    /// Not known yet; treated like `Signal` until it is known.
    Unknown,
    /// By a signal, at any moment: calls return when their record is written.
    Signal,
}

/// Whether calls are to return when their record is written.
pub fn is_abrupt() -> bool {
    END.load(Ordering::Relaxed) != Expected::Order as u8
}

/// Whether the expected end is unknown, so that it has to be asked for again.
#[inline]
pub fn is_unknown() -> bool {
    END.load(Ordering::Relaxed) == Expected::Unknown as u8
}

/// Notes how the process is expected to end; false if this was known already.
pub fn expect_anew(end: Expected) -> bool {
    END.swap(end as u8, Ordering::Relaxed) != end as u8
}
