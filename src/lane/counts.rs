//! The counts of a lane's records at one moment.

use crate::lane::queue::Lane;
use crate::stats::{Loss, Tally};

impl Lane {
    /// Reads the counts under the lane's lock, under which records are counted. `accepted` is counted when a record
    /// comes in, everything else when it leaves, so a record lost on the way would show as pending forever.
    pub fn tally(&self) -> Tally {
        let state = self.state.lock();
        let filtered = self.counts().filtered();
        Tally {
            accepted: state.offered - state.filtered + filtered,
            written: self.counts().written(),
            filtered,
            dropped: Loss::ALL.map(|loss| self.counts().dropped(loss)),
            levels: self.counts().levels().read(),
            write_ns: 0,
            queue_bytes: state.backlog.bytes() as u64,
        }
    }
}
