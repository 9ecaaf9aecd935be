//! What became of the records of a lane, at one moment.

use crate::backend::lane::Lane;
use crate::stats::Loss;

/// Taken under the lane's lock, under which records are counted: `accepted` is counted where records come in, everything else where
/// they leave, so that a record lost on the way would show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub accepted: u64,
    pub written: u64,
    pub filtered: u64,
    /// In the order of `Loss::ALL`.
    pub dropped: [u64; Loss::ALL.len()],
    pub pending: u64,
}

impl Lane {
    pub fn totals(&self) -> Totals {
        let state = self.state.lock();
        let in_hand = state.hand.as_ref().is_some_and(|hand| !hand.is_notice);
        let filtered = self.counts().filtered();
        Totals {
            accepted: state.offered - state.filtered + filtered,
            written: self.counts().written(),
            filtered,
            dropped: Loss::ALL.map(|loss| self.counts().dropped(loss)),
            pending: state.backlog.records() + u64::from(in_hand),
        }
    }
}
