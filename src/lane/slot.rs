//! Where lanes are kept: each with its sink, process by process, and all of them for the end of the process.

use crate::lane::live;
use std::sync::{Arc, OnceLock};

use crate::config::queue::QueueOptions;
use crate::lane::queue::{Lane, Last};

/// The lane of a sink: the parent's, then the child's after a fork, and so on. Found without a lock.
pub struct LaneSlot {
    options: QueueOptions,
    last: Last,
    is_ordered: bool,
    lane: OnceLock<Arc<Lane>>,
    after_fork: OnceLock<Box<LaneSlot>>,
}

impl LaneSlot {
    /// One whose records come in the order of the lanes, if `is_ordered`.
    pub fn new(options: QueueOptions, last: Last, is_ordered: bool) -> Self {
        let lane = OnceLock::from(made(&options, last, is_ordered));
        Self { options, last, is_ordered, lane, after_fork: OnceLock::new() }
    }

    /// This process's lane.
    #[inline]
    pub fn get(&self) -> &Arc<Lane> {
        let mut slot = self;
        loop {
            let lane = slot.lane.get_or_init(|| made(&slot.options, slot.last, slot.is_ordered));
            if lane.is_own() {
                return lane;
            }
            slot =
                slot.after_fork.get_or_init(|| Box::new(Self::new(slot.options.clone(), slot.last, slot.is_ordered)));
        }
    }
}

/// A lane that the end of the process knows of.
fn made(options: &QueueOptions, last: Last, is_ordered: bool) -> Arc<Lane> {
    let lane = Lane::new(options.clone(), last, is_ordered);
    live::register(&lane);
    lane
}
