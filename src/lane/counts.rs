//! What became of the records of a lane, at one moment.

use crate::lane::queue::Lane;
use crate::stats::{Loss, Tally};

impl Lane {
    /// Taken under the lane's lock, under which records are counted: `accepted` is counted where records come in, everything else
    /// where they leave, so that a record lost on the way would show as pending for ever.
    pub fn tally(&self) -> Tally {
        let state = self.state.lock();
        let filtered = self.counts().filtered();
        Tally {
            accepted: state.offered - state.filtered + filtered,
            written: self.counts().written(),
            filtered,
            dropped: Loss::ALL.map(|loss| self.counts().dropped(loss)),
        }
    }
}
