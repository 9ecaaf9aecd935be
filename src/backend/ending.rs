//! The end of the process, as the pipelines see it: what is queued is written, within a bound. A process that others end by a
//! signal has no such end, and writes each record before its call returns.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use crate::backend::lane;
use crate::backend::pipeline::{LAST_WAIT, Pipeline};
use crate::backend::writer;
use crate::sync::Mutex;

/// All pipelines of this process and its parents.
static LIVE: Mutex<Vec<Weak<Pipeline>>> = Mutex::new(Vec::new());

/// The end that the process is to expect.
static END: AtomicU8 = AtomicU8::new(Expected::Order as u8);

/// How a process is expected to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Expected {
    /// By its own code: what is queued is written then.
    Order,
    /// Nothing tells yet. Until something does, it is as with a signal.
    Unknown,
    /// By a signal, at any moment: calls return when their record is written.
    Signal,
}

/// Whether calls are to return when their record is written.
pub fn is_abrupt() -> bool {
    END.load(Ordering::Relaxed) != Expected::Order as u8
}

/// Whether to ask again.
#[inline]
pub fn is_unknown() -> bool {
    END.load(Ordering::Relaxed) == Expected::Unknown as u8
}

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
    lane::await_all(end != Expected::Order);
}

/// Has a new pipeline taken into account.
pub fn register(pipeline: &Arc<Pipeline>) {
    let mut live = LIVE.lock();
    live.retain(|known| known.strong_count() > 0);
    live.push(Arc::downgrade(pipeline));
}

/// Drains every pipeline of this process within `timeout` over all, and has later records written by their callers.
/// Returns how many records could not be written.
pub fn finish_all(timeout: Duration) -> u64 {
    let deadline = Instant::now() + timeout;
    let mine = own(&LIVE.lock());
    // All at once: one that hangs must not take the others' time.
    let tickets: Vec<_> = mine.iter().map(Pipeline::request_flush).collect();
    let lost = mine.iter().zip(tickets).map(|(pipeline, ticket)| pipeline.finish(ticket, deadline)).sum();
    writer::begin_exit();
    lost
}

/// The last of the process: writes what daemon threads still logged, and lets no thread begin a write that the end would cut.
pub fn seal_all() {
    let Some(live) = LIVE.try_lock_for(LAST_WAIT) else { return };
    for pipeline in own(&live) {
        pipeline.seal();
    }
}

fn own(live: &[Weak<Pipeline>]) -> Vec<Arc<Pipeline>> {
    live.iter().filter_map(Weak::upgrade).filter(|pipeline| pipeline.is_own()).collect()
}
