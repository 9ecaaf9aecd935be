//! A process that others may end by a signal: it has no end of its own, and each record is written before its call returns.

use crate::lane::live;
use crate::process::ending;
use crate::process::exiting::{Expected, expect_anew};

/// Has the pipelines and lanes of this process do from here on as an end of this kind demands; first writes the records that wait.
pub fn expect(end: Expected) {
    if expect_anew(end) {
        let is_abrupt = end != Expected::Order;
        ending::write_all_at_once(is_abrupt);
        live::await_all(is_abrupt);
    }
}
