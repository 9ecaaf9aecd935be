//! Counts by level: how many records of each level a sink or callback was handed.

use std::sync::atomic::{AtomicU64, Ordering};

/// Levels with a count of their own: the standard ones, and the first that a program defines. All others share the last
/// count.
pub const COUNTED: usize = 16;

/// Counts that one thread at a time keeps, to be passed on in one go.
#[derive(Debug, Default)]
pub struct LevelBatch {
    counts: [u32; COUNTED],
    /// A bit for each count that is not 0.
    used: u16,
}

impl LevelBatch {
    /// Counts one record of the level with this id.
    #[inline]
    pub fn add(&mut self, id: u16) {
        let place = place_of(id);
        self.counts[place] = self.counts[place].wrapping_add(1);
        self.used |= 1 << place;
    }
}

/// Counts that all threads see.
#[derive(Debug, Default)]
pub struct LevelCounts([AtomicU64; COUNTED]);

impl LevelCounts {
    /// Counts one record of the level with this id.
    pub fn add(&self, id: u16) {
        self.0[place_of(id)].fetch_add(1, Ordering::Relaxed);
    }

    /// Takes over the counts of a batch, and leaves it empty.
    pub fn take(&self, batch: &mut LevelBatch) {
        while batch.used != 0 {
            let place = batch.used.trailing_zeros() as usize;
            self.0[place].fetch_add(u64::from(std::mem::take(&mut batch.counts[place])), Ordering::Relaxed);
            batch.used &= batch.used - 1;
        }
    }

    pub fn read(&self) -> [u64; COUNTED] {
        std::array::from_fn(|place| self.0[place].load(Ordering::Relaxed))
    }
}

fn place_of(id: u16) -> usize {
    usize::from(id).min(COUNTED - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::{INFO, UNNAMED};

    #[test]
    fn a_batch_is_taken_over_once() {
        let (counts, mut batch) = (LevelCounts::default(), LevelBatch::default());
        batch.add(INFO.id);
        batch.add(INFO.id);
        batch.add(UNNAMED);

        counts.take(&mut batch);
        counts.take(&mut batch);
        counts.add(15);

        let read = counts.read();
        assert_eq!((read[usize::from(INFO.id)], read[COUNTED - 1]), (2, 2));
        assert_eq!(read.iter().sum::<u64>(), 4);
    }
}
