//! How many records a file was offered by its pipeline, which counts them for all its files at once.

use crate::backend::fork;
use crate::stats::SinkCounts;

/// Since when a file gets what its pipeline is given.
#[derive(Clone, Default)]
pub struct Offered {
    /// What the pipeline had been given then; None while a capture hides the file.
    since: Option<Since>,
}

#[derive(Clone)]
struct Since {
    /// The process that holds for. In a forked child the pipeline is new, and the file is offered everything.
    generation: u32,
    given: u64,
}

impl Offered {
    /// Begins or ends to count; `given` is what the pipeline has been given so far.
    pub fn follow(&mut self, counts: &SinkCounts, is_shown: bool, given: u64) {
        if is_shown && self.since.is_none() {
            self.since = Some(Since { generation: fork::generation(), given });
        } else if !is_shown && self.since.is_some() {
            counts.add_accepted(self.count(given));
            self.since = None;
        }
    }

    /// The records since then.
    pub fn count(&self, given: u64) -> u64 {
        let Some(since) = &self.since else { return 0 };
        let first = if since.generation == fork::generation() { since.given } else { 0 };
        given.saturating_sub(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_offered_what_comes_while_it_is_shown() {
        let (mut offered, counts) = (Offered::default(), SinkCounts::default());

        offered.follow(&counts, true, 10);
        assert_eq!(offered.count(14), 4);
        offered.follow(&counts, false, 15);
        offered.follow(&counts, true, 30);

        assert_eq!(counts.tally(|| offered.count(31)).accepted, 6);
    }
}
