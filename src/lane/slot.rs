//! Storage of lanes: one lane for each sink and process, and a list of all lanes for the end of the process.

use std::sync::Arc;

use crate::config::queue::QueueOptions;
use crate::lane::live;
use crate::lane::queue::{Lane, Last};
use crate::process::per_process::PerProcess;

/// The lane of a sink, one for each process.
pub struct LaneSlot {
    options: QueueOptions,
    last: Last,
    is_ordered: bool,
    lane: PerProcess<Arc<Lane>>,
}

impl LaneSlot {
    /// Makes a slot and its lane. If `is_ordered`, its lanes get records in the order of lanes.
    pub fn new(options: QueueOptions, last: Last, is_ordered: bool) -> Self {
        let slot = Self { options, last, is_ordered, lane: PerProcess::new() };
        slot.get();
        slot
    }

    /// Returns this process's lane.
    #[inline]
    pub fn get(&self) -> &Arc<Lane> {
        self.lane.get_or_make(|_| self.make())
    }

    /// Makes a lane and registers it for the end of the process.
    #[cold]
    fn make(&self) -> Arc<Lane> {
        let lane = Lane::new(self.options.clone(), self.last, self.is_ordered);
        live::register(&lane);
        lane
    }
}
