//! Counts of values, of which the most frequent are kept.

use std::collections::HashMap;

use ahash::RandomState;

/// The most values that are kept for sure. Twice as many may be in memory.
const MOST: usize = 10_000;

/// Bytes of a value that tell it from others.
const LONGEST: usize = 400;

/// Counts of values, with something else about each of them.
pub struct Tally<T> {
    kept: HashMap<Box<[u8]>, Slot<T>, RandomState>,
    most: usize,
    /// Entries whose values were dropped.
    dropped: u64,
    /// How much too low a count may be, as its value may have been dropped before.
    error: u64,
    /// Entries that have no such value.
    pub missing: u64,
}

pub struct Slot<T> {
    pub count: u64,
    pub about: T,
}

/// The most frequent values, and numbers of the others.
pub struct Top<'t, T> {
    pub values: Vec<(&'t [u8], &'t Slot<T>)>,
    /// Entries with other values.
    pub other: u64,
    /// How many values there are; None if some were dropped.
    pub distinct: Option<usize>,
    pub error: u64,
}

impl<T> Default for Tally<T> {
    fn default() -> Self {
        Self::of(MOST)
    }
}

impl<T> Tally<T> {
    fn of(most: usize) -> Self {
        Self { kept: HashMap::default(), most, dropped: 0, error: 0, missing: 0 }
    }

    /// Counts a value. What is about it is made for the first of its entries, and may be changed by others.
    pub fn add(&mut self, value: &[u8], make: impl FnOnce() -> T) -> &mut T {
        let value = head(value, LONGEST);
        if !self.kept.contains_key(value) {
            if self.kept.len() >= 2 * self.most {
                self.drop_rare();
            }
            self.kept.insert(value.into(), Slot { count: 0, about: make() });
        }
        let Some(slot) = self.kept.get_mut(value) else { unreachable!("it was inserted") };
        slot.count += 1;
        &mut slot.about
    }

    /// Drops about half of the values: those with the smallest counts.
    fn drop_rare(&mut self) {
        let mut counts: Vec<u64> = self.kept.values().map(|slot| slot.count).collect();
        let (_, least, _) = counts.select_nth_unstable_by(self.most, |one, other| other.cmp(one));
        let least = *least;
        let mut dropped = 0;
        self.kept.retain(|_, slot| {
            let is_kept = slot.count > least;
            dropped += if is_kept { 0 } else { slot.count };
            is_kept
        });
        self.dropped += dropped;
        self.error += least;
    }

    /// The values with the largest counts; equal ones in the order of their bytes.
    pub fn top(&self, most: usize) -> Top<'_, T> {
        let mut values: Vec<_> = self.kept.iter().map(|(value, slot)| (&**value, slot)).collect();
        values.sort_unstable_by(|one, other| other.1.count.cmp(&one.1.count).then(one.0.cmp(other.0)));
        let rest: u64 = values.iter().skip(most).map(|(_, slot)| slot.count).sum();
        let distinct = (self.error == 0).then_some(values.len());
        values.truncate(most);
        Top { values, other: rest + self.dropped, distinct, error: self.error }
    }
}

/// The start of a text, in whole characters.
pub fn head(text: &[u8], most: usize) -> &[u8] {
    let mut end = text.len().min(most);
    while end < text.len() && end > 0 && text[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_values_come_first_and_the_rest_are_others() {
        let mut tally = Tally::default();
        for value in ["b", "a", "c", "a", "b", "a", "d"] {
            tally.add(value.as_bytes(), || ());
        }

        let top = tally.top(2);
        let values: Vec<_> = top.values.iter().map(|(value, slot)| (*value, slot.count)).collect();
        assert_eq!(values, [(&b"a"[..], 3), (b"b", 2)]);
        assert_eq!((top.other, top.distinct, top.error), (2, Some(4), 0));
    }

    #[test]
    fn rare_values_are_dropped_and_their_entries_still_counted() {
        let mut tally = Tally::of(10);
        for number in 0..1_000 {
            tally.add(format!("rare {number}").as_bytes(), || ());
            tally.add(b"often", || ());
        }

        let top = tally.top(1);
        assert!(tally.kept.len() <= 20);
        assert_eq!((top.values[0].0, top.values[0].1.count), (&b"often"[..], 1_000));
        assert_eq!((top.other, top.distinct), (1_000, None));
        assert!(top.error > 0);
    }

    #[test]
    fn long_values_are_cut_between_characters() {
        assert_eq!(head("aäb".as_bytes(), 2), b"a");
        assert_eq!(head("aäb".as_bytes(), 3), "aä".as_bytes());
        assert_eq!(head(b"ab", 9), b"ab");
    }
}
