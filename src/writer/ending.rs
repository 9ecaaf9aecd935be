//! Processes that may be ended by a signal: no code runs at their end, so each record is written before its call
//! returns.

use crate::lane::live;
use crate::process::ending;
use crate::process::exiting::{Expected, expect_anew};

/// Adapts the pipelines and lanes of this process to an end of this kind; first writes the waiting records.
pub fn expect(end: Expected) {
    if expect_anew(end) {
        let is_abrupt = end != Expected::Order;
        ending::write_all_at_once(is_abrupt);
        live::await_all(is_abrupt);
    }
}
