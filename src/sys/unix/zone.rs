//! The local zone of the C library, read to notice that `tzset` was called.
//!
//! Only its variables are read. Its functions take a lock, which a forked child would inherit in its current state.
#![expect(unsafe_code, reason = "reads variables of the C library, which any thread may set")]

use std::ffi::{c_char, c_int, c_long};
use std::ptr::read_volatile;

unsafe extern "C" {
    static tzname: [*const c_char; 2];
    static timezone: c_long;
    static daylight: c_int;
}

/// The names and offset of the zone that `tzset` found. Names are compared by address: each name has its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CZone {
    names: [usize; 2],
    seconds_west: c_long,
    has_summer_time: c_int,
}

impl CZone {
    /// The current zone. During a `tzset` this may be a mixture; a comparison with the next call then shows a
    /// difference.
    pub fn now() -> Self {
        // SAFETY: the variables are words that exist as long as the process. Addresses in them are not followed.
        unsafe {
            Self {
                names: read_volatile(&raw const tzname).map(|name| name as usize),
                seconds_west: read_volatile(&raw const timezone),
                has_summer_time: read_volatile(&raw const daylight),
            }
        }
    }
}
