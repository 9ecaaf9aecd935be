//! One log, from its oldest archive to its end, as the entries of it that are wanted.
//!
//! `pieces` has the files cut into entries; it passes over lines by `passing`, and goes on at their end by `following`.
//! `neighbours` are the entries around wanted ones. `reading` has what all of them share.

mod following;
mod neighbours;
mod passing;
mod pieces;
mod reading;

use self::neighbours::{Held, Neighbours};
use self::pieces::Pieces;
use super::choice::Missed;
use super::entry::Entry;
use super::lines;

pub use self::pieces::Files;
pub use self::reading::{Counts, Found, Reading};

pub struct Feed {
    pieces: Pieces,
    /// The largest time so far: entries of one log stay in its order.
    order: i64,
    neighbours: Neighbours,
}

impl Feed {
    /// `around` is the number of entries to show before and after each wanted one.
    pub fn new(files: Box<dyn Files>, around: usize) -> Self {
        Self { pieces: Pieces::new(files), order: i64::MIN, neighbours: Neighbours::new(around) }
    }

    /// The place of the current entry among those of other feeds.
    pub fn order(&self) -> i64 {
        self.order
    }

    /// The lines of the current entry, its time, and whether it is wanted itself.
    pub fn entry(&self) -> (&[u8], Option<i64>, bool) {
        match &self.neighbours.shown {
            Some(held) => (&held.lines, held.time, held.is_wanted),
            None => (self.pieces.entry(), self.pieces.time, true),
        }
    }

    /// Passes on to the next entry to show.
    pub fn advance(&mut self, reading: &mut Reading) -> Found {
        let found = if self.neighbours.are_none() {
            self.visit_next(reading, &mut |_, _| ())
        } else {
            self.advance_among_neighbours(reading)
        };
        if found == Found::Entry {
            let (_, time, _) = self.entry();
            self.order = self.order.max(time.unwrap_or(self.order));
        }
        found
    }

    /// Passes on to the next wanted entry, and gives it to a function with its time, or that of the entry before it.
    pub fn visit_next(&mut self, reading: &mut Reading, take: &mut dyn FnMut(&Entry<'_>, Option<i64>)) -> Found {
        loop {
            match self.pieces.read_next(reading) {
                Found::Entry if !self.check(reading, take) => {}
                found => return found,
            }
        }
    }

    fn advance_among_neighbours(&mut self, reading: &mut Reading) -> Found {
        self.neighbours.shown = None;
        loop {
            if self.neighbours.take_next().is_some() {
                return Found::Entry;
            }
            match self.pieces.read_next(reading) {
                Found::Entry => {
                    let is_wanted = self.check(reading, &mut |_, _| ());
                    let lines = self.pieces.entry().to_vec();
                    self.neighbours.hold(Held { lines, time: self.pieces.time, is_wanted });
                }
                other => return other,
            }
        }
    }

    /// Reads the current entry, takes its time, and says whether it is wanted. A wanted one is given to the function.
    fn check(&mut self, reading: &mut Reading, take: &mut dyn FnMut(&Entry<'_>, Option<i64>)) -> bool {
        let (time, checked) = {
            let entry = lines::read(self.pieces.entry(), &mut reading.times);
            let time = entry.time.or(self.pieces.time);
            let checked = reading.choice.check(&entry, time);
            if checked.is_ok() {
                take(&entry, time);
            }
            (time, checked)
        };
        self.pieces.time = time;
        reading.counts.read += 1;
        match checked {
            Ok(()) => {}
            Err(Missed::Level) => reading.counts.by_level += 1,
            Err(Missed::Time) => reading.counts.by_time += 1,
            Err(Missed::Condition) => reading.counts.by_condition += 1,
        }
        checked.is_ok()
    }
}
