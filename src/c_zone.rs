//! The local zone as the C library has it: enough of it to see that `tzset` was called.
//!
//! Its variables are looked at, and its functions never called: those take a lock, which a forked child would inherit as it is.
#![expect(unsafe_code, reason = "variables of the C library, which any thread may set")]

use std::ffi::{c_char, c_int, c_long};
use std::ptr::read_volatile;

unsafe extern "C" {
    static tzname: [*const c_char; 2];
    static timezone: c_long;
    static daylight: c_int;
}

/// Names and offset of the zone that `tzset` found. The names are addresses: each name has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CZone {
    names: [usize; 2],
    seconds_west: c_long,
    has_summer_time: c_int,
}

impl CZone {
    /// The zone as it is now. In the middle of a `tzset` this may be a mixture, which the next look tells from the result.
    pub fn now() -> Self {
        // SAFETY: the variables are words that exist as long as the process; no address in them is followed.
        unsafe {
            Self {
                names: read_volatile(&raw const tzname).map(|name| name as usize),
                seconds_west: read_volatile(&raw const timezone),
                has_summer_time: read_volatile(&raw const daylight),
            }
        }
    }
}
