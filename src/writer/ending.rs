//! The end of the process, as the pipelines see it: what is queued is written, within a bound. A process that others end by a
//! signal has no such end, and writes each record before its call returns.

use crate::lane::live;
use crate::process::ending::LIVE;
use crate::process::ending::own;
use crate::process::exiting::END;
use crate::process::exiting::Expected;
use std::sync::atomic::Ordering;

/// Has the pipelines and lanes of this process do from here on as an end of this kind demands; first writes the records that wait.
pub fn expect(end: Expected) {
    let before = END.swap(end as u8, Ordering::Relaxed);
    if before == end as u8 {
        return;
    }
    let mine = own(&LIVE.lock());
    for pipeline in &mine {
        pipeline.write_at_once(end != Expected::Order);
    }
    live::await_all(end != Expected::Order);
}
