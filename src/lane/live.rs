//! All lanes of this process: waiting for them, and ending them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Instant;

use crate::lane::queue::Lane;
use crate::process::per_process::PerProcess;
use crate::stats::Loss;
use crate::sync::Mutex;

pub static LIVE: PerProcess<Mutex<Vec<Weak<Lane>>>> = PerProcess::new();

/// Whether lanes are being emptied for the last time.
static IS_ENDING: AtomicBool = AtomicBool::new(false);

pub fn register(lane: &Arc<Lane>) {
    let live = LIVE.get();
    let mut live = live.lock();
    live.retain(|known| known.strong_count() > 0);
    live.push(Arc::downgrade(lane));
}

/// Returns the lanes of this process.
pub fn live() -> Vec<Arc<Lane>> {
    let Some(live) = LIVE.existing() else { return Vec::new() };
    let live = live.lock();
    live.iter().filter_map(Weak::upgrade).collect()
}

/// How many lanes have records to handle; at least one.
pub fn busy() -> u32 {
    let busy = live().iter().filter(|lane| !lane.is_empty()).count();
    busy.clamp(1, 1000) as u32
}

/// Returns all lanes with the number of records enqueued to each so far.
pub fn tickets() -> Vec<(u64, Arc<Lane>)> {
    live().into_iter().map(|lane| (lane.enqueued(), lane)).collect()
}

/// Waits until `deadline` for each lane to handle its first `ticket` records; true when all have. Callers make way for
/// the lanes during the wait.
pub fn wait_all(tickets: &[(u64, Arc<Lane>)], deadline: Instant) -> bool {
    for (_, lane) in tickets {
        lane.press(true);
    }
    let waits = tickets.iter().map(|(ticket, lane)| lane.wait_handled(*ticket, deadline));
    let are_handled = waits.fold(true, |all, is_handled| all & is_handled);
    for (_, lane) in tickets {
        lane.press(false);
    }
    are_handled
}

/// Sets whether calls wait for the existing lanes.
pub fn await_all(is_awaited: bool) {
    for lane in live() {
        lane.set_awaited(is_awaited);
    }
}

/// Ends the lanes with the process: queued records are handled until `deadline`, new ones are dropped. Returns how many
/// records were given up, and the lanes that outlive their threads once only the thread that ends the process may call
/// them.
pub fn finish_all(deadline: Instant) -> (u64, Vec<Arc<Lane>>) {
    IS_ENDING.store(true, Ordering::Relaxed);
    let lanes = live();
    let open: Vec<_> = lanes.iter().map(|lane| lane.close()).collect();
    let late: Vec<_> = lanes.iter().map(|lane| !lane.wait_handled(lane.enqueued(), deadline)).collect();
    let (mut lost, mut left) = (0, Vec::new());
    for (lane, (was_open, is_late)) in lanes.iter().zip(open.into_iter().zip(late)) {
        if is_late {
            lost += lane.abandon(Loss::ExitTimeout);
        } else if was_open {
            left.push(Arc::clone(lane));
        }
    }
    IS_ENDING.store(false, Ordering::Relaxed);
    (lost, left)
}

/// Whether the end of the process is waiting for lanes.
pub fn is_ending() -> bool {
    IS_ENDING.load(Ordering::Relaxed)
}
