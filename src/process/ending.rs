//! process::ending: to be described.

use crate::process::exiting;
use crate::sync::Mutex;
use crate::writer::pipeline::{LAST_WAIT, Pipeline};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// All pipelines of this process and its parents.
pub static LIVE: Mutex<Vec<Weak<Pipeline>>> = Mutex::new(Vec::new());

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
    exiting::begin_exit();
    lost
}

/// The last of the process: writes what daemon threads still logged, and lets no thread begin a write that the end would cut.
pub fn seal_all() {
    let Some(live) = LIVE.try_lock_for(LAST_WAIT) else { return };
    for pipeline in own(&live) {
        pipeline.seal();
    }
}

pub fn own(live: &[Weak<Pipeline>]) -> Vec<Arc<Pipeline>> {
    live.iter().filter_map(Weak::upgrade).filter(|pipeline| pipeline.is_own()).collect()
}
