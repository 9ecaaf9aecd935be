//! Storage of lanes: one lane for each sink and process, and a list of all lanes for the end of the process.

use std::sync::{Arc, OnceLock};

use crate::config::queue::QueueOptions;
use crate::lane::live;
use crate::lane::queue::{Lane, Last};

/// The lane of a sink in the parent, then in the child after a fork, and so on. It is found without a lock.
pub struct LaneSlot {
    options: QueueOptions,
    last: Last,
    is_ordered: bool,
    lane: OnceLock<Arc<Lane>>,
    after_fork: OnceLock<Box<LaneSlot>>,
}

impl LaneSlot {
    /// Makes a slot. If `is_ordered`, its lanes get records in the order of lanes.
    pub fn new(options: QueueOptions, last: Last, is_ordered: bool) -> Self {
        let lane = OnceLock::from(made(&options, last, is_ordered));
        Self { options, last, is_ordered, lane, after_fork: OnceLock::new() }
    }

    /// Returns this process's lane.
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

/// Makes a lane and registers it for the end of the process.
fn made(options: &QueueOptions, last: Last, is_ordered: bool) -> Arc<Lane> {
    let lane = Lane::new(options.clone(), last, is_ordered);
    live::register(&lane);
    lane
}
